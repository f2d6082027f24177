"""The half of delivery that works in threads: rows taken and drawn, ends recorded.

Every method is one visit to the database; `bot/mailbox.py` crosses to it and speaks Telegram.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Protocol

import structlog

from bot import drawing, refusals
from bot.crossing import DATABASE_AWAY
from bot.pacing import Lane
from bot.render.model import Rendered, Translator
from bot.sender import Pass
from core.clock import Clock
from core.db import Database, Transaction
from core.runs import cards
from core.runs.blobs import Blobs
from core.runs.buttons import Buttons
from core.runs.exchange_nodes import HOME
from core.runs.mailbox import Mailbox
from core.runs.notices import Form, Level, NoticeRow, alert

#: Rows taken at once: the first of many are on their way while the next are drawn.
BATCH = 16
#: A 429 longer than this goes back to the mailbox, where it survives a restart.
PATIENCE_S = 5.0
#: Before try 2, 3, ... of what did not arrive.
PAUSES_S = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0)
#: Sendings that end in a defect of ours before a notice is given up.
MOST_DEFECTS = 3
#: Characters of an error that are kept.
MOST_WHY = 200
#: The Fluent key of the line on a possible repeat.
MARK = "answer-maybe-repeat"

Render = Callable[[NoticeRow, Translator], Rendered]
Translate = Callable[[Transaction, int], Translator]


class Stores(Protocol):
    """What delivery needs of core; `core.wiring.House` is one."""

    @property
    def db(self) -> Database: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def mailbox(self) -> Mailbox: ...
    @property
    def buttons(self) -> Buttons: ...


@dataclass(frozen=True)
class Outgoing:
    """A row that is SENDING, drawn; `ids` are its buttons', `card` the message that shows it."""

    row: NoticeRow
    chat_id: int
    rendered: Rendered
    ids: tuple[str, ...] = ()
    card: int | None = None

    @property
    def wish(self) -> Pass:
        return Pass(Lane(self.row.notice.urgency), PATIENCE_S)

    @property
    def is_fresh(self) -> bool:
        """An alert that must ring comes as a new message, though a card of it is there."""
        return bool(self.row.notice.params.get("fresh"))


class Outbound:
    """What is going out. `translate` gives the texts of a chat's language."""

    def __init__(self, stores: Stores, render: Render, translate: Translate) -> None:
        self._stores = stores
        self._render = render
        self._translate = translate
        self._log = structlog.get_logger()

    def recover(self) -> None:
        """At start: what was SENDING may have arrived."""
        with self._stores.db.write() as tx:
            self._stores.mailbox.recover(tx)

    def take(self) -> list[Outgoing]:
        """The next rows, drawn, their buttons open, marked as SENDING."""
        rows = self._stores.mailbox.ready(self._stores.clock.now(), BATCH)
        if not rows:
            return []
        with self._stores.db.read() as tx:
            drawn = [(row, self._draw(tx, row)) for row in rows]
        taken = []
        with self._stores.db.write() as tx:
            for row, out in drawn:
                if not self._stores.mailbox.begin(tx, row.id):
                    continue
                if isinstance(out, Exception):
                    self._give_up(tx, row, type(out).__name__)
                    continue
                ids = self._stores.buttons.open(tx, *drawing.new_buttons(row, out.rendered))
                taken.append(replace(out, ids=tuple(ids)))
        return taken

    def _draw(self, tx: Transaction, row: NoticeRow) -> Outgoing | Exception:
        chat_id, key = row.notice.chat_id, row.notice.key
        assert chat_id is not None, "a ready notice has a chat"
        card = cards.shown(tx, chat_id, key) if key is not None else None
        out = Outgoing(row, chat_id, Rendered(()), card=card.message_id if card else None)
        try:
            translator = self._translate(tx, chat_id)
            rendered = self._render(row, translator)
            rendered = self._filled(tx, rendered)
            if row.maybe_sent and (out.card is None or out.is_fresh):  # an edit repeats nothing
                rendered = _marked(rendered, row.parts_sent, translator(MARK))
        except DATABASE_AWAY:
            raise
        except Exception as error:  # noqa: BLE001 (one notice nobody can draw must not hold others)
            self._log.error("notice-undrawable", kind=row.notice.kind, error=type(error).__name__)
            return error
        return replace(out, rendered=rendered)

    def _filled(self, tx: Transaction, rendered: Rendered) -> Rendered:
        """Parts that stand for stored content get its bytes."""
        if not any(part.blob for part in rendered.parts):
            return rendered
        blobs = Blobs(self._stores.db, self._stores.clock, HOME)
        parts = tuple(
            replace(part, file_bytes=blobs.read(tx, part.blob)) if part.blob else part
            for part in rendered.parts
        )
        return replace(rendered, parts=parts)

    def _give_up(self, tx: Transaction, row: NoticeRow, why: str) -> None:
        self._stores.mailbox.dead(tx, row.id, why[:MOST_WHY])
        if row.notice.kind != "alert":  # an alert about an alert would fail the same way
            told = alert(
                Level.PROBLEM, "bot", "notice-dead", kind=row.notice.kind, why=why[:MOST_WHY]
            )
            self._stores.mailbox.put(tx, told)

    def part_sent(self, notice_id: int, message_id: int) -> None:
        """Telegram took a part that is not the last."""
        with self._stores.db.write() as tx:
            self._stores.mailbox.part_sent(tx, notice_id, message_id)

    def sent(self, out: Outgoing, message_ids: list[int]) -> None:
        """Telegram took the rest: bind the buttons, and end those of older sendings."""
        with self._stores.db.write() as tx:
            self._stores.mailbox.sent(tx, out.row.id, message_ids)
            if out.ids and message_ids:
                self._stores.buttons.bind(tx, out.ids, message_ids[-1])
            if out.ids or out.row.form is Form.SHOW or out.row.attempts:
                self._stores.buttons.retire(
                    tx,
                    out.chat_id,
                    notice_id=out.row.id,
                    card_key=out.row.notice.key,
                    keep=out.ids,
                )

    def broken(self, out: Outgoing, why: str) -> None:
        """A defect of ours, not an answer of Telegram's: it may have arrived. Not for ever."""
        if out.row.attempts + 1 < MOST_DEFECTS:
            self.failed(out, refusals.Ambiguous(why))
            return
        with self._stores.db.write() as tx:
            self._give_up(tx, out.row, why)

    def failed(self, out: Outgoing, error: refusals.SendError) -> None:
        """Give the row back, or up, as the error says."""
        wait_s = PAUSES_S[min(out.row.attempts, len(PAUSES_S) - 1)]
        if isinstance(error, refusals.TooSoon):
            wait_s = error.retry_after
        with self._stores.db.write() as tx:
            if isinstance(error, refusals.Blocked):
                self._stores.mailbox.dead(tx, out.row.id, str(error)[:MOST_WHY])
            elif isinstance(error, (refusals.Rejected, refusals.BadMarkup, refusals.Gone)):
                self._give_up(tx, out.row, str(error))
            else:
                self._stores.mailbox.later(
                    tx,
                    out.row.id,
                    self._stores.clock.now() + timedelta(seconds=wait_s),
                    str(error)[:MOST_WHY],
                    maybe_sent=isinstance(error, refusals.Ambiguous),
                )


def _marked(rendered: Rendered, at: int, mark: str) -> Rendered:
    if at >= len(rendered.parts):
        return rendered
    parts = list(rendered.parts)
    parts[at] = drawing.marked(parts[at], mark)
    return replace(rendered, parts=tuple(parts))
