"""`ops memory bench`: how memory grows, and what an embedding model of the owner's is worth."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.config import Settings
    from core.memory.ports import Embedder

#: Invented items for the embedding model, and questions with synonyms.
ITEMS, QUESTIONS = 600, 60


def growth(count: int) -> int:
    """Up to `count` memories; the exit code tells whether the goals hold here."""
    from ops.proofs.rig import memory_bench
    from ops.proofs.rig.report import Verdict

    verdict = Verdict("bench")
    wanted = [level for level in memory_bench.LEVELS if level <= count]
    if not wanted:
        print(f"--count is {memory_bench.LEVELS[0]} or more.", file=sys.stderr)
        return 1
    levels = list(memory_bench.measured(verdict, wanted))
    memory_bench.tell(verdict, levels)
    memory_bench.judge(verdict, levels)
    return 1 if verdict.broken else 0


def meanings() -> int:
    """Recall of synonyms by words alone and with MASK_EMBED_MODEL, and how long vectors take."""
    from core import config
    from core.errors import Unavailable
    from core.llm.loop_thread import LoopThread
    from core.llm.ollama_client import OllamaClient
    from core.llm.ollama_embedder import OllamaEmbedder

    settings = config.load()
    if not settings.embed_model:
        print("Set MASK_EMBED_MODEL to a model that Ollama has, such as bge-m3.", file=sys.stderr)
        return 1
    loop = LoopThread("embedding-bench")
    client = OllamaClient(loop, address_of(settings))
    try:
        return _measured(OllamaEmbedder(client, settings.embed_model, is_mine=True))
    except Unavailable as error:
        print(f"{error.params.get('model')} does not answer: {error.params.get('why')}.",
              file=sys.stderr)  # fmt: skip
        return 1
    finally:
        client.close()
        loop.close()


def _measured(embedder: Embedder) -> int:
    from core.memory.search_model import ItemKind
    from ops.proofs.rig.memory_recall import recall
    from ops.proofs.rig.memory_room import room
    from ops.proofs.rig.memory_texts import Maker

    maker = Maker()
    items = maker.items(ITEMS)
    questions = maker.synonyms(items, QUESTIONS)
    with room(embedder=embedder) as ours:
        assert ours.meaning is not None
        numbers = ours.fill([item.text for item in items])
        with ours.db.read() as tx:
            rows = ours.meaning.lacking(tx, 0, ITEMS)
            texts = ours.loads.texts(tx, [(ItemKind(kind), source) for _, kind, source, _ in rows])
        begun = time.monotonic()
        vectors = ours.meaning.vectors([texts[ItemKind(kind), at] for _, kind, at, _ in rows])
        took_s = time.monotonic() - begun
        with ours.db.write() as tx:
            ours.meaning.keep(tx, [row[0] for row in rows], vectors)
        print(f"{ITEMS} vectors in {took_s:.1f} s, {took_s / ITEMS * 1000:.0f} ms each.")

        def alone(words: str) -> list[int]:
            return [numbers[hit.seq] for hit in ours.find(words).hits]

        def fused(words: str) -> list[int]:
            return [numbers[hit.seq] for hit in ours.find(words, ours.search.meant(words)).hits]

        print(f"Recall at 10 of synonyms: words alone {recall(alone, questions):.3f}, "
              f"with {embedder.model} {recall(fused, questions):.3f}.")  # fmt: skip
    return 0


def address_of(settings: Settings) -> str:
    """Where the settings say that Ollama listens."""
    from core.llm.addresses import ollama_url

    return ollama_url(settings.ollama_host, settings.ollama_port)
