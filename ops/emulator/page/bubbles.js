// One message to one bubble.
import { copyText, formatted, make, rich } from "/format.js";
import { spoken, word } from "/words.js";

const FILES = ["document", "audio", "voice", "video", "video_note", "animation", "sticker", "photo"];

export function bubble(row, context) {
  const { api } = row;
  const item = make("li", `message ${row.bot ? "theirs" : "mine"}`);
  item.id = `m-${api.message_id}`;
  const body = make("div", "bubble");
  if (api.sticker && !api.text) body.classList.add("bare");
  const answered = api.reply_to_id && context.rows.get(api.reply_to_id);
  if (answered) body.append(quoted(answered, context));
  for (const kind of FILES) {
    if (api[kind] && !(kind === "document" && api.animation)) body.append(file(kind, api[kind]));
  }
  if (api.text !== undefined) body.append(formatted(api.text, api.entities, context.acts));
  if (api.rich_message) body.append(rich(api.rich_message));
  if (api.caption) body.append(formatted(api.caption, api.caption_entities, context.acts));
  if (!body.querySelector(".text, .file, .photo, .player, .sticker")) body.append(make("div", "text other", kinds(api)));
  body.append(footer(row));
  const reactions = Object.values(row.reactions ?? {}).flat();
  if (reactions.length) body.append(reacted(reactions));
  item.append(body);
  const lines = api.reply_markup?.inline_keyboard;
  if (lines?.length) item.append(keyboard(lines, api.message_id, context));
  body.addEventListener("contextmenu", (event) => {
    if (event.target.closest("a") || String(getSelection())) return;
    event.preventDefault();
    context.menu(row, event.clientX, event.clientY);
  });
  body.addEventListener("dblclick", (event) => {
    if (!event.target.closest("button, a, code, pre")) context.reply(row);
  });
  return item;
}

const kinds = (api) =>
  Object.keys(api).filter((key) => !["message_id", "from", "chat", "date", "reply_to_id", "edit_date"].includes(key)).join(", ");

export function summary(row) {
  const { api } = row;
  const kind = FILES.find((name) => api[name]);
  const said = api.text ?? api.caption;
  if (said) return said;
  if (!kind) return "…";
  return { photo: word("photo"), voice: word("voice"), sticker: word("sticker") }[kind] ?? api[kind].file_name ?? kind;
}

function quoted(row, context) {
  const box = make("button", "quoted");
  box.type = "button";
  box.append(make("b", "", row.bot ? context.botName() : word("you")), make("span", "", summary(row)));
  box.lastChild.dir = "auto";
  box.addEventListener("click", () => context.jump(row.api.message_id));
  return box;
}

function footer(row) {
  const foot = make("div", "foot");
  if (row.silent) foot.append(make("span", "silent"));
  if (row.edits > 0) foot.append(make("span", "", word("edited")));
  const moment = make("time", "", clock(row.at));
  moment.dateTime = new Date(row.at * 1000).toISOString();
  foot.append(moment);
  return foot;
}

export const clock = (seconds) =>
  new Date(seconds * 1000).toLocaleTimeString(spoken(), { hour: "2-digit", minute: "2-digit" });

function reacted(reactions) {
  const line = make("div", "reactions");
  for (const reaction of reactions) line.append(make("span", "", reaction.emoji ?? "★"));
  return line;
}

const address = (id) => `/sim/file?id=${encodeURIComponent(id)}`;

function file(kind, body) {
  if (kind === "photo") {
    const image = make("img", "photo");
    const best = body[body.length - 1];
    image.src = address(best.file_id);
    image.alt = word("photo");
    return image;
  }
  if (kind === "sticker") {
    const image = make("div", "sticker", body.emoji ?? "🙂");
    return image;
  }
  if (kind === "voice" || kind === "audio") return player("audio", kind, body);
  if (kind === "video" || kind === "video_note" || kind === "animation") return player("video", kind, body);
  const link = make("a", "file");
  link.href = address(body.file_id);
  link.download = body.file_name ?? "file";
  const facts = make("span", "facts");
  const name = make("b", "", body.file_name ?? "file");
  name.dir = "auto";
  facts.append(name, make("small", "", `${size(body.file_size)} · ${body.mime_type ?? ""}`));
  link.append(make("span", "disc", "↓"), facts);
  return link;
}

function player(tag, kind, body) {
  const box = make("div", `player ${kind}`);
  const media = make(tag);
  media.controls = true;
  media.preload = "metadata";
  media.src = address(body.file_id);
  box.append(media);
  if (kind === "audio") box.append(make("small", "", [body.performer, body.title ?? body.file_name].filter(Boolean).join(" – ")));
  return box;
}

export function size(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${(bytes / 1024).toFixed(1)} KB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

function keyboard(lines, messageId, context) {
  const grid = make("div", "buttons");
  for (const line of lines) {
    const rowNode = make("div", "row");
    for (const button of line) rowNode.append(key(button, messageId, context));
    grid.append(rowNode);
  }
  return grid;
}

function key(button, messageId, context) {
  const node = make("button", button.style ?? "");
  node.type = "button";
  const label = make("span", "", button.text);
  label.dir = "auto";
  node.append(label);
  if (button.disabled) node.disabled = true;
  if (button.url) node.dataset.mark = "↗";
  if (button.copy_text) node.dataset.mark = "⧉";
  node.addEventListener("click", () => {
    if (button.callback_data !== undefined) context.tap(messageId, button, node);
    else if (button.url && /^(https?|tg):/i.test(button.url)) window.open(button.url, "_blank", "noopener");
    else if (button.copy_text) copyText(button.copy_text.text).then(() => context.toast(word("copied")));
  });
  return node;
}

export function draftBubble(draft, context) {
  const item = make("div", "message theirs draft");
  const body = make("div", "bubble");
  if (draft.rich_message) body.append(rich(draft.rich_message));
  else if (draft.text) body.append(formatted(draft.text, draft.entities));
  else body.append(make("div", "text thinking", word("thinking")));
  item.append(body);
  if (draft.stopped) item.append(make("div", "stopped", word("stopped")));
  else if (draft.can_stop) {
    const stop = make("button", "stop");
    stop.type = "button";
    stop.append(make("i"), make("span", "", word("stop")));
    stop.addEventListener("click", () => { stop.disabled = true; context.stop(draft.draft_id); });
    item.append(stop);
  }
  return item;
}
