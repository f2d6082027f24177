"""What a command printed: kept within bounds, made harmless, with secrets taken out.

Decides how much of an output is kept (the whole up to 8 MiB; of more the first and the last
64 KiB), how bytes become text, and which parts a model, a card and the chat get. Secrets are taken
out of the whole text before anything is cut, so that no cut leaves half of one. Never decides how
much a command may print: it says when that is reached, the runner acts.

Sources: 64 KiB and 50 MiB from `reliability.md` 4.4.
"""

from __future__ import annotations

import codecs
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass

from core.execution.run_port import MOST_OUTPUT

KIB = 1024
#: Bytes kept at either end of an output that is too long to keep, and what is kept whole.
END_BYTES, WHOLE_BYTES = 64 * KIB, 8 * KIB * KIB
#: Letters of the text that a model gets at once: a third at the beginning, the rest at the end.
TEXT_LETTERS = 8_000
#: Letters of the whole text that is kept: odd bytes are spelled out, and grow.
WHOLE_LETTERS = 12_000_000
#: Letters of the live tail, and seconds between two looks at it.
LIVE_LETTERS, LIVE_EVERY_S = 1_500, 1.0
#: Facts found in an output, and letters of one.
MOST_FACTS, MOST_FACT = 12, 120
#: Letters at a cut that may be half of a secret, where no line ends near it.
CUT_LETTERS = 512

Redact = Callable[[str], str]

#: What terminals obey: CSI, OSC and the other strings, then two-letter escapes. An open string
#: loses its beginning only, so that it cannot hide what follows.
ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    r"|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c\n]{0,512}(?:\x07|\x1b\\|\x9c)"
    r"|\x1b[ -/]*[0-~]?"
)
#: Controls, and letters that turn, hide or break what stands around them. Joiners stay: Bengali
#: and Persian need them.
ODD = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u180e\u200b\u202a-\u202e"
    r"\u2060-\u206f\u3164\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
LINE_ENDS = re.compile(r"\r\n|\r|\u2028|\u2029|\x85|\x0b|\x0c")
FACT = re.compile(
    r"^[ \t]*([A-Za-z\u0600-\u06ff\u0980-\u09ff][\w\u0600-\u06ff\u0980-\u09ff .()/%-]{0,40}?)"
    r"[ \t]*[=:][ \t]+"
    r"(\S.{0,200}?)[ \t]*$"
    r"|(?:^|(?<=[ \t,;]))([A-Za-z_][\w.-]{0,40})=(\"[^\"\n]{0,200}\"|[^\s,;\"]{1,200})",
    re.MULTILINE,
)


@dataclass(frozen=True)
class Printed:
    """An output that is over. `text`: what a model may read; `whole`: the same uncut, when it is
    longer; `is_whole`: nothing is missing in that; `total`: bytes that were printed."""

    text: str
    total: int
    facts: dict[str, str]
    whole: str | None = None
    is_whole: bool = True


