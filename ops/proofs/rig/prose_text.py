"""Long Markdown made from parts whose visible characters are known, in three scripts.

Every block yields its Markdown and its visible words in reading order; tables name each cell once,
whatever form a phone needs. Same length, same text.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

BENGALI = [
    "মানুষের",
    "সঙ্গে",
    "কথা",
    "বলার",
    "সময়",
    "যন্ত্রকে",
    "ধৈর্য",
    "ধরতে",
    "হয়",
    "ক্ষমা",
    "চাইতে",
    "জানতে",
    "হয়",
]
ARABIC = [
    "الذاكرة",
    "الطويلة",
    "أمانة",
    "وليست",
    "مجرد",
    "كلمات",
    "تحفظ",
    "ثم",
    "تنسى",
    "بعد",
    "حين",
]
ENGLISH = [
    "a",
    "long",
    "answer",
    "must",
    "arrive",
    "whole",
    "and",
    "stay",
    "readable",
    "on",
    "a",
    "small",
    "screen",
]
CODE = (
    "def total(items: list[int]) -> int:",
    '    """Sum; `*stars*` stay."""',
    "    return sum(items)",
)


@dataclass(frozen=True)
class Block:
    """Markdown, and what the reader must see of it: words, links, and lines to be kept exactly."""

    markdown: str
    words: tuple[str, ...]
    exact: tuple[str, ...] = ()
    links: tuple[str, ...] = ()


def blocks() -> Iterator[Block]:
    """Blocks for ever; each with its own numbers, so that none can stand for another."""
    for number in itertools.count(1):
        for make in (heading, paragraph, nested, table, wide_table, code, quote, links):
            yield make(number)


def text_of(characters: int) -> list[Block]:
    """Blocks of at least so many characters of Markdown in all."""
    found: list[Block] = []
    size = 0
    for block in blocks():
        found.append(block)
        size += len(block.markdown) + 2
        if size >= characters:
            return found
    raise AssertionError("blocks never end")


def heading(number: int) -> Block:
    return Block(f"## Part {number} of অংশ", ("Part", str(number), "of", "অংশ"))


def paragraph(number: int) -> Block:
    words = [*ENGLISH, f"n{number}a", *BENGALI, f"n{number}b", *ARABIC, f"n{number}c"]
    bold, rest = " ".join(words[:5]), " ".join(words[5:])
    return Block(f"**{bold}** {rest} and *one* more `x = {number}`.", (
        *words, "and", "one", "more", "x", "=", f"{number}.",
    ))  # fmt: skip


def nested(number: int) -> Block:
    lines = [
        f"- first {number}", f"  - inner {BENGALI[number % len(BENGALI)]} {number}",
        f"    1. deep {ARABIC[number % len(ARABIC)]}", "    2. deeper still", "- last item",
    ]  # fmt: skip
    words = " ".join(lines).replace("- ", " ").replace("1. ", " ").replace("2. ", " ").split()
    return Block("\n".join(lines), tuple(words))


def table(number: int) -> Block:
    rows: list[tuple[str, ...]] = [
        ("city", "count"),
        (f"dhaka{number}", f"{number}1"),
        (f"cairo{number}", f"{number}2"),
    ]
    return Block(_table(rows), tuple(cell for row in rows[1:] for cell in row))


def wide_table(number: int) -> Block:
    rows: list[tuple[str, ...]] = [
        ("নাম", "الاسم", "English name", "note"),
        (f"ঢাকা{number}", f"دكا{number}", f"Dhaka the capital {number}", "a note that is long"),
        (f"সিলেট{number}", f"سلهت{number}", f"Sylhet in the north {number}", "tea & rain < sun"),
    ]
    return Block(
        _table(rows), tuple(word for row in rows[1:] for cell in row for word in cell.split())
    )


def code(number: int) -> Block:
    lines = (f"# example {number}", *CODE)
    return Block("\n".join(("```python", *lines, "```")), (), exact=lines)


def quote(number: int) -> Block:
    words = (*ENGLISH[:4], f"q{number}")
    return Block("> " + " ".join(words), words)


def links(number: int) -> Block:
    address = f"https://example.org/page?number={number}&lang=bn"
    return Block(f"See [the page {number}]({address}) ~~not this~~.", (
        "See", "the", "page", str(number), "not", "this.",
    ), links=(address,))  # fmt: skip


def _table(rows: list[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(row)} |" for row in rows]
    rule = "|" + "---|" * len(rows[0])
    return "\n".join((lines[0], rule, *lines[1:]))
