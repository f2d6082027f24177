"""/why and the line under an answer tell how it came about, in each of the owner's languages."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

import core.llm.choice as choice_file
import core.llm.score as score_file
from bot.render.registry import render
from bot.render.translate import LANGUAGES, translator
from core.conversation.turn import note_of
from core.llm.choice import choose
from core.llm.model import Endpoint, Finish, Price, Reply, RequestFacts, Route, Standing
from core.llm.sight import Field, Left, Pace, Sight
from core.runs.codec import encode
from core.runs.notices import Form, Notice, NoticeRow, NoticeState

PAID = Endpoint("openai/best", "openai", "best", price=Price(2_000_000, 8_000_000))
FREE = Endpoint("groq/fast", "groq", "fast")
CODE = re.compile(r"`([a-z-]+)(?:: [^`]+)?`")


def drawn(kind, params, language="en"):
    key = "why:1" if kind == "why" else None
    row = NoticeRow(
        id=1, notice=Notice(kind, params, key=key), form=Form.SHOW if key else Form.SAY,
        revision=1, state=NoticeState.READY, attempts=0, parts_sent=0, maybe_sent=False,
        not_before=None, created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    return "\n".join(part.text for part in render(row, translator(language)).parts)


def why(endpoints, sights, language="en", **reply):
    field = Field(tuple(endpoints), sights, money=1000)
    found = choose(RequestFacts(prompt_tokens=100, max_output=100), field)
    route = encode(Route, found)
    answer = {"endpoint": "x", "place": "home", **reply}
    return drawn("why", {"route": route, "reply": answer, "whole": True}, language)


def test_each_candidate_is_told_with_health_quota_cost_and_speed():
    sight = Sight(Standing(in_a_row=2), Left(0.5), Pace(first_token_s=0.4))
    told = why([PAID, FREE], {"openai/best": sight})
    assert (
        "in its place by cost, strength, speed and load · up to $0.001 · 50 % of its limit left"
        in told
    )
    assert "begins after about 0.4 s · failed 2 times lately" in told
    assert "in its place by cost, strength, speed and load · free" in told


def test_who_was_left_out_is_told_with_the_limit_that_was_not_met():
    full = Sight(left=Left(0.0, is_full=True, wait_s=3400))
    dear = Endpoint("dear", "openai", "d", price=Price(20_000_000, 0))
    told = why([FREE, dear], {"groq/fast": full})
    assert "its limit is used up for 56 minutes" in told
    assert "does not fit into the budget (up to $0.002)" in told


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_that_the_choice_knows_has_its_words(language):
    texts = translator(language)
    reasons = set(CODE.findall(choice_file.__doc__))
    notes = set(CODE.findall(score_file.notes.__doc__))
    assert {"pinned", "away", "budget", "used-up"} <= reasons
    assert {"free", "cost", "busy"} <= notes
    assert [code for code in reasons if not texts.has(f"why-reason-{code}")] == []
    assert [code for code in notes if not texts.has(f"why-note-{code}")] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_answer_says_when_it_was_joined_cut_or_kept(language):
    reply = Reply("x", "b", "home")
    texts = translator(language)
    joined = note_of(Reply("x", "b", "home", begun_by=("a",)))
    cached = note_of(Reply("x", "b", "home", is_cached=True))
    cut = Reply("x", "b", "home", finish=Finish.CUT, begun_by=("b",))
    assert (note_of(reply), note_of(cut)) == (None, None)
    for note, key in ((joined, "answer-joined"), (cached, "answer-cached")):
        assert note == key
        assert texts(key) in drawn("answer", {"text": "x", "note": note}, language)
    assert texts("answer-cut") in drawn("answer", {"text": "x", "finish": "cut"}, language)
    told = why([FREE], {}, language, begun_by=["groq/first"], is_cached=True)
    assert texts("why-joined") in told
    assert "groq/first" in told
    assert texts("why-cached") in told


# -- short first, everything behind a button -----------------------------------------------------


ASKED = {
    "urgency": "high", "role": "code", "language": "bn", "characters": 1240, "private": True,
    "needs_tools": True, "is_hard": True,
}  # fmt: skip


def explained(language="en", **more):
    """A turn among fifty, three of which were asked in vain."""
    candidates = [
        {"endpoint": f"s/m{n}", "place": "home", "reason": "listed", "notes": ["free", "left: 50"]}
        for n in range(20)
    ]
    candidates[3]["reason"] = "urgent"
    ruled_out = [{"endpoint": f"c/{n}", "place": "home", "reason": "private"} for n in range(30)]
    tried = [{"endpoint": f"s/m{n}", "failure": "limited", "detail": ""} for n in range(3)]
    reply = {
        "endpoint": "s/m3", "place": "home", "took_s": 3.2, "tried": tried,
        "usage": {"prompt": 20, "completion": 5, "is_exact": True},
    }  # fmt: skip
    facts = {
        "run_id": "r1", "asked": ASKED, "reply": reply, "attempts": tried, "rounds": 2,
        "route": {"candidates": candidates, "ruled_out": ruled_out},
        "cost": {"micros": 1200, "calls": 5, "unsure": 0}, **more,
    }  # fmt: skip
    row = NoticeRow(
        id=1, notice=Notice("why", facts, key="screen:1"), form=Form.SHOW, revision=1,
        state=NoticeState.READY, attempts=0, parts_sent=0, maybe_sent=False, not_before=None,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    return render(row, translator(language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_short_form_fits_a_phone_and_says_why_this_one(language):
    card, texts = explained(language), translator(language)
    (part,) = card.parts
    assert len(part.text.splitlines()) <= 18
    assert texts("why-reason-urgent") in part.text
    assert texts("why-asked-urgent") in part.text
    assert texts("why-considered", could=20, out=30) in part.text
    assert "s/m9" not in part.text
    (row,) = card.buttons
    assert row[0].verb == "why.open"
    assert row[0].params == {"run_id": "r1", "whole": True}


def test_the_hints_cost_and_speed_are_told():
    text = explained().parts[0].text
    hints = "Taken as: urgent · 🔒 private · hard · with tools · code · বাংলা · 1240 characters"
    assert hints in text
    assert "$0.0012 · 2 calls" in text
    assert "took 3 seconds" in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_details_tell_everybody_or_how_many_more(language):
    card, texts = explained(language, whole=True), translator(language)
    (part,) = card.parts
    assert len(part.text) < 3500
    assert texts("why-more", count=10) in part.text
    assert texts("why-more", count=24) in part.text
    assert texts("why-reason-private") in part.text
    assert card.buttons[0][0].params == {"run_id": "r1", "whole": False}


def test_a_name_and_a_reason_from_outside_stay_data():
    evil = [{"endpoint": "<b>x</b>", "place": "home", "reason": "<a href='x'>y</a>" * 50}]
    text = explained(whole=True, route={"candidates": evil, "ruled_out": evil}).parts[0].text
    assert "<b>x</b>" not in text
    assert "<a" not in text


def test_reasons_of_one_kind_are_one_line_with_all_that_is_missing():
    found = [
        {"endpoint": "a", "place": "home", "reason": "not-set-up: A_KEY"},
        {"endpoint": "b", "place": "home", "reason": "not-set-up: B_KEY"},
        {"endpoint": "c", "place": "home", "reason": "budget: 1200"},
        {"endpoint": "d", "place": "home", "reason": "budget: 90000"},
    ]
    text = explained(whole=True, route={"candidates": [], "ruled_out": found}).parts[0].text
    assert text.count("A_KEY, B_KEY") == 1
    assert text.count("budget (up to $0.09)") == 1
    assert "0.0012 ·" in text


def test_what_is_left_is_told_once():
    near = {"endpoint": "s/m3", "place": "home", "reason": "near-limit: 8"}
    near["notes"] = ["free", "left: 8", "runs-out: 40"]
    text = explained(route={"candidates": [near], "ruled_out": []}).parts[0].text
    assert "near its limit, 8 % left · free · at its limit in about 40 seconds" in text


def test_lengths_of_time_and_kinds_of_work_are_in_the_owners_language():
    found = [
        {"endpoint": "a", "place": "pc", "reason": "used-up: 3400"},
        {"endpoint": "b", "place": "pc", "reason": "no-role: embed"},
        {"endpoint": "c", "place": "pc", "reason": "context: 8192"},
    ]
    text = explained("bn", whole=True, route={"candidates": [], "ruled_out": found}).parts[0].text
    for told in ("৫৬ মিনিট", "খোঁজা", "৮১৯২"):
        assert told in text
