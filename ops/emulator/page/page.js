// The chat page: loads one chat, follows its events, does what the person does.
import { bubble, draftBubble, summary } from "/bubbles.js";
import { addCall, showCalls } from "/calls.js";
import { make, nowSeconds, setNow, tickMoments } from "/format.js";
import { Composer } from "/composer.js";
import { popup } from "/popup.js";
import { LANGUAGES, speak, spoken, word } from "/words.js";

const at = (id) => document.getElementById(id);
const DEFAULT_CHAT = 1001;
const state = { chat: Number(new URLSearchParams(location.search).get("chat")) || DEFAULT_CHAT, rows: new Map(), chats: [] };
const waiting = new Map();
let draftTimer = 0;
let typingTimer = 0;

export async function ask(name, values = {}) {
  const isForm = values instanceof FormData;
  const response = await fetch(`/sim/${name}`, {
    method: "POST",
    body: isForm ? values : JSON.stringify(values),
    headers: isForm ? {} : { "Content-Type": "application/json" },
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error);
  return answer;
}

const tried = (promise) => promise.catch((error) => toast(error.message));

const context = {
  rows: state.rows,
  botName: () => at("name").textContent,
  acts: { say: (text) => composer.say(text) },
  reply: (row) => composer.answer(row),
  jump(messageId) {
    const node = at(`m-${messageId}`);
    node?.scrollIntoView({ block: "center", behavior: "smooth" });
    node?.classList.add("lit");
    setTimeout(() => node?.classList.remove("lit"), 1500);
  },
  async tap(messageId, button, node) {
    node.classList.add("waiting");
    setTimeout(() => node.classList.remove("waiting"), 15000);
    try {
      const answer = await ask("tap", { chat: state.chat, message_id: messageId, data: button.callback_data });
      waiting.set(answer.query_id, node);
    } catch (error) {
      node.classList.remove("waiting");
      toast(error.message);
    }
  },
  stop: (draftId) => tried(ask("stop", { chat: state.chat, draft_id: draftId })),
  menu: (row, x, y) => popup(row, x, y, { ask, chat: state.chat, composer, context, tried }),
  toast,
};

const composer = new Composer({ ask, state, toast });

// Showing

// Events that come while a screen is on its way are held and follow it.
let loading = null;
const held = [];

async function load() {
  loading = ask("screen", { chat: state.chat });
  try {
    show(await loading);
  } finally {
    loading = null;
    for (const event of held.splice(0)) take(event);
  }
}

let soon = 0;
function loadSoon() {
  clearTimeout(soon);
  soon = setTimeout(() => tried(load()), 150);
}

function show(screen) {
  setNow(screen.now);
  state.chats = screen.chats;
  state.user = screen.user;
  speak(screen.user.language_code ?? "en");
  at("name").textContent = screen.bot.first_name;
  at("about").textContent = screen.description || word("about");
  at("begin").textContent = word("begin");
  at("banner").textContent = word("banner");
  composer.setCommands(screen.commands);
  showPeople();
  state.rows.clear();
  at("messages").replaceChildren();
  for (const row of screen.messages) state.rows.set(row.api.message_id, row);
  for (const row of screen.messages) put(row, false);
  showDrafts(screen.drafts);
  showTyping(screen.typing, 5);
  showCalls(screen.calls);
  showChat();
  toEnd();
}

function isAtEnd() {
  const log = at("log");
  return log.scrollHeight - log.scrollTop - log.clientHeight < 90;
}

function toEnd() {
  at("log").scrollTop = at("log").scrollHeight;
}

function put(row, isLive = true) {
  const { message_id: id } = row.api;
  state.rows.set(id, row);
  const old = at(`m-${id}`);
  const stick = isLive && (isAtEnd() || !row.bot);
  if (row.deleted) old?.remove();
  else {
    const node = bubble(row, context);
    if (old) {
      if (old.classList.contains("day")) node.classList.add("day");
      old.replaceWith(node);
    } else place(node, row);
  }
  at("empty").hidden = at("messages").childElementCount > 0;
  if (stick) toEnd();
}

function place(node, row) {
  const list = at("messages");
  const day = new Date(row.at * 1000).toDateString();
  if (list.dataset.day !== day || !list.childElementCount) {
    const isToday = day === new Date(nowSeconds() * 1000).toDateString();
    const shown = new Date(row.at * 1000).toLocaleDateString(spoken(), { day: "numeric", month: "long" });
    list.append(make("li", "date", isToday ? word("today") : shown));
    list.dataset.day = day;
  } else if (list.lastElementChild.classList.contains(row.bot ? "theirs" : "mine")) {
    node.classList.add("next");
  }
  list.append(node);
}

function showDrafts(drafts) {
  const stick = isAtEnd();
  at("drafts").replaceChildren(...drafts.map((draft) => draftBubble(draft, context)));
  clearTimeout(draftTimer);
  if (drafts.length) {
    const first = Math.min(...drafts.map((draft) => draft.until));
    const left = () => drafts.filter((draft) => draft.until > nowSeconds());
    draftTimer = setTimeout(() => showDrafts(left()), Math.max(100, (first - nowSeconds()) * 1000));
  }
  if (stick) toEnd();
}

function showTyping(action, seconds) {
  clearTimeout(typingTimer);
  const isBlocked = state.chats.find((chat) => chat.id === state.chat)?.blocked;
  const idle = isBlocked ? word("blocked") : word("bot");
  const kinds = { typing: "typing", record_voice: "recording" };
  at("subtitle").textContent = action ? word(kinds[action] ?? "sending") : idle;
  at("subtitle").classList.toggle("active", Boolean(action));
  if (action) typingTimer = setTimeout(() => showTyping(null), seconds * 1000);
}

function showPeople() {
  const people = state.chats.filter((chat) => chat.type === "private");
  const options = people.map((chat) => new Option(chat.first_name, chat.id, false, chat.id === state.chat));
  at("person").replaceChildren(...options, new Option(word("another"), "new"));
  const code = state.user.language_code ?? "";
  const languages = Object.entries(LANGUAGES).map(([key, name]) => new Option(name, key, false, key === code));
  at("language").replaceChildren(...languages);
}

function showChat() {
  const chat = state.chats.find((item) => item.id === state.chat);
  composer.setKeyboard(chat?.keyboard ?? null);
  const pinned = (chat?.pinned ?? []).map((id) => state.rows.get(id)).filter(Boolean).pop();
  at("pinned").hidden = !pinned;
  if (pinned) {
    at("pinned").replaceChildren(make("b", "", word("pinned")), make("span", "", summary(pinned)));
    at("pinned").onclick = () => context.jump(pinned.api.message_id);
  }
}

export function toast(text) {
  const node = at("toast");
  node.textContent = text;
  node.hidden = false;
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => { node.hidden = true; }, 3500);
}

