"""Two candidates for urgent work: the second is asked when the first is slow to begin.

Whoever shows text first, or is done first, wins; the other is cancelled at once and waited for, so
that its call is settled before the answer goes on. Text reaches `on_text` on the caller's thread,
of the winner only. Decides nothing about who runs.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from core.llm.model import Endpoint, Reply
from core.llm.ports import ModelFailed
from core.runs.cancel import CancelToken

#: Seconds that a cancelled loser may take to close its call and settle it.
CLOSING_S = 5.0

Ask = Callable[[Endpoint, Callable[[str], None], CancelToken], Reply]


@dataclass(frozen=True)
class Raced:
    """How it went: the winner's reply, or None; who failed in which order; who lost."""

    reply: Reply | None
    failures: tuple[tuple[Endpoint, ModelFailed], ...] = ()
    lost: Endpoint | None = None


@dataclass
class _Runner:
    """One call on its own thread, telling what happens."""

    endpoint: Endpoint
    events: queue.SimpleQueue[tuple[_Runner, str | Reply | BaseException]]
    cancel: CancelToken = field(default_factory=CancelToken)
    thread: threading.Thread | None = None

    def start(self, ask: Ask) -> None:
        name = f"hedge {self.endpoint.name}"
        self.thread = threading.Thread(target=self._run, args=(ask,), name=name, daemon=True)
        self.thread.start()

    def _run(self, ask: Ask) -> None:
        """Whatever ends the call is told to the caller, who raises it."""
        try:
            self.events.put((self, ask(self.endpoint, self._show, self.cancel)))
        except BaseException as error:  # noqa: BLE001 - carried to the caller's thread
            self.events.put((self, error))

    def _show(self, text: str) -> None:
        self.events.put((self, text))


class Race:
    """One hedged call."""

    def __init__(self, ask: Ask, on_text: Callable[[str], None], cancel: CancelToken) -> None:
        self._ask = ask
        self._on_text = on_text
        self._cancel = cancel
        self._events: queue.SimpleQueue[tuple[_Runner, str | Reply | BaseException]]
        self._events = queue.SimpleQueue()
        self._running: list[_Runner] = []
        self._failures: list[tuple[Endpoint, ModelFailed]] = []
        self._lost: Endpoint | None = None

    def run(self, first: Endpoint, second: Callable[[], Endpoint | None], after_s: float) -> Raced:
        """Ask `first`; when nothing has come after so many seconds, also `second`, as far as there
        is one by then."""
        self._start(first)
        try:
            return self._watch(second, after_s)
        finally:
            for runner in self._running:
                self._close(runner)

    def _watch(self, second: Callable[[], Endpoint | None], after_s: float) -> Raced:
        waiting: float | None = after_s
        while self._running:
            try:
                runner, event = self._events.get(timeout=waiting)
            except queue.Empty:
                waiting, rival = None, second()
                if rival is not None:
                    self._start(rival)
                continue
            if runner not in self._running:
                continue  # the loser's last words
            if isinstance(event, ModelFailed):
                self._running.remove(runner)
                self._failures.append((runner.endpoint, event))
                continue
            if isinstance(event, BaseException):
                raise event
            self._let_win(runner)
            waiting = None
            if isinstance(event, Reply):
                return Raced(event, tuple(self._failures), self._lost)
            self._on_text(event)
        return Raced(None, tuple(self._failures), self._lost)

    def _start(self, endpoint: Endpoint) -> None:
        runner = _Runner(endpoint, self._events)
        self._cancel.on_cancel(runner.cancel.set)
        self._running.append(runner)
        runner.start(self._ask)

    def _let_win(self, winner: _Runner) -> None:
        for runner in [each for each in self._running if each is not winner]:
            self._running.remove(runner)
            self._lost = runner.endpoint
            self._close(runner)

    @staticmethod
    def _close(runner: _Runner) -> None:
        runner.cancel.set()
        if runner.thread is not None:
            runner.thread.join(CLOSING_S)
