"""What the bot's process is made of, put together once and before anything runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from bot.app import build_application, handle
from bot.bridge import Bridge
from bot.context import MaskApplication, Services
from bot.dispatch import Dispatcher
from bot.hints import Hints
from bot.jobs import Jobs
from bot.live_keys import LiveKeys
from bot.mailbox import Deliverer
from bot.menu import Menu
from bot.render.model import Translator
from bot.render.registry import render
from bot.render.translate import translator
from bot.sender import Sender
from bot.stream import Drafts
from bot.tickers import Ticker
from bot.turns import RunTurns
from bot.unsaying import Unsaying
from bot.updates import Poller
from core import wiring
from core.config import Settings
from core.db import Transaction
from core.monitor.redis_queue import home_queue_length
from core.monitor.status import BotPulse, Status
from core.monitor.waiting import WaitingTurns
from core.monitor.watchdog import Watchdog
from core.runs.live import LiveFrames
from core.wiring import House
from core.wiring.gate import open_incarnation
from core.wiring.signing import Signing, open_signing

if TYPE_CHECKING:
    from bot.webhook import Webhook

#: Seconds between two looks for permissions to mint, and for messages to be deleted; both are
#: looked for at once when the owner has said or tapped something.
MINT_EVERY_S, UNSAY_EVERY_S = 1.0, 5.0
#: Seconds between two looks whether the key that signs is old.
KEY_EVERY_S = 3600.0


@dataclass(frozen=True)
class Parts:
    """The long-lived parts; `bot/process.py` starts and ends them."""

    hints: Hints
    house: House
    bridge: Bridge
    application: MaskApplication
    drafts: Drafts
    jobs: Jobs
    tickers: tuple[Ticker, ...]
    signing: Signing
    keys: LiveKeys
    frames: LiveFrames
    dispatcher: Dispatcher
    deliverer: Deliverer
    intake: Poller | Webhook
    menu: Menu
    status: Status
    watchdog: Watchdog
    waiting: WaitingTurns


class Bell:
    """Rings the mailbox loop once there is one; until then it finds everything by itself."""

    def __init__(self) -> None:
        self.on_ring: Callable[[], None] = lambda: None

    def ring(self) -> None:
        self.on_ring()


def open_house(settings: Settings, hints: Hints) -> House:
    """The database and its services; a restored past is ended before anything acts."""
    house = wiring.house(settings, hints)
    open_incarnation(house).settle()
    return house


def build_parts(settings: Settings, changed: Callable[[], None]) -> Parts:
    """All parts, wired. `changed`: see `Services`. Opens the database, nothing else."""
    redis_url, bell = settings.redis_url.get_secret_value(), Bell()
    hints = Hints(redis_url, bell.ring)
    house, bridge = open_house(settings, hints), Bridge()
    sender, signing = Sender(house.clock), open_signing(house)
    application = build_application(settings, sender)
    turns = RunTurns(house.db, house.runs, bridge.run)
    drafts = Drafts(bot=application.bot, clock=house.clock, turns=turns)
    dispatcher = Dispatcher(
        bot=application.bot,
        db=house.db,
        intake=house.intake,
        mailbox=house.mailbox,
        clock=house.clock,
        cross=bridge.run,
        handle=partial(handle, application),
        heard=sender.heard,
    )
    deliverer = Deliverer(
        bot=application.bot,
        stores=house,
        cross=bridge.run,
        render=render,
        translate=partial(texts_of, house),
        before=drafts.before,
        redis_url=redis_url,
    )
    bell.on_ring = deliverer.wake
    queue_length = home_queue_length(redis_url)
    keys = LiveKeys(house)
    parts = Parts(
        hints=hints,
        house=house,
        bridge=bridge,
        application=application,
        drafts=drafts,
        jobs=Jobs(db=house.db, cards=house.approvals, clock=house.clock, cross=bridge.run),
        tickers=make_tickers(house, application, bridge, signing),
        signing=signing,
        keys=keys,
        frames=LiveFrames(redis_url, keys.of, house.clock),
        dispatcher=dispatcher,
        deliverer=deliverer,
        intake=make_intake(house, application, dispatcher, bridge),
        menu=Menu(application.bot, house, bridge),
        status=Status(house.db, house.clock, house.preferences, queue_length),
        watchdog=Watchdog(
            house.db,
            house.preferences,
            house.mailbox.put,
            settings.under_home(settings.home) / "run",
            house.clock.now(),
            broker_is_up=lambda: queue_length() is not None,
        ),
        waiting=WaitingTurns(house.db, house.preferences, house.mailbox.put),
    )
    application.services = services_of(parts, changed)
    return parts


def make_tickers(
    house: House, application: MaskApplication, bridge: Bridge, signing: Signing
) -> tuple[Ticker, ...]:
    """What the bot does every so often; it alone signs."""
    unsaying = Unsaying(bot=application.bot, house=house, cross=bridge.run)
    return (
        Ticker("mint", MINT_EVERY_S, lambda: bridge.run(signing.mint.mint_due)),
        Ticker("grant-key", KEY_EVERY_S, lambda: bridge.run(signing.renew_key)),
        Ticker("unsay", UNSAY_EVERY_S, unsaying.round),
    )


def make_intake(
    house: House, application: MaskApplication, dispatcher: Dispatcher, bridge: Bridge
) -> Poller | Webhook:
    """A webhook where its address is set, else polling; never both."""
    if house.settings.webhook_url is None:
        return Poller(
            bot=application.bot,
            clock=house.clock,
            take=dispatcher.take,
            tell=lambda notice: bridge.run(house.mailbox.post, notice),
        )
    from bot.webhook import Webhook  # aiohttp costs 8 MB, which polling need not pay

    secret = house.master.subkey("telegram-webhook").hex()
    return Webhook(take=dispatcher.take, secret=secret)


def services_of(parts: Parts, changed: Callable[[], None]) -> Services:
    """What handlers are given."""
    started_at, intake = parts.house.clock.now(), parts.intake

    def pulse() -> BotPulse:
        if isinstance(intake, Poller):
            return BotPulse("polling", started_at, intake.age_s)
        return BotPulse("webhook", started_at)

    def decided() -> None:
        for ticker in parts.tickers:
            ticker.ring()

    return Services(
        house=parts.house,
        bridge=parts.bridge,
        status=parts.status,
        drafts=parts.drafts,
        pulse=pulse,
        changed=changed,
        decided=decided,
        sign=parts.signing.mint.mint_in,
    )


def texts_of(house: House, tx: Transaction, chat_id: int) -> Translator:
    """The texts of the owner's language at this moment; a bot with one owner has one language."""
    del chat_id
    return translator(house.preferences.language(tx))
