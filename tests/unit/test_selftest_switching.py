"""The test of switching: its scenes find a router that is broken, its report is the seed's."""

from __future__ import annotations

import json
import time

import pytest

from bot.handlers import selftest
from bot.render.registry import render
from bot.render.translate import LANGUAGES, translator
from core.approvals.floor import Floor
from core.approvals.policy import Policy, judge
from core.errors import Refused
from core.llm.failover import Failover
from core.llm.fakes import FakeBooks
from core.monitor import rehearsal, switching
from core.monitor.rehearsal import Played, rehearse
from core.runs import actions
from core.runs.model import Gate
from tests.unit.card_samples import shown
from tests.unit.policy_actions import FACTS

FIELDS = {"type", "success", "time_taken", "error_type"}


def report_of(*played):
    body = switching.switching_test.body(switching.SwitchingAsked(chat_id=7, reply_to=3))
    call = body.send(None)
    assert call.name == "selftest.switching"
    body.send(tuple(played))
    with pytest.raises(StopIteration) as end:
        body.send(switching.Picture("ab" * 32, 1))
    return end.value.value


def test_high_load_and_a_reached_limit_are_as_demanded():
    assert [each.failure for each in rehearse(["high_load", "limit_reached"])] == ["", ""]


def test_scenes_are_played_at_once():
    def slow(_clock):
        time.sleep(0.3)

    begun = time.monotonic()
    assert len(rehearse(scenes={"a": slow, "b": slow, "c": slow})) == 3
    assert time.monotonic() - begun < 0.8


def test_private_text_waits_for_the_machine_that_is_offline_and_never_leaves():
    (played,) = rehearse(["local_offline"])
    assert (played.type, played.failure) == ("local_offline", "")


def test_a_router_that_lets_private_text_out_is_found(monkeypatch):
    """Both walls down: the choice takes everything for open, and so does the failover."""
    monkeypatch.setattr("core.llm.choice.is_kept", lambda _facts: False)
    monkeypatch.setattr(Failover, "_is_kept", property(lambda _self: False))
    (played,) = rehearse(["local_offline"])
    assert played.failure == "private-answered-elsewhere"


def test_a_router_that_asks_beyond_a_limit_is_found(monkeypatch):
    monkeypatch.setattr(rehearsal, "FakeBooks", lambda clock, most: FakeBooks(clock))
    (played,) = rehearse(["limit_reached"])
    assert played.failure == "asked-beyond-limit"


def test_the_report_is_the_runs_result_and_names_each_cause():
    done = report_of(Played("high_load", 58), Played("local_offline", 6102, "private-left"))
    told = done.result
    assert told["success_rate"] == 50.0
    assert [set(each) for each in told["tests"]] == [FIELDS, FIELDS]
    assert [each["error_type"] for each in told["tests"]] == [None, "private-left"]
    (notice,) = done.notices
    assert (notice.kind, notice.chat_id, notice.reply_to) == ("switching-tested", 7, 3)
    assert notice.params["passed"] is False


def test_one_failure_of_three_does_not_pass():
    played = Played("a", 1), Played("b", 1), Played("c", 1, "x")
    told = report_of(*played).result
    assert told["success_rate"] == pytest.approx(66.7, abs=0.1)
    assert not switching.is_passed(told)
    assert switching.is_passed(report_of(*played[:2]).result)


def test_what_is_asked_for_is_named_in_the_action_and_changes_nothing():
    action = switching.about_to_play(switching.Theatre(), None, switching.Play(("high_load",)))
    fields = actions.read(action.canonical)
    assert (fields["kind"], fields["undo"]) == ("local_exec", "nothing-changes")
    assert fields["scenes"] == ["high_load"]
    policy = Policy.load(None, Floor(place="home"))
    assert judge(policy, fields, FACTS).gate is Gate.AUTO


@pytest.mark.parametrize(
    ("typed", "scenes"),
    [("", ()), ("switching", ()), ("local-offline", ("local_offline",)),
     ("switching High_Load", ("high_load",))],
)  # fmt: skip
def test_a_command_names_scenes(typed, scenes):
    assert selftest._scenes(typed) == scenes


def test_a_scene_that_is_none_is_refused_by_name():
    with pytest.raises(Refused) as caught:
        selftest._scenes("router")
    assert caught.value.params["known"] == "high_load, limit_reached, local_offline"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_card_has_picture_causes_and_the_report_as_a_document(language):
    (notice,) = report_of(Played("high_load", 58), Played("other", 1, "why-it-failed")).notices
    picture, file = render(shown(notice), translator(language)).parts
    assert picture.is_photo
    assert picture.blob == "ab" * 32
    assert "why-it-failed" in picture.text
    assert translator(language)("selftest-failed") in picture.text
    assert json.loads(file.file_bytes) == notice.params["report"]
