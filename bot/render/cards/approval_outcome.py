"""What became of a question: its state in a line, who decided and when, and how it ended.

Output and error text are quoted and escaped; what they say decides nothing.
"""

from __future__ import annotations

from bot.render import numbers
from bot.render.cards.approval_facts import amount, time_sentence, woven
from bot.render.cards.approval_output import is_cut, newest, quoted
from bot.render.cards.approval_spelling import spell
from bot.render.cards.pieces import Params, error, place, span, time
from bot.render.html import b, clip, code, esc, i, moment, quote
from bot.render.model import Translator
from core.approvals.model import State
from core.runs.model import StepState

SIGNS = {
    State.QUEUED: "⏸",
    State.APPROVED: "✅",
    State.RUNNING: "▶️",
    State.DENIED: "❌",
    State.EXPIRED: "⌛",
    State.LAPSED: "⏳",
    State.WITHDRAWN: "↩️",
    State.DONE: "✅",
    State.FAILED: "⚠️",
    State.UNKNOWN: "❓",
}
NONZERO = "approval-state-nonzero"
#: Ends that have a sign of their own.
ENDS = {
    "approval-killed-stop": "⏹",
    "approval-killed-time": "⏹",
    "approval-killed-output": "⏹",
    "approval-state-stopped": "⏹",
    NONZERO: "⚠️",
}
MOST_REASON, MOST_LIVE = 300, 900
#: Telegram names a decider `telegram:<id>`; there is one owner.
OWNER = ("telegram:", "owner")
EDITED = "owner-edited"


def state_lines(t: Translator, state: State, params: Params) -> list[str]:
    """The state in words, then who decided and when."""
    key = state_key(state, params)
    sign = ENDS.get(key, SIGNS[state])
    lines = [f"{sign} {b(t(key))}", *_decided(t, params)]
    reason = str(params.get("reason") or "")
    if state is State.DENIED and reason:
        lines.append(f"{esc(t('approval-reason'))} {quote(clip(reason, MOST_REASON))}")
    return lines


def state_key(state: State, params: Params) -> str:
    """The headline of a closed or running question."""
    if state is State.WITHDRAWN and params.get("reason") == EDITED:
        return "approval-state-edited"
    if state is State.WITHDRAWN and params.get("began_at"):
        return "approval-state-stopped"
    outcome = params.get("outcome") or {}
    if state is State.DONE:
        return _how_done(outcome.get("summary") or {})
    if state is State.FAILED and outcome.get("state") == StepState.REFUSED:
        return "approval-state-refused"
    return f"approval-state-{state.value}"


def _how_done(summary: Params) -> str:
    """A command that was cut short, or that says itself that it failed, is not simply done."""
    if summary.get("killed"):
        killed = f"approval-killed-{summary['killed']}"
        return killed if killed in ENDS else "approval-killed-stop"
    return "approval-state-done" if summary.get("exit_code") in {None, 0} else NONZERO


def _decided(t: Translator, params: Params) -> list[str]:
    at = numbers.instant(params.get("decided_at"))
    if at is None:
        return []
    by = str(params.get("decided_by") or "owner")
    who = esc(t("approval-by-owner")) if by.startswith(OWNER) else code(spell(clip(by, 40)))
    kind = "denied" if params.get("state") == State.DENIED else "approved"
    return [woven(t, f"approval-{kind}-by", {"name": who, "when": moment(at, t.day(at))})]


def outcome_lines(t: Translator, state: State, params: Params) -> list[str]:
    """What happened, its measures, and the output folded away."""
    match state:
        case State.APPROVED:
            where = params.get("place_title") or place(t, params.get("place"))
            return [esc(t("approval-starts", place=str(where)))]
        case State.RUNNING:
            began = params.get("began_at")
            lines = [time_sentence(t, "approval-began", began)] if began else []
            return [*lines, *newest(t, str(params.get("live") or ""), MOST_LIVE)]
        case State.DONE | State.FAILED | State.UNKNOWN:
            return _ended(t, state, params)
        case State.EXPIRED | State.QUEUED:
            return [esc(t(f"{state_key(state, params)}-text"))]
        case State.LAPSED | State.WITHDRAWN:
            ran = "" if params.get("began_at") else f" {t('approval-did-not-run')}"
            return [esc(t(f"{state_key(state, params)}-text") + ran)]
        case _:
            return []


def _ended(t: Translator, state: State, params: Params) -> list[str]:
    outcome: Params = params.get("outcome") or {}
    lines = []
    if state is State.UNKNOWN:
        lines.append(esc(t("approval-state-unknown-text")))
    if outcome.get("error"):
        lines.append(esc(error(t, outcome["error"])))
    summary: Params = outcome.get("summary") or {}
    killed = f"approval-killed-{summary.get('killed')}"
    if state is not State.DONE and killed in ENDS:
        lines.append(f"⏹ {b(t(killed))}")
    lines += _measures(t, summary, params)
    lines += quoted(t, _output(params))
    if has_whole_output(params):
        lines.append(f"📄 {esc(t('approval-output-file'))}")
    if outcome.get("change_id"):
        lines.append(f"↩️ {esc(t('approval-undo-ready'))}")
    return lines


def _measures(t: Translator, summary: Params, params: Params) -> list[str]:
    """Exit code, time, sizes, in one line."""
    told = []
    exit_code = summary.get("exit_code")
    if exit_code is not None:
        told.append(t("approval-exit", code=str(exit_code)))
    if summary.get("took_s") is not None:
        told.append(t("approval-took", took=span(t, max(1, round(float(summary["took_s"]))))))
    if summary.get("entries") is not None:
        told.append(t("approval-entries-done", count=int(summary["entries"])))
    if summary.get("bytes") is not None:
        told.append(amount(t, summary["bytes"]))
    lines = [esc(" · ".join(told))] if told else []
    if params.get("ended_at"):
        lines.append(f"{i(t('approval-ended'))} {time(t, params['ended_at'])}")
    return lines


def _output(params: Params) -> str:
    """What a command printed. Other steps describe what they did in the model's language: the
    measures say the same in the owner's."""
    is_command = "argv" in (params.get("action") or {})
    return str((params.get("outcome") or {}).get("text") or "") if is_command else ""


def has_whole_output(params: Params) -> bool:
    """Is there more output than its card shows?"""
    text = _output(params)
    return bool(text) and (is_cut(text) or bool((params.get("outcome") or {}).get("blob")))
