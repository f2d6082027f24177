"""Model prose becomes text with entities, and loses nothing on the way."""

from __future__ import annotations

import time
from collections import Counter

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bot.render.markdown import to_prose
from bot.render.model import Entity
from bot.render.writer import units, whole

#: Characters that Markdown may consume as marks, and those that lists may renumber.
MARKS = set("*_~#>-+|`[]()!\\:=.\"'0123456789xX")
FRAGMENTS = [
    "**", "*", "_", "~~", "`", "```", "```py\n", "\n", "\n\n", "# ", "## ", "- ", "1. ", "3) ",
    "> ", "    ", "  ", "[", "](", ")", "https://e.org/_a_/", "![", "|", "|--|--|\n", "| a | b |\n",
    "|---|---|\n", "---\n", "- [ ] ", "- [Y] ", "\\", "$", "$$", "\\(", "\\)", "\\[", "\\]", "<b>",
    "</b>", "<", "&", "&amp", "AT&T", "Vec<String>", "a@b.c", "{", "}", "%", "^", "@you", "/cmd",
    "ক্ষ্ণ", "বাংলা লেখা", "র‍্যাব", "ক্‌ষ", "।", "السلام عليكم", "؟", "👨‍👩‍👧", "🇧🇩", "❤️", "𝄞", "é",
]  # fmt: skip
pieces = st.one_of(
    st.sampled_from(FRAGMENTS),
    st.text(alphabet="abc বাংলাدعم 👍🏽\u200c\u200d<&%\n", min_size=1, max_size=8),
)
markdownish = st.lists(pieces, max_size=40).map("".join)


def visible(text: str) -> Counter[str]:
    return Counter(c for c in text if not c.isspace() and c not in MARKS)


def shown(markdown: str) -> str:
    """Everything the phone shows or opens: text, the languages of code, addresses of links."""
    prose = to_prose(markdown)
    more = [e.language or "" for e in prose.entities] + [e.url or "" for e in prose.entities]
    return prose.text + "".join(more)


def named(markdown: str) -> list[tuple[str, str]]:
    prose = to_prose(markdown)
    raw = prose.text.encode("utf-16-le")
    return [
        (e.type, raw[2 * e.offset : 2 * (e.offset + e.length)].decode("utf-16-le"))
        for e in prose.entities
    ]


def assert_valid(text: str, entities: tuple[Entity, ...]) -> None:
    raw, length = text.encode("utf-16-le"), units(text)
    for e in entities:
        assert e.length > 0
        assert e.offset >= 0
        assert e.offset + e.length <= length
        raw[2 * e.offset : 2 * (e.offset + e.length)].decode("utf-16-le")
    for a in entities:
        for b in entities:
            a_end, b_end = a.offset + a.length, b.offset + b.length
            apart = a_end <= b.offset or b_end <= a.offset
            nested = (a.offset <= b.offset and b_end <= a_end) or (
                b.offset <= a.offset and a_end <= b_end
            )
            assert apart or nested, (a, b)
            if a is not b and not apart and a.type in {"code", "pre"}:
                assert b.type == "blockquote"
                assert b.offset <= a.offset
                assert a_end <= b_end


@given(markdownish)
@settings(max_examples=600, deadline=None)
def test_no_visible_character_of_the_prose_is_lost(markdown: str) -> None:
    assume("](<" not in markdown.replace("\n", ""))
    lost = visible(whole(markdown)) - visible(shown(markdown))
    assert not lost, (markdown, to_prose(markdown).text)


@given(markdownish)
@settings(max_examples=300, deadline=None)
def test_entities_lie_inside_the_text_and_nest(markdown: str) -> None:
    prose = to_prose(markdown)
    assert_valid(prose.text, prose.entities)


@given(st.lists(pieces.filter(lambda piece: not set("|`!]") & set(piece)), max_size=40))
@settings(max_examples=300, deadline=None)
def test_words_keep_their_order(found: list[str]) -> None:
    def order(text: str) -> str:
        return "".join(c for c in text if not c.isspace() and c not in MARKS and c not in "•◦▪›—")

    markdown = "".join(found)
    assert order(to_prose(markdown).text) == order(markdown)


