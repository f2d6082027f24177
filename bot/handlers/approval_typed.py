"""What the owner types about an approval: a code, a reason, a changed command, a digest.

- A code: while a card asks for one, a text of digits is the code. It is sealed for the node that
  alone can check it, its message is deleted, its update scrubbed; it is never kept as text, never
  part of a thread, never shown to a model. Digits of any of the three scripts count.
- `/approve 1a2b3c4d`, `/deny 1a2b3c4d [reason]`: for phones without buttons. The same service
  decides as at a tap; the highest class still takes two, a long text must still be given first.
- A changed command withdraws the old question and begins a new run with a card of its own.
"""

from __future__ import annotations

import base64
import re
import unicodedata
from typing import Any

from bot.handlers import approval_papers, wishes
from bot.handlers.forgetting import forget
from bot.handlers.incoming import Incoming, Tapped, Word
from bot.handlers.screens import say
from core import seal
from core.approvals.cards import key_of
from core.approvals.model import Approval, State
from core.approvals.owner import actor_of
from core.approvals.service_engine import EDITED
from core.db import Transaction
from core.errors import Refused
from core.execution import command_line
from core.memory.preferences import Question
from core.runs import cards
from core.runs.buttons import Tap
from core.runs.exchange_nodes import Nodes
from core.runs.notices import Notice
from core.wiring import House

#: Open questions: the reason of a no, and a changed command; `about` has the approval's id.
WHY, EDIT = "approval-why", "approval-edit"
COMMAND = "command.run"
CODE_DIGITS = 6
#: A text of digits with blanks or hyphens between; longer ones are telephone numbers.
CODE_LIKE = re.compile(r"[\d\s-]{4,16}")
DIGEST = re.compile(r"[0-9a-f]{8}")
MOST_REASON = 500

# -- codes -----------------------------------------------------------------------------------------


def take_code(house: House, tx: Transaction, said: Incoming) -> bool:
    """Take `said` as the code that a card asks for; False when it is none, or nobody asks."""
    if not CODE_LIKE.fullmatch(said.text.strip()):
        return False
    asking = [each for each in house.approvals.pending(tx) if each.state is State.CODE]
    if not asking:
        return False
    forget(house, tx, said)
    digits = "".join(str(unicodedata.digit(each)) for each in said.text if each.isdigit())
    if len(digits) != CODE_DIGITS:
        say(house, tx, said.chat_id, "err-code-format")
        return True
    approval = _meant(tx, said, asking)
    if approval is None:
        say(house, tx, said.chat_id, "err-code-which")
        return True
    try:
        _hand_over(house, tx, said, approval, digits)
    except Refused as refusal:  # told here: a rollback would keep the code in the update
        say(house, tx, said.chat_id, f"err-{refusal.code}", **refusal.params)
    return True


def _hand_over(
    house: House, tx: Transaction, said: Incoming, approval: Approval, digits: str
) -> None:
    """Sealed for the node; its refusals are judged before anything is written."""
    peer = Nodes(house.db, house.clock).peer(tx, approval.place)
    bound = approval.id.encode()
    sealed = seal.seal(seal.Context.CODE, digits.encode(), peer.keys.seal, bound)
    text = base64.b64encode(sealed).decode()
    house.approvals.code(tx, approval.id, actor_of(said.user_id), text)
    say(house, tx, said.chat_id, "approval-code-taken", silent=True)


def _meant(tx: Transaction, said: Incoming, asking: list[Approval]) -> Approval | None:
    """The card that was answered, else the only one that asks."""
    for approval in asking:
        card = cards.shown(tx, said.chat_id, key_of(approval.id))
        if card is not None and card.message_id == said.replied_to is not None:
            return approval
    return asking[0] if len(asking) == 1 else None


# -- reasons ---------------------------------------------------------------------------------------


def ask_why(house: House, tx: Transaction, facts: Tapped, tap: Tap) -> Word | None:
    """`approval.why`: the next text of this chat is the reason of a no."""
    approval = _still_open(house, tx, str(tap.params["id"]))
    house.preferences.ask(tx, facts.said.chat_id, Question(WHY, {"id": approval.id}))
    say(house, tx, facts.said.chat_id, "approval-ask-why")
    return None


