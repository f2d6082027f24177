"""Long text is cut into messages that join to the same text again."""

from __future__ import annotations

from itertools import accumulate

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.render.draft import frame
from bot.render.markdown import to_prose
from bot.render.model import Entity, Part
from bot.render.split import MOST_ENTITIES, PART_UNITS, plain, split
from bot.render.writer import units

CLUSTERS = [
    "ক্ষ্ণ",
    "স্ত্রী",
    "র‍্যা",
    "👨‍👩‍👧",
    "🇧🇩",
    "❤️",
    "é",
    "a",
    " ",
    "\n",
    "। ",
    "\n\n",
    "سَلا",
    "𝄞",
    "ক্‌ষ",
]
texts = st.lists(st.sampled_from(CLUSTERS), max_size=300).map("".join)


def joined(parts: tuple[Part, ...]) -> str:
    return "".join(part.text for part in parts)


@given(texts, st.integers(min_value=40, max_value=200))
@settings(max_examples=300, deadline=None)
def test_joining_the_parts_gives_the_whole_text(text: str, limit: int) -> None:
    parts = split(text, limit=limit)
    assert joined(parts) == text
    assert all(0 < units(part.text) <= limit for part in parts)


@given(texts, st.integers(min_value=40, max_value=200))
@settings(max_examples=300, deadline=None)
def test_no_cluster_is_cut(text: str, limit: int) -> None:
    ends = {match.end() for match in regex.finditer(r"\X", text)}
    cuts = set(accumulate(len(part.text) for part in split(text, limit=limit)))
    assert cuts <= ends
    assert not any(text[cut - 1] in "\u09cd\u200c\u200d" for cut in cuts if cut < len(text))


@given(st.text(max_size=300), st.integers(min_value=2, max_value=30))
@settings(max_examples=300, deadline=None)
def test_even_tiny_messages_and_any_text_join_again(text: str, limit: int) -> None:
    parts = split(text, limit=limit)
    assert joined(parts) == text
    assert all(units(part.text) <= limit for part in parts)


@st.composite
def formatted(draw: st.DrawFn) -> str:
    words = st.sampled_from(["**b** ", "*i* ", "`c` ", "[l](https://e.org) ", "কথা ", "😀 ", "\n\n"])
    body = draw(st.lists(words, max_size=80).map("".join))
    return f"{body}\n\n```\n{body}\n```\n\n> {body}"


@given(formatted(), st.integers(min_value=60, max_value=300))
@settings(max_examples=200, deadline=None)
def test_entities_cover_the_same_words_after_the_cut(markdown: str, limit: int) -> None:
    prose = to_prose(markdown)
    parts = split(prose.text, prose.entities, limit=limit, most_entities=20)
    covered: dict[str, set[int]] = {}
    for entity in prose.entities:
        covered.setdefault(entity.type, set()).update(
            range(entity.offset, entity.offset + entity.length)
        )
    found: dict[str, set[int]] = {}
    start = 0
    for part in parts:
        assert len(part.entities) <= 20
        for entity in part.entities:
            assert entity.offset + entity.length <= units(part.text)
            span = range(start + entity.offset, start + entity.offset + entity.length)
            found.setdefault(entity.type, set()).update(span)
        start += units(part.text)
    assert found == covered


def test_a_cut_prefers_the_blank_line_then_the_line_then_the_sentence() -> None:
    first = "x" * 30
    assert split(f"{first}\n\n{first}\n{first}", limit=70)[0].text == f"{first}\n\n"
    assert split(f"{first}\n{first} yy", limit=60)[0].text == f"{first}\n"
    assert split("ভালো আছি। আপনি কেমন আছেন বলুন", limit=25)[0].text == "ভালো আছি। "
    assert split("هل أنت بخير؟ نعم أنا بخير اليوم", limit=25)[0].text == "هل أنت بخير؟ "
    assert split("aaaa bbbb cccc", limit=12)[0].text == "aaaa bbbb "