def test_the_standard_parser_would_lose_characters() -> None:
    """The law looks at something: tables, deep quotes and definitions lose words elsewhere."""
    for markdown in ("|A|B|\n|-|-|\n|1|2|lost|", "> " * 60 + "lost", "[a]: https://lost.org"):
        tokens = MarkdownIt("commonmark").enable("table").parse(markdown)
        assert "lost" not in "".join(token.content for token in tokens)
        assert "lost" in to_prose(markdown).text


@given(st.text(max_size=200))
@settings(max_examples=300, deadline=None)
def test_any_text_at_all_is_survived(text: str) -> None:
    prose = to_prose(text)
    prose.text.encode("utf-8")
    assert_valid(prose.text, prose.entities)


@given(st.text(alphabet="abc দধি تسم <&👍\u200d\u200c;%{}@", max_size=80))
def test_text_without_marks_comes_out_as_it_went_in(text: str) -> None:
    assert to_prose(text).text.split() == text.split()


def test_lone_surrogates_become_a_sign_and_pairs_become_one_character() -> None:
    assert to_prose("a\ud83d\ude00b").text == "a😀b"
    assert to_prose("a\ud83db").text == "a\ufffdb"


def test_html_tags_and_generics_are_shown_as_typed() -> None:
    text = "<b>x</b> Vec<String> if x<y and y>z <details><summary>s</summary></details> &lt; &amp;"
    assert to_prose(text).text == text


def test_bold_italic_and_struck_text_nest_around_code() -> None:
    assert named("**a `c` *b*** ~~d~~") == [
        ("bold", "a "),
        ("code", "c"),
        ("bold", " b"),
        ("italic", "b"),
        ("strikethrough", "d"),
    ]


def test_offsets_count_utf16_units() -> None:
    prose = to_prose("😀 **ভালো**")
    assert prose.entities == (Entity("bold", 3, 4),)


def test_a_heading_is_bold_and_stands_apart() -> None:
    assert to_prose("a\n# শিরোনাম\nb").text == "a\n\nশিরোনাম\nb"
    assert named("# শিরোনাম **দুই**") == [("bold", "শিরোনাম দুই")]


def test_nested_lists_are_indented_with_their_own_bullets() -> None:
    text = to_prose("- a\n  - b\n    - c\n- d\n\n1. e\n1. f\n   1. g\n5. h\n").text
    assert text == "• a\n   ◦ b\n      ▪ c\n• d\n\n1. e\n2. f\n   1. g\n5. h"


def test_task_lists_have_boxes() -> None:
    assert to_prose("- [ ] a\n- [x] **b**\n- [link](https://e.org)").text == "☐ a\n☑ b\n• link"


def test_a_fence_is_one_block_with_its_language() -> None:
    prose = to_prose("x\n```python\nif a < b:\n    c**2\n```\ny")
    assert prose.text == "x\nif a < b:\n    c**2\ny"
    assert prose.entities == (Entity("pre", 2, 18, language="python"),)


def test_a_fence_that_is_never_closed_is_still_code() -> None:
    assert named("```\na\n**b**") == [("pre", "a\n**b**")]


def test_code_at_the_start_keeps_its_indentation() -> None:
    assert to_prose("\n\n```\n    a\nb\n```\n").text == "    a\nb"
    assert to_prose("\u00a0\n  words").text == "words"


def test_words_after_the_language_of_a_fence_stay() -> None:
    assert to_prose('```js title="a.js"\nx\n```').text == 'title="a.js"\nx'
    assert to_prose("```বাংলা\nx\n```").text == "বাংলা\nx"
    assert to_prose("```only\n```").text == "only"


def test_links_hide_web_addresses_and_show_the_others() -> None:
    prose = to_prose(
        "[a](https://e.org/x_(y)) [b](docs/b.md) [c](javascript:x) ![d](https://e.org)"
    )
    assert prose.text == "a b (docs/b.md) [c](javascript:x) 🖼 d"
    assert [e.url for e in prose.entities] == ["https://e.org/x_(y)", "https://e.org"]


def test_bare_addresses_stay_whole() -> None:
    text = "https://e.org/_foo_/b_a_r?q=1&r=2 and <https://e.org>"
    assert to_prose(text) == to_prose(text)
    assert to_prose(text).text == text
    assert to_prose("**https://e.org/a_b**").text == "https://e.org/a_b"


def test_link_definitions_stay_as_typed() -> None:
    assert to_prose("[a][1]\n\n[1]: https://e.org").text == "[a][1]\n\n[1]: https://e.org"


