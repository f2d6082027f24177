"""Every change to models leaves a row in the audit, can be taken back where it was made, and works
for installed models that have no row."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.approvals import audit_reading
from core.clock import ManualClock
from core.llm.credential_rows import READY, REMOVED
from core.llm.endpoint_store import as_said
from core.llm.ollama_facts import Installed, Memory, ServerFacts, ServerState
from core.llm.ollama_offers import announce
from core.monitor.local_models import FACTS
from tests.integration.handlers_house import OWNER, Chat

KEY, OTHER = "gsk_canary_0123456789abcdef", "sk-other-canary-9876543210"
GPT = "groq/gpt-oss-120b"
OWN = "models.example.org/big-one"
SERVICE = "models.example.org:443"
SMALL = Installed("gemma3:4b", 3_000_000_000, "cd" * 32, abilities=("completion",))
LOCAL = "ollama/gemma3:4b"
SCREEN = "screen:x"


@pytest.fixture
def chat(sqlite_database, clock: ManualClock) -> Chat:
    chat = Chat(sqlite_database, clock)
    facts = ServerFacts("home", ServerState.RUNNING, "0.12", models=(SMALL,), memory=Memory(2**35))
    do(chat, chat.house.preferences.set, FACTS, announce(facts))
    return chat


def do(chat, method, *args, **named):
    with chat.house.db.write() as tx:
        return method(tx, *args, **named)


def newest(chat, kind):
    return chat.notices(kind)[-1].notice.params


def audited(chat):
    """Kinds, oldest first."""
    with chat.house.db.read() as tx:
        return [row.kind for row in reversed(audit_reading.page(tx, 0, 100).rows)]


def added(chat, key=KEY):
    """One of the owner's own endpoints, with a key of its address."""
    fields = {"model": "big-one", "base_url": "https://models.example.org/v1"}
    do(chat, chat.house.models.rows.add, OWN, fields)
    return do(chat, chat.house.models.keys.add, SERVICE, key)


def states(chat, service=SERVICE):
    return [each.state for each in do(chat, chat.house.models.keys.of, service)]


# -- installed models without a row --------------------------------------------------------------


@pytest.mark.parametrize("verb", ["models.pause", "models.prefer", "models.pin"])
def test_an_installed_model_is_changed_and_changed_back_on_one_screen(chat, verb):
    told = {"models.pause": "state", "models.prefer": "preferred", "models.pin": "pinned"}[verb]
    chat.tap(verb, card_key=SCREEN, name=LOCAL, on=True)
    assert newest(chat, "model")[told] in {"paused", True}
    chat.tap(verb, card_key=SCREEN, name=LOCAL, on=False)
    assert newest(chat, "model")[told] in {"ready", False}


def test_what_was_said_of_an_installed_model_holds_for_the_next_answer(chat):
    rows, told = chat.house.models.rows, chat.house.models.rows.current()[0]
    told = replace(told, name=LOCAL)
    chat.tap("models.prefer", card_key=SCREEN, name=LOCAL, on=True)
    assert do(chat, rows.preference) == (LOCAL,)
    chat.tap("models.pause", card_key=SCREEN, name=LOCAL, on=True)
    assert as_said(do(chat, rows.rows), [told]) == (replace(told, is_paused=True),)
    chat.tap("models.pin", card_key=SCREEN, name=LOCAL, on=True)
    with chat.house.db.read() as tx:
        thread = chat.house.threads.current(tx, OWNER)
        assert rows.pinned(tx, thread.id) == LOCAL


def test_an_installed_model_is_removed_and_brought_back_also_while_its_server_is_away(chat):
    chat.tap("models.remove", card_key=SCREEN, name=LOCAL)
    assert newest(chat, "model")["sure"]
    chat.tap("models.remove", card_key=SCREEN, name=LOCAL, sure=True)
    assert newest(chat, "models-removed") == {"names": [LOCAL]}
    chat.say("/models")
    assert LOCAL not in {each["name"] for each in newest(chat, "models")["rows"]}
    do(chat, chat.house.preferences.set, FACTS, None)
    chat.tap("models.restore", card_key=SCREEN, name=LOCAL)
    assert newest(chat, "models-removed") == {"names": []}


def test_an_installed_model_is_opened_by_a_part_of_its_name(chat):
    chat.say("/models gemma")
    assert newest(chat, "model")["name"] == LOCAL


@pytest.mark.parametrize("name", ["ollama/nobody:1b", "nobody/x", "", "ollama/" + "x" * 5000])
@pytest.mark.parametrize("verb", ["models.pause", "models.prefer", "models.pin", "models.remove"])
def test_what_is_not_there_is_refused_and_nothing_is_kept_of_it(chat, verb, name):
    word = chat.tap(verb, card_key=SCREEN, name=name, on=True, sure=True)
    assert word
    assert do(chat, chat.house.models.rows.rows) == []
    assert audited(chat) == []


