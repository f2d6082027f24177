"""The message with a pairing string goes away: the real bot library, the practice Telegram."""

from __future__ import annotations

import asyncio

import pytest
from telegram.ext import ExtBot

from bot.bridge import Bridge
from bot.mailbox import Deliverer
from bot.render.registry import render
from bot.render.translate import translator
from bot.sender import Sender
from core.clock import SystemClock
from core.runs.buttons import Buttons
from core.runs.mailbox import Mailbox
from core.runs.notices import Notice
from core.runs.ports import NoWake
from ops.emulator.client import CHAT
from ops.emulator.serving import TOKEN, serving

LINE = "mask2-" + "b5" * 150
NOW = "2026-11-20T14:05:00+00:00"
DEADLINE_S = 30


class Desk:
    """A mailbox and the bot that empties it."""

    def __init__(self, db, sim):
        self.db, self.sim, self.clock = db, sim, SystemClock()
        self.mailbox = Mailbox(db, self.clock, NoWake(), lambda _tx: CHAT)
        self.buttons = Buttons(db, self.clock)
        self.bridge = Bridge()
        self.bot = ExtBot(TOKEN, base_url=f"{sim.url}/bot", rate_limiter=Sender(self.clock))
        self.deliverer = Deliverer(
            bot=self.bot,
            stores=self,
            cross=self.bridge.run,
            render=render,
            translate=lambda _tx, _chat: translator("en"),
        )

    async def card(self, state, **more):
        params = {"id": "i", "name": "pc", "state": state, "expires_at": NOW, **more}
        notice = Notice("invitation", params, key="invitation:i")
        await self.bridge.run(self.mailbox.post, notice)
        self.deliverer.wake()

    async def wait(self, contains):
        return await asyncio.to_thread(self.sim.wait_message, contains=contains)

    def visible(self):
        return [each.get("text") or "" for each in self.sim.messages(CHAT) if each["from"] == "bot"]

    async def quiet(self):
        while True:
            with self.db.read() as tx:
                if self.mailbox.unsent(tx) == 0:
                    return
            await asyncio.sleep(0.01)


@pytest.fixture
def play(sqlite_database):
    def run(story):
        async def whole(sim):
            desk = Desk(sqlite_database, sim)
            async with asyncio.timeout(DEADLINE_S), desk.bot:
                running = asyncio.create_task(desk.deliverer.run())
                await story(desk)
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)
                await desk.deliverer.stop(0)
            desk.bridge.close()

        with serving() as sim:
            sim.say("/start")
            asyncio.run(whole(sim))

    return run


@pytest.mark.parametrize("state", ["joined", "expired"])
def test_the_message_with_the_string_is_deleted_when_it_is_used_or_expired(play, state):
    async def story(desk):
        await desk.card("open", line=LINE)
        first = await desk.wait(LINE)
        await desk.card(state, digits="01234567")
        second = await desk.wait("0123 4567" if state == "joined" else "expired")
        assert second["message_id"] > first["message_id"]
        await desk.quiet()
        assert not any(LINE in text for text in await asyncio.to_thread(desk.visible))

    play(story)


def test_a_message_that_the_owner_deleted_already_is_fine(play):
    async def story(desk):
        await desk.card("open", line=LINE)
        first = await desk.wait(LINE)
        await desk.bot.delete_message(CHAT, first["message_id"])
        await desk.card("joined", digits="01234567")
        await desk.wait("0123 4567")
        await desk.quiet()

    play(story)


def test_a_message_too_old_to_be_deleted_is_emptied(play):
    async def story(desk):
        await desk.card("open", line=LINE)
        await desk.wait(LINE)
        await asyncio.to_thread(desk.sim.advance_clock, 3 * 86400)
        await desk.card("expired")
        await desk.wait("expired")
        await desk.quiet()
        assert not any(LINE in text for text in await asyncio.to_thread(desk.visible))

    play(story)


def test_the_next_state_edits_the_digits_in_place(play):
    async def story(desk):
        await desk.card("joined", digits="01234567")
        first = await desk.wait("0123 4567")
        await desk.card("trusted")
        second = await desk.wait("let in")
        assert second["message_id"] == first["message_id"]

    play(story)
