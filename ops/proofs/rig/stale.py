"""A workflow changed under a waiting run: it goes on, or is stale with its card; never wrong.

Ours is tried in the engine alone, with every kind of edit; the naive control is a task in Celery's
queue whose signature changes while the worker is down. Besides: what replaying 500 steps costs.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from core.runs.model import MOST_STEPS, RunState
from core.runs.replay import Replay
from ops.proofs.rig import systems, trips
from ops.proofs.rig.engine_room import EngineRoom
from ops.proofs.rig.redis_hand import with_redis
from ops.proofs.rig.report import Dose, Verdict
from ops.proofs.rig.talk import Talk, Tally

NAIVE_QUIET_S = 6.0
NAIVE_MESSAGES = 10
#: Replaying a full journal must not be felt in a chat.
MOST_REPLAY_MS = 250.0


def prove(_dose: Dose) -> Verdict:
    """The same at every dose."""
    verdict = Verdict("stale")
    plain = naive()
    verdict.tell(f"naive: {plain} after the task's signature changed under queued tasks")
    verdict.expect(plain.lost, "the naive worker lost nothing: nothing is proved")
    outcomes: dict[str, int] = {}
    for what, body, version, expected in trips.CHANGES:
        became = after_change(body, version)
        outcomes[became[0]] = outcomes.get(became[0], 0) + 1
        wanted = ("stale, with its card", None) if expected is None else ("went on", expected)
        verdict.expect(became == wanted, f"changed {what}: {became}, not {wanted}")
    verdict.tell(f"ours:  {len(trips.CHANGES)} kinds of change: {outcomes}; none wrong")
    first_ms, replay_ms, last_ms = replay_cost(MOST_STEPS - 1)
    verdict.tell(
        f"ours:  a run of {MOST_STEPS} steps: {first_ms:.0f} ms for all of them, journaled; "
        f"{replay_ms:.1f} ms to replay them once; {last_ms:.1f} ms to end it after its wait"
    )
    verdict.expect(last_ms < MOST_REPLAY_MS, f"replaying took {last_ms:.0f} ms")
    return verdict


def naive() -> Tally:
    """Messages whose tasks wait in the queue while the code changes."""
    with with_redis(systems.naive(), without=["worker"]) as (at, _hand):
        talk = Talk(at.simulator, NAIVE_MESSAGES)
        for _ in range(NAIVE_MESSAGES):
            talk.say()
        at.simulator.wait_confirmed(timeout=30)
        at.stop()
        at.system = systems.naive(version=2)(at.site)
        at.start()
        talk.settle(quiet_s=NAIVE_QUIET_S, timeout_s=30)
        return talk.tally()


def after_change(body: trips.Body, version: int) -> tuple[str, object]:
    """What became of a run that waited while its code was changed to `body`."""
    with tempfile.TemporaryDirectory(prefix="mask-proof-") as folder:
        room = EngineRoom(Path(folder), trips, [trips.TRIP])
        try:
            run_id = room.start(trips.TRIP, trips.Asked("it"))
            room.use([trips.changed(body, version)])
            room.deliver(room.sent[0], "told by pc")
            run = room.advance(run_id)
        finally:
            room.close()
    cards = [notice for notice in room.notices if notice.kind == "stale"]
    if run.state is RunState.STALE and len(cards) == 1:
        return "stale, with its card", None
    if run.state is RunState.DONE and not cards:
        return "went on", run.result
    return f"{run.state}, {len(cards)} cards", run.error or run.result


def replay_cost(many: int) -> tuple[float, float, float]:
    """Milliseconds: for `many` steps from the start, for one replay, for the end after a wait."""
    with tempfile.TemporaryDirectory(prefix="mask-proof-") as folder:
        room = EngineRoom(Path(folder), trips, [trips.MARCH])
        try:
            begun = time.perf_counter()
            run_id = room.start(trips.MARCH, trips.Asked("it", many))
            first = time.perf_counter()
            room.use([trips.MARCH])  # another process: nothing is remembered
            room.deliver(room.sent[0], "told by pc")
            before = time.perf_counter()
            run = room.advance(run_id)
            ended = time.perf_counter()
            replayed = replay_only(room, run_id)
        finally:
            room.close()
    assert run.state is RunState.DONE, f"the march ended {run.state}: {run.error}"
    return (first - begun) * 1000, replayed, (ended - before) * 1000


def replay_only(room: EngineRoom, run_id: str) -> float:
    """Milliseconds to load the journal and feed it to the generator."""
    begun = time.perf_counter()
    with room.db.read() as tx:
        run, steps = room.runs.get(tx, run_id), room.runs.steps(tx, run_id)
    assert run is not None, "it was started here"
    Replay(trips.MARCH, run.args, room.registry.spec).next({each.position: each for each in steps})
    return (time.perf_counter() - begun) * 1000
