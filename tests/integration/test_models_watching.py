"""The check of all models, the picture of costs, and when the owner hears of the cloud."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from core.errors import Unavailable
from core.llm import key_notices
from core.llm.credential_rows import KeyInfo
from core.llm.gauges import Level as Fill
from core.llm.gauges import Room
from core.llm.ledger_calls import Settlement
from core.llm.model import Endpoint, Failure, Readiness, Reply, Role, Standing, Usage
from core.llm.ports import ModelFailed
from core.llm.spending import Spending
from core.memory.preferences import Preferences
from core.monitor import cost_chart, model_check, probe
from core.monitor.cloud_watch import HOLD_S, CloudWatch, Seen, Sky, is_down, seen_of
from core.monitor.model_check import (
    Checked,
    CheckRoom,
    CheckThese,
    Drawing,
    check_all_models,
    report,
)
from core.runs.blobs import Blobs
from core.runs.cancel import Cancelled, CancelToken
from core.runs.model import Label, Outcome, RunRow, RunState, StepState
from core.runs.notices import Level
from core.runs.ports import StepContext
from core.runs.steps import bind
from tests.integration.ledger_world import PAID, budgets_of, call, ledger_over

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PNG = b"\x89PNG\r\n\x1a\n"
CLOUD = Endpoint("groq/x", "groq", "x", service="groq")
OWN = Endpoint("ollama/y", "ollama", "y", is_mine=True)
AWAY = Endpoint("ollama/y@pc", "ollama", "y", place="pc", is_mine=True)
DEAD_KEY = Endpoint("openai/z", "openai", "z", missing="OPENAI_API_KEY")
PAUSED = replace(CLOUD, name="groq/paused", is_paused=True)
VECTORS = replace(OWN, name="ollama/bge", roles=(Role.EMBED,))
EVERYBODY = (CLOUD, OWN, AWAY, DEAD_KEY, PAUSED, VECTORS)


def context():
    values = {"version": 1, "args": {}, "state": RunState.RUNNING, "label": Label.OPEN}
    run = RunRow("r1", 1, "check_all_models", created_at=NOW, updated_at=NOW, **values)
    return StepContext(run, "0", CancelToken(), 60.0)


def room_over(db, clock, answers):
    """`answers`: by name, an error to raise; who is not in it answers."""
    asked = []

    def chat(endpoint, request, _cancel):
        asked.append(endpoint)
        if endpoint.name in answers:
            raise answers[endpoint.name]
        return Reply("hello", endpoint.name, endpoint.place)

    return CheckRoom(db, clock, Blobs(db, clock, "home"), lambda: EVERYBODY, chat), asked


def run_step(room, name, args, module=model_check):
    (bound,) = (each for each in bind(module, room) if each.spec.name == name)
    return bound.run(context(), args)


# -- the check -----------------------------------------------------------------------------------


def test_everybody_is_asked_once_but_who_is_paused_keyless_or_mute(sqlite_database, clock):
    room, asked = room_over(sqlite_database, clock, {})
    targets = run_step(room, "models.to_check", model_check.CheckAsked())
    assert {each.name for each in targets} == {"groq/x", "ollama/y", "ollama/y@pc"}
    run_step(room, "models.check", CheckThese(("groq/x", "ollama/y")))
    assert sorted(each.name for each in asked) == ["groq/x", "ollama/y"]


def test_each_reason_is_kept_and_who_vanished_counts_as_unreachable(sqlite_database, clock):
    errors = {
        "groq/x": ModelFailed(Failure.UNAUTHORISED, detail="secret detail"),
        "ollama/y": Unavailable("limit-reached", retry_after=3),
    }
    room, _ = room_over(sqlite_database, clock, errors)
    found = run_step(room, "models.check", CheckThese(("groq/x", "ollama/y", "gone")))
    assert [each.failure for each in found] == ["unauthorised", "limit-reached", "unreachable"]


def test_a_stopped_check_ends(sqlite_database, clock):
    room, asked = room_over(sqlite_database, clock, {})
    stopped = context()
    stopped.cancel.set()
    (bound,) = (each for each in bind(model_check, room) if each.spec.name == "models.check")
    with pytest.raises(Cancelled):
        bound.run(stopped, CheckThese(("groq/x",)))
    assert asked == []


def test_places_are_asked_at_once_and_one_that_is_away_costs_its_own_models_only():
    body = check_all_models.body(model_check.CheckAsked(7, 3))
    next(body)
    targets = (model_check.Target("groq/x", "home"), model_check.Target("ollama/y@pc", "pc"))
    calls = body.send(targets)
    assert [(each.place, each.key) for each in calls] == [("home", "home"), ("pc", "pc")]
    outcomes = [
        Outcome(StepState.DONE, (Checked("groq/x", 300),), key="home"),
        Outcome(StepState.FAILED, error={"code": "node-unknown"}, key="pc"),
    ]
    drawing = body.send(outcomes).args
    assert [each.failure for each in drawing.found] == ["", "unreachable"]
    with pytest.raises(StopIteration) as ended:
        body.send(model_check.Picture("ab" * 32, 10))
    (notice,) = ended.value.value.notices
    assert (notice.chat_id, notice.reply_to, notice.params["blob"]) == (7, 3, "ab" * 32)
    assert ended.value.value.result["success_rate"] == 50.0


def test_without_any_model_the_report_is_empty_and_nothing_is_drawn():
    body = check_all_models.body(model_check.CheckAsked())
    next(body)
    with pytest.raises(StopIteration) as ended:
        body.send(())
    assert ended.value.value.notices[0].params["blob"] is None


def test_the_report_has_the_fields_that_the_seed_asks_for():
    told = report([Checked("a", 1500), Checked("b", 10, "timeout"), Checked("c", 1)])
    assert told["success_rate"] == 66.7
    assert told["tests"][1] == {
        "type": "b", "success": False, "time_taken": 0.01, "error_type": "timeout",
    }  # fmt: skip


def test_a_picture_drawn_twice_is_kept_once(sqlite_database, clock):
    room, _ = room_over(sqlite_database, clock, {})
    drawing = Drawing((Checked("groq/x", 300), Checked("b", 0, "timeout")))
    first = run_step(room, "models.draw", drawing)
    assert run_step(room, "models.draw", drawing) == first
    assert room.blobs.content(first.blob).startswith(PNG)


# -- costs ---------------------------------------------------------------------------------------


def test_the_picture_of_costs_has_the_budget_once_a_day_comes_near_it(sqlite_database, clock):
    budgets = budgets_of(sqlite_database, clock)
    blobs = Blobs(sqlite_database, clock, "home")
    room = cost_chart.ChartRoom(sqlite_database, clock, blobs, Spending(budgets))
    asked = cost_chart.ChartAsked(7)
    assert run_step(room, "cost.draw", asked, cost_chart).blob == ""
    ledger = ledger_over(sqlite_database, clock)
    held = ledger.reserve(call(PAID))
    ledger.settle(held, Settlement("answered", Usage(1000, 500)))
    chart = run_step(room, "cost.draw", asked, cost_chart)
    assert (chart.spent, chart.month, chart.days, chart.has_line) == (2000, 2000, 30, False)
    assert blobs.content(chart.blob).startswith(PNG)
    with sqlite_database.write() as tx:
        budgets.set(tx, "day", 4000)
    assert run_step(room, "cost.draw", asked, cost_chart).has_line


# -- the cloud -----------------------------------------------------------------------------------


class Watched:
    """A watch over what a test says, and what it told."""

    def __init__(self, db, clock):
        self.seen = [Seen("groq/x", False, False), Seen("ollama/y", True, False)]
        self.told = []
        self.clock = clock
        self.watch = CloudWatch(
            db, clock, Preferences(db, clock), lambda _tx, notice: self.told.append(notice),
            lambda: self.seen,
        )  # fmt: skip

    def hold(self, *, cloud, own=False):
        self.seen = [Seen("groq/x", False, cloud), Seen("ollama/y", True, own)]
        self.watch.look()
        self.clock.advance(HOLD_S)
        return self.watch.look()

    def heard(self):
        found = [(each.params["code"], Level(each.params["level"])) for each in self.told]
        self.told.clear()
        return found


def test_the_cloud_is_told_of_when_it_goes_and_when_it_is_back(sqlite_database, clock):
    sky = Watched(sqlite_database, clock)
    assert sky.hold(cloud=True) is Sky.LOCAL
    assert sky.told[0].params["values"]["helper"] == "ollama/y"
    assert sky.heard() == [("cloud-down", Level.NOTICE)]
    assert sky.hold(cloud=True) is Sky.LOCAL
    assert sky.heard() == []
    assert sky.hold(cloud=False) is Sky.CLEAR
    assert sky.heard() == [("cloud-down", Level.RESOLVED)]


def test_nobody_at_all_is_a_problem_and_its_end_is_told(sqlite_database, clock):
    sky = Watched(sqlite_database, clock)
    assert sky.hold(cloud=True, own=True) is Sky.DARK
    assert sky.heard() == [("models-down", Level.PROBLEM)]
    assert sky.hold(cloud=True) is Sky.LOCAL
    assert sky.heard() == [("models-down", Level.RESOLVED), ("cloud-down", Level.NOTICE)]


def test_what_flickers_is_not_told_and_a_new_process_goes_on_where_it_was(sqlite_database, clock):
    sky = Watched(sqlite_database, clock)
    for cloud in (True, False) * 4:
        sky.seen = [Seen("groq/x", False, cloud), Seen("ollama/y", True, False)]
        sky.watch.look()
        clock.advance(HOLD_S / 2)
    assert sky.heard() == []
    sky.hold(cloud=True)
    sky.heard()
    again = Watched(sqlite_database, clock)
    assert again.hold(cloud=False) is Sky.CLEAR
    assert again.heard() == [("cloud-down", Level.RESOLVED)]


def test_an_endpoint_that_failed_twice_must_answer_before_it_counts_as_back():
    assert not is_down(Standing())
    assert not is_down(Standing(in_a_row=1))
    assert is_down(Standing(in_a_row=2))
    assert is_down(Standing(Readiness.COOLING, 5))
    assert is_down(Standing(), Room(Fill.FULL))
    names = [each.name for each in seen_of(EVERYBODY, lambda _each: Standing(), {})]
    assert names == ["groq/x", "ollama/y", "ollama/y@pc"]


def test_a_refused_key_is_an_alert_that_a_working_one_ends():
    told = key_notices.revoked(KeyInfo("k", "groq", "wxyz", "dead"))
    over = key_notices.works_again("groq")
    assert told.key == over.key
    assert told.params["values"] == {"service": "groq", "title": "Groq", "hint": "wxyz"}
    assert over.params["level"] == Level.RESOLVED


# -- the list ------------------------------------------------------------------------------------


def test_what_a_probe_finds_is_put_on_the_list_and_what_was_known_stays():
    models = [
        {"name": "a", "is_up": False, "detail": "unreachable: x"},
        {"name": "b", "is_up": True, "detail": ""},
        {"name": "c", "is_up": False, "detail": "not-set-up: KEY"},
    ]

    def after(name, state):
        return probe._with({"name": name, "state": state}, models)["state"]

    assert after("a", "ready") == "unreachable"
    assert after("a", "paused") == "paused"
    assert after("b", "unreachable") == "ready"
    assert after("b", "used-up") == "used-up"
    assert after("c", "keyless") == "keyless"
    assert after("nobody", "ready") == "ready"
