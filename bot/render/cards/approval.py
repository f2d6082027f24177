"""The card of a question to the owner: what would run, letter by letter, and what a yes would mean.

Drawn by code from the action's canonical fields (`core/approvals/cards.py` puts them into the
notice). Text of a model enters it only quoted and escaped. A question that does not fit says so and
must be read as a document before it has an Approve button; nothing is ever cut in silence. A closed
question keeps what it was about, so that the chat's history can be read.
"""

from __future__ import annotations

from bot.render.cards.approval_action import draw, is_long
from bot.render.cards.approval_buttons import buttons, needs_reading
from bot.render.cards.approval_facts import (
    change,
    circumstances,
    effects,
    headline,
    subject,
    time_sentence,
)
from bot.render.cards.approval_outcome import outcome_lines, state_lines
from bot.render.cards.pieces import Params, card
from bot.render.html import b, clip, esc
from bot.render.model import Rendered, Translator
from core.approvals.model import WAITING, State
from core.runs.notices import NoticeRow

#: Tries of a node's code that are worth a warning.
FEW_TRIES = 5
MOST_TITLE = 40


def approval(row: NoticeRow, t: Translator) -> Rendered:
    """One revision of the card; the newest is the only one whose buttons work."""
    params: Params = row.notice.params
    state = State(params.get("state") or State.OPEN)
    asks = state in WAITING and state is not State.QUEUED
    lines = _asking(t, state, params) if asks else _closed(t, state, params)
    return card(lines, *buttons(t, state, params))


def _asking(t: Translator, state: State, params: Params) -> list[str]:
    is_cut = is_long(params)
    action: Params = params.get("action") or {}
    lines = [*_tap_lines(t, state, params), *headline(t, params), ""]
    if is_cut:
        key = "approval-long" if needs_reading(params) else "approval-long-read"
        lines.append(f"📄 {b(t(key))}")
    lines += draw(t, action, is_cut=is_cut)
    lines += ["", *effects(t, params), *change(t, params, is_cut=is_cut)]
    lines += ["", *circumstances(t, params)]
    if params.get("expires_at"):
        lines.append(f"⏳ {time_sentence(t, 'approval-expires', params['expires_at'])}")
    return lines


def _tap_lines(t: Translator, state: State, params: Params) -> list[str]:
    """What the next tap or message would do, above everything else."""
    if state is State.CONFIRM:
        return [f"⚠️ {b(t('approval-second-tap'))}", ""]
    if state is not State.CODE:
        return []
    title = clip(str(params.get("place_title") or params.get("place") or "—"), MOST_TITLE)
    lines = [f"🔢 {b(t('approval-code-asks', place=title))}"]
    left = params.get("tries_left")
    if left is not None and int(left) < FEW_TRIES:
        lines.append(f"⚠️ {esc(t('approval-code-left', count=int(left)))}")
    return [*lines, ""]


def _closed(t: Translator, state: State, params: Params) -> list[str]:
    """The state first, then what it was about, then how it went. The exact text may be cut here,
    marked: the question itself has shown or sent all of it."""
    action: Params = params.get("action") or {}
    lines = [*state_lines(t, state, params), "", *subject(t, params)]
    lines += draw(t, action, is_cut=True)
    return [*lines, "", *outcome_lines(t, state, params)]
