// Text with entities to DOM. Offsets are UTF-16 units, as JavaScript counts.
import { spoken, word } from "/words.js";

const BLOCKS = new Set(["pre", "blockquote", "expandable_blockquote"]);

export function make(tag, className = "", text = null) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== null) node.textContent = text;
  return node;
}

export function formatted(text, entities = [], acts = {}) {
  const sorted = entities
    .map((entity) => ({ ...entity, end: entity.offset + entity.length }))
    .sort((a, b) => a.offset - b.offset || b.length - a.length);
  const root = make("div", "text");
  root.append(pieces(text, 0, text.length, sorted, acts));
  return root;
}

function pieces(text, start, end, list, acts) {
  const out = document.createDocumentFragment();
  let at = start;
  let rest = list;
  let afterBlock = false;
  const plain = (to, beforeBlock) => {
    let part = text.slice(at, to);
    if (afterBlock && part.startsWith("\n")) part = part.slice(1);
    if (beforeBlock && part.endsWith("\n")) part = part.slice(0, -1);
    if (part) out.append(part);
  };
  while (rest.length) {
    const [entity, ...others] = rest;
    const from = Math.max(entity.offset, at);
    const to = Math.min(entity.end, end);
    if (from >= to) { rest = others; continue; }
    const isBlock = BLOCKS.has(entity.type);
    plain(from, isBlock);
    const inner = others.filter((other) => other.offset < to && other.end > from);
    out.append(wrapped(entity, pieces(text, from, to, inner, acts), text.slice(from, to), acts));
    at = to;
    afterBlock = isBlock;
    rest = others.filter((other) => other.end > to);
  }
  plain(end, false);
  return out;
}

const SIMPLE = { bold: "b", italic: "i", underline: "u", strikethrough: "s", code: "code" };

function wrapped(entity, inside, raw, acts) {
  const maker = MAKERS[entity.type];
  if (maker) return maker(entity, inside, raw, acts);
  const node = make(SIMPLE[entity.type] ?? "span", entity.type);
  node.append(inside);
  return node;
}

const MAKERS = {
  pre(entity, inside, raw) {
    const box = make("div", "pre");
    const head = make("div", "pre-head");
    const copy = make("button", "", word("copy"));
    copy.type = "button";
    copy.addEventListener("click", () => copyText(raw, copy));
    head.append(make("span", "", entity.language ?? ""), copy);
    const body = make("pre");
    const code = make("code");
    code.append(inside);
    body.append(code);
    box.append(head, body);
    return box;
  },
  blockquote(entity, inside) {
    const node = make("blockquote");
    node.append(inside);
    return node;
  },
  expandable_blockquote(entity, inside) {
    const node = make("blockquote", "folded");
    const body = make("div", "fold");
    body.append(inside);
    const more = make("button", "more", "⌄");
    more.type = "button";
    more.setAttribute("aria-expanded", "false");
    more.setAttribute("aria-label", word("more"));
    more.addEventListener("click", () => {
      const open = node.classList.toggle("open");
      more.setAttribute("aria-expanded", String(open));
      more.textContent = open ? "⌃" : "⌄";
    });
    node.append(body, more);
    return node;
  },
  text_link: (entity, inside) => anchor(entity.url, inside),
  url: (entity, inside, raw) => anchor(raw, inside),
  email: (entity, inside, raw) => anchor(`mailto:${raw}`, inside),
  bot_command(entity, inside, raw, acts) {
    const node = make("button", "command");
    node.type = "button";
    node.append(inside);
    node.addEventListener("click", () => acts.say?.(raw));
    return node;
  },
  spoiler(entity, inside) {
    const node = make("button", "spoiler");
    node.type = "button";
    node.append(inside);
    node.addEventListener("click", () => node.classList.add("open"));
    return node;
  },
  date_time(entity, inside, raw) {
    const node = make("time", "moment", raw);
    node.dateTime = new Date(entity.unix_time * 1000).toISOString();
    node.dataset.unix = entity.unix_time;
    node.dataset.format = entity.date_time_format ?? "";
    node.title = new Date(entity.unix_time * 1000).toLocaleString(spoken());
    showMoment(node);
    return node;
  },
};

function anchor(url, inside) {
  const node = make("a");
  if (/^(https?|mailto|tg):/i.test(url)) node.href = url;
  node.target = "_blank";
  node.rel = "noopener noreferrer";
  node.title = url;
  node.append(inside);
  return node;
}

// The emulator's clock may run ahead of this machine's.
let ahead = 0;
export const setNow = (now) => { ahead = now - Date.now() / 1000; };
export const nowSeconds = () => Date.now() / 1000 + ahead;

const STEPS = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];

function showMoment(node) {
  const { unix, format } = node.dataset;
  if (!format) return;
  if (/^r$/i.test(format)) {
    const seconds = Math.round(Number(unix) - nowSeconds());
    const [unit, size] = STEPS.find(([, length]) => Math.abs(seconds) >= length) ?? ["second", 1];
    const shown = new Intl.RelativeTimeFormat(spoken(), { numeric: "auto" }).format(Math.round(seconds / size), unit);
    if (node.textContent !== shown) node.textContent = shown;
    return;
  }
  const options = {};
  if (/w/i.test(format)) options.weekday = "long";
  if (/d/.test(format)) Object.assign(options, { day: "numeric", month: "numeric", year: "numeric" });
  if (/D/.test(format)) Object.assign(options, { day: "numeric", month: "long", year: "numeric" });
  if (/t/i.test(format)) Object.assign(options, { hour: "numeric", minute: "2-digit" });
  if (/T/.test(format)) options.second = "2-digit";
  node.textContent = new Intl.DateTimeFormat(spoken(), options).format(new Date(Number(unix) * 1000));
}

export function tickMoments() {
  for (const node of document.querySelectorAll("time.moment")) showMoment(node);
}

export async function copyText(text, node) {
  await navigator.clipboard.writeText(text);
  if (!node) return;
  const before = node.textContent;
  node.textContent = word("copied");
  setTimeout(() => { node.textContent = before; }, 1200);
}

// Rich messages: HTML with an allow-list; everything else keeps only its text.
const ALLOWED = new Set(("b strong i em u ins s strike del code pre blockquote h1 h2 h3 h4 h5 h6 p br hr ul ol li table thead " +
  "tbody tr td th details summary sub sup mark span div").split(" "));

export function rich(message) {
  const root = make("div", "text rich");
  if (message.is_rtl) root.dir = "rtl";
  if (message.html) {
    const parsed = new DOMParser().parseFromString(message.html, "text/html");
    root.append(...[...parsed.body.childNodes].map(cleaned));
  } else {
    root.textContent = message.markdown ?? JSON.stringify(message.blocks, null, 2);
  }
  return root;
}

function cleaned(node) {
  if (node.nodeType === Node.TEXT_NODE) return document.createTextNode(node.data);
  if (node.nodeType !== Node.ELEMENT_NODE) return document.createTextNode("");
  const tag = node.tagName.toLowerCase();
  if (tag === "script" || tag === "style") return document.createTextNode("");
  const children = [...node.childNodes].map(cleaned);
  if (tag === "a") {
    const link = anchor(node.getAttribute("href") ?? "", document.createDocumentFragment());
    link.append(...children);
    return link;
  }
  const copy = ALLOWED.has(tag) ? document.createElement(tag) : document.createDocumentFragment();
  if (tag === "details") copy.open = node.hasAttribute("open");
  copy.append(...children);
  return copy;
}
