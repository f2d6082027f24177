"""From raw updates to the handler, on an encrypted SQLite file."""

import asyncio
import statistics
import time

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from telegram.ext import ExtBot

from bot.bridge import Bridge
from bot.dispatch import Dispatcher, item_of
from core.clock import SystemClock
from core.runs.intake import Intake, IntakeState
from core.runs.mailbox import Mailbox
from core.runs.ports import NoWake
from core.runs.tables import intake

DEADLINE_S = 10


def message(update_id, text="hello", chat=1001):
    who = {"id": chat, "is_bot": False, "first_name": "Owner"}
    return {
        "update_id": update_id,
        "message": {
            "message_id": update_id,
            "date": 1700000000,
            "chat": {"id": chat, "type": "private"},
            "from": who,
            "text": text,
        },
    }


def tap(update_id, chat=1001):
    return {
        "update_id": update_id,
        "callback_query": {
            "id": str(update_id),
            "from": {"id": chat, "is_bot": False, "first_name": "Owner"},
            "chat_instance": "1",
            "data": "x",
            "message": message(1, chat=chat)["message"],
        },
    }


class Desk:
    """A dispatcher with a scripted handler."""

    def __init__(self, db):
        self.db = db
        self.clock = SystemClock()
        self.intake = Intake(db)
        self.mailbox = Mailbox(db, self.clock, NoWake(), lambda _tx: 1001)
        self.bridge = Bridge()
        self.bot = ExtBot("123456:TEST")
        self.seen = []
        self.heard = []
        self.gates = {}
        self.faults = {}
        self.news = asyncio.Event()
        self.dispatcher = self.new_dispatcher()

    def new_dispatcher(self):
        return Dispatcher(
            bot=self.bot,
            db=self.db,
            intake=self.intake,
            mailbox=self.mailbox,
            clock=self.clock,
            cross=self.bridge.run,
            handle=self.handle,
            heard=self.heard.append,
        )

    async def handle(self, update, row):
        self.seen.append(row.update_id)
        self.news.set()
        if row.update_id in self.gates:
            await self.gates[row.update_id].wait()
        if self.faults.get(row.update_id, 0) > 0:
            self.faults[row.update_id] -= 1
            raise ValueError("broken on purpose")

    async def until_seen(self, count):
        while len(self.seen) < count:
            self.news.clear()
            await self.news.wait()

    async def take(self, *raws):
        await self.dispatcher.take([item_of(raw) for raw in raws])

    def ends(self):
        with self.db.read() as tx:
            query = sa.select(intake.c.update_id, intake.c.state).order_by(intake.c.seq)
            return [(row.update_id, row.state) for row in tx.execute(query)]

    def alerts(self):
        rows = self.mailbox.ready(self.clock.now(), 100)
        return [row.notice.params for row in rows if row.notice.kind == "alert"]


@pytest.fixture
def play(sqlite_database):
    def run(story):
        async def whole():
            desk = Desk(sqlite_database)
            async with asyncio.timeout(DEADLINE_S):
                await story(desk)
                await desk.dispatcher.stop(0)
            desk.bridge.close()

        asyncio.run(whole())

    return run


def test_an_update_is_committed_before_it_is_handled_and_ends_as_done(play):
    async def story(desk):
        async def handle(update, row):
            desk.seen.append((update.message.text, desk.ends()))

        desk.handle = handle
        desk.dispatcher = desk.new_dispatcher()
        await desk.take(message(7, "one"))
        await desk.dispatcher.idle()
        assert desk.seen == [("one", [(7, "new")])]
        assert desk.ends() == [(7, "done")]
        assert desk.heard == [1001]

    play(story)


def test_an_update_delivered_twice_is_handled_once(play):
    async def story(desk):
        await desk.take(message(7), message(7))
        await desk.take(message(7))
        await desk.dispatcher.idle()
        assert desk.seen == [7]

    play(story)


def test_what_was_not_ended_before_a_restart_is_handled_first_and_in_order(play):
    async def story(desk):
        items = [item_of(message(n)) for n in (5, 3, 9)]
        desk.intake.keep("123456", items, desk.clock.now())
        await desk.dispatcher.start()
        await desk.take(message(10))
        await desk.dispatcher.idle()
        assert desk.seen == [5, 3, 9, 10]

    play(story)


def test_a_chat_keeps_its_order_and_does_not_hold_another(play):
    async def story(desk):
        desk.gates[1] = asyncio.Event()
        await desk.take(message(1), message(2), message(3, chat=7))
        await desk.until_seen(2)
        assert desk.seen == [1, 3]
        desk.gates[1].set()
        await desk.dispatcher.idle()
        assert desk.seen == [1, 3, 2]

    play(story)


def test_taps_and_stops_overtake_their_chat(play):
    async def story(desk):
        stop_button = {
            "update_id": 5,
            "stopped_message_generation": {"chat": {"id": 1001}, "draft_id": "12"},
        }
        desk.gates[1] = asyncio.Event()
        await desk.take(
            message(1), message(2), tap(3), message(4, "/Stop@mask_bot now"), stop_button
        )
        await desk.until_seen(4)
        assert desk.seen == [1, 3, 4, 5]
        desk.gates[1].set()
        await desk.dispatcher.idle()
        assert desk.seen[-1] == 2

    play(story)


