"""The whole product in one process, without a network: bot, engine, scripted model, a phone."""

from __future__ import annotations

import asyncio
import json
import threading
from contextlib import asynccontextmanager
from functools import partial

from telegram.ext import ApplicationBuilder, ContextTypes

from bot import parts as bot_parts
from bot.app import add_handlers, handle
from bot.bridge import Bridge
from bot.context import MaskApplication, MaskContext, Services
from bot.dispatch import Dispatcher
from bot.mailbox import Deliverer
from bot.render.registry import render
from bot.sender import Sender
from bot.stream import Drafts
from bot.turns import RunTurns
from core import config, seal, wiring
from core.approvals.guard import PlaceGuard, Surroundings
from core.approvals.keys import GrantKeys
from core.approvals.policy import judge
from core.approvals.standing import home_standing
from core.clock import SystemClock
from core.conversation import carry_out
from core.monitor.status import BotPulse, Status
from core.runs.blobs import Blobs
from core.runs.endings import Endings
from core.runs.engine import Engine
from core.runs.exchange_nodes import HOME, Nodes
from core.runs.leases import LeaseKeeper
from core.runs.parallel import Parallel
from core.runs.parts import Parts
from core.wiring.hands import Place, hands
from core.wiring.home_models import open_home_models
from core.wiring.signing import open_signing
from core.wiring.steps import home_registry
from core.wiring.upkeep import open_upkeep
from tests.transcripts.phone import OWNER, Phone


class Workers:
    """Advances runs in threads, as the home worker's pool does; implements core's Wake."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._tasks: set[asyncio.Task[None]] = set()
        self.engine: Engine | None = None
        self.parallel: Parallel | None = None
        self.on_notices = lambda: None

    def run(self, run_id):
        self._loop.call_soon_threadsafe(self._begin, "engine", "advance", (run_id,))

    def step(self, run_id, position):
        self._loop.call_soon_threadsafe(self._begin, "parallel", "run_step", (run_id, position))

    def notices(self):
        self.on_notices()

    def outbox(self, place): ...

    def _begin(self, part, name, args):
        work = getattr(getattr(self, part), name)
        task = self._loop.create_task(asyncio.to_thread(work, *args))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def idle(self):
        while self._tasks:
            await asyncio.wait(set(self._tasks))


class Frames:
    """Live text from the engine's threads to the drafts."""

    def __init__(self, loop):
        self._loop = loop
        self._queue: asyncio.Queue[tuple[str, int, str]] = asyncio.Queue()
        self._lock = threading.Lock()
        self._number = 0

    def publish(self, run_id, sequence, text):
        with self._lock:
            self._number += 1
            frame = (run_id, self._number, text)
        self._loop.call_soon_threadsafe(self._queue.put_nowait, frame)

    def end(self, run_id):
        """Every frame has been handed on already."""

    async def frames(self):
        while True:
            yield await self._queue.get()


def make_house(settings, database, wake, owner_id):
    master = seal.Master(bytes(seal.KEY_BYTES))
    owned = settings.model_copy(update={"owner_id": owner_id})
    return wiring.house_over(database, owned, master, wake, SystemClock())


def place_of(house):
    settings = house.settings
    folder = settings.under_home(settings.home)
    return Place(HOME, settings, folder, house.db, house.clock, house.master, house.redact)


def make_engine(house, models, frames):
    settings, nodes = house.settings, models.nodes
    rooms = hands(place_of(house), house.policy, house.rules, Blobs(house.db, house.clock, HOME))
    upkeep = open_upkeep(house, nodes, rooms, models)
    brings = carry_out.HandsRoom(house.db)
    registry = home_registry(house, models, nodes, rooms, brings, upkeep)
    keeper = LeaseKeeper(house.db, house.clock)
    keys = GrantKeys(house.clock, house.audit)
    guard = PlaceGuard(
        house.db,
        house.clock,
        Surroundings(HOME, roots=tuple(settings.roots())),
        partial(judge, house.policy),
        house.rules,
        home_standing(keys, lambda _tx: 1, house.owner.owner_id),
        house.audit,
    )
    ends = Endings(
        registry,
        house.clock,
        house.wake,
        house.mailbox.put,
        halt=lambda *_: None,
        asking=house.approvals,
    )
    parts = Parts(
        db=house.db,
        clock=house.clock,
        registry=registry,
        guard=guard,
        asking=house.approvals,
        wake=house.wake,
        live=frames,
        places=nodes,
        ends=ends,
        send=lambda tx, _run, step, *_: nodes.peer(tx, step.place),
    )
    return Engine(parts, keeper), Parallel(parts, keeper), keeper


