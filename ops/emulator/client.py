"""A test's hand on the emulator: acts as people, looks, waits, breaks things. Standard library
only.

Waits run on the server and end the moment the thing happens; a wait that runs out raises
`TimeoutError`, everything else that is wrong raises `SimulatorError` with the server's sentence.
"""

from __future__ import annotations

import base64
import http.client
import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

Json = dict[str, Any]
GRACE_S = 10.0  # beyond the server-side wait before the connection is given up
CHAT = 1001
TINY_PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


class SimulatorError(Exception):
    """The emulator refused a control call; the text says why."""


class Simulator:
    """One emulator by its address, as http://127.0.0.1:8090. Threads may share it."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.url = url.rstrip("/")
        self._host = parts.hostname or "127.0.0.1"
        self._port = parts.port or 80

    # Acting as people

    def say(
        self,
        text: str,
        *,
        chat: int = CHAT,
        user: int | None = None,
        language_code: str | None = "bn",
        reply_to: int | None = None,
    ) -> int:
        """Writes a message as the person of this chat; gives its id."""
        return self._number(
            "say", chat=chat, text=text, user=user, language_code=language_code, reply_to=reply_to
        )

    def send_document(
        self, data: bytes | Path, name: str = "notes.txt", *, chat: int = CHAT, **extra: Any
    ) -> int:
        return self._send("document", data, name, "text/plain", chat, extra)

    def send_voice(
        self,
        data: bytes | Path = b"OggS practice",
        *,
        chat: int = CHAT,
        duration: int = 3,
        **extra: Any,
    ) -> int:
        return self._send(
            "voice", data, "voice.ogg", "audio/ogg", chat, {"duration": duration, **extra}
        )

    def send_photo(self, data: bytes | Path = TINY_PNG, *, chat: int = CHAT, **extra: Any) -> int:
        return self._send("photo", data, "photo.png", "image/png", chat, extra)

    def send_sticker(
        self, data: bytes | Path = TINY_PNG, *, chat: int = CHAT, emoji: str = "🙂", **extra: Any
    ) -> int:
        return self._send(
            "sticker", data, "sticker.webp", "image/webp", chat, {"emoji": emoji, **extra}
        )

    def send_content(self, content: Json, *, chat: int = CHAT, user: int | None = None) -> int:
        """Any other kind of message, for example {"location": {...}} or {"dice": {...}}."""
        return self._number("content", chat=chat, user=user, content=content)

    def _send(
        self, kind: str, data: bytes | Path, name: str, mime: str, chat: int, extra: Json
    ) -> int:
        raw = data.read_bytes() if isinstance(data, Path) else data
        values = {"name": name, "mime": mime, **extra}
        return self._number(
            "send", chat=chat, kind=kind, data=base64.b64encode(raw).decode("ascii"), **values
        )

    def edit(self, message_id: int, text: str, *, chat: int = CHAT) -> None:
        self._ask("edit", chat=chat, message_id=message_id, text=text)

    def tap(
        self,
        chat: int = CHAT,
        *,
        label: str | None = None,
        data: str | None = None,
        message_id: int | None = None,
        user: int | None = None,
        force: bool = False,
    ) -> str:
        """Taps the newest inline button that fits; gives the callback query's id.

        `force` taps data that the message no longer shows, as a stale screen may.
        """
        wanted = {"label": label, "data": data, "message_id": message_id}
        return str(self._ask("tap", chat=chat, user=user, force=force, **wanted)["query_id"])

    def wait_answer(self, query_id: str, *, timeout: float = 10) -> Json:
        """The toast or alert that answered a tap: text, show_alert, url."""
        return self._object("wait_answer", query_id=query_id, timeout=timeout)

    def stop_draft(
        self, chat: int = CHAT, *, draft_id: int | None = None, as_text: bool = False
    ) -> int:
        """Presses Stop under the newest draft that can be stopped; gives the draft's id."""
        return int(self._ask("stop", chat=chat, draft_id=draft_id, as_text=as_text)["draft_id"])

    def react(self, message_id: int, emoji: str | None, *, chat: int = CHAT) -> None:
        self._ask("react", chat=chat, message_id=message_id, emoji=emoji)

    def block(self, chat: int = CHAT, *, blocked: bool = True) -> None:
        self._ask("block", chat=chat, blocked=blocked)

    def set_user(self, user: int = CHAT, **changes: str) -> Json:
        """first_name, last_name, username, language_code."""
        return self._object("user", user=user, **changes)

    def set_chat(self, chat: int = CHAT, **changes: Any) -> Json:
        """topics=True makes it a forum; title names a group."""
        return self._object("chat", chat=chat, **changes)

    def raw_update(self, update: Json) -> int:
        """Queues any JSON object as an update; gives its update_id."""
        return int(self._ask("raw", update=update)["update_id"])

    # Looking

    def messages(self, chat: int = CHAT, *, after: int = 0, deleted: bool = False) -> list[Json]:
        """message_id, from, text, entities, buttons, edited, document, reply_to, at, api ..."""
        return self._list("messages", chat=chat, after=after, deleted=deleted)

    def drafts(self, chat: int = CHAT) -> list[Json]:
        """Drafts on the screen: draft_id, text, entities, can_stop, stopped, at."""
        return self._list("drafts", chat=chat)

    def chats(self) -> list[Json]:
        return self._list("chats")

    def calls(self, method: str | None = None, *, after: int = 0) -> list[Json]:
        """Bot API calls in order: n, at, method, params, ok, ms, error_code, description, cut."""
        return self._list("calls", of=method, after=after)

    def violations(self) -> list[Json]:
        """Unknown methods and parameters that the bot used."""
        return self._list("violations")

    def pending_updates(self) -> list[Json]:
        return self._list("updates")

    def transcript(self, chat: int = CHAT, form: str = "text") -> Any:
        """The chat as text, or as a list with form="json"."""
        answer = self._ask("transcript", chat=chat, form=form)
        return answer["messages"] if form == "json" else answer["text"]

    def file(self, file_id: str) -> bytes:
        """The bytes of a file in a chat."""
        return self._request("GET", f"/sim/file?id={file_id}", None, GRACE_S)[1]

    # Waiting

    def wait_message(
        self,
        chat: int = CHAT,
        *,
        after: int = 0,
        contains: str | None = None,
        timeout: float = 10,
        sender: str = "bot",
    ) -> Json:
        """The bot's first message above `after` that contains the text, edits included."""
        wanted = {"after": after, "contains": contains, "sender": sender}
        return self._object("wait_message", chat=chat, timeout=timeout, **wanted)

    def wait_draft(self, chat: int = CHAT, *, contains: str = "", timeout: float = 10) -> Json:
        return self._object("wait_draft", chat=chat, contains=contains, timeout=timeout)

    def wait_calls(
        self, method: str | None, n: int = 1, timeout: float = 10, *, after: int = 0
    ) -> list[Json]:
        """At least n finished calls of the method since call number `after`."""
        return self._list("wait_calls", of=method, count=n, timeout=timeout, after=after)

    def wait_confirmed(self, update_id: int | None = None, *, timeout: float = 10) -> None:
        """Until the bot has confirmed this update, or every update."""
        self._ask("wait_gone", update_id=update_id, timeout=timeout)

    # Faults, clock, reset

    def fault(self, kind: str, **options: Any) -> None:
        """retry_after{every,seconds|min,max} error_500{method} lost_reply{method,n} slow{seconds}
        offline{seconds} conflict duplicate_update reorder lost_request{method}
        error{method,code,description}; each explained at /sim/fault_kinds."""
        self._ask("fault", kind=kind, **options)

    def clear_faults(self) -> None:
        self._ask("clear_faults")

    def advance_clock(self, seconds: float) -> None:
        self._ask("clock", seconds=seconds)

    def reset(self) -> None:
        """Forgets chats, files, faults and calls."""
        self._ask("reset")

    # The wire

    def _number(self, name: str, /, **values: Any) -> int:
        return int(self._ask(name, **values)["message_id"])

    def _object(self, name: str, /, **values: Any) -> Json:
        answer: Json = self._ask(name, **values)
        return answer

    def _list(self, name: str, /, **values: Any) -> list[Json]:
        answer: list[Json] = self._ask(name, **values)
        return answer

    def _ask(self, name: str, /, **values: Any) -> Any:
        wait_s = float(values.get("timeout") or 0) + GRACE_S
        body = json.dumps(
            {key: value for key, value in values.items() if value is not None}
        ).encode()
        status, raw = self._request("POST", f"/sim/{name}", body, wait_s)
        answer = json.loads(raw)
        if status == http.client.REQUEST_TIMEOUT:
            raise TimeoutError(f"{answer['error']} ({_brief(values)})")
        if status != http.client.OK:
            raise SimulatorError(f"{name}: {answer.get('error', answer)}")
        return answer

    def _request(
        self, method: str, path: str, body: bytes | None, wait_s: float
    ) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection(self._host, self._port, timeout=wait_s)
        try:
            connection.request(method, path, body, {"Content-Type": "application/json"})
            response = connection.getresponse()
            return response.status, response.read()
        except ConnectionError as error:
            raise SimulatorError(f"no emulator at {self.url}: {error}") from error
        finally:
            connection.close()


def _brief(values: Json) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in values.items() if value is not None)
