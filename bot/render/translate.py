"""The bot's own texts: Fluent files of `bot/locales`, one directory per language.

Decides how numbers look and which way a value runs. A missing key raises `KeyError`; a value that
the caller left out shows as a dash, because a notice must arrive even when a parameter is lost.
"""

from __future__ import annotations

import functools
import re
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.render import html, numbers

if TYPE_CHECKING:
    from fluent.runtime import FluentBundle

LOCALES = Path(__file__).resolve().parent.parent / "locales"
#: Offered in this order; the first is what a person gets of whom nothing is known.
LANGUAGES = ("bn", "ar", "en")
#: Right-to-left languages isolate values of another script, lest a Latin name turn the sentence.
RIGHT_TO_LEFT = frozenset({"ar"})
#: A value longer than this many characters is cut: texts hold names, not documents.
MOST_VALUE = 400
ABSENT = "—"

_LEFT_TO_RIGHT = re.compile("[A-Za-z\u00c0-\u02af\u0370-\u052f\u0900-\u0dff]")


class Texts:
    """All texts of one language; implements `bot.render.model.Translator`."""

    def __init__(self, language: str, directory: Path = LOCALES) -> None:
        self.language = language
        self._bundle = _load(language, directory / language)
        self._constant: dict[str, str] = {}

    def __call__(self, key: str, **values: Any) -> str:
        """The text of `key`. Lines of an `.ftl` pattern stay lines."""
        if not values and key in self._constant:
            return self._constant[key]
        text = self._format(key, values)
        if not values:
            self._constant[key] = text
        return text

    def has(self, key: str) -> bool:
        return bool(self._bundle.has_message(key))

    def number(self, value: float) -> str:
        return numbers.number(value, self.language)

    def day(self, when: datetime) -> str:
        """Day, month and time in UTC, in words; the phone replaces it where it can."""
        day = numbers.digits(str(when.day), self.language)
        time = numbers.digits(f"{when:%H:%M}", self.language)
        return self("date-and-time", day=day, month=self(f"date-month-{when.month}"), time=time)

    def _format(self, key: str, values: dict[str, Any]) -> str:
        from fluent.runtime.resolver import CurrentEnvironment, ResolverEnvironment

        pattern = self._bundle.get_message(key).value
        if pattern is None:
            raise KeyError(key)
        arguments = _Values({name: self._value(value) for name, value in values.items()})
        environment = ResolverEnvironment(
            context=self._bundle, current=CurrentEnvironment(args=arguments), errors=[]
        )
        return str(pattern(environment))

    def _value(self, value: Any) -> Any:
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, int | float):
            return _number_type()(value, self.language)
        if value is None or value == "":
            return ABSENT
        if isinstance(value, list | tuple):
            value = ", ".join(str(item) for item in value) or ABSENT
        shown = html.clip(str(value), MOST_VALUE)
        if self.language in RIGHT_TO_LEFT and _LEFT_TO_RIGHT.search(shown):
            return html.FIRST_STRONG_ISOLATE + shown + html.POP_ISOLATE
        return shown


class _Values(dict[str, Any]):
    def __missing__(self, name: str) -> str:
        return ABSENT


@functools.cache
def _number_type() -> Any:
    """A Fluent number that still chooses the plural form but shows itself our way."""
    from fluent.runtime.types import FluentType

    class Number(float, FluentType):
        def __new__(cls, value: float, _language: str) -> Any:
            return super().__new__(cls, value)

        def __init__(self, _value: float, language: str) -> None:
            self._language = language

        def format(self, _locale: Any) -> str:
            return numbers.number(self, self._language)

    return Number


def _load(language: str, directory: Path) -> FluentBundle:
    from fluent.runtime import FluentBundle, FluentResource

    if language not in LANGUAGES:
        raise KeyError(language)
    bundle = FluentBundle([language], use_isolating=False)  # `_value` isolates what needs it
    for file in sorted(directory.glob("*.ftl")):
        bundle.add_resource(FluentResource(file.read_text(encoding="utf-8")))
    return bundle


@functools.cache
def translator(language: str) -> Texts:
    """The texts of one language, read once; an unknown language is a `KeyError`."""
    return Texts(language)
