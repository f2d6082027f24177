"""The owner talking to a memory, for proofs: threads, turns, and the prompt each would get."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from core.conversation.model import Turn
from core.conversation.ports import ConversationRoom
from core.conversation.steps import recall
from core.llm.model import Request
from core.memory.clocks import Clocks
from core.memory.context_gathering import Contexts
from core.memory.model import NewMessage, Role, StoredMessage
from core.memory.proposals import Proposals
from core.memory.threads import Threads
from core.memory.unread_talk import UnreadTalk
from core.runs.cancel import CancelToken
from core.runs.model import Label, RunRow, RunState
from core.runs.ports import NoWake, StepContext
from core.runs.runs import Runs
from ops.proofs.rig.memory_room import Room, room

CHAT = 1001
#: Tokens of a small local model.
WINDOW = 8192


@dataclass(frozen=True)
class Talk:
    """A memory that is talked to."""

    memory: Room
    threads: Threads
    contexts: Contexts
    unread: UnreadTalk
    proposals: Proposals

    def say(
        self, text: str, role: Role = Role.OWNER, label: Label = Label.OPEN, **more: object
    ) -> StoredMessage:
        with self.memory.db.write() as tx:
            thread = self.threads.current(tx, CHAT)
            message = NewMessage(thread.id, role, text, label)
            return self.threads.add(tx, replace(message, **more))  # type: ignore[arg-type]

    def anew(self) -> None:
        """Another thread from here on."""
        with self.memory.db.write() as tx:
            self.threads.new(tx, CHAT)

    def asked(self, said: StoredMessage, contexts: Contexts | None = None) -> Request:
        """The prompt of that message's turn; `contexts` may be somebody else's."""
        clock = self.memory.clock
        conversation = ConversationRoom(
            db=self.memory.db,
            threads=self.threads,
            clock=clock,
            runs=Runs(clock, NoWake()),
            window=lambda _label: WINDOW,
            contexts=contexts or self.contexts,
            records=self.memory.records,
        )
        turn = Turn(CHAT, said.thread_id, said.id, said.text[:400], "en", said.label)
        now = clock.now()
        run = RunRow("r", 1, "chat_turn", 1, {}, RunState.RUNNING, said.label, now, now)
        context = StepContext(run, "0", CancelToken(), deadline=60.0, label=said.label)
        found: Request = recall.handler(conversation, context, turn)
        return found


@contextmanager
def talk() -> Iterator[Talk]:
    """One over a memory of its own."""
    with room() as memory:
        yield talk_over(memory)


def talk_over(memory: Room) -> Talk:
    clock = memory.clock
    return Talk(
        memory=memory,
        threads=Threads(
            memory.db,
            clock,
            "home",
            index=memory.index,
            clocks=Clocks(clock, "home"),
            loads=memory.loads,
        ),
        contexts=Contexts(memory.search, memory.records, memory.loads),
        unread=UnreadTalk(clock),
        proposals=Proposals(memory.records, clock, "home", memory.search),
    )
