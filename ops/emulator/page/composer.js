// The lower edge of the phone: text, commands, files, voice, the reply keyboard.
import { make } from "/format.js";
import { summary } from "/bubbles.js";
import { Recorder } from "/voice.js";
import { word } from "/words.js";

const at = (id) => document.getElementById(id);

export class Composer {
  constructor({ ask, state, toast }) {
    Object.assign(this, { ask, state, toast, commands: [], target: null, isEdit: false });
    this.recorder = new Recorder((seconds) => {
      at("clock").textContent = `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
    });
    this.listen();
    this.grow();
  }

  listen() {
    const text = at("text");
    text.addEventListener("input", () => { this.grow(); this.suggest(); });
    text.addEventListener("keydown", (event) => {
      const isSend = event.key === "Enter" && !event.shiftKey && !event.isComposing;
      if (isSend) { event.preventDefault(); this.submit(); }
      if (event.key === "Escape") this.quiet();
    });
    text.addEventListener("paste", (event) => {
      const files = [...event.clipboardData.files];
      if (files.length) { event.preventDefault(); this.upload(files); }
    });
    at("form").addEventListener("submit", (event) => { event.preventDefault(); this.submit(); });
    at("menu").addEventListener("click", () => this.showCommands(at("commands").hidden ? this.commands : []));
    at("unquote").addEventListener("click", () => this.quiet());
    at("attach").addEventListener("click", () => at("file").click());
    at("file").addEventListener("change", ({ target }) => { this.upload([...target.files]); target.value = ""; });
    at("voice").addEventListener("click", () => this.record());
    at("drop").addEventListener("click", () => this.endRecording(false));
    at("done").addEventListener("click", () => this.endRecording(true));
    const log = at("log");
    log.addEventListener("dragover", (event) => { event.preventDefault(); log.classList.add("over"); });
    log.addEventListener("dragleave", () => log.classList.remove("over"));
    log.addEventListener("drop", (event) => {
      event.preventDefault();
      log.classList.remove("over");
      this.upload([...event.dataTransfer.files]);
    });
  }

  grow() {
    const text = at("text");
    text.placeholder = word("placeholder");
    text.style.height = "auto";
    text.style.height = `${Math.min(text.scrollHeight, 140)}px`;
    const isEmpty = text.value.trim() === "";
    at("send").hidden = isEmpty;
    at("voice").hidden = !isEmpty;
  }

  async attempt(name, values) {
    try {
      return await this.ask(name, values);
    } catch (error) {
      this.toast(error.message);
      return null;
    }
  }

  submit() {
    const text = at("text");
    if (!text.value.trim()) return;
    const value = text.value;
    text.value = "";
    this.grow();
    this.showCommands([]);
    this.say(value);
  }

  say(text) {
    const { target, isEdit } = this;
    this.quiet();
    const { chat } = this.state;
    if (isEdit) return this.attempt("edit", { chat, message_id: target.api.message_id, text });
    return this.attempt("say", { chat, text, reply_to: target?.api.message_id });
  }

  answer(row) {
    this.target = row;
    this.isEdit = false;
    this.showQuote(word("reply"), row);
  }

  change(row) {
    this.target = row;
    this.isEdit = true;
    at("text").value = row.api.text;
    this.grow();
    this.showQuote(word("edit"), row);
  }

  showQuote(title, row) {
    at("quote").hidden = false;
    at("quote-who").textContent = title;
    at("quote-text").textContent = summary(row);
    at("text").focus();
  }

  quiet() {
    if (this.isEdit) { at("text").value = ""; this.grow(); }
    this.target = null;
    this.isEdit = false;
    at("quote").hidden = true;
    this.showCommands([]);
  }

  setCommands(commands) {
    this.commands = commands;
    at("menu").hidden = commands.length === 0;
    this.grow();
  }

  suggest() {
    const typed = at("text").value;
    const isCommand = /^\/\w*$/.test(typed);
    this.showCommands(isCommand ? this.commands.filter(({ command }) => `/${command}`.startsWith(typed)) : []);
  }

  showCommands(commands) {
    const list = at("commands");
    list.hidden = commands.length === 0;
    at("menu").setAttribute("aria-expanded", String(!list.hidden));
    list.replaceChildren(...commands.map(({ command, description }) => {
      const node = make("button");
      node.type = "button";
      node.setAttribute("role", "option");
      const what = make("span", "", description);
      what.dir = "auto";
      node.append(make("b", "", `/${command}`), what);
      node.addEventListener("click", () => {
        at("text").value = "";
        this.grow();
        this.say(`/${command}`);
      });
      return node;
    }));
  }

  setKeyboard(keyboard) {
    const box = at("keyboard");
    const lines = keyboard?.keyboard ?? [];
    box.hidden = lines.length === 0;
    box.replaceChildren(...lines.map((line) => {
      const row = make("div", "row");
      for (const key of line) {
        const label = typeof key === "string" ? key : key.text;
        const node = make("button", key.style ?? "", label);
        node.type = "button";
        node.dir = "auto";
        node.addEventListener("click", () => this.say(label));
        row.append(node);
      }
      return row;
    }));
    const hint = keyboard?.input_field_placeholder;
    if (hint) at("text").placeholder = hint;
    if (keyboard?.force_reply) at("text").focus();
  }

  async upload(files) {
    for (const file of files) {
      const isPhoto = /^image\/(png|jpeg|gif|webp)$/.test(file.type);
      await this.send(isPhoto ? "photo" : "document", file, file.name, {});
    }
  }

  async send(kind, blob, name, values) {
    const form = new FormData();
    form.append("chat", this.state.chat);
    form.append("kind", kind);
    for (const [key, value] of Object.entries(values)) form.append(key, value);
    if (this.target && !this.isEdit) form.append("reply_to", this.target.api.message_id);
    form.append("file", blob, name);
    this.quiet();
    await this.attempt("send", form);
  }

  async record() {
    at("drop").textContent = word("cancel");
    try {
      await this.recorder.start();
    } catch (error) {
      this.toast(error.message);
      return;
    }
    at("form").hidden = true;
    at("recording").hidden = false;
  }

  async endRecording(isKept) {
    at("form").hidden = false;
    at("recording").hidden = true;
    const recording = await this.recorder.finish(isKept);
    if (recording) await this.send("voice", recording.blob, recording.name, { duration: recording.seconds });
  }
}
