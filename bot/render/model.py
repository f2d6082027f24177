"""What a renderer returns: parts, and rows of buttons; no I/O, no Telegram types."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol


class Style(enum.StrEnum):
    """Colours Telegram gives to buttons (Bot API 9.4)."""

    PLAIN = ""
    GOOD = "success"
    BAD = "danger"
    MAIN = "primary"


@dataclass(frozen=True)
class Button:
    """A button: its words in the owner's language, and the command it stands for.

    Telegram carries only a random id; `verb` and `params` stay in the database. `single` buttons
    die at the first tap; the others (paging, refresh) may be tapped again. `url` and `copy` make
    a link or copy button, which has no verb.
    """

    label: str
    verb: str = ""
    params: dict[str, Any] = field(default_factory=dict)
    style: Style = Style.PLAIN
    single: bool = False
    url: str | None = None
    copy: str | None = None


@dataclass(frozen=True)
class Entity:
    """A Telegram message entity; offset and length in UTF-16 code units."""

    type: str
    offset: int
    length: int
    url: str | None = None
    language: str | None = None


@dataclass(frozen=True)
class Part:
    """One Telegram message: text with entities (model prose), HTML (ours), a file or a picture."""

    text: str = ""
    entities: tuple[Entity, ...] = ()
    html: bool = False
    file_name: str | None = None
    file_bytes: bytes | None = None  # the text is then the caption
    blob: str | None = None  # sha256 of stored content that becomes `file_bytes` before it is sent
    is_photo: bool = False  # the file is a picture, shown in the chat; its caption has 1024 units


@dataclass(frozen=True)
class Rendered:
    """One notice as the phone shows it; the buttons hang on the last part. `replaces`: the message
    that showed the card until now is deleted (it held a secret), and this comes as a new one."""

    parts: tuple[Part, ...]
    buttons: tuple[tuple[Button, ...], ...] = ()
    replaces: bool = False


class Translator(Protocol):
    """Texts of one language. A missing key raises `KeyError`: a test keeps the three in step."""

    language: str  # bn, ar, en

    def __call__(self, key: str, **values: Any) -> str: ...

    def has(self, key: str) -> bool: ...

    def number(self, value: float) -> str: ...

    def day(self, when: datetime) -> str: ...