def take_why(house: House, tx: Transaction, said: Incoming, question: Question) -> None:
    """The reason; it says no at the same time."""
    by, reason = actor_of(said.user_id), said.text.strip()[:MOST_REASON]
    house.approvals.deny(tx, str(question.about["id"]), by, reason=reason or None)


# -- a changed command -----------------------------------------------------------------------------


def ask_edit(house: House, tx: Transaction, facts: Tapped, tap: Tap) -> Word | None:
    """`approval.edit`: the command as it is, to be changed; the next text is the new one."""
    approval = _still_open(house, tx, str(tap.params["id"]))
    line, is_script = _line(approval)
    house.preferences.ask(tx, facts.said.chat_id, Question(EDIT, {"id": approval.id}))
    about = {"action": {"line": line}, "is_script": is_script, "digest8": approval.digest[:8]}
    notice = Notice("approval-edit", about, chat_id=facts.said.chat_id, label=approval.label)
    house.mailbox.put(tx, notice)
    return None


def take_edit(house: House, tx: Transaction, said: Incoming, question: Question) -> None:
    """The changed command: the old question is dead, a new run asks anew. A line that cannot be
    read changes nothing: the question stays open, and so does the card."""
    approval = _still_open(house, tx, str(question.about["id"]))
    _, is_script = _line(approval)
    inputs: dict[str, Any] = dict(approval.inputs)
    text = said.code if said.code is not None else said.text
    if not text.strip():
        raise Refused("command-line")
    if is_script:
        inputs["script"] = text
    else:
        inputs["argv"] = command_line.split(text)
    house.approvals.withdraw_one(tx, approval.id, EDITED)
    title = f"▶️ {approval.place}: {text}"
    label = approval.label
    wishes.begin(house, tx, said, approval.step, inputs, approval.place, title, label=label)
    say(house, tx, said.chat_id, "approval-said-edited", silent=True)


def _line(approval: Approval) -> tuple[str, bool]:
    """The command as one text, and whether it is a script. Refused(`approval-not-command`)."""
    inputs = approval.inputs
    if approval.step != COMMAND or not isinstance(inputs, dict):
        raise Refused("approval-not-command")
    if inputs.get("script"):
        return str(inputs["script"]), True
    return command_line.join([str(word) for word in inputs.get("argv") or ()]), False


# -- without buttons -------------------------------------------------------------------------------


def approve(house: House, tx: Transaction, said: Incoming) -> None:
    """`/approve 1a2b3c4d`: what a tap on Approve, or on the second button, would do."""
    approval, by = _by_digest(house, tx, said.arguments), actor_of(said.user_id)
    if approval_papers.is_long(approval) and not house.approvals.is_whole(tx, approval):
        approval_papers.send_text(house, tx, said.chat_id, approval)
        say(house, tx, said.chat_id, "err-approval-text-first", reply_to=said.message_id)
        return
    if approval.state is State.CONFIRM:
        house.approvals.confirm(tx, approval.id, by)
    else:
        house.approvals.approve(tx, approval.id, by)


def deny(house: House, tx: Transaction, said: Incoming) -> None:
    """`/deny 1a2b3c4d`, and after it a reason if one is wanted."""
    digest, _, reason = said.arguments.partition(" ")
    approval = _by_digest(house, tx, digest)
    told = reason.strip()[:MOST_REASON] or None
    house.approvals.deny(tx, approval.id, actor_of(said.user_id), reason=told)


def _by_digest(house: House, tx: Transaction, typed: str) -> Approval:
    """The one open question whose digest begins so; never a guess."""
    wanted = typed.strip().lower().removeprefix("#")
    if not DIGEST.fullmatch(wanted):
        raise Refused("approval-digits")
    waiting = [each for each in house.approvals.pending(tx) if each.state is not State.QUEUED]
    found = [each for each in waiting if each.digest.startswith(wanted)]
    if not found:
        raise Refused("approval-not-asked")
    if len(found) > 1:
        raise Refused("approval-which")
    return found[0]


def _still_open(house: House, tx: Transaction, approval_id: str) -> Approval:
    approval = house.approvals.get(tx, approval_id)
    if not approval.state.is_open:
        raise Refused("approval-closed")
    return approval
