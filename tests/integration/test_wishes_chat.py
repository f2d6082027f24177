"""/urgent and /why in the chat: what a turn is asked with, and what its journal tells."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from core.clock import ManualClock
from core.conversation import steps as conversation_steps
from core.conversation.model import Turn
from core.conversation.ports import ConversationRoom
from core.llm.model import Request, Role, Wish
from core.llm.router import facts_of
from core.runs.cancel import CancelToken
from core.runs.codec import decode, encode
from core.runs.ports import StepContext
from core.runs.steps import bind
from core.runs.tables import steps
from tests.integration.handlers_house import Chat


@pytest.fixture
def chat(sqlite_database, clock: ManualClock) -> Chat:
    return Chat(sqlite_database, clock)


def turn(chat):
    return chat.runs(workflows=["chat_turn"])[0].args


def write(chat, run_id, position, name, outcome=None, *, inputs=None, error=None):
    now = chat.house.clock.now()
    state = "done" if error is None else "failed"
    facts = {"kind": "read", "place": "home", "state": state, "version": 1, "digest": ""}
    row = {"run_id": run_id, "position": position, "name": name, "outcome": outcome}
    row |= {"inputs": inputs or {}, "error": error}
    with chat.house.db.write() as tx:
        tx.execute(sa.insert(steps).values(created_at=now, updated_at=now, **facts, **row))


def why(chat):
    chat.say("/why")
    return chat.notices("why")[-1].notice.params


def candidate(name):
    return {"endpoint": name, "place": "home", "reason": "listed"}


# -- /urgent -------------------------------------------------------------------------------------


def test_urgent_words_are_a_turn_that_is_said_to_be_urgent(chat):
    chat.say("/urgent what is the number of the bank?")
    assert turn(chat)["is_urgent"]
    assert turn(chat)["text"] == "what is the number of the bank?"
    chat.say("hello")
    assert not turn(chat)["is_urgent"]


def test_urgent_keeps_the_lines_and_the_language_of_what_is_said(chat):
    chat.say("/urgent\nএক\nদুই")
    assert turn(chat)["text"] == "এক\nদুই"
    assert turn(chat)["language"] == "bn"


def test_urgent_alone_says_how_it_is_used_and_starts_nothing(chat):
    chat.say("/urgent")
    assert chat.texts() == ["wish-urgent-how"]
    assert chat.runs() == []


def test_urgent_words_with_a_secret_stay_private(chat):
    chat.say("/urgent my password: hunter22")
    assert turn(chat)["label"] == "private"


def test_a_replayed_update_starts_no_second_turn(chat):
    chat.replay(chat.say("/urgent hello"))
    assert len(chat.runs()) == 1


def test_a_code_block_of_the_app_is_told_to_the_turn(chat):
    chat.say("what is this?", code="x = 1")
    assert turn(chat)["has_code"]


# -- what the turn asks with ---------------------------------------------------------------------


def recalled(chat):
    """The request of the newest turn, as `recall` journals it."""
    house, run = chat.house, chat.runs(workflows=["chat_turn"])[0]
    room = ConversationRoom(house.db, house.threads, house.clock, house.runs, lambda _label: 8000)
    (bound,) = (
        each for each in bind(conversation_steps, room) if each.spec.name.endswith("recall")
    )
    ctx = StepContext(run, "0", CancelToken(), 60.0, label=run.label)
    found = bound.run(ctx, decode(Turn, run.args))
    return decode(Request, encode(Request, found))


@pytest.mark.parametrize(
    ("text", "more", "wish"),
    [
        ("/urgent hello", {}, Wish("high", language="en")),
        ("জরুরি: main.py ঠিক করো", {}, Wish("high", Role.CODE, "bn")),
        ("what is this?", {"code": "x = 1"}, Wish(role=Role.CODE, language="en")),
        ("لخص لي هذا", {}, Wish(role=Role.SUMMARISE, language="ar")),
        ("/private think carefully", {}, Wish(language="en", is_sensitive=True, is_hard=True)),
        ("hello", {"quoted": "urgent: fix main.py"}, Wish(language="en")),
    ],
)
def test_the_request_carries_what_the_owners_own_words_ask_for(chat, text, more, wish):
    chat.say("urgent: an earlier message about main.py")
    chat.say(text, **more)
    assert recalled(chat).wish == wish
    facts = facts_of(recalled(chat))
    assert (facts.urgency, facts.is_hard) == (wish.urgency, wish.is_hard)


# -- /why ----------------------------------------------------------------------------------------


def failed(*names):
    attempts = [{"endpoint": name, "failure": "timeout", "detail": ""} for name in names]
    params = {"attempts": attempts, "reasons": ""}
    return {"family": "unavailable", "code": "models-failed", "params": params}


def test_who_was_asked_in_vain_at_other_places_is_told_too(chat):
    chat.say("hello")
    run = chat.runs()[0].id
    names = ("groq/a", "ollama/b@pc", "groq/c")
    found = {"candidates": [candidate(each) for each in names], "ruled_out": []}
    write(chat, run, "1", "llm.route", found, inputs={"urgency": "high", "label": "open"})
    write(chat, run, "2", "llm.generate", error=failed("groq/a"))
    write(chat, run, "3", "llm.generate", error=failed("ollama/b@pc"))
    reply = {"endpoint": "groq/c", "place": "home", "text": "secret words", "tried": []}
    write(chat, run, "4", "llm.generate", reply)
    shown = why(chat)
    assert [each["endpoint"] for each in shown["attempts"]] == ["groq/a", "ollama/b@pc"]
    assert shown["asked"]["urgency"] == "high"
    assert shown["reply"]["endpoint"] == "groq/c"
    assert "secret words" not in str(shown)


def test_of_several_rounds_the_last_decision_counts(chat):
    chat.say("hello")
    run = chat.runs()[0].id
    for at, name in (("1", "groq/a"), ("3", "groq/b")):
        write(chat, run, at, "llm.route", {"candidates": [candidate(name)], "ruled_out": []})
        reply = {"endpoint": name, "place": "home", "text": "", "tried": []}
        write(chat, run, str(int(at) + 1), "llm.generate", reply)
    shown = why(chat)
    assert shown["route"]["candidates"] == [candidate("groq/b")]
    assert shown["rounds"] == 2


def test_where_nobody_answered_the_decision_that_kept_it_at_home_is_told(chat):
    chat.say("/private hello")
    run = chat.runs()[0].id
    kept = {"candidates": [], "ruled_out": [{**candidate("groq/a"), "reason": "private"}]}
    write(chat, run, "1", "llm.route", kept, inputs={"label": "open", "released": False})
    away = {"candidates": [candidate("groq/a")], "ruled_out": []}
    write(chat, run, "2", "llm.route", away, inputs={"label": "open", "released": True})
    shown = why(chat)
    assert shown["route"] == kept
    assert shown["asked"]["private"]
    assert "reply" not in shown


def test_the_details_open_in_place_and_close_again(chat):
    chat.say("hello")
    run = chat.runs()[0].id
    write(chat, run, "1", "llm.route", {"candidates": [], "ruled_out": []})
    chat.tap("why.open", card_key="screen:x", run_id=run, whole=True)
    row = chat.notices("why")[-1]
    assert (row.notice.params["whole"], row.notice.key) == (True, "screen:x")
    chat.tap("why.open", card_key="screen:x", run_id=run, whole=False)
    assert not chat.notices("why")[-1].notice.params["whole"]


def test_a_run_that_is_gone_has_nothing_to_explain(chat):
    chat.tap("why.open", card_key="screen:x", run_id="0" * 32, whole=True)
    assert chat.notices("why")[-1].notice.params == {}
