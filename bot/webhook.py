"""Getting updates by webhook: 200 is the receipt, given after the commit.

Decides who may deliver: only a request with the secret, compared in constant time. Anything that
Telegram should deliver again (the database is away) gets a 503. Never parses an update beyond its
id.
"""

from __future__ import annotations

import asyncio
import hmac
import json
from typing import Any

import structlog
from aiohttp import web
from telegram.ext import ExtBot

from bot.dispatch import Item, item_of, unknown_id
from bot.telegram_raw import ALLOWED_UPDATES
from bot.updates import Take

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 (the header's name)
#: An update is a few KiB; Telegram sends one per request.
MOST_BYTES = 1024 * 1024
#: Below Telegram's 60 s: it must not give up on a commit that would still succeed.
COMMIT_S = 30.0
#: Few: one owner, and a cold start must not be stampeded.
CONNECTIONS = 4


class Webhook:
    """`take` commits (`Dispatcher.take`). `secret`: 1-256 of A-Z, a-z, 0-9, _ and -."""

    def __init__(self, *, take: Take, secret: str, path: str = "/telegram") -> None:
        self._take = take
        self._secret = secret.encode()
        self._path = path
        self._runner: web.AppRunner | None = None
        self._log = structlog.get_logger()

    def application(self) -> web.Application:
        """The aiohttp application, for `start` and for tests."""
        application = web.Application(client_max_size=MOST_BYTES)
        application.router.add_post(self._path, self._receive)
        return application

    async def start(self, port: int, host: str = "0.0.0.0") -> None:  # noqa: S104 (public on purpose)
        self._runner = web.AppRunner(self.application(), access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def register(self, bot: ExtBot[Any], base_url: str) -> None:
        """Tell Telegram where to deliver; what it holds already is delivered too."""
        await bot.set_webhook(
            base_url.rstrip("/") + self._path,
            secret_token=self._secret.decode(),
            allowed_updates=ALLOWED_UPDATES,
            max_connections=CONNECTIONS,
            drop_pending_updates=False,
        )

    async def _receive(self, request: web.Request) -> web.Response:
        shown = request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(shown.encode("utf-8", "surrogateescape"), self._secret):
            return web.Response(status=403)
        item, status = _item(await request.read())
        try:
            async with asyncio.timeout(COMMIT_S):
                await self._take([item])
        except Exception as error:  # noqa: BLE001 (whatever it is: not kept, so not acknowledged)
            self._log.warning("webhook-not-kept", error=type(error).__name__)
            return web.Response(status=503)
        return web.Response(status=status)


def _item(body: bytes) -> tuple[Item, int]:
    """The item to keep, and the answer when it is kept: 400 for what is not JSON."""
    try:
        return item_of(json.loads(body)), 200
    except (ValueError, RecursionError):
        text = json.dumps(body.decode("utf-8", "replace"))
        return (unknown_id(text), text), 400
