"""/selftest switching: the scenes of `rehearsal`, as a run with a report and its picture.

    selftest.switching (gated) -> models.draw -> the notice with picture and file

Playing is `local_exec`, by itself unless the owner's rules say otherwise: `test_run` is a command
that runs a project's tests, and nothing of that kind is started here.

The report is the JSON that the seed asks for; the run keeps it as its result. Passed is a success
rate over `GATE_PERCENT`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.monitor import rehearsal
from core.monitor.model_check import Checked, Drawing, Picture, draw, report
from core.monitor.rehearsal import Played
from core.runs import actions
from core.runs.model import Action, Done, Kind, WorkflowBody, workflow
from core.runs.notices import Notice
from core.runs.ports import StepContext
from core.runs.steps import step

#: The success rate must be over this, per cent (seed M07.4).
GATE_PERCENT = 90.0
#: More than all scenes take, one after another.
PLAY_S = 120.0
KIND = "switching-tested"


@dataclass(frozen=True)
class SwitchingAsked:
    """Play these scenes, all where none is named, and tell this chat."""

    scenes: tuple[str, ...] = ()
    chat_id: int | None = None
    reply_to: int | None = None


@dataclass(frozen=True)
class Play:
    """The scenes to play."""

    scenes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Theatre:
    """The room of these steps: they need nothing of the place."""

    place: str = "home"


@step("selftest.switching", kind=Kind.READ, timeout_s=PLAY_S, retries=0, gated=True)
def play(_room: Theatre, _ctx: StepContext, wanted: Play) -> tuple[Played, ...]:
    """All at once; what fails is a result, not an error."""
    return tuple(rehearsal.rehearse(wanted.scenes))


@play.prepare
def about_to_play(room: Theatre, _ctx: StepContext, wanted: Play) -> Action:
    """Nothing changes: what is tested is played."""
    scenes = list(wanted.scenes or rehearsal.SCENES)
    return actions.make("local_exec", room.place, undo="nothing-changes", preview={}, scenes=scenes)


@workflow("switching_test", version=1, args=SwitchingAsked)
def switching_test(asked: SwitchingAsked) -> WorkflowBody:
    """The report is the run's result and comes with its picture."""
    played: tuple[Played, ...] = yield play(Play(asked.scenes))
    found = tuple(Checked(each.type, each.took_ms, each.failure) for each in played)
    told = report(found)
    picture: Picture = yield draw(Drawing(found))
    return Done(told, [_notice(asked, told, picture.blob)])


def is_passed(told: dict[str, Any]) -> bool:
    """The gate."""
    return bool(told["success_rate"] > GATE_PERCENT)


def _notice(asked: SwitchingAsked, told: dict[str, Any], blob: str) -> Notice:
    params = {"report": told, "blob": blob, "passed": is_passed(told)}
    return Notice(KIND, params, chat_id=asked.chat_id, reply_to=asked.reply_to)
