"""The words that models are asked with when memory is tended, as text files; wording may change
without making a run stale. Never holds anything the owner said."""

from __future__ import annotations

from functools import cache
from importlib import resources

#: How a language is named to a model.
NAMES = {"bn": "Bengali (বাংলা)", "ar": "Arabic (العربية)", "en": "English"}


@cache
def prompt(name: str, language: str) -> str:
    """The prompt file `name`.txt, with its language filled in."""
    text = resources.files(__package__).joinpath(f"{name}.txt").read_text(encoding="utf-8")
    return text.replace("{language}", NAMES[language]).strip()
