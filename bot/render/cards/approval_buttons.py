"""The buttons of a question, by its state. A button carries the approval's id and nothing else
that decides: what it approves is in the row.

The dangerous button of the second tap stands where no button was at the first, so that a thumb
that taps twice does not approve. The main button has a row of its own: keyboards cannot be turned
right to left. All buttons are dead as soon as the card has a newer revision.
"""

from __future__ import annotations

from typing import Any

from bot.render.cards.approval_action import CMD, is_long
from bot.render.cards.approval_outcome import has_whole_output
from bot.render.cards.pieces import Params, Row, button
from bot.render.model import Button, Style, Translator
from core.approvals.model import State


def buttons(t: Translator, state: State, params: Params) -> tuple[Row, ...]:
    """Rows of buttons; none where nothing is left to do."""
    rows: tuple[Row, ...] = ()
    match state:
        case State.OPEN:
            rows = _question(t, params)
        case State.CONFIRM:
            rows = _second_tap(t, params)
        case State.CODE:
            rows = ((_back(t, params), _deny(t, params)),)
        case State.RUNNING:
            rows = ((_one(t, "stop", params, style=Style.BAD, single=True),),)
        case State.EXPIRED:
            rows = ((_one(t, "again", params, style=Style.GOOD, single=True),),)
        case State.UNKNOWN:
            yes = _one(t, "happened", params, single=True, yes=True)
            no = _one(t, "did-not", params, verb="happened", single=True, yes=False)
            rows = ((yes,), (no,))
        case State.DONE | State.FAILED:
            rows = _afterwards(t, state, params)
    return rows


def needs_reading(params: Params) -> bool:
    """Must the document be opened before there is an Approve button?"""
    return is_long(params) and not params.get("whole")


def _question(t: Translator, params: Params) -> tuple[Row, ...]:
    details = _one(t, "details", params)
    if needs_reading(params):
        first: Row = (_one(t, "read-whole", params, verb="details", style=Style.MAIN),)
        more: Row = ()
    else:
        first = (_one(t, "approve", params, style=Style.GOOD, single=True),)
        more = (details,)
    no = (_deny(t, params), _one(t, "why", params))
    if params.get("kind") == CMD:
        more = (_one(t, "edit", params), *more)
    rule: Row = (_one(t, "rule", params),) if params.get("can_rule") else ()
    return tuple(row for row in (first, no, more, rule) if row)


def _second_tap(t: Translator, params: Params) -> tuple[Row, ...]:
    """Back where Approve was, Deny where it was, and the yes below both, alone in its colour."""
    sure = _one(t, "confirm", params, style=Style.BAD, single=True)
    no = _one(t, "deny", params, single=True)
    return ((_back(t, params),), (no,), (sure,))


def _afterwards(t: Translator, state: State, params: Params) -> tuple[Row, ...]:
    outcome: Params = params.get("outcome") or {}
    row: list[Button] = []
    if outcome.get("change_id"):
        about = {"change_id": outcome["change_id"], "place": params.get("place")}
        row.append(button(t, "button-approval-undo", "undo.do", single=True, **about))
    if state is State.FAILED and not params.get("began_at"):
        row.append(_one(t, "again", params, style=Style.GOOD, single=True))
    output: Row = (_one(t, "output", params, verb="details"),) if has_whole_output(params) else ()
    return tuple(line for line in (tuple(row), output) if line)


def _deny(t: Translator, params: Params) -> Button:
    return _one(t, "deny", params, style=Style.BAD, single=True)


def _back(t: Translator, params: Params) -> Button:
    return _one(t, "back", params, single=True)


def _one(
    t: Translator,
    label: str,
    params: Params,
    *,
    verb: str | None = None,
    style: Style = Style.PLAIN,
    single: bool = False,
    **more: Any,
) -> Button:
    about = {"id": params.get("id"), **more}
    words = f"button-approval-{label}"
    return button(t, words, f"approval.{verb or label}", style=style, single=single, **about)
