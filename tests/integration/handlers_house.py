"""A house for handler tests: real tables, nobody woken, and an owner who talks to it."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace

import sqlalchemy as sa

from bot.handlers import buttons, chat, commands, media
from bot.handlers.incoming import Incoming, Tapped
from core import config, seal
from core.monitor.status import BotPulse, Status
from core.runs import notice_rows
from core.runs.buttons import NewButton
from core.runs.ports import NoWake
from core.runs.tables import intake, notices
from core.wiring import house_over

OWNER = 1001
SOURCE = "77"


class NoBridge:
    """Handlers call core through it; here they are called directly."""

    async def run(self, function, *args):
        return function(*args)


class Chat:
    """The owner at the phone: each call is one update, as the handlers get it."""

    def __init__(self, database, clock, owner=OWNER):
        settings = config.Settings(_env_file=None).model_copy(update={"owner_id": owner})
        master = seal.Master(bytes(seal.KEY_BYTES))
        self.house = house_over(database, settings, master, NoWake(), clock)
        self.status = Status(database, clock, self.house.preferences, lambda: 0)
        self.changes = 0
        self.bridge = NoBridge()
        self._numbers = itertools.count(1)

    def pulse(self):
        return BotPulse("polling", self.house.clock.now())

    def sign(self, _tx):
        return 0

    def changed(self):
        self.changes += 1

    def decided(self):
        """Nobody mints here."""

    def incoming(self, text="", **more):
        number = next(self._numbers)
        raw = json.dumps({"update_id": number})
        self.house.intake.keep(SOURCE, [(number, raw)], self.house.clock.now())
        (row,) = [row for row in self.house.intake.waiting(SOURCE) if row.update_id == number]
        facts = {"message_id": number, "language_code": "en", "first_name": "Ada", **more}
        return Incoming(row=row, chat_id=OWNER, user_id=OWNER, text=text, **facts)

    def say(self, text, **more):
        said = self.incoming(text, **more)
        self.replay(said)
        return said

    def replay(self, said):
        if said.text.startswith("/"):
            commands.obey_command(self, said)
        else:
            chat.hear(self.house, said)

    def edit(self, message_id, text):
        said = self.incoming(text, message_id=message_id)
        chat.hear_again(self.house, said)
        return said

    def send(self, key, **more):
        media.answer_kindly(self.house, self.incoming(**more), key)

    def tap(self, verb, /, card_key=None, notice_id=None, message_id=5, **params):
        """Tap a button that is opened for it; returns the word of the spinner."""
        with self.house.db.write() as tx:
            new = NewButton(OWNER, notice_id or 0, verb, params, card_key, single=False)
            (button_id,) = self.house.buttons.open(tx, new)
        return self.tap_id(button_id, message_id)

    def tap_id(self, button_id, message_id=5, user_id=OWNER):
        said = replace(self.incoming(message_id=message_id), user_id=user_id)
        return buttons.obey_tap(self, Tapped(said, button_id, message_id))

    def notices(self, kind=None):
        """What waits in the mailbox, oldest first."""
        with self.house.db.read() as tx:
            rows = tx.execute(sa.select(notices).order_by(notices.c.id)).all()
        found = [notice_rows.read(row) for row in rows]
        return [row for row in found if kind in {None, row.notice.kind}]

    def texts(self):
        return [row.notice.params["key"] for row in self.notices("text")]

    def runs(self, **more):
        with self.house.db.read() as tx:
            return self.house.runs.list(tx, **more)

    def endings(self):
        """State and rule of every update so far."""
        with self.house.db.read() as tx:
            rows = tx.execute(sa.select(intake.c.state, intake.c.why).order_by(intake.c.seq))
            return [tuple(row) for row in rows]