class World:
    """One start of the product over a database; `phone` outlives it."""

    def __init__(self, database, phone: Phone, script, owner_id=OWNER) -> None:
        self.phone = phone
        loop = asyncio.get_running_loop()
        self.workers, frames = Workers(loop), Frames(loop)
        folder = script.parent / "mask"
        settings = config.Settings(
            _env_file=None, MASK_SCRIPTED_MODEL=script, MASK_HOME=folder, SANDBOX_DIR="files"
        )
        self.house = house = make_house(settings, database, self.workers, owner_id)
        nodes = Nodes(house.db, house.clock)
        self._models = open_home_models(house, nodes, place_of(house), redis_url=None)
        self.workers.engine, self.workers.parallel, self._keeper = make_engine(
            house, self._models, frames
        )
        self._bridge, sender = Bridge(4), Sender(house.clock)
        self.application: MaskApplication = (
            ApplicationBuilder()
            .application_class(MaskApplication)
            .token("77:TEST")
            .request(phone)
            .get_updates_request(Phone())
            .rate_limiter(sender)
            .context_types(ContextTypes(context=MaskContext))
            .updater(None)
            .job_queue(None)
            .build()
        )
        add_handlers(self.application)
        bot, cross = self.application.bot, self._bridge.run
        turns = RunTurns(database, house.runs, cross)
        self._drafts = Drafts(bot=bot, clock=house.clock, turns=turns)
        self._frames = frames
        self.dispatcher = Dispatcher(
            bot=bot,
            db=database,
            intake=house.intake,
            mailbox=house.mailbox,
            clock=house.clock,
            cross=cross,
            handle=partial(handle, self.application),
            heard=sender.heard,
        )
        self._deliverer = Deliverer(
            bot=bot,
            stores=house,
            cross=cross,
            render=render,
            translate=partial(bot_parts.texts_of, house),
            before=self._drafts.before,
        )
        self.workers.on_notices = self._deliverer.wake
        status = Status(database, house.clock, house.preferences, lambda: 0)
        started = house.clock.now()
        self.application.services = Services(
            house=house,
            bridge=self._bridge,
            status=status,
            drafts=self._drafts,
            pulse=lambda: BotPulse("polling", started, 0.0),
            decided=open_signing(house).mint.mint_due,
        )

    @asynccontextmanager
    async def going(self):
        await self.application.initialize()
        tasks = [
            asyncio.create_task(self._deliverer.run()),
            asyncio.create_task(self._drafts.run(self._frames.frames())),
        ]
        await self.dispatcher.start()
        try:
            yield self
        finally:
            await self.dispatcher.idle()
            await self.workers.idle()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._deliverer.stop()
            await self._drafts.stop()
            await self.application.shutdown()
            self._keeper.stop()
            self._models.close()
            self._bridge.close()

    async def quiet(self):
        """Returns when nobody works and nothing waits to be sent."""
        async with asyncio.timeout(10):
            await self.dispatcher.idle()
            await self.workers.idle()
            while await self._bridge.run(self._unsent):
                sending = set(self._deliverer._tasks)
                if sending:
                    await asyncio.wait(sending)
                else:  # taken in a moment: the loop is in the database
                    self._deliverer.wake()
                    await asyncio.sleep(0)

    def _unsent(self):
        with self.house.db.read() as tx:
            return self.house.mailbox.unsent(tx)

    async def update(self, number, **content):
        """One raw update, through the whole intake."""
        from bot.dispatch import item_of

        raw = json.loads(json.dumps({"update_id": number, **content}))
        await self.dispatcher.take([item_of(raw)])
