"""The owner's gate: who an update comes from decides what becomes of it, before anything else.

Decides only; the app acts on the verdict and ends the intake row with it. The first `/start` is
not trusted: only the code binds the owner. A stranger is answered once, then never again.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Protocol

from telegram import Chat, ChatMemberUpdated, Update, User
from telegram.constants import ChatMemberStatus, ChatType

from bot import telegram_raw
from core.db import Transaction


class Door(enum.StrEnum):
    """What the gate says."""

    OWNER = "owner"  # hand it to the handlers
    PAIR = "pair"  # somebody shows a pairing code
    STRANGER = "stranger"  # one polite refusal the first time, then silence
    GROUP = "group"  # a group or channel: say so once, leave it
    ASIDE = "aside"  # nothing to answer; `why` names the rule


@dataclass(frozen=True)
class Verdict:
    """The gate's answer. `why` is what the intake row keeps; `is_first` holds for STRANGER."""

    door: Door
    why: str | None = None
    code: str | None = None
    is_first: bool = False


def is_plainly_the_owners(update: Update, owner_id: int | None) -> bool:
    """The usual case, judged without the database: a known owner, in the private chat."""
    user = update.effective_user
    return (
        owner_id is not None and user is not None and user.id == owner_id and _aside(update) is None
    )


class OwnerBook(Protocol):
    """Who the owner is; `core.approvals.owner.Owner` is one."""

    def is_owner(self, tx: Transaction, user_id: int) -> bool: ...

    def stranger_seen(self, tx: Transaction, user_id: int) -> bool: ...


class Gate:
    """Judges inside the caller's transaction: meeting a stranger writes a row."""

    def __init__(self, owner: OwnerBook) -> None:
        self._owner = owner

    def judge(self, tx: Transaction, update: Update) -> Verdict:
        """Raises ValueError, KeyError or TypeError for a Stop that cannot be read."""
        stopped = telegram_raw.stopped(update)
        if stopped is not None:  # it carries no user; a private chat's id is the person's
            is_owner = self._owner.is_owner(tx, stopped.chat_id)
            return Verdict(Door.OWNER) if is_owner else Verdict(Door.ASIDE, "stranger")
        aside = _aside(update)
        if aside is not None:
            return aside
        user = update.effective_user
        if user is None:
            return Verdict(Door.ASIDE, "no-user")
        if self._owner.is_owner(tx, user.id):
            return Verdict(Door.OWNER)
        return self._not_owner(tx, update, user)

    def _not_owner(self, tx: Transaction, update: Update, user: User) -> Verdict:
        if update.message is None:  # a tap, an edit, a reaction: there is nothing to answer to
            return Verdict(Door.ASIDE, "stranger")
        code = _pairing_code(update.message.text)
        if code is not None:
            return Verdict(Door.PAIR, code=code)
        return Verdict(Door.STRANGER, "stranger", is_first=self._owner.stranger_seen(tx, user.id))


def _aside(update: Update) -> Verdict | None:
    """The rules that hold for everybody."""
    if update.my_chat_member is not None:
        return _membership(update.my_chat_member)
    chat = update.effective_chat
    if chat is None:
        return Verdict(Door.ASIDE, "unknown-kind")
    if chat.type != ChatType.PRIVATE:
        # Only a message is answered: the rest of a group's life is none of ours.
        return _group(chat) if update.message is not None else Verdict(Door.ASIDE, "group")
    user = update.effective_user
    if user is not None and user.is_bot:
        return Verdict(Door.ASIDE, "bot")
    return None


def _membership(change: ChatMemberUpdated) -> Verdict:
    """The bot's own membership changed: blocked and unblocked, or put into a group."""
    gone = change.new_chat_member.status in {ChatMemberStatus.LEFT, ChatMemberStatus.BANNED}
    if change.chat.type == ChatType.PRIVATE:
        return Verdict(Door.ASIDE, "blocked" if gone else "unblocked")
    return Verdict(Door.ASIDE, "left-group") if gone else _group(change.chat)


def _group(chat: Chat) -> Verdict:
    return Verdict(Door.GROUP, chat.type)


def _pairing_code(text: str | None) -> str | None:
    """The code of `/start <code>`, None for anything else."""
    command, _, code = (text or "").partition(" ")
    is_start = command.partition("@")[0].lower() == "/start"
    return code.strip() or None if is_start else None
