"""An owner who remembers: a house, a phone on which memory's cards appear, and taps on what they
really show."""

from __future__ import annotations

from core.memory.model import NewMessage, Role
from core.memory.record_model import Actor, Category, NewRecord
from core.runs.model import Label
from tests.integration.cards_house import Desk
from tests.integration.handlers_house import OWNER

BY = Actor(f"telegram:{OWNER}")


class MemoryDesk(Desk):
    """`remember` and `exchange` put things in; `press` taps the newest card of a kind."""

    def __init__(self, database, clock, language="en"):
        super().__init__(database, clock, language)
        self.memory = self.house.memory

    def do(self, method, *args, **named):
        with self.house.db.write() as tx:
            return method(tx, *args, **named)

    def remember(self, text, category=Category.NOTE, **more):
        self.clock.advance(60)
        new = NewRecord(category, text, **more)
        return self.do(self.memory.records.remember, new, BY).record

    def record(self, record_id):
        return self.do(self.memory.records.get, record_id, Label.PRIVATE)

    def history(self, record_id):
        return self.do(self.memory.records.history, record_id)

    def exchange(self, text, answer="yes", label=Label.OPEN, thread=None, run_id=None):
        """A question in a thread (the current one) and its answer."""
        self.clock.advance(60)
        with self.house.db.write() as tx:
            thread_id = thread or self.house.threads.current(tx, OWNER).id
            asked = NewMessage(
                thread_id, Role.OWNER, text, label, telegram_id=next(self._numbers), run_id=run_id
            )
            asked = self.house.threads.add(tx, asked)
            told = NewMessage(
                thread_id, Role.ASSISTANT, answer, label, parent_id=asked.id, run_id=run_id
            )
            return asked, self.house.threads.add(tx, told)

    def shown(self, kind):
        """What the newest message of a kind says."""
        return self.last(kind).text

    def params(self, kind):
        """What the newest notice of a kind was given."""
        return self.notices(kind)[-1].notice.params

    def label(self, kind):
        return self.notices(kind)[-1].notice.label

    def press(self, card, verb, /, user_id=OWNER, **params):
        """Tap a button of the newest message that shows this kind; the spinner's word."""
        message_id, message = self.newest(card)
        return self.tap_id(message.button(verb, **params), message_id, user_id)

    def newest(self, kind):
        """Message id and message that show the newest card of a kind."""
        self.deliver()
        found = [(at, message) for at, message in self.phone.items() if message.kind == kind]
        assert found, f"no {kind} on the phone"
        return found[-1]

    def words_of(self, kind):
        """The words that the rows of the newest list of a kind begin with."""
        return [each["text"] for each in self.params(kind)["rows"]]
