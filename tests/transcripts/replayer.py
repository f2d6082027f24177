"""Replays a transcript: a chat as a person would tell it, line by line.

    title: what it shows
    language_code: bn                    of the owner's app
    owner: paired | nobody               default paired
    model: [rules of the scripted model]
    files: {path: text}                  what lies in the sandbox at the start
    chat:
      - owner: text                      the owner writes
        reply_to: last                   as a reply to the bot's last message
      - edits: new text                  ... changes the last message
      - taps: words on a button          ... of the newest message that has it
      - stops: true                      ... presses Stop under the draft
      - sends: voice | sticker | photo | album
      - hands_over: name of a document   ... sends it
        content: its text                default: the name
        caption: words under it
        reply_to: last
      - stranger: text                   somebody else writes
      - bot: words, or a list of words   the bot's next message holds them all
      - stranger_gets: words             the same, in the stranger's chat
      - card: words                      the message tapped last shows them now
      - draft: words                     live text shows them
      - toast: words                     the tap's answer
      - restart: true                    bot and worker stop and start again
      - silence: true                    nothing else has come
      - file: path                       the sandbox's file
        holds: text                      ... holds exactly this; without it, it is not there

`{code}` in a line stands for a fresh pairing code. Expectations wait for their event, ten seconds
at most; at the end nothing may be on the phone that the transcript does not tell.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from contextlib import AsyncExitStack

from tests.transcripts.phone import OWNER, STRANGER, Phone
from tests.transcripts.world import World

DEADLINE_S = 10.0
MEDIA = {
    "voice": {"voice": {"file_id": "v", "file_unique_id": "v", "duration": 2}},
    "photo": {"photo": [{"file_id": "p", "file_unique_id": "p", "width": 9, "height": 9}]},
    "sticker": {
        "sticker": {
            "file_id": "s",
            "file_unique_id": "s",
            "type": "regular",
            "width": 9,
            "height": 9,
            "is_animated": False,
            "is_video": False,
        }
    },
}


class Replayer:
    """One transcript over one database."""

    def __init__(self, transcript, database, folder) -> None:
        self._transcript = transcript
        self._database = database
        self._script = folder / "script.json"
        self._script.write_text(json.dumps({"rules": transcript.get("model", [])}))
        self._sandbox = folder / "mask" / "files"
        for name, text in transcript.get("files", {}).items():
            path = self._sandbox / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        self._code = transcript.get("language_code", "en")
        self._owner_id = None if transcript.get("owner") == "nobody" else OWNER
        self._numbers = itertools.count(1)
        self._seen = {OWNER: 0, STRANGER: 0}
        self._drafts_seen = 0
        self._toasts_seen = 0
        self._tapped = None
        self._version = 0

    async def run(self) -> None:
        self._phone = Phone()
        lines = list(self._transcript["chat"])
        while lines:
            async with AsyncExitStack() as stack:
                world = World(self._database, self._phone, self._script, self._owner_id)
                self._world = await stack.enter_async_context(world.going())
                while lines and not (line := lines.pop(0)).get("restart"):
                    await self._play(line)
                if not lines:
                    await self._silence(None, {})

    async def _play(self, line) -> None:
        name = next(iter(line))
        await getattr(self, f"_{name}")(line[name], line)

    # -- the people --------------------------------------------------------------------------------

    async def _owner(self, text, line) -> None:
        await self._write(OWNER, self._fill(text), **self._reply_of(line))

    def _reply_of(self, line):
        if not line.get("reply_to"):
            return {}
        bubble = self._phone.of_bot()[-1]
        origin = {**self._message(OWNER, bubble.message_id), "text": bubble.text}
        return {"reply_to_message": origin}

    async def _hands_over(self, name, line) -> None:
        content = str(line.get("content", name)).encode()
        file_id = self._phone.upload(content)
        document = {"file_id": file_id, "file_unique_id": file_id, "file_name": name}
        document |= {"mime_type": "text/plain", "file_size": len(content)}
        more = {"caption": line["caption"]} if "caption" in line else {}
        bubble = self._phone.show(OWNER, f"[{name}]")
        more |= self._reply_of(line)
        await self._send("message", OWNER, bubble.message_id, document=document, **more)

    async def _stranger(self, text, _line) -> None:
        await self._write(STRANGER, self._fill(text))

    async def _write(self, chat_id, text, **more) -> None:
        bubble = self._phone.show(chat_id, text)
        await self._send("message", chat_id, bubble.message_id, text=text, **more)

    async def _edits(self, text, _line) -> None:
        bubble = next(each for each in reversed(self._phone.bubbles) if not each.is_bot)
        bubble.text = text
        await self._send("edited_message", OWNER, bubble.message_id, text=text, edit_date=1)

    async def _sends(self, kind, _line) -> None:
        count, name = (3, "photo") if kind == "album" else (1, kind)
        for _ in range(count):
            bubble = self._phone.show(OWNER, f"[{name}]")
            more = {"media_group_id": "album-1"} if kind == "album" else {}
            await self._send("message", OWNER, bubble.message_id, **MEDIA[name], **more)

    async def _taps(self, words, _line) -> None:
        bubble, button = await self._until(lambda: self._button(words), f"a button {words!r}")
        self._tapped, self._version = bubble, bubble.version
        query = {
            "id": str(next(self._numbers)),
            "from": self._person(OWNER),
            "chat_instance": "1",
            "data": button["callback_data"],
            "message": self._message(OWNER, bubble.message_id),
        }
        await self._world.update(next(self._numbers), callback_query=query)

    async def _stops(self, _true, _line) -> None:
        stop = {
            "chat": {"id": OWNER, "type": "private"},
            "draft_id": str(self._phone.draft_ids[-1]),
        }
        await self._world.update(next(self._numbers), stopped_message_generation=stop)

    # -- what must appear --------------------------------------------------------------------------

    async def _bot(self, words, _line) -> None:
        await self._next_message(OWNER, words)

    async def _stranger_gets(self, words, _line) -> None:
        await self._next_message(STRANGER, words)

    async def _next_message(self, chat_id, words) -> None:
        at = self._seen[chat_id]
        bubble = await self._until(
            lambda: (self._phone.of_bot(chat_id)[at:] or [None])[0], f"a message with {words!r}"
        )
        self._seen[chat_id] += 1
        for word in _list(words):
            assert word in bubble.text, f"{word!r} is not in {bubble.text!r}"

    async def _card(self, words, _line) -> None:
        bubble, before = self._tapped, self._version

        def fits():
            shown = bubble.text + " " + " ".join(_labels(bubble))
            return bubble.version > before and all(word in shown for word in _list(words))

        await self._until(fits, lambda: f"{words!r} on the card, which shows {bubble.text!r}")

    async def _draft(self, words, _line) -> None:
        def fits():
            return any(words in text for text in self._phone.drafts[self._drafts_seen :])

        await self._until(fits, f"a draft with {words!r}")
        self._drafts_seen = len(self._phone.drafts)

    async def _toast(self, words, _line) -> None:
        at = self._toasts_seen
        await self._until(lambda: len(self._phone.toasts) > at, f"a toast {words!r}")
        self._toasts_seen += 1
        assert words in self._phone.toasts[at], self._phone.toasts[at]

    async def _silence(self, _true, _line) -> None:
        await self._world.quiet()
        for chat_id, seen in self._seen.items():
            extra = [bubble.text for bubble in self._phone.of_bot(chat_id)[seen:]]
            assert not extra, f"nobody expected {extra}"

    async def _file(self, name, line) -> None:
        path = self._sandbox / name
        assert (path.read_text("utf-8") if path.exists() else None) == line.get("holds")

    # -- inside ------------------------------------------------------------------------------------

    async def _until(self, found, what):
        """What `found` returns once it is true; fails with `what` after the deadline."""
        try:
            async with asyncio.timeout(DEADLINE_S):
                while not (result := found()):
                    self._phone.changed.clear()
                    await self._phone.changed.wait()
                return result
        except TimeoutError:
            told = what() if callable(what) else what
            shown = [bubble.text[:200] for bubble in self._phone.of_bot()][-3:]
            raise AssertionError(f"waited in vain for {told}; the last messages: {shown}") from None

    def _button(self, words):
        for bubble in reversed(self._phone.of_bot()):
            for button in itertools.chain.from_iterable(bubble.buttons):
                if words in button["text"]:
                    return bubble, button
        return None

    def _fill(self, text):
        if "{code}" not in text:
            return text
        with self._database.write() as tx:
            return text.replace("{code}", self._world.house.owner.new_code(tx))

    async def _send(self, kind, chat_id, message_id, **content) -> None:
        message = {**self._message(chat_id, message_id), **content}
        message["from"] = self._person(chat_id)
        await self._world.update(next(self._numbers), **{kind: message})

    def _message(self, chat_id, message_id):
        chat = {"id": chat_id, "type": "private", "first_name": "Ada"}
        return {"message_id": message_id, "date": 1_790_000_000, "chat": chat}

    def _person(self, user_id):
        return {
            "id": user_id,
            "is_bot": False,
            "first_name": "Ada",
            "language_code": self._code,
        }


def _list(words):
    return words if isinstance(words, list) else [words]


def _labels(bubble):
    return [button["text"] for row in bubble.buttons for button in row]
