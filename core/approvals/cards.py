"""What the card of a question says, as parameters for `bot/render/cards/approval`; pure.

Made from the action's canonical bytes and from facts of ours; nothing a model said is in it but
what it put into the action itself. Never decides anything. Times are ISO 8601.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from core.approvals.model import TWO_TAPS_S, Approval, State
from core.runs import actions
from core.runs.exchange_nodes import HOME
from core.runs.model import Label
from core.runs.notices import Notice, Urgency
from core.runs.ports import Risk

KIND = "approval"
#: Letters of live output on a card: its end.
MOST_LIVE = 1200


@dataclass(frozen=True)
class Around:
    """What the card needs besides the approval: what the owner calls the place, how many equal
    requests it stands for, how many wait behind it, why no rule is offered (a Fluent key, None
    when one is), the end of live output, whether to appear as a new message, and whether the
    owner has been given the document with its whole text."""

    place_title: str | None = None
    count: int = 1
    behind: int = 0
    why_no_rule: str | None = None
    live: str | None = None
    fresh: bool = False
    whole: bool = False


def key_of(approval_id: str) -> str:
    """The card's name in the chat."""
    return f"approval:{approval_id}"


def text_key_of(approval_id: str) -> str:
    """The name in the chat of the document with its whole text."""
    return f"approval-text:{approval_id}"


def notice(approval: Approval, around: Around, *, silent: bool = False) -> Notice:
    """The card as it is now."""
    return Notice(
        kind=KIND,
        params=params(approval, around),
        chat_id=approval.chat_id,
        key=key_of(approval.id),
        label=approval.label,
        urgency=Urgency.CARD if around.live is not None else Urgency.ALERT,
        silent=silent,
        reply_to=approval.reply_to,
        run_id=approval.run_id,
    )


def params(approval: Approval, around: Around) -> dict[str, Any]:
    """The card's parameters."""
    judgement = approval.judgement
    told = {
        "id": approval.id,
        "kind": approval.kind,
        "place": approval.place,
        "place_title": around.place_title,
        "state": approval.state.value,
        "digest8": approval.digest[:8],
        "risk": judgement.risk.value,
        "rule": judgement.rule,
        "action": actions.read(approval.canonical),
        "preview": approval.preview,
        "label": approval.label.value,
        "asked_at": _iso(approval.asked_at),
        "expires_at": _iso(approval.expires_at),
        "valid_until": _iso(approval.valid_until),
        "decided_at": _iso(approval.decided_at),
        "decided_by": approval.decided_by,
        "reason": approval.reason,
        "count": around.count,
        "behind": around.behind,
        "read": approval.read,
        "second": second_of(approval),
        "confirm_from": _confirm_from(approval),
        "tries_left": approval.tries_left,
        "live": around.live[-MOST_LIVE:] if around.live is not None else None,
        "began_at": _iso(approval.began_at),
        "ended_at": _iso(approval.ended_at),
        "outcome": outcome_of(approval),
        "can_rule": around.why_no_rule is None,
        "why_no_rule": around.why_no_rule,
        "can_cloud": approval.label is Label.OPEN and approval.place != HOME,
        "reminded": is_reminded(approval),
        "whole": around.whole,
    }
    return {**told, "fresh": True} if around.fresh else told


def needs_two_taps(approval: Approval) -> bool:
    """The highest class."""
    return approval.judgement.second_factor or approval.judgement.risk is Risk.HIGHEST


def needs_code(approval: Approval) -> bool:
    """Also a code from the node's own screen."""
    return approval.judgement.second_factor and approval.place != HOME


def second_of(approval: Approval) -> str:
    """What a yes needs besides one tap: none, confirm, code."""
    if needs_code(approval):
        return "code"
    return "confirm" if needs_two_taps(approval) else "none"


def outcome_of(approval: Approval) -> dict[str, Any] | None:
    """How it ended, None before."""
    outcome = approval.outcome
    return outcome if outcome is not None and "state" in outcome else None


def is_reminded(approval: Approval) -> bool:
    """Was the owner reminded at half time?"""
    return bool((approval.outcome or {}).get("reminded"))


def _confirm_from(approval: Approval) -> str | None:
    if approval.state is not State.CONFIRM or approval.first_tap_at is None:
        return None
    return _iso(approval.first_tap_at + timedelta(seconds=TWO_TAPS_S))


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
