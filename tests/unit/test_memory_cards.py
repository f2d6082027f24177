"""What the cards about memory say in each language, to the letter, and what they never let through.
The golden files are written by `MASK_GOLDEN=write` and read by a person.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.render.cards.memory_pieces import cut, marked
from bot.render.html import strip
from bot.render.model import Style
from bot.render.translate import LANGUAGES, translator
from bot.render.writer import units
from tests.unit.memory_samples import EVIL, HIT, NAMED, PREVIEW
from tests.unit.test_render_cards import assert_html, drawn

GOLDEN = Path(__file__).parent / "golden"
IS_WRITING = os.environ.get("MASK_GOLDEN") == "write"
TEXT = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=200)


def told(kind, params, language="en"):
    """Words and buttons, as a person reads them."""
    rendered = drawn(kind, params, language)
    texts = [part.text for part in rendered.parts]
    rows = [" | ".join(f"[{b.label}]({b.verb})" for b in line) for line in rendered.buttons]
    return "\n".join([*texts, *rows])


def buttons(kind, params):
    return [button for line in drawn(kind, params).buttons for button in line]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_screen_about_memory_looks_as_it_did(language):
    shown = "\n".join(f"=== {name}\n{told(*facts, language)}" for name, facts in NAMED.items())
    file = GOLDEN / f"memory_{language}.txt"
    if IS_WRITING:
        file.write_text(shown + "\n", encoding="utf-8")
    assert shown + "\n" == file.read_text(encoding="utf-8")


def test_what_matched_is_bold_and_what_is_left_out_is_marked():
    shown = marked({**HIT, "text": "tea in the kitchen", "marks": [[0, 3], [11, 18]]})
    assert shown == "<blockquote>… <b>tea</b> in the <b>kitchen</b></blockquote>"


@settings(deadline=None)
@given(TEXT, st.lists(st.tuples(st.integers(-5, 300), st.integers(-5, 300)), max_size=6))
def test_any_snippet_with_any_marks_is_whole_html(text, marks):
    shown = marked({"text": text, "marks": marks})
    assert_html(shown)


@settings(deadline=None)
@given(TEXT, st.integers(2, 60))
def test_a_cut_text_fits_and_says_that_it_is_cut(text, most):
    shown = cut(text, most)
    assert units(shown) <= most
    assert shown.endswith("…") or shown == (text.strip() or "—")


def test_forgetting_takes_a_second_tap_that_is_not_where_the_first_was():
    rows = drawn("memory-forget", PREVIEW).buttons
    assert [button.verb for button in rows[0]] == ["memory.open"]
    (sure,) = rows[1]
    assert (sure.verb, sure.params["sure"], sure.style, sure.single) == (
        "memory.forget", True, Style.BAD, True,
    )  # fmt: skip


def test_only_the_preview_of_forgetting_shows_words():
    for stage in ("running", "receipt"):
        assert "লাল" not in told("memory-forget", {**PREVIEW, "stage": stage, "counts": {}})
    assert "লাল" in told("memory-forget", PREVIEW)


def test_what_would_be_opened_asks_first_and_keeping_it_is_the_first_button():
    facts = dict(NAMED["opening it"][1])
    first, second = buttons("memory-item", facts)
    assert (first.verb, second.verb) == ("memory.open", "memory.private")
    assert second.params["sure"] is True


def test_a_proposal_that_is_decided_has_no_choice_any_more():
    facts = dict(NAMED["a fact"][1])
    for state in ("accepted", "refused", "expired", "stored", "both"):
        verbs = {button.verb for button in buttons("fact", {**facts, "state": state})}
        assert "facts.decide" not in verbs
    assert len(buttons("fact", facts)) == 2


def test_words_that_are_not_the_owners_are_told_apart():
    facts = dict(NAMED["a fact"][1])
    for source, is_mine in (("owner", True), ("untrusted", False), ("forwarded", False)):
        shown = told("fact", {**facts, "source": source})
        assert ("not in your words" not in shown) is is_mine


def test_a_summary_can_be_decided_until_it_is():
    facts = dict(NAMED["a summary"][1])
    for state, is_open in (("review", True), ("refused", True), ("kept", False)):
        verbs = {button.verb for button in buttons("summary", {**facts, "state": state})}
        assert ("summaries.decide" in verbs) is is_open


@pytest.mark.parametrize("language", LANGUAGES)
def test_remembered_words_cannot_leave_their_quote_or_turn_the_line(language):
    for kind, params in (
        ("memory-item", {"kind": "record", "id": "r", "text": EVIL}),
        ("remembered", {"text": EVIL, "id": "r", "change_id": "c"}),
        ("archive", {"rows": [{"text": EVIL}]}),
        ("thread-history", {"rows": [{"text": EVIL, "seq": 1}]}),
        ("fact", {"text": EVIL}),
    ):
        shown = told(kind, params, language)
        assert "<a " not in shown
        assert "\u202e" not in shown
        assert "@you /stop" in strip(shown)


def test_numbers_on_buttons_are_the_readers_own():
    labels = [button.label for line in drawn(*NAMED["found"], "bn").buttons for button in line]
    assert labels[:3] == ["১", "২", "৩"]
    assert translator("bn").number(3) == "৩"
