"""When a model server counts as down, when it is started, and what is told; on a manual clock."""

from __future__ import annotations

import pytest

from core.clock import ManualClock
from core.errors import Broken, Refused
from core.llm.ollama_facts import Installed, ServerState
from core.llm.ollama_fakes import FakeProcess, FakeServer
from core.llm.ollama_keeper import Keeper
from core.llm.ollama_watch import Child, Do, Seen, Watch, judge

MODEL = Installed("qwen3:14b", 9_000_000_000, "ab", abilities=("completion",), context=40960)


class Stand:
    """A keeper over a fake server, and what it has told."""

    def __init__(self, *, is_up=False, program="/opt/ollama", wanted=True, may=True, works=True):
        self.clock = ManualClock()
        self.server = FakeServer(models={MODEL.name: MODEL}, is_up=is_up)
        self.process = FakeProcess(self.server, program, works)
        self.told = []
        self.asked_policy = 0
        self.may = may
        self.keeper = Keeper(
            "pc",
            self.clock,
            self.server,
            self.process,
            is_wanted=wanted,
            may_start=self._may,
            told=self.told.append,
        )

    def _may(self):
        self.asked_policy += 1
        return self.may

    def run(self, seconds):
        for _ in range(seconds):
            self.keeper.tick()
            self.clock.advance(1)
        return self.keeper.facts().state

    @property
    def states(self):
        return [change.state for change in self.told]


def test_a_server_that_is_not_up_at_the_start_is_started():
    stand = Stand()
    assert stand.run(1) is ServerState.STARTING
    assert stand.run(3) is ServerState.RUNNING
    assert stand.process.starts == 1
    assert stand.told == []


def test_a_server_that_somebody_else_runs_is_found_and_never_ended():
    stand = Stand(is_up=True)
    assert stand.run(3) is ServerState.RUNNING
    stand.keeper.stop()
    assert stand.server.is_up
    assert stand.process.starts == 0


def test_two_silent_looks_are_forgiven_the_third_is_not():
    stand = Stand(is_up=True, program=None)
    stand.run(1)
    stand.clock.advance(10)
    stand.server.is_up = False
    assert stand.run(2) is ServerState.RUNNING
    stand.server.is_up = True
    assert stand.run(1) is ServerState.RUNNING
    assert stand.told == []
    stand.server.is_up = False
    assert stand.run(13) is ServerState.DOWN
    assert stand.states == [ServerState.DOWN]


def test_running_down_running_is_told_as_two_changes_and_no_more():
    stand = Stand()
    stand.run(5)
    stand.process.works = False
    stand.process.die()
    stand.run(40)
    stand.process.works = True
    stand.run(200)
    assert stand.keeper.facts().state is ServerState.RUNNING
    assert stand.states == [ServerState.DOWN, ServerState.RUNNING]
    assert stand.keeper.facts().downs == 1


def test_our_own_server_that_dies_is_started_again_at_once():
    stand = Stand()
    stand.run(5)
    stand.process.die()
    stand.run(15)
    assert stand.process.starts == 2
    assert stand.states == [ServerState.DOWN, ServerState.RUNNING]


def test_without_the_yes_of_policy_nothing_is_started():
    stand = Stand(may=False)
    stand.run(30)
    assert stand.process.starts == 0
    assert stand.asked_policy >= 1
    assert stand.states == [ServerState.DOWN]
    assert "rules" in stand.keeper.facts().note


def test_a_machine_without_ollama_that_nobody_named_is_left_alone():
    stand = Stand(program=None, wanted=False)
    assert stand.run(60) is ServerState.ABSENT
    assert stand.told == []
    assert stand.server.asked <= 7


def test_a_named_server_elsewhere_that_is_away_is_down_and_never_started():
    stand = Stand(program=None, wanted=True)
    assert stand.run(5) is ServerState.DOWN
    assert stand.process.starts == 0


def test_a_start_that_fails_three_times_is_told_once_and_tried_ever_more_seldom():
    stand = Stand(works=False)
    stand.run(10)
    assert stand.states == [ServerState.DOWN]
    starts = stand.process.starts
    assert starts == 3
    stand.run(3600)
    assert 3 <= stand.process.starts - starts <= 8
    assert len(stand.told) == 1


def test_a_server_of_ours_that_is_slow_keeps_its_life_for_six_looks():
    watch = Watch(ServerState.RUNNING, told=ServerState.RUNNING)
    seen = Seen(False, Child.ALIVE, True, True, 100.0)
    for _ in range(5):
        watch, do = judge(watch, seen)
        assert do is Do.NOTHING
    watch, do = judge(watch, seen)
    assert (watch.state, do) == (ServerState.DOWN, Do.START)


def test_a_start_that_never_answers_is_ended_and_tried_again():
    watch = Watch(ServerState.STARTING, starts=1, began_s=0.0)
    assert judge(watch, Seen(False, Child.ALIVE, True, True, 29.0))[1] is Do.NOTHING
    assert judge(watch, Seen(False, Child.ALIVE, True, True, 31.0))[1] is Do.START


def test_a_model_that_cannot_be_described_does_not_make_the_server_look_down():
    stand = Stand(is_up=True)
    stand.server.described = lambda _model: (_ for _ in ()).throw(
        Refused("local-model-missing", model="x")
    )
    assert stand.run(20) is ServerState.RUNNING
    assert [each.name for each in stand.keeper.facts().models] == [MODEL.name]


def test_facts_carry_context_and_abilities_asked_for_once():
    stand = Stand(is_up=True)
    stand.run(1)
    (found,) = stand.keeper.facts().models
    assert (found.context, found.abilities) == (40960, ("completion",))
    asked = stand.server.asked
    stand.keeper.look()
    assert stand.server.asked - asked == 2


def test_starting_by_hand_says_why_it_did_not_work():
    stand = Stand(works=False)
    with pytest.raises(Exception, match="local-server-not-started"):
        stand.keeper.start()
    stand = Stand(program=None)
    with pytest.raises(Broken, match="not on this machine"):
        stand.keeper.start()