@pytest.mark.parametrize(
    "formula",
    [r"\(x_1 * y_2\)", "$a_1 * b_2 * c$", "$$\na_1 * b\n- c\n=\n$$", r"\[ \frac{a}{b} * c_1 \]"],
)
def test_mathematics_is_left_as_text(formula: str) -> None:
    prose = to_prose(f"{formula}\n\nend")
    assert prose.text == f"{formula}\n\nend"
    assert prose.entities == ()


def test_prices_are_not_formulas() -> None:
    assert named("$5 or *about* $10") == [("italic", "about")]


def test_a_quote_is_one_block_and_an_inner_quote_is_marked() -> None:
    assert named("> a\n> > b\n\nc") == [("blockquote", "a\n› b")]


def test_a_narrow_latin_table_is_aligned() -> None:
    text = to_prose("|Name|Age|\n|--|--:|\n|Ann|1|\n|Robert|22|").text
    assert text == "Name   | Age\n-------+----\nAnn    | 1\nRobert | 22"


def test_a_bengali_table_becomes_bullets() -> None:
    text = to_prose("|নাম|শহর|\n|--|--|\n|রহিম|ঢাকা|\n|করিম|**সিলেট**|").text
    assert text == "নাম:\n• রহিম — শহর: ঢাকা\n• করিম — শহর: সিলেট"


def test_a_wide_table_has_a_line_per_key() -> None:
    text = to_prose("|A|B|C|D|\n|-|-|-|-|\n|1|2|3|4|\n").text
    assert text == "A:\n• 1\n   B: 2\n   C: 3\n   D: 4"


def test_cells_beyond_the_header_are_kept() -> None:
    assert "extra" in to_prose("|A|B|\n|-|-|\n|1|2|extra|\n").text
    assert "extra" in to_prose("> |ক|খ|\n> |-|-|\n> |1|2|extra|\n").text


def test_an_empty_table_shows_its_headers() -> None:
    assert to_prose("|ক|খ|\n|-|-|").text == "ক · খ"


def test_containers_nested_too_deep_become_text() -> None:
    for mark in ("> ", "- ", "1. "):
        assert "bottom" in to_prose(mark * 500 + "bottom").text


def test_twenty_thousand_characters_of_everything_stay_readable() -> None:
    block = (
        "## পরিকল্পনা {n}\n\nএকটি **গুরুত্বপূর্ণ** কথা, `code` আর [লিংক](https://e.org/{n}).\n\n"
        "1. প্রথম\n   - ভিতরে\n     - আরও ভিতরে\n2. দ্বিতীয়\n\n"
        "| নাম | মান | টীকা |\n|---|---|---|\n| ক | {n} | ভালো |\n\n"
        "| Name | Age |\n|---|---|\n| Ann | {n} |\n\n"
        "```python\nprint('{n}')\n```\n\n> السلام عليكم ورحمة الله\n\n"
        "العربية **مهمة** أيضًا.\n\n---\n\n"
    )
    markdown = "".join(block.replace("{n}", str(n)) for n in range(75))
    assert len(markdown) > 20_000
    prose = to_prose(markdown)
    assert not visible(markdown) - visible(shown(markdown))
    assert "**" not in prose.text
    assert "##" not in prose.text
    assert "|---" not in prose.text


def test_an_answer_of_four_thousand_characters_renders_within_five_milliseconds() -> None:
    paragraph = "একটি সাধারণ অনুচ্ছেদ যেখানে **গুরুত্বপূর্ণ** কথা আছে, `code` আর *emphasis*. "
    markdown = "\n\n".join(f"## {n}\n{paragraph * 4}\n\n- এক\n- দুই" for n in range(11))[:4000]
    to_prose(markdown)
    best = min(_seconds(markdown) for _ in range(30))
    assert best < 0.005, f"{best * 1000:.1f} ms"


def _seconds(markdown: str) -> float:
    begun = time.process_time()
    to_prose(markdown)
    return time.process_time() - begun


@pytest.mark.parametrize(
    "piece", ["[", "*a ", "> ", "`", "![", "$", "\\(", "|a", "_", "<", "**a_ "]
)
def test_hostile_repetition_does_not_hang(piece: str) -> None:
    begun = time.process_time()
    to_prose(piece * (20_000 // len(piece)))
    assert time.process_time() - begun < 10
