"""What the conversation needs from other rooms, as one object that wiring makes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from core.clock import Clock
from core.db import Database, Transaction
from core.llm.model import Tool
from core.memory.context_gathering import Contexts
from core.memory.ports import Records
from core.memory.threads import Threads
from core.runs.model import Label, Workflow


class StartsRuns(Protocol):
    """The engine's door for new runs; `core.runs.runs.Runs` is one."""

    def start(  # noqa: PLR0913 - keyword-only facts of the run
        self,
        tx: Transaction,
        workflow: Workflow,
        args: Any,
        *,
        lane: str | None = None,
        key: str | None = None,
        chat_id: int | None = None,
        reply_to: int | None = None,
        thread_id: str | None = None,
        title: str | None = None,
        label: Label = Label.OPEN,
    ) -> str | None: ...


@dataclass(frozen=True)
class ConversationRoom:
    """First argument of the room's steps.

    `window` gives the tokens that the model which will probably answer can hold, question and
    answer together, for a run of some label; `tools` what that model may ask for; `contexts` what
    of everything remembered goes into a prompt; `records` keeps what the owner asks to remember.
    """

    db: Database
    threads: Threads
    clock: Clock
    runs: StartsRuns
    window: Callable[[Label], int]
    tools: Callable[[Label], tuple[Tool, ...]] = lambda _label: ()
    contexts: Contexts = field(default_factory=Contexts)
    records: Records | None = None
