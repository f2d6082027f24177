// What can be done with one message.
import { summary } from "/bubbles.js";
import { copyText, make } from "/format.js";
import { word } from "/words.js";

const at = (id) => document.getElementById(id);

export function popup(row, x, y, { ask, chat, composer, context, tried }) {
  const menu = at("popup");
  const entry = (label, act) => {
    const node = make("button", "", word(label));
    node.type = "button";
    node.setAttribute("role", "menuitem");
    node.addEventListener("click", () => { menu.hidden = true; act(); });
    return node;
  };
  const id = row.api.message_id;
  const faces = make("div", "faces");
  for (const emoji of ["👍", "❤", "🔥", "👏", "🤔", "👎"]) {
    const node = make("button", "", emoji);
    node.type = "button";
    node.addEventListener("click", () => { menu.hidden = true; tried(ask("react", { chat, message_id: id, emoji })); });
    faces.append(node);
  }
  const entries = [faces, entry("reply", () => context.reply(row)), entry("copy", () => copyText(summary(row)))];
  if (!row.bot && row.api.text !== undefined) entries.push(entry("edit", () => composer.change(row)));
  entries.push(entry("remove", () => tried(ask("delete", { chat, message_id: id }))));
  menu.replaceChildren(...entries);
  menu.hidden = false;
  menu.style.left = `${Math.min(x, innerWidth - menu.offsetWidth - 8)}px`;
  menu.style.top = `${Math.min(y, innerHeight - menu.offsetHeight - 8)}px`;
}
