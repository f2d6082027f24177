// The pane with the Bot API calls.
import { make } from "/format.js";
import { clock } from "/bubbles.js";

const KEPT = 300;
const list = document.getElementById("calls");
const filter = document.getElementById("filter");

export function addCall(entry) {
  const wanted = filter.value.trim().toLowerCase();
  const item = make("li", entry.ok ? "" : "bad");
  item.dataset.method = entry.method.toLowerCase();
  item.hidden = wanted !== "" && !item.dataset.method.includes(wanted);
  const details = make("details");
  const head = make("summary");
  const state = entry.cut ? "cut" : entry.ok ? "ok" : String(entry.error_code);
  head.append(make("b", "", entry.method), make("span", `state ${entry.ok ? "ok" : "bad"}`, state));
  const facts = make("small");
  facts.append(make("bdi", "", clock(entry.at)), " · ", make("bdi", "", `${entry.ms ?? "–"} ms`));
  head.append(facts);
  details.append(head);
  if (entry.description) details.append(make("p", "", entry.description));
  details.append(make("pre", "", JSON.stringify(entry.params, null, 2)));
  item.append(details);
  list.prepend(item);
  while (list.children.length > KEPT) list.lastChild.remove();
}

export function showCalls(entries) {
  list.replaceChildren();
  for (const entry of entries) addCall(entry);
}

filter.addEventListener("input", () => {
  const wanted = filter.value.trim().toLowerCase();
  for (const item of list.children) item.hidden = wanted !== "" && !item.dataset.method.includes(wanted);
});
