"""What every handler is given: the services behind one typed door.

PTB builds a context per update; ours adds `services` and nothing in `bot_data`, `chat_data` or
`user_data`: those live in memory only, and what must survive a restart is a row.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from telegram.ext import Application, CallbackContext, ExtBot, JobQueue

from bot.bridge import Bridge
from bot.stream import Drafts
from core.db import Transaction
from core.monitor.status import BotPulse, Status
from core.runs.intake import IntakeRow
from core.wiring import House

#: The intake row of the update that is being handled; its handler ends it with its effect.
taken: ContextVar[IntakeRow | None] = ContextVar("taken", default=None)


@dataclass(frozen=True)
class Services:
    """Core as the handlers use it. `house` is entered through `bridge` only; `pulse` tells how the
    bot hears Telegram; `changed` is called, from any thread, when the owner or a preference that
    the bot keeps at hand has changed; `sign` makes permissions of what was decided in
    a transaction; `decided` when the owner has said or tapped something that a
    ticker (the mint, messages to be deleted) should not wait for."""

    house: House
    bridge: Bridge
    status: Status
    drafts: Drafts
    pulse: Callable[[], BotPulse]
    changed: Callable[[], None] = lambda: None
    decided: Callable[[], None] = lambda: None
    sign: Callable[[Transaction], int] = lambda _tx: 0


class MaskContext(CallbackContext[ExtBot[Any], dict[Any, Any], dict[Any, Any], dict[Any, Any]]):
    """PTB's context with the services."""

    @property
    def services(self) -> Services:
        application = self.application
        assert isinstance(application, MaskApplication), "built by bot.app"
        return application.services


class MaskApplication(
    Application[
        ExtBot[Any], MaskContext, dict[Any, Any], dict[Any, Any], dict[Any, Any], JobQueue[Any]
    ]
):
    """PTB's application; what a handler raises rises to whoever fed the update.

    PTB would log it and call the update handled. Here the intake must know: it counts the try and
    dead-letters an update that fails again and again.
    """

    def __init__(self, **parts: Any) -> None:
        super().__init__(**parts)
        self._services: Services | None = None

    @property
    def services(self) -> Services:
        assert self._services is not None, "set before the first update"
        return self._services

    @services.setter
    def services(self, services: Services) -> None:
        self._services = services

    async def process_error(
        self,
        update: object,  # noqa: ARG002
        error: Exception,
        job: Any = None,  # noqa: ARG002
        coroutine: Any = None,  # noqa: ARG002
    ) -> bool:
        raise error
