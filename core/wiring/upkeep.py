"""What tends memory at home: facts, summaries, archives, the mirror, the index, checks, forgetting.

Imported by workers only. All of it is runs that beat, the chat or the console starts, but for the
tickers that notice a burst of writes and an outage that is over. Opens nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from core.database_keys import KeptKeys, is_written_with
from core.db import Transaction
from core.execution.trash_words import TrashWords
from core.llm.loop_thread import LoopThread
from core.llm.ollama_client import OllamaClient
from core.llm.ollama_embedder import OllamaEmbedder
from core.memory.context_gathering import Contexts
from core.memory.embedding import Meaning
from core.memory.mirror import MirrorWords
from core.memory.rest_ports import FileWords
from core.memory.search import Search
from core.memory.search_rebuild import Rebuild
from core.memory.unread_talk import UnreadTalk
from core.memory.wiping import Wipe
from core.runs.blobs import Blobs
from core.runs.exchange_nodes import HOME, Nodes
from core.runs.exchange_relay import Ticker
from core.runs.model import StepSpec, Workflow
from core.runs.steps import BoundStep, bind
from core.schema import request_repair
from core.upkeep import (
    archiving,
    carrying,
    embedding,
    fact_steps,
    facts,
    forgetting,
    forgetting_here,
    indexing,
    integrity,
    mirror,
    old_talk,
    old_talk_steps,
    rekeying,
)
from core.upkeep.forget_files import FolderWords
from core.upkeep.model import RebuildIndex, RefreshMirror
from core.upkeep.outages import EVERY_S as OUTAGES_EVERY_S
from core.upkeep.outages import Outages
from core.upkeep.repair import AsideWords
from core.wiring.hands import SCRATCH, Hands
from core.wiring.house import House
from core.wiring.local_models import like_of

if TYPE_CHECKING:
    from core.wiring.home_models import HomeModels

WORKFLOWS: tuple[Workflow, ...] = (
    facts.extract_facts,
    old_talk.summarise_old,
    archiving.archive_summary,
    mirror.refresh_mirror,
    integrity.check_memory,
    rekeying.rekey_database,
    forgetting.forget,
    carrying.export_memory,
    carrying.import_memory,
    indexing.rebuild_index,
    embedding.embed_items,
)
#: Steps of these workflows that only other machines take.
AT_NODES: tuple[StepSpec, ...] = (forgetting_here.here.spec,)


@dataclass(frozen=True)
class Upkeep:
    """Steps and tickers of home's memory, and what a turn is told of it. `close` at the end."""

    base: House
    nodes: Nodes
    hands: Hands
    models: HomeModels
    meaning: Meaning | None
    loop: LoopThread

    def contexts(self) -> Contexts:
        """What of everything remembered goes into a prompt; by meaning, too, where that is on."""
        memory = self.base.memory
        search = Search(self.base.clock, memory.loads, memory.links, self.meaning)
        return Contexts(search, memory.records, memory.loads)

    def bound(self) -> list[BoundStep]:
        """Every step that tends memory."""
        base, memory = self.base, self.base.memory
        window = self.models.window
        reads = fact_steps.FactsRoom(
            base.db, base.clock, UnreadTalk(base.clock), memory.proposals, memory.records, window
        )
        old = old_talk_steps.OldTalkRoom(
            base.db,
            base.clock,
            memory.summaries,
            memory.archives,
            base.preferences,
            base.runs,
            window,
            base.settings.summary_age_months,
        )
        carries = carrying.CarryRoom(base.db, memory.carries, Blobs(base.db, base.clock, HOME))
        embeds = embedding.EmbedRoom(base.db, base.clock, memory.loads, self.meaning)
        return [
            *bind(fact_steps, reads),
            *bind(old_talk_steps, old),
            *bind(archiving, archiving.ArchivingRoom(memory.archives)),
            *bind(carrying, carries),
            *bind(indexing, indexing.IndexRoom(self._rebuild())),
            *bind(embedding, embeds),
            *bind(forgetting, self._forgetting()),
            *bind(mirror, mirror.MirrorRoom(base.db, memory.mirror)),
            *bind(integrity, self._integrity()),
            *bind(rekeying, rekeying.RekeyingRoom(rekeying.Rekey(base.db, *self._key_and_file()))),
        ]

    def tickers(self) -> tuple[Ticker, ...]:
        """What notices a burst of writes, and an outage that is over."""
        base = self.base

        def written(tx: Transaction, key: str) -> object:
            return base.runs.start(tx, mirror.refresh_mirror, RefreshMirror(), key=key)

        bursts = mirror.Bursts(base.db, base.memory.mirror, written)
        outages = Outages(base.settings.home / "run", base.db, base.mailbox.put)
        return (
            Ticker("mirror", mirror.EVERY_S, bursts.look),
            Ticker("outages", OUTAGES_EVERY_S, outages.look),
        )

    def start(self) -> None:
        """An index of another normal form is built anew, while everybody works."""
        with self.base.db.read() as tx:
            is_due = indexing.is_due(self._rebuild(), tx)
        if is_due:
            self._build_index()

    def close(self) -> None:
        """End the thread of the embedding model's client."""
        self.loop.close()

    # -- inside

    def _rebuild(self) -> Rebuild:
        memory = self.base.memory
        return Rebuild(self.base.clock, memory.loads, memory.index)

    def _build_index(self) -> None:
        base = self.base
        with base.db.write() as tx:
            base.runs.start(tx, indexing.rebuild_index, RebuildIndex(), lane="index")

    def _key_and_file(self) -> tuple[KeptKeys, Path | None]:
        settings = self.base.settings
        keys = KeptKeys(settings.home, self.base.master)
        is_file = settings.database_url is None
        return keys, settings.under_home(settings.db_path) if is_file else None

    def _integrity(self) -> integrity.IntegrityRoom:
        base, (keys, path) = self.base, self._key_and_file()
        looks = integrity.Integrity(
            base.db,
            self._rebuild().check,
            is_ours=lambda: (
                path is not None and any(is_written_with(key, path) for key in keys.candidates())
            ),
            size=lambda: path.stat().st_size if path is not None else 0,
        )
        repair = partial(request_repair, base.settings.home / "run")
        return integrity.IntegrityRoom(base.db, base.clock, looks, self._build_index, repair)

    def _forgetting(self) -> forgetting.ForgetRoom:
        base = self.base
        return forgetting.ForgetRoom(
            base.db, base.memory.forgets, self._files(), Wipe(base.db), self.nodes.all
        )

    def _files(self) -> tuple[FileWords, ...]:
        """Every kind of file of home that can hold words (`forget_registry.FILES`)."""
        base, path = self.base, self._key_and_file()[1]
        home = base.settings.home
        return (
            TrashWords(self.hands.trash, base.master.subkey("trash")),
            FolderWords("scratch", home, f"{SCRATCH}/**/*"),
            FolderWords("export", home, "exports/**/*"),
            FolderWords("log", home, "logs/*.log*", as_lines=True),
            *((AsideWords(path),) if path is not None else ()),
            MirrorWords(base.memory.mirror),  # last: from what the tables hold by then
        )


def open_upkeep(base: House, nodes: Nodes, hands: Hands, models: HomeModels) -> Upkeep:
    """Home's upkeep; finding by meaning is on where MASK_EMBED_MODEL names a model."""
    loop, name, meaning = LoopThread("embeddings"), base.settings.embed_model, None
    if name:
        like = like_of(base.settings)
        client = OllamaClient(loop, like.base_url or "")
        is_mine = like.is_mine
        meaning = Meaning(OllamaEmbedder(client, name, is_mine=is_mine), base.clock)
    return Upkeep(base, nodes, hands, models, meaning, loop)
