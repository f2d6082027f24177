"""The facts of /status, and the probe that completes them."""

import sqlalchemy as sa

from core.llm.model import Readiness, Standing
from core.llm.probes import EndpointHealth
from core.monitor.probe import FRESH, Look, ProbeRoom, Seen, found_lately, probe, show_models
from core.monitor.redis_queue import home_queue_length
from core.runs.cancel import CancelToken
from core.runs.model import RunState
from core.runs.ports import StepContext
from core.runs.tables import runs
from tests.integration.handlers_house import OWNER, Chat

UP = EndpointHealth("ollama/x", "home", is_mine=True, is_up=True, standing=Standing())
MISSING = EndpointHealth(
    "groq/y", "home", False, False, Standing(), detail="not-set-up: GROQ_API_KEY"
)
ABSENT = EndpointHealth("ollama/z", "home", True, False, Standing(Readiness.ABSENT))


def facts(chat):
    return chat.status.facts(chat.pulse())


def context(tx=None):
    return StepContext(run=None, position="1", cancel=CancelToken(), deadline=0, transaction=tx)


def test_runs_are_counted_by_what_they_do_and_old_failures_forgotten(database, clock):
    chat = Chat(database, clock)
    for text in ("one", "two", "three", "four"):
        chat.say(text)
    states = [RunState.RUNNING, RunState.WAITING, RunState.FAILED, RunState.STALE]
    with database.write() as tx:
        for run, state in zip(chat.runs(), states, strict=True):
            tx.execute(sa.update(runs).where(runs.c.id == run.id).values(state=state))
    found = facts(chat)["workers"]
    assert found == {"echo_s": None, "going": 1, "waiting": 1, "failed": 1, "stale": 1}
    clock.advance(25 * 3600)
    found = facts(chat)["workers"]
    assert (found["failed"], found["stale"], found["waiting"]) == (0, 0, 1)


def test_the_last_echo_tells_how_long_workers_are_silent(database, clock):
    chat = Chat(database, clock)
    chat.say("stands for an echo")
    with database.write() as tx:
        tx.execute(sa.update(runs).values(workflow="echo", state=RunState.DONE))
    clock.advance(90)
    assert facts(chat)["workers"]["echo_s"] == 90


def test_an_integrity_check_is_kept_with_its_time(database, clock):
    chat = Chat(database, clock)
    assert facts(chat)["database"]["is_sound"] is None
    assert chat.status.check_integrity()
    clock.advance(60)
    found = facts(chat)["database"]
    assert (found["is_sound"], found["checked_s"]) == (True, 60)
    assert found["bytes"] > 10_000


def test_a_redis_that_is_away_is_a_fact_not_an_error():
    assert home_queue_length("redis://127.0.0.1:1/0")() is None


def test_the_probe_leaves_out_what_was_never_set_up(database, clock):
    preferences = Chat(database, clock).house.preferences
    look = Look(OWNER, "screen:x")
    some = probe.handler(ProbeRoom(preferences, clock, lambda: [MISSING, ABSENT, UP]), None, look)
    none = probe.handler(ProbeRoom(preferences, clock, lambda: [MISSING, ABSENT]), None, look)
    assert [fact.name for fact in some.models] == ["ollama/x"]
    assert [fact.name for fact in none.models] == ["groq/y", "ollama/z"]


def test_what_the_probe_found_is_put_on_the_card_and_remembered_for_a_while(database, clock):
    chat = Chat(database, clock)
    chat.say("/status")
    card = chat.notices("status")[0].notice
    room = ProbeRoom(chat.house.preferences, clock, lambda: [UP])
    with database.write() as tx:
        ctx = context(tx)
        show_models.handler(room, ctx, probe.handler(room, ctx, Look(OWNER, card.key)))
    (notice,) = ctx.notices
    assert (notice.kind, notice.key) == ("status", card.key)
    expected = [{"name": "ollama/x", "is_up": True, "detail": ""}]
    assert notice.params["facts"] == {**card.params["facts"], "models": expected}
    assert facts(chat)["models"] == expected
    clock.advance(FRESH.total_seconds() + 1)
    with database.read() as tx:
        assert found_lately(chat.house.preferences, tx, clock.now()) is None


def test_a_probe_does_not_overwrite_a_card_that_shows_something_else_now(database, clock):
    chat = Chat(database, clock)
    chat.say("/jobs")
    key = chat.notices("jobs")[0].notice.key
    with database.write() as tx:
        ctx = context(tx)
        seen = Seen(Look(OWNER, key), ())
        show_models.handler(ProbeRoom(chat.house.preferences, clock, list), ctx, seen)
    assert ctx.notices == []
