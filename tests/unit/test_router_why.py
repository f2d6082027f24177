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
    return drawn("why", {"route": route, "reply": {"endpoint": "x", "place": "home", **reply}},
                 language)  # fmt: skip


def test_each_candidate_is_told_with_health_quota_cost_and_speed():
    sight = Sight(Standing(in_a_row=2), Left(0.5), Pace(first_token_s=0.4))
    told = why([PAID, FREE], {"openai/best": sight})
    assert "next in the list · up to $0.001 · 50 % of its limit left" in told
    assert "begins after about 0.4 s · failed 2 times lately" in told
    assert "next in the list · free" in told


def test_who_was_left_out_is_told_with_the_limit_that_was_not_met():
    full = Sight(left=Left(0.0, is_full=True, wait_s=3400))
    dear = Endpoint("dear", "openai", "d", price=Price(20_000_000, 0))
    told = why([FREE, dear], {"groq/fast": full})
    assert "its limit is used up for 3400 s" in told
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
