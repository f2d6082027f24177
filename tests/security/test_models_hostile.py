"""Taps about models, keys and budgets with parameters that no card of ours has: nothing is changed
by them, and nothing of them is kept."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa

from bot.handlers import cost, explaining, models
from core.clock import ManualClock
from core.llm.budget import NO_LIMIT
from core.llm.tables import credentials, endpoints
from core.runs.buttons import NewButton
from tests.integration.handlers_house import OWNER, Chat

KEY = "gsk_canary_0123456789abcdef"
VERBS = sorted({**models.VERBS, **cost.VERBS, **explaining.VERBS})
WANTED = {"service": "groq", "base_url": "", "model": "", "name": "", "is_paid": None}
#: Values of the right shape that stand for nothing, or for what is not the tapper's to name.
NAMES = ("../../etc/passwd", "groq/nobody", "<b>x</b>", "x" * 4000, "' OR 1=1 --", "scripted")
STRANGE = [
    {
        "name": name, "service": name, "id": name, "model": name, "place": name, "role": "chat",
        "version": name, "span": "day", "amount": "1e99", "run_id": name, "page": 10**9,
        "credential": name, "wanted": {**WANTED, "service": name}, "on": True, "sure": True,
        "paid": True, "whole": True,
    }
    for name in NAMES
]  # fmt: skip


@pytest.fixture
def chat(sqlite_database, clock: ManualClock) -> Chat:
    chat = Chat(sqlite_database, clock)
    with chat.house.db.write() as tx:
        chat.house.models.keys.add(tx, "groq", KEY)
    return chat


def kept(chat):
    """Everything that such a tap may never change."""
    with chat.house.db.read() as tx:
        rows = [tuple(row) for row in tx.execute(sa.select(endpoints))]
        keys = [(row.id, row.state) for row in tx.execute(sa.select(credentials))]
        limits = [
            each.limit for each in chat.house.models.budgets.standings(tx, chat.house.clock.now())
        ]
    return rows, keys, limits


@pytest.mark.parametrize("verb", [each for each in VERBS if each != "cost.raise"])
@pytest.mark.parametrize("params", STRANGE, ids=range(len(STRANGE)))
def test_what_stands_for_nothing_changes_nothing(chat, verb, params):
    before = kept(chat)
    chat.tap(verb, card_key="screen:x", **params)
    assert kept(chat) == before
    assert chat.endings()[-1][0] in {"done", "aside"}


@pytest.mark.parametrize("verb", VERBS)
def test_a_strangers_tap_on_any_of_them_does_nothing(chat, verb):
    before, mailbox = kept(chat), len(chat.notices())
    params = {**STRANGE[0], "name": "groq/gpt-oss-120b", "service": "groq", "amount": "off"}
    with chat.house.db.write() as tx:
        (button_id,) = chat.house.buttons.open(tx, NewButton(OWNER, 0, verb, params, single=False))
    chat.tap_id(button_id, user_id=666)
    assert chat.endings()[-1] == ("aside", "not-owner")
    assert (kept(chat), len(chat.notices())) == (before, mailbox)


@pytest.mark.parametrize("amount", ["-1", "nan", "inf", "1e99", "100001", "5; DROP TABLE runs", ""])
@pytest.mark.parametrize("span", ["day", "month", "run"])
def test_a_budget_is_never_set_to_what_is_no_sum(chat, span, amount):
    before = kept(chat)
    chat.tap("cost.set", card_key="screen:x", span=span, amount=amount)
    chat.say(f"/cost {span} {amount}")
    assert kept(chat) == before


def test_words_that_look_like_parameters_are_only_words(chat):
    for text in (
        json.dumps({"verb": "models.remove", "name": "groq/gpt-oss-120b"}),
        "models.remove",
        "/models remove groq/gpt-oss-120b",
        "/models groq/../../x",
        "/cost raise -5",
        "/cost raise lots",
    ):
        before = kept(chat)
        chat.say(text)
        assert kept(chat) == before


def test_no_limit_is_the_owners_word_alone(chat):
    chat.say("/cost day off")
    assert kept(chat)[2][0] in {None, NO_LIMIT}