def test_a_number_is_not_the_end_of_a_sentence() -> None:
    assert split("pi is 3.14159 or so, and more", limit=12)[0].text == "pi is "


def test_a_code_block_moves_whole_to_the_next_message() -> None:
    code = "\n".join(f"line {n}" for n in range(20))
    prose = to_prose("কথা " * 20 + f"\n\n```\n{code}\n```\nend")
    parts = split(prose.text, prose.entities, limit=200)
    assert [part.text for part in parts if "line" in part.text] == [f"{code}\nend"]


def test_a_code_block_longer_than_a_message_goes_on_as_code_between_lines() -> None:
    code = "\n".join(f"line number {n:04}" for n in range(800))
    prose = to_prose(f"before\n\n```py\n{code}\n```\n\nafter")
    parts = split(prose.text, prose.entities)
    assert len(parts) > 2
    for part in parts:
        assert units(part.text) <= PART_UNITS
        assert {(e.type, e.language) for e in part.entities} == {("pre", "py")}
    assert all(part.text.endswith("\n") for part in parts[:-1])
    assert joined(parts) == prose.text


def test_a_blank_line_inside_a_code_block_is_no_place_to_cut() -> None:
    prose = to_prose("```\na\n\nb\n\nc\n```\n" + "word " * 30)
    parts = split(prose.text, prose.entities, limit=60)
    assert parts[0].text.startswith("a\n\nb\n\nc\n")


def test_a_message_has_at_most_a_hundred_entities() -> None:
    prose = to_prose(" ".join(f"**{n}**" for n in range(250)))
    parts = split(prose.text, prose.entities)
    assert [len(part.entities) <= MOST_ENTITIES for part in parts] == [True] * 3
    assert sum(len(part.entities) for part in parts) == 250


def test_a_cluster_longer_than_a_message_is_cut_after_all() -> None:
    text = "e" + "\u0301" * 100
    assert joined(split(text, limit=10)) == text


def test_plain_takes_the_formatting_away_and_keeps_the_words_and_files() -> None:
    parts = (
        Part("a b", (Entity("bold", 0, 1),)),
        Part('<b>x &lt; y</b> &amp; <tg-time unix="1">now</tg-time>', html=True),
        Part("c", file_name="answer.md", file_bytes=b"d"),
    )
    assert plain(parts) == (
        Part("a b"),
        Part("x < y & now"),
        Part("c", file_name="answer.md", file_bytes=b"d"),
    )


@given(st.lists(st.sampled_from(["**", "*", "# ", "#", "`", "```", "\n", "ক", " a", "word"])))
@settings(max_examples=400, deadline=None)
def test_each_frame_of_live_text_begins_with_the_one_before(pieces: list[str]) -> None:
    before = ""
    for text in accumulate(pieces):
        after = frame(text)
        assert after.startswith(before)
        before = after


def test_live_text_is_lightened_outside_code_only() -> None:
    assert (
        frame("## ক\n**খ** `a**b` x\n```\nc**d\n# e\n```") == "ক\nখ `a**b` x\n```\nc**d\n# e\n```"
    )


def test_a_half_written_mark_waits() -> None:
    assert frame("a **b*") == "a b"
    assert frame("a\n##") == "a"


def test_long_live_text_shows_its_tail_and_moves_only_now_and_then() -> None:
    words = [f"শব্দ{n}" for n in range(3000)]
    frames = [frame(" ".join(words[:count])) for count in range(2000, 2200)]
    assert all(units(shown) <= 4096 for shown in frames)
    assert all(
        shown.endswith(words[count - 1])
        for count, shown in zip(range(2000, 2200), frames, strict=True)
    )
    assert len({shown[:20] for shown in frames}) <= 3


@pytest.mark.parametrize("text", ["", " \n ", "#", "**"])
def test_a_frame_may_be_empty(text: str) -> None:
    assert frame(text) == ""
