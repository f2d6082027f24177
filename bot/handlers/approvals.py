"""Approval cards: /pending, and the taps Approve, Deny, Edit, Details, confirm, ask again.

A tap is a decision about exactly the action its card was drawn from; the service in
`core.approvals` checks it in the transaction that judges the tap. A question too long for a card
can be approved only after Telegram has accepted the document with its whole text. Never runs
anything, never signs anything.
"""

from __future__ import annotations

from bot.handlers import approval_papers, approval_typed, pending
from bot.handlers.incoming import Answer, Command, Tapped, Verb, Word
from core.approvals.cards import key_of
from core.approvals.model import Approval, State
from core.approvals.owner import actor_of
from core.conversation import hands
from core.conversation.carry_out import Wish, start
from core.db import Transaction
from core.errors import Refused
from core.runs import cards
from core.runs.buttons import Tap
from core.runs.notices import Notice, Urgency
from core.wiring import House

#: What the spinner says for the state that a tap led to.
SAID = {
    State.APPROVED: "approval-said-approved",
    State.CONFIRM: "approval-said-again",
    State.CODE: "approval-said-code",
    State.DENIED: "approval-said-denied",
    State.OPEN: "approval-said-back",
}
#: Ends after which the same may be asked anew.
ASKED_AGAIN = frozenset({State.EXPIRED, State.FAILED})


def approve(house: House, tx: Transaction, facts: Tapped, tap: Tap) -> Word | None:
    """`approval.approve`: a yes, or the first of two taps."""
    approval = _of(house, tx, tap)
    approval_papers.must_be_given(house, tx, approval)
    return _word(house.approvals.approve(tx, approval.id, _by(facts)))


def confirm(house: House, tx: Transaction, facts: Tapped, tap: Tap) -> Word | None:
    """`approval.confirm`: the second tap."""
    approval = _of(house, tx, tap)
    approval_papers.must_be_given(house, tx, approval)
    return _word(house.approvals.confirm(tx, approval.id, _by(facts)))


def back(house: House, tx: Transaction, facts: Tapped, tap: Tap) -> Word | None:
    """`approval.back`: not sure after all."""
    return _word(house.approvals.back(tx, str(tap.params["id"]), _by(facts)))


def deny(house: House, tx: Transaction, facts: Tapped, tap: Tap) -> Word | None:
    """`approval.deny`"""
    return _word(house.approvals.deny(tx, str(tap.params["id"]), _by(facts)))


def details(house: House, tx: Transaction, facts: Tapped, tap: Tap) -> Word | None:
    """`approval.details`: the whole text of a long question, a whole output, or the fine print."""
    approval, chat_id = _of(house, tx, tap), facts.said.chat_id
    if not approval.state.is_open:
        approval_papers.send_output(house, tx, chat_id, approval)
    elif approval_papers.is_long(approval):
        approval_papers.send_text(house, tx, chat_id, approval)
        _offer_yes(house, tx, chat_id, approval)
    else:
        approval_papers.send_details(house, tx, chat_id, approval)
    return Word("approval-said-sent")


def again(house: House, tx: Transaction, facts: Tapped, tap: Tap) -> Word | None:
    """`approval.again`: the same step as a new run, with a card of its own."""
    approval = _of(house, tx, tap)
    has_run = approval.state is State.FAILED and approval.began_at is not None
    if approval.state not in ASKED_AGAIN or has_run:
        raise Refused("approval-closed")
    if approval.step not in hands.READS | hands.EFFECTS:
        if house.runs.again(tx, approval.run_id) is None:
            raise Refused("approval-closed")
        return Word("approval-said-asked")
    run = house.runs.get(tx, approval.run_id)
    wish = Wish(
        step=approval.step,
        inputs=approval.inputs,
        place=approval.place,
        title=(run.title if run else None) or approval.kind,
        language=house.preferences.language(tx),
        chat_id=facts.said.chat_id,
        reply_to=approval.reply_to,
    )
    start(house, tx, wish, key=f"ask-again:{approval.id}", label=approval.label)
    return Word("approval-said-asked")


def happened(house: House, tx: Transaction, facts: Tapped, tap: Tap) -> Word | None:
    """`approval.happened`: what only the owner can say about a step that was cut off."""
    is_true = tap.params.get("yes") is True
    house.approvals.answer_unknown(tx, str(tap.params["id"]), is_true, _by(facts))
    return Word("approval-said-thanks")


def stop(house: House, tx: Transaction, facts: Tapped, tap: Tap) -> Word | None:
    """`approval.stop`: end the run that the step belongs to."""
    is_asked = house.runs.cancel(tx, _of(house, tx, tap).run_id)
    return Word("reply-stopping" if is_asked else "reply-nothing-to-stop")


def _offer_yes(house: House, tx: Transaction, chat_id: int, approval: Approval) -> None:
    """The document is on its way: the open card gets its Approve button."""
    shown = cards.newest_params(tx, chat_id, key_of(approval.id))
    if shown is None or approval.state is not State.OPEN:
        return
    notice = Notice(
        "approval",
        {**shown, "whole": True, "fresh": False},
        chat_id=chat_id,
        key=key_of(approval.id),
        label=approval.label,
        urgency=Urgency.ALERT,
        run_id=approval.run_id,
    )
    house.mailbox.put(tx, notice)


def _of(house: House, tx: Transaction, tap: Tap) -> Approval:
    return house.approvals.get(tx, str(tap.params["id"]))


def _by(facts: Tapped) -> str:
    return actor_of(facts.said.user_id)


def _word(approval: Approval) -> Word:
    return Word(SAID[approval.state])


COMMANDS: dict[str, Command] = {
    "pending": pending.pending,
    "approve": approval_typed.approve,
    "deny": approval_typed.deny,
}
VERBS: dict[str, Verb] = {
    "approval.approve": approve,
    "approval.confirm": confirm,
    "approval.back": back,
    "approval.deny": deny,
    "approval.why": approval_typed.ask_why,
    "approval.edit": approval_typed.ask_edit,
    "approval.details": details,
    "approval.again": again,
    "approval.happened": happened,
    "approval.stop": stop,
    "approval.cancel": pending.cancel,
    "approval.cloud": pending.in_the_cloud,
}
ANSWERS: dict[str, Answer] = {
    approval_typed.WHY: approval_typed.take_why,
    approval_typed.EDIT: approval_typed.take_edit,
}