class Output:
    """Collects one command's output; a `run_port.Sink`. Not for several threads at once."""

    def __init__(
        self,
        redact: Redact,
        show: Callable[[str], None] = lambda _text: None,
        monotonic: Callable[[], float] = lambda: 0.0,
        *,
        most: int = MOST_OUTPUT,
        decode: Callable[[bytes], str] | None = None,
    ) -> None:
        self._redact = redact
        self._show = show
        self._monotonic = monotonic
        self._most = most
        self._decode = decode or decoded
        self._whole: bytearray | None = bytearray()
        self._head = b""
        self._tail = bytearray()
        self.total = 0
        self._next_look = monotonic() + LIVE_EVERY_S
        self._shown = ""

    def feed(self, data: bytes) -> bool:
        """Take `data`; False once more than `most` bytes were printed."""
        self.total += len(data)
        if len(self._head) < END_BYTES:
            self._head += data[: END_BYTES - len(self._head)]
        self._tail += data[-END_BYTES:]
        if len(self._tail) > 4 * END_BYTES:
            del self._tail[:-END_BYTES]
        if self._whole is not None:
            self._whole += data
            if len(self._whole) > WHOLE_BYTES:
                self._whole = None
        return self.total <= self._most

    def tick(self) -> None:
        """Show the last lines, when it is time and they have changed."""
        now = self._monotonic()
        if now < self._next_look:
            return
        self._next_look = now + LIVE_EVERY_S
        live = self.live()
        if live and live != self._shown:
            self._shown = live
            self._show(live)

    def live(self) -> str:
        """The last complete lines, redacted: an open line may hold half of a secret."""
        text = self._clean(bytes(self._tail[-END_BYTES:]), is_cut=self.total > END_BYTES)
        complete, end, _open = text.rpartition("\n")
        return _last_lines(complete, LIVE_LETTERS) if end else ""

    def finish(self) -> Printed:
        """The whole story."""
        if self._whole is not None:
            whole = self._clean(bytes(self._whole), is_cut=False)
            is_whole = True
        else:
            head = _without_end(self._clean(self._head, is_cut=False))
            tail = self._clean(bytes(self._tail[-END_BYTES:]), is_cut=True)
            left_out = self.total - len(self._head) - min(len(self._tail), END_BYTES)
            whole = f"{head}\n{_gap(left_out, 'bytes')}\n{tail}"
            is_whole = False
        text = shortened(whole)
        longer = whole[:WHOLE_LETTERS] if text != whole else None
        return Printed(text, self.total, facts(whole), longer, is_whole)

    def _clean(self, data: bytes, *, is_cut: bool) -> str:
        text = self._redact(neutral(self._decode(data)))
        return _without_begin(text) if is_cut else text


def decoded(data: bytes) -> str:
    """Bytes as text: UTF-8 (also UTF-16 with its mark), else the console's own code page; what
    fits nothing becomes the replacement letter."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        page = console_page()
        return data.decode(page or "utf-8", "replace")


if sys.platform == "win32":
    import ctypes

    def console_page() -> str | None:
        """The code page that console programs of this machine print in, as Python names it."""
        name = f"cp{ctypes.WinDLL('kernel32').GetOEMCP()}"
        try:
            return codecs.lookup(name).name
        except LookupError:
            return None

else:

    def console_page() -> str | None:
        """Everything here prints UTF-8."""
        return None


def neutral(text: str) -> str:
    """`text` with nothing in it that a terminal, a phone or an eye obeys: escapes are gone, odd
    letters are spelled out, a line that overwrites another one stands below it."""
    text = LINE_ENDS.sub("\n", ESCAPES.sub("", text))
    return ODD.sub(lambda odd: _spelled(odd[0]), text)


def shortened(text: str, most: int = TEXT_LETTERS) -> str:
    """The beginning and the end of a text, with what was left out between them."""
    if len(text) <= most:
        return text
    head, tail = text[: most // 3], text[-(most - most // 3) :]
    head, tail = head[: head.rfind("\n") + 1] or head, tail[tail.find("\n") + 1 :] or tail
    return f"{head.rstrip()}\n{_gap(len(text) - len(head) - len(tail), 'letters')}\n{tail}"


def facts(text: str) -> dict[str, str]:
    """What is written as `name=value` or `name: value`, first come first served."""
    found: dict[str, str] = {}
    for match in FACT.finditer(text[: 4 * END_BYTES]):
        name, value = (match[1], match[2]) if match[1] else (match[3], match[4])
        if match[1] and ": " in value:  # a message of a program, not a value
            continue
        found.setdefault(name.strip(), value.strip('"')[:MOST_FACT])
        if len(found) == MOST_FACTS:
            break
    return found


def _spelled(letter: str) -> str:
    if letter == "\x08":
        return "\\b"
    code = ord(letter)
    return f"\\x{code:02x}" if letter <= "\xff" else f"\\u{{{code:x}}}"


def _gap(many: int, what: str) -> str:
    return f"[... {many} {what} left out ...]"


def _without_begin(text: str) -> str:
    """Without the first line, whose beginning is missing."""
    _cut, end, rest = text.partition("\n")
    return rest if end else text[CUT_LETTERS:]


def _without_end(text: str) -> str:
    rest, end, _cut = text.rpartition("\n")
    return rest if end else text[:-CUT_LETTERS]


def _last_lines(text: str, most: int) -> str:
    if len(text) <= most:
        return text
    cut = text[-most:]
    return cut[cut.find("\n") + 1 :]
