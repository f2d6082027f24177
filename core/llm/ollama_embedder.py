"""Vectors of texts by a model on the owner's own Ollama, for search by meaning.

Texts go to the one server that the settings name, never to another machine's; whether that machine
is the owner's is for the wiring to say. Long texts are cut to what such models read. Errors:
Unavailable(`no-embedder`) when the server is away, lacks the model, or answers nonsense.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol

from core.errors import Refused, Unavailable

#: Characters of a text that are read: a model of the bge-m3 class takes 8,192 tokens.
MOST_CHARACTERS = 8000
#: Texts of one question: a small machine answers it within seconds.
AT_ONCE = 16


class MakesVectors(Protocol):
    """All that is needed of `core.llm.ollama_client`."""

    def vectors(self, model: str, texts: Sequence[str]) -> Sequence[Sequence[float]]: ...


class OllamaEmbedder:
    """`core.memory.ports.Embedder` by one model of one server."""

    def __init__(self, server: MakesVectors, model: str, *, is_mine: bool) -> None:
        self._server = server
        self._model = model
        self._is_mine = is_mine

    @property
    def model(self) -> str:
        return self._model

    @property
    def is_mine(self) -> bool:
        return self._is_mine

    def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        """One unit vector for each text, in their order."""
        rows: list[Sequence[float]] = []
        for at in range(0, len(texts), AT_ONCE):
            few = [text[:MOST_CHARACTERS] for text in texts[at : at + AT_ONCE]]
            rows += [self._unit(row) for row in self._asked(few)]
        return rows

    def _asked(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        try:
            rows = self._server.vectors(self._model, texts)
        except (Unavailable, Refused) as error:
            raise Unavailable("no-embedder", model=self._model, why=error.code) from error
        if len(rows) != len(texts):
            raise Unavailable("no-embedder", model=self._model, why="count")
        return rows

    def _unit(self, row: Sequence[float]) -> Sequence[float]:
        length = math.sqrt(math.fsum(number * number for number in row))
        if not length or not math.isfinite(length):
            raise Unavailable("no-embedder", model=self._model, why="no vector")
        return [number / length for number in row]