def test_a_handler_that_fails_is_tried_again_before_the_chats_next_update(play):
    async def story(desk):
        desk.faults[1] = 1
        await desk.take(message(1), message(2))
        await desk.dispatcher.idle()
        assert desk.seen == [1, 1, 2]
        assert desk.ends() == [(1, "done"), (2, "done")]
        assert desk.alerts() == []

    play(story)


def test_an_update_that_fails_three_times_is_dead_lettered_with_one_alert(play):
    async def story(desk):
        desk.faults = {1: 99, 2: 99}
        await desk.take(message(1), message(2, chat=7), message(3))
        await desk.dispatcher.idle()
        assert desk.ends() == [(1, "dead"), (2, "dead"), (3, "done")]
        (told,) = desk.alerts()
        assert (told["component"], told["code"], told["count"]) == ("bot", "update-dead", 2)

    play(story)


def test_tries_are_counted_across_restarts(play):
    async def story(desk):
        desk.intake.keep("123456", [item_of(message(1))], desk.clock.now())
        seq = desk.intake.waiting("123456")[0].seq
        for _ in range(2):
            desk.intake.tried(seq)
        desk.faults[1] = 99
        await desk.dispatcher.start()
        await desk.dispatcher.idle()
        assert desk.seen == [1]
        assert desk.ends() == [(1, "dead")]

    play(story)


POISON = [
    None,
    [],
    "text",
    {"message": {}},
    {"update_id": "7"},
    {"update_id": True},
    {"update_id": 2**70},
    {"update_id": 8, "message": {"message_id": 1}},
    {"update_id": 9, "message": "text"},
    {"update_id": 10, "message": {"message_id": 1, "date": 1e300, "chat": {"id": 1, "type": "x"}}},
    {"update_id": 11, "callback_query": {"id": 5}},
]


@pytest.mark.parametrize("raw", POISON, ids=str)
def test_a_malformed_update_is_dead_at_once_and_hurts_nobody(play, raw):
    async def story(desk):
        await desk.take(message(1), raw, message(2))
        await desk.take(raw)
        await desk.dispatcher.idle()
        assert desk.seen == [1, 2]
        assert [state for _, state in desk.ends()] == ["done", "dead", "done"]
        assert [told["code"] for told in desk.alerts()] == ["update-dead"]

    play(story)


def test_text_that_no_database_could_store_raw_is_kept(play):
    async def story(desk):
        await desk.take(message(1, "lone \ud800 and \x00"))
        await desk.dispatcher.idle()
        assert desk.ends() == [(1, "done")]

    play(story)


def test_a_handler_that_ended_its_row_is_believed(play):
    async def story(desk):
        async def handle(update, row):
            with desk.db.write() as tx:
                Intake.end(tx, row.seq, IntakeState.ASIDE, desk.clock.now(), "stranger")
            return row.update_id == 1

        desk.handle = handle
        desk.dispatcher = desk.new_dispatcher()
        await desk.take(message(1), message(2))
        await desk.dispatcher.idle()
        assert desk.ends() == [(1, "aside"), (2, "aside")]

    play(story)


def test_updates_are_not_confirmed_while_the_database_is_away(play):
    async def story(desk):
        def away(*_args):
            raise OperationalError("BEGIN", {}, Exception("locked"))

        keep, desk.intake.keep = desk.intake.keep, away
        with pytest.raises(OperationalError):
            await desk.take(message(1))
        desk.intake.keep = keep
        await desk.take(message(1))
        await desk.dispatcher.idle()
        assert desk.seen == [1]

    play(story)


def test_a_backlog_larger_than_memory_is_worked_off_in_order(play, monkeypatch):
    monkeypatch.setattr("bot.dispatch.MOST_HELD", 20)
    monkeypatch.setattr("bot.dispatch.PAGE", 7)

    async def story(desk):
        items = [item_of(message(n)) for n in range(1, 61)]
        desk.intake.keep("123456", items, desk.clock.now())
        await desk.dispatcher.start()
        await desk.take(message(61))
        while len(desk.seen) < 61:
            await desk.dispatcher.idle()
        assert desk.seen == list(range(1, 62))

    play(story)


def test_what_arrives_during_a_commit_is_committed_together(play):
    async def story(desk):
        commits = []
        keep = desk.intake.keep

        def counted(source, updates, now):
            commits.append(len(updates))
            return keep(source, updates, now)

        desk.intake.keep = counted
        await asyncio.gather(*(desk.take(message(n, chat=n)) for n in range(1, 31)))
        await desk.dispatcher.idle()
        assert sum(commits) == 30
        assert len(commits) <= 2

    play(story)


def test_an_update_reaches_the_handler_soon_after_its_commit(play):
    async def story(desk):
        delays = []

        async def handle(update, row):
            delays.append(time.perf_counter() - committed[0])
            return True

        committed = [0.0]
        keep = desk.intake.keep

        def stamped(*args):
            kept = keep(*args)
            committed[0] = time.perf_counter()
            return kept

        desk.intake.keep = stamped
        desk.handle = handle
        desk.dispatcher = desk.new_dispatcher()
        for number in range(1, 101):
            await desk.take(message(number))
            await desk.dispatcher.idle()
        assert statistics.median(delays) < 0.005  # 0.5 ms when the machine is quiet

    play(story)
