"""/why: how an answer came about, from its run's journal and the ledger.

    /why                as a reply to any answer, that one; else the last turn of the chat

Short first, everything behind a button. Nothing is worked out anew: what is shown is what the
router decided with, as the `llm.route` step has written it down.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.handlers.incoming import Command, Incoming, Tapped, Verb, Word
from bot.handlers.memory_query import label_of_rows
from bot.handlers.memory_used import used_memory
from bot.handlers.screens import show
from core.db import Transaction
from core.runs.buttons import Tap
from core.runs.model import Label, RunRow, StepRow, StepState
from core.wiring import House

#: The steps of `ask` whose outcomes tell how an answer came about.
ROUTE_STEP = "llm.route"
GENERATE_STEPS = ("llm.generate", "llm.generate_released")


def command(house: House, tx: Transaction, said: Incoming) -> None:
    """`/why`"""
    run = _asked_about(house, tx, said)
    shown = facts(house, tx, run) if run else {}
    show(house, tx, said.chat_id, "why", shown, label=_label_of(shown))


def open_why(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`why.open`; `whole` brings everything, and without it the short form is back."""
    run = house.runs.get(tx, str(tap.params["run_id"]))
    shown = facts(house, tx, run, is_whole=bool(tap.params.get("whole"))) if run else {}
    show(house, tx, tapped.said.chat_id, "why", shown, tap.card_key, label=_label_of(shown))
    return None


def facts(house: House, tx: Transaction, run: RunRow, *, is_whole: bool = False) -> dict[str, Any]:
    """The facts of the screen; of several rounds the last one's, the cost of all."""
    steps = house.runs.steps(tx, run.id)
    at = _last(steps, *GENERATE_STEPS)
    reply = steps[at] if at is not None else None
    begun = _route_of(steps, at)
    found: dict[str, Any] = {"run_id": run.id, "state": run.state.value, "whole": is_whole}
    if begun is not None:
        route = steps[begun]
        found["route"] = route.outcome
        found["asked"] = {**(route.inputs or {}), "private": _is_private(run, route)}
    found["memory"] = used_memory(house, tx, steps)
    found["attempts"] = _in_vain(steps[begun or 0 : at])
    if reply is not None:
        took = (run.updated_at - run.created_at).total_seconds()
        found["reply"] = {**reply.outcome, "text": None, "took_s": round(took, 1)}
        found["attempts"] += reply.outcome.get("tried") or []
        found["rounds"] = sum(each.name in GENERATE_STEPS for each in _done(steps))
    elif run.error is not None and not found["attempts"]:
        found["attempts"] = run.error.get("params", {}).get("attempts") or []
    spent = house.models.spending.of_run(tx, run.id)
    found["cost"] = {"micros": spent.micros, "unsure": spent.unsure, "calls": spent.calls}
    return found


# -- inside --------------------------------------------------------------------------------------


def _asked_about(house: House, tx: Transaction, said: Incoming) -> RunRow | None:
    """The run behind the message that /why replies to, else the last turn of the chat."""
    if said.replied_to is not None:
        run_id = house.mailbox.run_of(tx, said.chat_id, said.replied_to)
        run = house.runs.get(tx, run_id) if run_id else None
        if run is not None:
            return run
    turns = house.runs.list(tx, chat_id=said.chat_id, workflows=["chat_turn"], limit=1)
    return turns[0] if turns else None


def _label_of(shown: dict[str, Any]) -> Label:
    """As private as the memories it quotes."""
    return label_of_rows(shown.get("memory", {}).get("rows") or [])


def _done(steps: Sequence[StepRow]) -> list[StepRow]:
    return [each for each in steps if each.state is StepState.DONE]


def _last(steps: Sequence[StepRow], *names: str) -> int | None:
    """The place of the last done step of these names."""
    found = [
        at for at, step in enumerate(steps) if step.name in names and step.state is StepState.DONE
    ]
    return found[-1] if found else None


def _route_of(steps: Sequence[StepRow], reply: int | None) -> int | None:
    """The place of the decision that the reply follows; without one, of the last that was about
    who may be asked, not about who might be if the owner let it leave."""
    if reply is not None:
        return _last(steps[:reply], ROUTE_STEP)
    kept = [each for each in steps if not (each.inputs or {}).get("released")]
    at = _last(kept, ROUTE_STEP)
    return None if at is None else steps.index(kept[at])


def _in_vain(steps: Sequence[StepRow]) -> list[dict[str, Any]]:
    """Who was asked at places where nobody answered."""
    failed = (each for each in steps if each.name in GENERATE_STEPS and each.error is not None)
    params = (dict((each.error or {}).get("params") or {}) for each in failed)
    return [dict(attempt) for each in params for attempt in each.get("attempts") or []]


def _is_private(run: RunRow, route: StepRow) -> bool:
    return Label.PRIVATE in {run.label, (route.inputs or {}).get("label")}


COMMANDS: dict[str, Command] = {"why": command}
VERBS: dict[str, Verb] = {"why.open": open_why}
