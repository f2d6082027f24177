"""One place's candidates, asked in order until one answers.

Every candidate is tried or passed over, and every reason is kept. The kind of a failure decides
what comes next: the service's next key (`calling`), the next candidate, or nobody, when several
services have found the request itself bad. A stream that broke after text was shown is gone on with
by the next one (`continuing`); where nobody can, what had arrived is the answer, and says so.
Urgent work has a second candidate beside a slow first one (`hedging`). When all have failed, the
last group of a route waits for those that will be back within `PATIENCE_S` and asks each once more;
the others hand over at once. Private text is stopped here a second time, whatever the route said
(law 5). Nothing of a failover outlives the turn but the endpoints' standings.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from core.errors import Unavailable
from core.llm.calling import Caller, NotAsked
from core.llm.choice import PATIENCE_S
from core.llm.continuing import Seam, continued, worth_continuing
from core.llm.hedging import Race
from core.llm.model import (
    Attempt,
    Endpoint,
    Failure,
    Finish,
    Generate,
    Readiness,
    Reply,
    Request,
    Standing,
)
from core.llm.ports import ModelFailed
from core.llm.streaming import estimated, stopped
from core.llm.tokens import prompt_tokens
from core.runs.cancel import Cancelled, CancelToken
from core.runs.model import Label

#: Failures that time alone may mend.
PASSING = frozenset({Failure.LIMITED, Failure.SERVER, Failure.BROKEN_STREAM, Failure.UNREACHABLE})
#: So many services that find a request bad are believed.
MOST_BAD_REQUESTS = 4
#: While everybody is waited for, standings are looked at so often, in seconds: others find out too.
LOOK_AGAIN_S = 0.25
#: What is noted of a candidate that was slower than its rival.
OUTRUN = "slower than the other one that was asked"


def models_failed(
    attempts: Sequence[Attempt], said: str = "", begun_by: Sequence[str] = ()
) -> Unavailable:
    """Every candidate at this place failed; `params["attempts"]` says why, one entry each;
    `params["said"]` is what broken streams have shown, `params["begun_by"]` whose they were."""
    waits = [each.retry_after for each in attempts if each.retry_after is not None]
    shown = {"said": said, "begun_by": list(begun_by)} if said else {}
    return Unavailable(
        "models-failed",
        retry_after=min(waits, default=None),
        attempts=[as_params(each) for each in attempts],
        **shown,
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
    """One `llm.generate` at work. `hedge_s`: when a rival is asked where no p95 is known; None:
    nobody has a rival."""

    caller: Caller
    args: Generate
    label: Label
    on_text: Callable[[str], None]
    cancel: CancelToken
    hedge_s: float | None = None
    attempts: list[Attempt] = field(default_factory=list)
    said: str = ""
    begun_by: list[str] = field(default_factory=list)
    _free_at: dict[str, float] = field(default_factory=dict)  # who had no room, and until when

    def run(self) -> Reply:
        """The first whole reply. Raises `Unavailable` (`models-failed`) when there is none, and
        `Cancelled` when it was stopped before anybody was asked."""
        self.said = self.args.said
        reply = self._pass(self.args.candidates)
        if reply is None and self.args.is_last:
            reply = self._second_pass() or self._cut()
        if reply is None:
            raise models_failed(self.attempts, "" if self._is_kept else self.said, self.begun_by)
        return replace(reply, tried=tuple(self.attempts), begun_by=tuple(self.begun_by))

    def _pass(self, names: Sequence[str]) -> Reply | None:
        known, waiting = self.caller.pool.known(), deque(names)
        while waiting and not self._is_the_requests_fault(known):
            self.cancel.check()
            endpoint = self._admitted(waiting.popleft(), known)
            if endpoint is None:
                continue
            reply = self._asked(endpoint, waiting, known)
            if reply is not None:
                return reply
        return None

    def _asked(
        self, endpoint: Endpoint, waiting: deque[str], known: Mapping[str, Endpoint]
    ) -> Reply | None:
        """Its reply, or its rival's; None when they failed, which was noted."""
        seam, request = Seam(self.said), continued(self.args.request, self.said)

        def ask(who: Endpoint, on_text: Callable[[str], None], cancel: CancelToken) -> Reply:
            return self.caller.ask(who, request, on_text, cancel)

        def show(text: str) -> None:
            self.on_text(seam.live(text))

        def rival() -> Endpoint | None:
            return self._rival(waiting, known)

        try:
            if self.hedge_s is None or rival() is None:
                reply = ask(endpoint, show, self.cancel)
            else:
                after_s = self.caller.pool.paces.p95(endpoint.name) or self.hedge_s
                raced = Race(ask, show, self.cancel).run(endpoint, rival, after_s)
                found = self._of_race(raced.failures, raced.lost, waiting, seam)
                if raced.reply is None:
                    return found
                reply = raced.reply
        except ModelFailed as failed:
            return self._noted(endpoint, failed, seam)
        return replace(reply, text=seam.whole(reply.text))

    def _of_race(
        self,
        failures: Sequence[tuple[Endpoint, ModelFailed]],
        lost: Endpoint | None,
        waiting: deque[str],
        seam: Seam,
    ) -> Reply | None:
        """Note what a race has shown of its runners; a reply when the owner stopped it."""
        found: Reply | None = None
        for endpoint, failed in failures:
            found = self._noted(endpoint, failed, seam) or found
            if endpoint.name in waiting:
                waiting.remove(endpoint.name)
        if lost is not None and lost.name not in waiting:
            self.attempts.append(Attempt(lost.name, Failure.TIMEOUT, OUTRUN))
        return found

    def _noted(self, endpoint: Endpoint, failed: ModelFailed, seam: Seam) -> Reply | None:
        """Keep the reason, and what was said if it is worth it; a reply when the owner stopped."""
        text = seam.whole(failed.partial)
        if self.cancel.is_set:
            return stopped(endpoint, self.args.request, text)
        self.attempts.append(
            Attempt(endpoint.name, failed.failure, failed.detail, failed.retry_after)
        )
        if isinstance(failed, NotAsked) and failed.retry_after is not None:
            self._free_at[endpoint.name] = self._now() + failed.retry_after
        if failed.partial and worth_continuing(text):
            self.said = text
            self.begun_by.append(endpoint.name)
        return None

    def _second_pass(self) -> Reply | None:
        """Ask each once more as soon as it is back, while patience lasts."""
        known, left_s = self.caller.pool.known(), PATIENCE_S
        failed = {each.endpoint for each in self.attempts if each.failure in PASSING}
        waiting = [name for name in self.args.candidates if name in failed and name in known]
        while waiting:
            waits = {name: self._back_in_s(known[name]) for name in waiting}
            soonest_s = min(waits.values())
            if soonest_s > left_s:
                return None
            wait_s = min(soonest_s, LOOK_AGAIN_S)
            _wait(wait_s, self.cancel)
            left_s -= wait_s
            back = [name for name in waiting if waits[name] <= wait_s]
            reply = self._pass(back)
            if reply is not None:
                return reply
            waiting = [name for name in waiting if name not in back]
        return None

    def _back_in_s(self, endpoint: Endpoint) -> float:
        """Seconds until it may be asked again, as far as is known. Whoever is probed by somebody
        may be back at any moment, but not before that is known."""
        standing = self.caller.pool.standing(endpoint)
        cooling_s = standing.retry_after_s
        if standing.is_probed:
            cooling_s = min(cooling_s, 2 * LOOK_AGAIN_S)
        full_s = self._free_at.get(endpoint.name, 0.0) - self._now()
        return max(cooling_s, full_s, 0.0)

    def _cut(self) -> Reply | None:
        """What had arrived, where nobody could go on."""
        if not self.said:
            return None
        begun = self.caller.pool.known().get(self.begun_by[-1]) if self.begun_by else None
        return Reply(
            text=self.said,
            endpoint=begun.name if begun else "",
            place=begun.place if begun else "home",
            finish=Finish.CUT,
            usage=estimated(self.args.request, self.said),
        )

    # -- who may be asked ----------------------------------------------------------------------

    @property
    def _is_kept(self) -> bool:
        return self.label is Label.PRIVATE

    def _admitted(self, name: str, known: Mapping[str, Endpoint]) -> Endpoint | None:
        """The endpoint, when it may be asked now; else its reason is noted."""
        endpoint = known.get(name)
        obstacle = self._obstacle(name, endpoint)
        if obstacle is None and endpoint is not None and not self.caller.pool.claim(endpoint):
            obstacle = self._obstacle(name, endpoint) or Attempt(
                name, Failure.LIMITED, "somebody is finding out whether it is back"
            )
        if obstacle is not None:
            self.attempts.append(obstacle)
            return None
        return endpoint

    def _obstacle(self, name: str, endpoint: Endpoint | None) -> Attempt | None:
        if endpoint is None:
            return Attempt(name, Failure.NOT_SET_UP, "no such endpoint here")
        if self._is_kept and not endpoint.is_mine:
            return Attempt(name, Failure.NOT_SET_UP, "private text stays on the owner's machines")
        if self.said and not _fits(continued(self.args.request, self.said), endpoint):
            return Attempt(name, Failure.BAD_REQUEST, f"context: {endpoint.context}")
        return _not_now(name, self.caller.pool.standing(endpoint))

    def _rival(self, waiting: deque[str], known: Mapping[str, Endpoint]) -> Endpoint | None:
        """The next one that could be asked at once, for urgent work."""
        if self.hedge_s is None or self.args.request.wish.urgency != "high":
            return None
        for name in waiting:
            endpoint = known.get(name)
            if endpoint is None or self._obstacle(name, endpoint) is not None:
                continue
            if not self.caller.pool.standing(endpoint).in_a_row:
                return endpoint
        return None

    def _now(self) -> float:
        return self.caller.pool.clock.monotonic()

    def _is_the_requests_fault(self, known: Mapping[str, Endpoint]) -> bool:
        bad = {
            (endpoint.provider, endpoint.service, endpoint.base_url)
            for attempt in self.attempts
            if attempt.failure is Failure.BAD_REQUEST and (endpoint := known.get(attempt.endpoint))
        }
        return len(bad) >= MOST_BAD_REQUESTS


def _fits(request: Request, endpoint: Endpoint) -> bool:
    output = min(request.max_output, endpoint.max_output)
    return prompt_tokens(request) + output <= endpoint.context


def _not_now(name: str, standing: Standing) -> Attempt | None:
    if standing.readiness is Readiness.READY:
        return None
    if standing.readiness is Readiness.COOLING:
        wait_s = standing.retry_after_s
        return Attempt(name, Failure.LIMITED, standing.detail, retry_after=wait_s)
    if standing.readiness is Readiness.DEAD:
        return Attempt(name, Failure.UNAUTHORISED, standing.detail)
    return Attempt(name, Failure.UNREACHABLE, standing.detail)


def _wait(seconds: float, cancel: CancelToken) -> None:
    """Wait; `Cancelled` as soon as the owner stops it."""
    stop = threading.Event()
    cancel.on_cancel(stop.set)
    if stop.wait(seconds):
        raise Cancelled