def test_the_practice_model_is_never_paused_or_removed(chat):
    for verb in ("models.pause", "models.prefer", "models.remove"):
        chat.tap(verb, card_key=SCREEN, name="scripted", on=True, sure=True)
    assert do(chat, chat.house.models.rows.rows) == []


# -- removing an own one, and its keys -----------------------------------------------------------


def test_an_own_model_takes_its_keys_with_it_and_says_so_before(chat):
    added(chat)
    chat.tap("models.remove", card_key=SCREEN, name=OWN)
    assert newest(chat, "model")["going"] == [KEY[-4:]]
    assert states(chat) == [READY]
    chat.tap("models.remove", card_key=SCREEN, name=OWN, sure=True)
    assert states(chat) == [REMOVED]
    assert audited(chat) == ["model-removed", "model-key-removed"]


def test_a_key_that_another_model_needs_stays(chat):
    added(chat)
    fields = {"model": "second", "base_url": "https://models.example.org/v1"}
    do(chat, chat.house.models.rows.add, "models.example.org/second", fields)
    chat.tap("models.remove", card_key=SCREEN, name=OWN, sure=True)
    assert states(chat) == [READY]


def test_a_shipped_model_leaves_its_services_keys_alone(chat):
    do(chat, chat.house.models.keys.add, "groq", KEY)
    chat.tap("models.remove", card_key=SCREEN, name=GPT)
    assert newest(chat, "model")["going"] == []
    chat.tap("models.remove", card_key=SCREEN, name=GPT, sure=True)
    assert states(chat, "groq") == [READY]


def test_the_only_shipped_model_of_a_service_leaves_its_key_too(chat):
    do(chat, chat.house.models.keys.add, "together", OTHER)
    offered = do(chat, chat.house.models.rows.offered)
    (only,) = (each.name for each in offered if each.service == "together")
    chat.tap("models.remove", card_key=SCREEN, name=only, sure=True)
    assert states(chat, "together") == [READY]


def test_an_own_model_that_came_back_is_given_a_new_key_from_its_screen(chat):
    added(chat)
    chat.tap("models.remove", card_key=SCREEN, name=OWN, sure=True)
    chat.tap("models.restore", card_key=SCREEN, name=OWN)
    assert newest(chat, "model")["wants_key"]
    chat.tap("models.keys", card_key=SCREEN, service=SERVICE)
    assert newest(chat, "models-keys")["can_add"]
    chat.tap("models.service", card_key=SCREEN, service=SERVICE)
    assert newest(chat, "models-ask")["needs"] == "key"
    chat.say(OTHER)
    (run,) = chat.runs(workflows=["add_model"])
    assert run.args["wanted"]["service"] == SERVICE


def test_a_service_that_nobody_has_takes_no_key(chat):
    assert chat.tap("models.service", card_key=SCREEN, service="evil.example:443")
    assert chat.notices("models-ask") == []


# -- the audit -----------------------------------------------------------------------------------


def test_every_tap_that_changes_a_model_a_key_or_a_budget_is_in_the_chain(chat):
    key_id = do(chat, chat.house.models.keys.add, "groq", KEY)
    for verb in ("models.pause", "models.prefer", "models.pin"):
        for is_on in (True, False):
            chat.tap(verb, card_key=SCREEN, name=GPT, on=is_on)
    chat.tap("models.remove", card_key=SCREEN, name=GPT, sure=True)
    chat.tap("models.restore", card_key=SCREEN, name=GPT)
    chat.tap("models.plan", card_key=SCREEN, service="groq", paid=True)
    chat.tap("models.key_remove", card_key=SCREEN, service="groq", id=key_id, sure=True)
    chat.tap("cost.raise", card_key=SCREEN)
    chat.tap("cost.set", card_key=SCREEN, span="day", amount="5")
    assert audited(chat) == [
        "model-paused", "model-resumed", "model-preferred", "model-unpreferred", "model-pinned",
        "model-unpinned", "model-removed", "model-restored", "model-plan", "model-key-removed",
        "budget-raised", "budget-set",
    ]  # fmt: skip
    with chat.house.db.read() as tx:
        rows = audit_reading.page(tx, 0, 100).rows
    assert {row.actor for row in rows} == {f"telegram:{OWNER}"}
    assert KEY not in str(rows)


def test_a_key_that_is_given_kept_or_dropped_is_in_the_chain(chat):
    chat.tap("models.service", card_key=SCREEN, service="groq")
    chat.say(KEY)
    wanted = newest(chat, "models-ask")["wanted"]
    (key,) = do(chat, chat.house.models.keys.of, "groq")
    chat.tap("models.anyway", wanted=wanted, credential=key.id)
    chat.tap("models.drop", wanted=wanted, credential=key.id)  # too late: it is kept
    assert audited(chat) == ["model-key-given", "model-added"]
    assert states(chat, "groq") == [READY]
    chat.tap("models.service", card_key=SCREEN, service="groq")
    chat.say(OTHER)
    other = do(chat, chat.house.models.keys.of, "groq")[-1]
    chat.tap("models.drop", wanted=wanted, credential=other.id)
    assert audited(chat)[-1] == "model-key-removed"
