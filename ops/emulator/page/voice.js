// Recording a voice message with the browser's own recorder.
import { word } from "/words.js";

const KINDS = ["audio/ogg;codecs=opus", "audio/webm;codecs=opus", "audio/mp4"];

export class Recorder {
  constructor(show) {
    this.show = show;
    this.recorder = null;
  }

  get isSupported() {
    return Boolean(navigator.mediaDevices?.getUserMedia && window.MediaRecorder);
  }

  async start() {
    if (!this.isSupported) throw new Error(word("nomic"));
    let sound;
    try {
      sound = await navigator.mediaDevices.getUserMedia({ audio: true });
    } catch {
      throw new Error(word("nomic"));
    }
    const mimeType = KINDS.find((kind) => MediaRecorder.isTypeSupported(kind));
    this.recorder = new MediaRecorder(sound, mimeType ? { mimeType } : {});
    this.parts = [];
    this.recorder.addEventListener("dataavailable", (event) => this.parts.push(event.data));
    this.began = Date.now();
    this.recorder.start();
    this.show(0);
    this.timer = setInterval(() => this.show((Date.now() - this.began) / 1000), 200);
  }

  // The recording as {blob, seconds, name}; null when it was dropped.
  finish(isKept) {
    clearInterval(this.timer);
    const { recorder } = this;
    this.recorder = null;
    if (!recorder) return Promise.resolve(null);
    const seconds = Math.max(1, Math.round((Date.now() - this.began) / 1000));
    return new Promise((resolve) => {
      recorder.addEventListener("stop", () => {
        for (const track of recorder.stream.getTracks()) track.stop();
        const type = recorder.mimeType.split(";")[0] || "audio/ogg";
        const blob = new Blob(this.parts, { type });
        resolve(isKept && blob.size ? { blob, seconds, name: `voice.${type.split("/")[1]}` } : null);
      });
      recorder.stop();
    });
  }
}
