"""A message that held a secret is deleted, also when Telegram or the network makes it hard."""

from __future__ import annotations

import asyncio

import pytest

from bot.refusals import Rejected, Unreachable
from bot.unsaying import Unsaying, unsay
from tests.integration.handlers_house import OWNER, Chat


class Bot:
    def __init__(self, *errors):
        self.errors = list(errors)
        self.deleted = []

    async def delete_message(self, chat_id, message_id, **_more):
        if self.errors and (error := self.errors.pop(0)):
            raise error
        self.deleted.append((chat_id, message_id))


async def cross(work, *args):
    return work(*args)


@pytest.fixture
def house(sqlite_database, clock):
    return Chat(sqlite_database, clock).house


def wish(house, *message_ids):
    with house.db.write() as tx:
        for each in message_ids:
            unsay(house, tx, OWNER, each)


def rounds(house, bot, times=1):
    for _ in range(times):
        asyncio.run(Unsaying(bot=bot, house=house, cross=cross).round())


def test_what_is_wished_away_is_deleted_once(house):
    bot = Bot()
    wish(house, 7, 8)
    rounds(house, bot, 2)
    assert sorted(bot.deleted) == [(OWNER, 7), (OWNER, 8)]


def test_a_network_that_is_away_only_delays_it(house):
    bot = Bot(Unreachable("no network"))
    wish(house, 7)
    rounds(house, bot)
    assert bot.deleted == []
    rounds(house, bot)
    assert bot.deleted == [(OWNER, 7)]


def test_a_message_that_telegram_keeps_is_let_be(house):
    bot = Bot(Rejected("message can't be deleted"))
    wish(house, 7)
    rounds(house, bot, 2)
    assert bot.deleted == []
