# The lines around a model's answer.
answer-tag = · { $model } on { $place }
answer-practice = 🧪 Practice: a script wrote this, no real model is connected.
answer-stopped = ⏹ Stopped. This is what had arrived.
answer-length = ✂️ The model reached its length limit. Write “go on” for the rest.
answer-stopped-early = ⏹ Stopped before anything was written.
answer-empty = The model sent an empty answer. Please ask again, perhaps in other words.
answer-maybe-repeat = ↻ You may have this message already.
answer-in-file = 📄 The answer is long. The whole of it is in the file below.
answer-file-caption = 📄 The whole answer
turn-stopped = ⏹ Stopped.
