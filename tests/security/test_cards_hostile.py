"""Hostile actions: whatever an argument holds, the card stays whole and hides nothing."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.render.cards.approval_action import is_long, whole
from bot.render.cards.approval_spelling import unspell
from bot.render.html import strip
from bot.render.registry import render
from bot.render.translate import LANGUAGES, translator
from core.errors import Refused
from tests.unit.card_samples import command, deletion, outcome, params, row
from tests.unit.test_cards_golden import check

HIDING = {"Cc", "Cf", "Zl", "Zp", "Co", "Cn", "Cs"}
#: What we put around code ourselves.
OURS = set("\n\u200e\u2066\u2069\u2068")
TEXT = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=300)

HOSTILE = {
    "right-to-left override": "exe.\u202egnp.tset",
    "isolates left open": "\u2067\u2066\u2068\u202b",
    "zero width": "r\u200bm\u200c\u200d\ufeff",
    "new lines that imitate a card": "x\n\n🟢 Approved\n[✅ Approve]",
    "carriage return": "harmless\rrm -rf /",
    "terminal escapes": "\x1b[2K\x1b[1A\x1b]0;x\x07",
    "html": '</code></b><a href="https://evil.test">x</a><!--&lt;&amp;',
    "a script tag": "<script>alert(1)</script><blockquote expandable>",
    "telegram commands and names": "/approve @owner #tag tg://user?id=1",
    "tag characters": "".join(chr(0xE0000 + ord(c)) for c in "hidden"),
    "variation selectors": "rm\ufe0f\U000e0100",
    "combining marks piled up": "a" + "\u0301" * 80,
    "full width": "ｒｍ －ｒｆ ／",
    "mathematical letters": "𝐫𝐦 𝐱",
    "private use, also our own marks": "\ue000\ue001\uf8ff",
    "noncharacters": "\ufffe\uffff\U0010ffff",
    "only blanks": "   ",
    "nothing": "",
    "a long line": "x" * 65_000,
    "a long line of invisible characters": "\u200b" * 10_000,
    "emoji": "👩\u200d👩\u200d👧" * 20,
    "Windows path": "C:\\Users\\u202e\\নাম",
    "half an escape": "\\u12 \\",
}  # fmt: skip


def action_of(*argv: str, **more: Any) -> dict[str, Any] | None:
    """The action, None when actions refuse to hold so much."""
    try:
        return command("tool", *argv, **more)
    except Refused:
        return None


def visible(facts: dict[str, Any], language: str) -> str:
    rendered = render(row(facts), translator(language))
    check(rendered.parts[0].text)
    assert "<a " not in rendered.parts[0].text
    return strip(rendered.parts[0].text)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_argument_neither_breaks_nor_hides(name: str, language: str) -> None:
    action = action_of(HOSTILE[name], "last")
    if action is None:
        return  # it never becomes a question
    facts = params(action)
    shown = visible(facts, language)
    odd = {letter for letter in shown if unicodedata.category(letter) in HIDING} - OURS
    assert odd == set()
    if not is_long(facts):
        lines = re.findall("^\u200e\\d+\\. \u2066(.*)\u2069$", shown, re.MULTILINE)
        words = [unspell(line.replace("\u200e", "")) for line in lines]
        assert [word for word in action["argv"] if word] == words


@pytest.mark.parametrize("name", HOSTILE)
def test_the_document_can_be_read_back_letter_by_letter(name: str) -> None:
    action = action_of(HOSTILE[name], cwd="/x" + HOSTILE[name])
    if action is None:
        return
    text = whole(params(action))
    assert {letter for letter in text if unicodedata.category(letter) in HIDING} <= {"\n"}
    argv = text.split("[argv]\n")[1].split("\n\n")[0].split("\n")
    assert [unspell(line.split(". ", 1)[1]) for line in argv] == action["argv"]


@settings(deadline=None, max_examples=60)
@given(st.lists(TEXT, max_size=60), TEXT, st.dictionaries(TEXT, TEXT, max_size=5), TEXT)
def test_any_command_fits_and_shows_or_says_that_it_does_not(
    argv: list[str], cwd: str, env: dict[str, str], name: str
) -> None:
    action = command(*argv, cwd=cwd, env=env, writes=[name], script=None)
    read = [{"what": name, "name": name}] * 9
    worst = {"first_names": [name] * 9, "excerpt": name * 9, "count": 99, "diff": name}
    facts = params(
        {**action, "entries": 5, "size": 10**12, "is_workspace": False, "stdin": "0" * 64},
        preview=worst, read=read, count=99, behind=99, place_title=name or None, state="code",
        tries_left=1, can_rule=True, risk="highest",
    )  # fmt: skip
    for language in LANGUAGES:
        shown = visible(facts, language)
        if not is_long(facts):
            for number in range(1, len(argv) + 1):
                assert f"\u200e{number}. " in shown


@settings(deadline=None, max_examples=60)
@given(TEXT, TEXT, TEXT)
def test_any_end_of_a_question_fits(text: str, reason: str, code: str) -> None:
    for state in ("denied", "running", "done", "failed", "unknown", "withdrawn", "expired"):
        facts = params(
            command(*[text] * 9, script=text * 3), state=state, reason=reason, live=text * 40,
            decided_at="2026-11-20T14:07:00+00:00", decided_by=reason or "owner",
            outcome=outcome(state, text=text * 40, error={"code": code, "params": {"a": text}},
                            change_id="c", blob={"sha256": "x"},
                            summary={"exit_code": 1, "killed": "time", "took_s": 1.0}),
        )  # fmt: skip
        for language in LANGUAGES:
            visible(facts, language)


def test_output_cannot_leave_its_quote_or_move_a_terminal() -> None:
    text = "</blockquote><b>x\x1b[31mred\x1b[0m\n 10%\r50%\r100%\n\u202eabc"
    facts = params(command("ls"), state="done", outcome=outcome("done", text=text))
    html = render(row(facts), translator("en")).parts[0].text
    assert "&lt;/blockquote&gt;" in html
    assert "xred\n100%\n" in html
    assert "\\u202eabc" in html
    assert "\x1b" not in html


def test_a_name_that_imitates_a_card_stays_in_its_code() -> None:
    facts = params(deletion(), preview={"first_names": ["x\n🟢 Approved by you", "<b>y</b>"]})
    shown = render(row(facts), translator("en")).parts[0].text
    assert "x\\u000a" in shown
    assert not [line for line in strip(shown).splitlines() if line.startswith("🟢")]


def test_the_place_of_a_shells_script_cannot_be_imitated() -> None:
    action = command("sh", "-c", "‹⇩›", "real\n", script="real\n")
    shown = visible(params(action), "en")
    assert shown.count("‹⇩›") == 1
    assert "\\u2039\\u21e9\\u203a" in shown


def test_a_long_change_is_not_shown_in_part() -> None:
    facts = params(command("ls"), preview={"diff": "+line\n" * 900})
    assert is_long(facts)
    shown = visible(facts, "en")
    assert "900 lines" in shown
    assert "+line" not in shown
    assert whole(facts).count("+line") == 900
