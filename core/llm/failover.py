"""One place's candidates, asked in order until one answers.

Every candidate is tried or passed over, and every reason is kept. A candidate whose stream breaks
is left for good in this pass; the next starts from scratch, and so does the live text. When all
have failed, the last group of a route waits once for a candidate that will be back within
`PATIENCE_S`; the others hand over at once. Private text is stopped here a second time, whatever
the route said (law 5).
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from core.errors import Unavailable
from core.llm.model import Attempt, Endpoint, Failure, Generate, Readiness, Reply, Standing
from core.llm.pool import Pool
from core.llm.ports import ModelFailed
from core.llm.streaming import stopped
from core.runs.cancel import Cancelled, CancelToken
from core.runs.model import Label

#: Seconds that an answer may wait for a limited or stumbling candidate to come back.
PATIENCE_S = 15.0
#: Failures that time alone may mend.
PASSING = frozenset({Failure.LIMITED, Failure.SERVER, Failure.BROKEN_STREAM, Failure.UNREACHABLE})


def models_failed(attempts: Sequence[Attempt]) -> Unavailable:
    """Every candidate at this place failed; `params["attempts"]` says why, one entry each."""
    waits = [each.retry_after for each in attempts if each.retry_after is not None]
    return Unavailable(
        "models-failed",
        retry_after=min(waits, default=None),
        attempts=[as_params(each) for each in attempts],
    )


def as_params(attempt: Attempt) -> dict[str, Any]:
    """An attempt as JSON values."""
    return {
        "endpoint": attempt.endpoint,
        "failure": attempt.failure.value,
        "detail": attempt.detail,
        "retry_after": attempt.retry_after,
    }


@dataclass
class Failover:
    """One `llm.generate` at work."""

    pool: Pool
    args: Generate
    label: Label
    on_text: Callable[[str], None]
    cancel: CancelToken
    attempts: list[Attempt] = field(default_factory=list)

    def run(self) -> Reply:
        """The first whole reply. Raises `Unavailable` (`models-failed`) when there is none, and
        `Cancelled` when it was stopped before anybody was asked."""
        reply = self._pass(self.args.candidates)
        if reply is None and self.args.is_last:
            reply = self._second_pass()
        if reply is None:
            raise models_failed(self.attempts)
        return replace(reply, tried=tuple(self.attempts))

    def _pass(self, names: tuple[str, ...]) -> Reply | None:
        for name in names:
            self.cancel.check()
            endpoint = self.pool.get(name)
            obstacle = self._obstacle(name, endpoint)
            if endpoint is None or obstacle is not None:
                self.attempts.append(obstacle or _gone(name))
                continue
            try:
                return self.pool.chat(
                    endpoint, self.args.request, on_text=self.on_text, cancel=self.cancel
                )
            except ModelFailed as failed:
                if self.cancel.is_set:
                    return stopped(endpoint, self.args.request, failed.partial)
                self.attempts.append(_attempt(name, failed))
        return None

    def _second_pass(self) -> Reply | None:
        """Wait for who comes back soonest, then ask those that have come back."""
        passing = {each.endpoint for each in self.attempts if each.failure in PASSING}
        waits = {
            name: self.pool.standing(endpoint).retry_after_s
            for name in self.args.candidates
            if name in passing and (endpoint := self.pool.get(name))
        }
        soonest_s = min(waits.values(), default=math.inf)
        if soonest_s > PATIENCE_S:
            return None
        _wait(soonest_s, self.cancel)
        return self._pass(tuple(name for name in waits if waits[name] <= PATIENCE_S))

    def _obstacle(self, name: str, endpoint: Endpoint | None) -> Attempt | None:
        if endpoint is None:
            return None
        if self.label is Label.PRIVATE and not endpoint.is_mine:
            return Attempt(name, Failure.NOT_SET_UP, "private text stays on the owner's machines")
        return _cooling(name, self.pool.standing(endpoint))


def _gone(name: str) -> Attempt:
    return Attempt(name, Failure.NOT_SET_UP, "no such endpoint here")


def _cooling(name: str, standing: Standing) -> Attempt | None:
    if standing.readiness is Readiness.READY:
        return None
    wait_s = standing.retry_after_s
    if standing.readiness is Readiness.COOLING:
        return Attempt(name, Failure.LIMITED, standing.detail, retry_after=wait_s)
    if standing.readiness is Readiness.DEAD:
        return Attempt(name, Failure.UNAUTHORISED, standing.detail)
    return Attempt(name, Failure.UNREACHABLE, standing.detail)


def _attempt(name: str, failed: ModelFailed) -> Attempt:
    return Attempt(name, failed.failure, failed.detail, failed.retry_after)


def _wait(seconds: float, cancel: CancelToken) -> None:
    """Wait; `Cancelled` as soon as the owner stops it."""
    stop = threading.Event()
    cancel.on_cancel(stop.set)
    if stop.wait(seconds):
        raise Cancelled
