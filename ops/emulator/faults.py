"""Faults on demand: what a bot meets on a bad day, made to happen exactly when a test says so."""

from __future__ import annotations

import asyncio
import random
import time
from typing import Any

from ops.emulator.wire import Json, Refusal, flooded

KINDS = {
    "retry_after": "every n-th call (every, default 1) of method (default: all but getUpdates) "
    "gets 429 with seconds, or a random min..max (seed); n limits how often",
    "error_500": "method (default all) gets 500; n, default 1",
    "error": "method gets code and description; n, default 1",
    "lost_reply": "method is carried out, then (after seconds) the line is cut; n, default 1",
    "lost_request": "the connection is cut before method is carried out; n, default 1",
    "slow": "each call of method (default all but getUpdates) takes seconds more; n",
    "offline": "for seconds every connection of the bot is cut",
    "conflict": "getUpdates gets 409; n, default 1",
    "duplicate_update": "a delivered batch is delivered again; n, default 1",
    "reorder": "a batch of two or more comes in reverse order; n, default 1",
}
_UNLIMITED = ("retry_after", "slow", "offline")


class CutConnection(Exception):
    """The connection is to be cut without an answer."""


class Fault:
    """One planned fault: what, for which method, how often yet."""

    def __init__(self, kind: str, options: Json) -> None:
        if kind not in KINDS:
            raise ValueError(f"unknown fault {kind!r}; known: {', '.join(KINDS)}")
        self.kind = kind
        self.options = options
        self.left: int | None = options.get("n") or (None if kind in _UNLIMITED else 1)
        self.seen = 0
        self.ends_at = time.monotonic() + float(options["seconds"]) if kind == "offline" else None
        self._dice = random.Random(options.get("seed", 1))  # noqa: S311  # reproducible, not secret

    def matches(self, method: str) -> bool:
        wanted = self.options.get("method")
        if wanted:
            return str(wanted).lower() == method.lower()
        return self.kind == "offline" or method != "getUpdates"

    def is_over(self) -> bool:
        return self.left == 0 or (self.ends_at is not None and time.monotonic() >= self.ends_at)

    def use(self) -> None:
        if self.left is not None:
            self.left -= 1

    def is_due(self) -> bool:
        self.seen += 1
        return self.seen % int(self.options.get("every", 1)) == 0

    def wait_s(self) -> int:
        if "min" in self.options:
            return self._dice.randint(int(self.options["min"]), int(self.options["max"]))
        return int(self.options.get("seconds", 1))

    def summary(self) -> Json:
        return {"kind": self.kind, "left": self.left, **self.options}


class Faults:
    """The planned faults, in order. `before` and `after` surround each call of the Bot API."""

    def __init__(self) -> None:
        self.planned: list[Fault] = []

    def plan(self, kind: str, **options: Any) -> None:
        self.planned.append(Fault(kind, options))

    def clear(self) -> None:
        self.planned.clear()

    def take(self, kind: str, method: str = "getUpdates") -> Fault | None:
        """Uses up one planned fault of this kind, if there is one."""
        self.planned = [fault for fault in self.planned if not fault.is_over()]
        for fault in self.planned:
            if fault.kind == kind and (
                kind in ("duplicate_update", "reorder") or fault.matches(method)
            ):
                fault.use()
                return fault
        return None

    async def before(self, method: str) -> None:
        """Delays, refuses or cuts the call as planned."""
        if not self.planned:
            return
        if self.take("offline", method) or self.take("lost_request", method):
            raise CutConnection
        if slow := self.take("slow", method):
            await asyncio.sleep(float(slow.options["seconds"]))
        if method == "getUpdates" and self._conflict():
            raise Refusal(
                409,
                "Conflict: terminated by other getUpdates request; make sure that only one bot "
                "instance is running",
            )
        if self.take("error_500", method):
            raise Refusal(500, "Internal Server Error")
        if error := self.take("error", method):
            raise Refusal(int(error.options["code"]), str(error.options["description"]))
        self._storm(method)

    async def after(self, method: str) -> None:
        """Cuts the connection of a call that has been carried out, as planned."""
        if not self.planned:
            return
        if lost := self.take("lost_reply", method):
            await asyncio.sleep(float(lost.options.get("seconds", 0)))
            raise CutConnection
        if self.take("offline", method):
            raise CutConnection

    def _conflict(self) -> bool:
        for fault in self.planned:
            if fault.kind == "conflict" and not fault.is_over():
                fault.use()
                return True
        return False

    def _storm(self, method: str) -> None:
        for fault in self.planned:
            due = (
                fault.kind == "retry_after"
                and not fault.is_over()
                and fault.matches(method)
                and fault.is_due()
            )
            if due:
                fault.use()
                raise flooded(fault.wait_s())