// Following

const ON = {
  message: (row) => { put(row); if (row.bot) showTyping(null); },
  drafts: (body) => { setNow(body.now); showDrafts(body.drafts); },
  typing: (body) => showTyping(body.action, body.seconds),
  toast(body) {
    waiting.get(body.query)?.classList.remove("waiting");
    waiting.delete(body.query);
    if (body.url) window.open(body.url, "_blank", "noopener");
    if (!body.text) return;
    if (!body.show_alert) return toast(body.text);
    at("alert-text").textContent = body.text;
    at("alert").showModal();
  },
  call: addCall,
  commands: loadSoon,
  reload: loadSoon,
  async chats() {
    state.chats = await ask("chats");
    showPeople();
    showChat();
  },
};

function take({ kind, chat, body }) {
  if (chat === null || chat === state.chat) ON[kind]?.(body);
}

function follow() {
  const events = new EventSource("/sim/events");
  events.onopen = () => tried(load());
  events.onerror = () => { at("subtitle").textContent = word("offline"); };
  events.onmessage = ({ data }) => {
    if (loading) held.push(JSON.parse(data));
    else take(JSON.parse(data));
  };
}

// Doing

at("person").addEventListener("change", ({ target }) => {
  if (target.value !== "new") {
    state.chat = Number(target.value);
    history.replaceState(null, "", `?chat=${state.chat}`);
    return tried(load());
  }
  target.value = String(state.chat);
  at("newcomer-name").value = "";
  return at("newcomer").showModal();
});
at("newcomer").addEventListener("close", async () => {
  const name = at("newcomer-name").value.trim();
  if (at("newcomer").returnValue !== "ok" || !name) return;
  const chat = Math.max(2000, ...state.chats.map((item) => item.id)) + 1;
  await ask("user", { user: chat, first_name: name, language_code: state.user.language_code });
  state.chat = chat;
  history.replaceState(null, "", `?chat=${chat}`);
  await load();
});
at("language").addEventListener("change", async ({ target }) => {
  await ask("user", { user: state.chat, language_code: target.value });
  await load();
});
at("begin").addEventListener("click", () => composer.say("/start"));
at("log").addEventListener("scroll", () => { at("down").hidden = isAtEnd(); });
at("down").addEventListener("click", toEnd);
document.addEventListener("pointerdown", (event) => {
  if (!event.target.closest("#popup")) at("popup").hidden = true;
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") at("popup").hidden = true;
});

function showPane(isOpen) {
  at("pane").hidden = !isOpen;
  at("wire").setAttribute("aria-pressed", String(isOpen));
  localStorage.setItem("pane", isOpen ? "open" : "");
}
at("wire").addEventListener("click", () => showPane(at("pane").hidden));
at("shut").addEventListener("click", () => showPane(false));
showPane(localStorage.getItem("pane") === "open" && innerWidth > 900);

setInterval(tickMoments, 1000);
speak("bn");
follow();
