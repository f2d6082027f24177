"""The webhook over real HTTP on this machine."""

import asyncio
import io
import json

from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy.exc import OperationalError

from bot.webhook import MOST_BYTES, SECRET_HEADER, Webhook

SECRET = {SECRET_HEADER: "s3cret"}


def exchange(*requests, fault=None):
    """Post each (headers, body); the answers' statuses and what was kept."""
    kept = []

    async def take(items):
        if fault is not None:
            raise fault
        kept.extend(items)

    async def whole():
        webhook = Webhook(take=take, secret="s3cret")
        async with TestClient(TestServer(webhook.application())) as client:
            statuses = []
            for headers, body in requests:
                async with client.post("/telegram", data=body, headers=headers) as answer:
                    statuses.append(answer.status)
            return statuses

    return asyncio.run(whole()), kept


def test_an_update_is_kept_and_then_acknowledged():
    statuses, kept = exchange((SECRET, json.dumps({"update_id": 7})))
    assert statuses == [200]
    assert kept == [(7, '{"update_id": 7}')]


def test_without_the_secret_nothing_is_kept():
    body = json.dumps({"update_id": 7})
    wrong = [{}, {SECRET_HEADER: "s3creT"}, {SECRET_HEADER: ""}]
    statuses, kept = exchange(*((headers, body) for headers in wrong))
    assert statuses == [403, 403, 403]
    assert kept == []


def test_while_the_database_is_away_telegram_is_asked_to_come_again():
    away = OperationalError("BEGIN", {}, Exception("locked"))
    statuses, _ = exchange((SECRET, '{"update_id": 7}'), fault=away)
    assert statuses == [503]


def test_what_is_not_json_is_recorded_and_refused():
    statuses, kept = exchange((SECRET, b"\xff{nonsense"), (SECRET, b"[" * 100_000))
    assert statuses == [400, 400]
    assert len(kept) == 2
    assert all(update_id < 0 for update_id, _ in kept)


def test_json_that_is_no_update_is_recorded_and_acknowledged():
    statuses, kept = exchange((SECRET, "[1, 2]"))
    assert statuses == [200]
    assert kept[0][0] < 0


def test_a_body_over_the_bound_is_not_read():
    statuses, kept = exchange((SECRET, io.BytesIO(b" " * (MOST_BYTES + 1))))
    assert statuses == [413]
    assert kept == []
