"""The board of questions: which have a card, which wait in order, which are one card together.

Decides when a card appears and what it says; never whether anything may run. At most MOST_OPEN
cards are open; the next takes the place of one that is decided, has expired or is withdrawn.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa

from core.approvals import cards, store
from core.approvals.audit import Audit
from core.approvals.cards import Around
from core.approvals.model import MOST_OPEN, Approval, State
from core.approvals.owner import actor_of
from core.approvals.tables import approvals
from core.clock import Clock
from core.db import Transaction
from core.errors import Refused
from core.runs import actions, journal
from core.runs import cards as shown_cards
from core.runs.exchange_nodes import HOME, Nodes
from core.runs.notices import Notice
from core.runs.ports import Risk, Wake

#: The Fluent key that says why no rule is offered for an action (its fields); None: one may be.
WhyNoRule = Callable[[dict[str, Any], Risk], str | None]
#: Who recorded what nobody decided.
NOBODY = "home"


def no_rules(_fields: dict[str, Any], _risk: Risk) -> str | None:
    """Where no rules are wired: the button is not offered."""
    return "rules-why-kind"


class Board:
    """What the engine's and the owner's side of `Approvals` have in common.

    `put` keeps a notice in the mailbox; `owner` is the owner's Telegram id; `timeout_s` is
    APPROVAL_TIMEOUT and beats every validity.
    """

    def __init__(
        self,
        clock: Clock,
        put: Callable[[Transaction, Notice], Any],
        wake: Wake,
        nodes: Nodes,
        audit: Audit,
        owner: Callable[[Transaction], int | None],
        *,
        timeout_s: int | None = None,
        why_no_rule: WhyNoRule = no_rules,
    ) -> None:
        self._clock = clock
        self._put = put
        self._wake = wake
        self._nodes = nodes
        self._audit = audit
        self._owner = owner
        self._timeout_s = timeout_s
        self._why_no_rule = why_no_rule

    # -- looking

    def get(self, tx: Transaction, approval_id: str) -> Approval:
        """Refused(`approval-unknown`)."""
        return store.get(tx, approval_id)

    def pending(self, tx: Transaction) -> list[Approval]:
        """What waits for the owner, in order of asking; equal ones once."""
        waiting = store.in_states(tx, {State.QUEUED, *store.SHOWN})
        return [each for each in waiting if each.merged_into is None]

    def show_again(self, tx: Transaction) -> int:
        """Fresh messages for all open cards; how many. Buttons of the old ones die."""
        found = store.in_states(tx, store.SHOWN)
        for approval in found:
            self._show(tx, approval, fresh=True)
        return len(found)

    def live(self, tx: Transaction, run_id: str, text: str) -> None:
        """The newest output of what runs, onto its card."""
        for approval in store.select(tx, *_running(run_id)):
            self._show(tx, approval, live=text)

    def is_running(self, tx: Transaction, run_id: str) -> bool:
        """Has this run an approved step that has begun and not ended?"""
        return store.count(tx, *_running(run_id)) > 0

    def is_whole(self, tx: Transaction, approval: Approval) -> bool:
        """Has Telegram accepted the document with the whole text of a question too long for a
        card?"""
        chat_id = approval.chat_id if approval.chat_id is not None else self._owner(tx)
        key = cards.text_key_of(approval.id)
        shown = None if chat_id is None else shown_cards.shown(tx, chat_id, key)
        return shown is not None and shown.message_id is not None

    # -- the queue

    def _validity(self, approval: Approval) -> timedelta:
        return timedelta(seconds=self._timeout_s or approval.judgement.validity_s)

    def _fill(self, tx: Transaction) -> None:
        """Open cards for those that wait, as far as there is room."""
        room = MOST_OPEN - self._count_shown(tx)
        waiting = store.queued(tx)
        for approval in waiting[: max(0, room)]:
            self._open(tx, approval, self._clock.now() + self._validity(approval))
        if waiting and room > 0:
            self._refresh(tx)

    def _open(self, tx: Transaction, approval: Approval, expires_at: datetime) -> None:
        now = self._clock.now()
        values = {"opened_at": now, "expires_at": expires_at}
        self._show(tx, store.move(tx, approval, State.OPEN, **values))

    def _refresh(self, tx: Transaction) -> None:
        """The open cards tell how many wait behind them. A card that tells it already stays: a new
        revision kills the buttons that a thumb may be on its way to."""
        behind = len(store.queued(tx))
        for approval in store.in_states(tx, store.SHOWN):
            told = shown_cards.params_of(tx, cards.key_of(approval.id))
            if not told or told[-1].get("behind") != behind:
                self._show(tx, approval)

    def _count_shown(self, tx: Transaction) -> int:
        return store.count(tx, approvals.c.state.in_(list(store.SHOWN)))

    # -- ends without a yes

    def _close(self, tx: Transaction, approval: Approval, state: State, **values: Any) -> None:
        """It will not run: tell it on the card, and let its run go on without."""
        ended = store.move(tx, approval, state, ended_at=self._clock.now(), **values)
        if approval.opened_at is not None:
            self._show(tx, ended)
        self._let_go_on(tx, approval.run_id)

    def _pass_on(self, tx: Transaction, approval: Approval) -> None:
        """A card ends alone: the first of the equal requests behind it takes its place."""
        members = store.merged_into(tx, approval.id)
        if not members:
            return
        heir, *others = members
        heir = store.note(tx, heir, merged_into=None)
        for each in others:
            store.note(tx, each, merged_into=heir.id)
        if approval.state in store.SHOWN and approval.expires_at is not None:
            self._open(tx, heir, approval.expires_at)

    def _let_go_on(self, tx: Transaction, run_id: str) -> None:
        """The engine is to ask for the verdict."""
        journal.make_ready(tx, run_id, self._clock.now())
        tx.after_commit(partial(self._wake.run, run_id))

    # -- cards and books

    def _show(
        self,
        tx: Transaction,
        approval: Approval,
        *,
        fresh: bool = False,
        live: str | None = None,
        silent: bool = False,
    ) -> None:
        around = Around(
            place_title=self._title(tx, approval.place),
            count=1 + store.count(tx, approvals.c.merged_into == approval.id),
            behind=len(store.queued(tx)),
            why_no_rule=self._why_no_rule(
                actions.read(approval.canonical), approval.judgement.risk
            ),
            live=live,
            fresh=fresh,
            whole=self.is_whole(tx, approval),
        )
        self._put(tx, cards.notice(approval, around, silent=silent))

    def _title(self, tx: Transaction, place: str) -> str | None:
        """What the owner calls the place; None at home, which has a name in every language."""
        if place == HOME:
            return None
        peer = self._nodes.find(tx, place)
        return (peer.title if peer else None) or place

    def _record(self, tx: Transaction, kind: str, by: str, approval: Approval, **more: Any) -> None:
        """Ids, digests, outcomes; never text."""
        self._audit.record(
            tx,
            kind,
            by,
            approval=approval.id,
            run=approval.run_id,
            position=approval.position,
            place=approval.place,
            action=approval.kind,
            digest=approval.digest,
            rule=approval.judgement.rule,
            **more,
        )

    def _must_be_owner(self, tx: Transaction, by: str) -> None:
        """Whoever calls: only the owner decides. Refused(`not-owner`)."""
        owner = self._owner(tx)
        if owner is None or by != actor_of(owner):
            raise Refused("not-owner")


def _running(run_id: str) -> tuple[sa.ColumnElement[bool], ...]:
    return approvals.c.run_id == run_id, approvals.c.state == State.RUNNING.value
