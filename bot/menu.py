"""Telegram's command menu: Latin names, descriptions in the owner's language.

Strangers see /start only; the owner's chat sees everything. Until the owner has chosen a language
the app's language picks the descriptions; afterwards every app shows the chosen one. What was
published is remembered by digest, so a restart makes no calls. Never decides what a command does.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

import structlog
from telegram import BotCommand, BotCommandScopeChat, BotCommandScopeDefault
from telegram.error import TelegramError
from telegram.ext import ExtBot

from bot.bridge import Bridge
from bot.handlers.commands import MENU
from bot.refusals import SendError
from bot.render.translate import translator
from core.conversation.language import DEFAULT, LANGUAGES
from core.db import canonical
from core.wiring import House

log = structlog.get_logger(__name__)

PUBLISHED = "menu"
FOR_STRANGERS = ("start",)
#: Telegram's limit for a description, in characters.
MOST_DESCRIPTION = 256

#: (is it the owner's chat, app language or None for all others, language of the descriptions)
Plan = list[tuple[bool, str | None, str]]


class Menu:
    """Publishes the menu when it differs from what was published last."""

    def __init__(self, bot: ExtBot[Any], house: House, bridge: Bridge) -> None:
        self._bot = bot
        self._house = house
        self._bridge = bridge

    async def refresh(self) -> None:
        """Bring Telegram's menu to the present language and owner; best effort."""
        owner_id, saved, published = await self._bridge.run(self._known)
        wanted = plan(saved, with_owner=owner_id is not None)
        digest = _digest(self._bot.token, owner_id, wanted)
        if digest == published:
            return
        try:
            for is_owner, app_language, language in wanted:
                await self._publish(owner_id if is_owner else None, app_language, language)
        except (TelegramError, SendError) as error:
            log.warning("menu-not-published", error=type(error).__name__)
            return  # tried again at the next start or change
        await self._bridge.run(self._remember, digest)

    async def _publish(self, owner_id: int | None, app_language: str | None, language: str) -> None:
        scope = BotCommandScopeDefault() if owner_id is None else BotCommandScopeChat(owner_id)
        names = FOR_STRANGERS if owner_id is None else MENU
        commands = list(described(names, language))
        await self._bot.set_my_commands(commands, scope=scope, language_code=app_language)

    def _known(self) -> tuple[int | None, str | None, str | None]:
        house = self._house
        with house.db.read() as tx:
            saved = house.preferences.saved_language(tx)
            return house.owner.owner_id(tx), saved, house.preferences.get(tx, PUBLISHED)

    def _remember(self, digest: str) -> None:
        with self._house.db.write() as tx:
            self._house.preferences.set(tx, PUBLISHED, digest)


def plan(saved: str | None, *, with_owner: bool) -> Plan:
    """Which descriptions go where."""
    apps: tuple[str | None, ...] = (None, *LANGUAGES)
    strangers: Plan = [(False, app, app or DEFAULT) for app in apps]
    owner: Plan = [(True, app, saved or app or DEFAULT) for app in apps]
    return strangers + (owner if with_owner else [])


def described(names: Iterable[str], language: str) -> Iterable[BotCommand]:
    """Commands with their descriptions in `language`."""
    texts = translator(language)
    for name in names:
        yield BotCommand(name, texts(f"cmd-{name}")[:MOST_DESCRIPTION])


def _digest(token: str, owner_id: int | None, wanted: Plan) -> str:
    """Changes with the bot, the owner, the language, the list and its texts."""
    texts = [
        [language, [c.description for c in described(MENU, language)]] for language in LANGUAGES
    ]
    bot_id = token.partition(":")[0]
    facts = [bot_id, owner_id, [list(each) for each in wanted], list(MENU), texts]
    return hashlib.sha256(canonical(facts).encode()).hexdigest()
