"""What secrets look like, and taking them out of texts that leave a room.

Decides which parts of a text are secret: values this system was given (its tokens and keys), and
whatever has the shape of a key, a password or a card number. Pure. Called at every exit: logs, the
chat, prompts, memory, output of commands.

Missing guarantee: a secret that looks like a word, and that nobody named as one, is not found.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import regex

HIDDEN = "[hidden]"
#: Shorter settings are words, not secrets; hiding them would garble every line.
LEAST_SECRET = 6
#: Digits of a payment card (ISO/IEC 7812).
CARD_DIGITS = range(13, 20)


class Secret(enum.StrEnum):
    """What kind of secret a text holds."""

    KEY = "key"
    PASSWORD = "password"  # noqa: S105 - a kind's name
    CARD = "card"


@dataclass(frozen=True)
class Finding:
    """A secret at `start` to `end` (characters) of a text."""

    kind: Secret
    start: int
    end: int


#: Keys by their issuers' own prefixes, bot tokens, tokens in headers and URLs, private key blocks.
KEYS = regex.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"
    r"|\b\d{6,12}:[A-Za-z0-9_-]{30,}\b"
    r"|\b(?:gsk|sk|xai|pk|rk|AIza)[_-]?[A-Za-z0-9_-]{20,}"
    r"|\b(?:ghp|gho|ghu|ghs|ghr|glpat|github_pat)[_-][A-Za-z0-9_]{20,}"
    r"|\bxox[abeprs]-[A-Za-z0-9-]{10,}"
    r"|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"
    r"|\bhf_[A-Za-z0-9]{20,}"
    r"|\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}"
    r"|(?i:\bbearer\s+)\K[A-Za-z0-9._~+/-]{16,}=*"
    r"|(?<=://)[^\s/@:]*:[^\s/@]+(?=@)",
    regex.DOTALL,
)
#: A word for a password in three languages, then its value on the same line.
PASSWORDS = regex.compile(
    r"(?i:\b[\w-]*(?:password|passwd|passphrase|secret|api[ _-]?key|access[ _-]?token|pin code)\b"
    r"|পাসওয়ার্ড|পাসওয়ার্ড|গোপন নম্বর|পিন"
    r"|كلمة (?:السر|المرور)|الرقم السري|الرمز السري)"
    r"[\"']?\s*(?:is|=|:|হলো|হল|হচ্ছে|هي|هو|\uff1a|\u2013|-)\s*[\"']?\K(?=[^\s\"',;]*\w)[^\s\"',;]{4,}"
)
CARDS = regex.compile(r"(?<![\w.-])\d(?:[ -]?\d){12,18}(?![\w-])")


def find(text: str) -> list[Finding]:
    """The secrets in a text, by position; overlapping ones are one."""
    found = sorted(_found(text), key=lambda each: (each.start, -each.end))
    apart: list[Finding] = []
    for each in found:
        if not apart or each.start >= apart[-1].end:
            apart.append(each)
    return apart


class Redaction:
    """Replaces known secrets, and whatever has the shape of one."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._known = sorted({s for s in secrets if len(s) >= LEAST_SECRET}, key=len, reverse=True)

    def learn(self, secret: str) -> None:
        """One more secret of this system: a key that came with the chat or out of the database."""
        if len(secret) >= LEAST_SECRET and secret not in self._known:
            self._known = sorted({*self._known, secret}, key=len, reverse=True)

    def __call__(self, text: str) -> str:
        """`text` without secrets of any kind."""
        text = self.own(text)
        for each in reversed(find(text)):
            text = text[: each.start] + HIDDEN + text[each.end :]
        return text

    def own(self, text: str) -> str:
        """`text` without this system's own secrets; shapes stay, since they may be the owner's
        words."""
        for secret in self._known:
            text = text.replace(secret, HIDDEN)
        return text

    def through(self, value: Any) -> Any:
        """JSON data with every text in it redacted; names of fields stay."""
        return _through(value, self)

    def own_through(self, value: Any) -> Any:
        """JSON data without this system's own secrets."""
        return _through(value, self.own)


def _through(value: Any, redact: Callable[[str], str]) -> Any:
    match value:
        case str():
            return redact(value)
        case dict():
            return {name: _through(entry, redact) for name, entry in value.items()}
        case list() | tuple():
            return [_through(entry, redact) for entry in value]
        case _:
            return value


def _found(text: str) -> Iterator[Finding]:
    for kind, pattern in ((Secret.KEY, KEYS), (Secret.PASSWORD, PASSWORDS)):
        for match in pattern.finditer(text):
            yield Finding(kind, match.start(), match.end())
    for match in CARDS.finditer(text):
        digits = [int(letter) for letter in match[0] if letter.isdigit()]
        if len(digits) in CARD_DIGITS and _luhn(digits):
            yield Finding(Secret.CARD, match.start(), match.end())


def _luhn(digits: list[int]) -> bool:
    """The check digit of payment cards (ISO/IEC 7812-1, annex B), not all the same digit."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = digit * 2 if place % 2 else digit
        total += doubled - 9 if doubled > 9 else doubled  # noqa: PLR2004 - two digits
    return total % 10 == 0 and len(set(digits)) > 1
