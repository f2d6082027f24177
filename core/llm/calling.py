"""One candidate asked: a key, a reservation, the call, the settlement; the next key where the key
was at fault.

Decides what a failure means for the key and for the endpoint's standing; never who is next. Every
reservation is settled, whatever happens. A limit that was reached, or a key that was refused, is
the key's affair while the service has another one; once it has none it is the endpoint's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from core.llm.books import Books, Ended, Planned, Ticket
from core.llm.cooldown import PROBE_FIRST_TOKEN_S
from core.llm.hearing import Ear, listening
from core.llm.model import Endpoint, Failure, Finish, Readiness, Reply, Request, Usage
from core.llm.pool import Pool
from core.llm.ports import ModelFailed
from core.llm.tokens import answer_tokens, estimate, prompt_tokens
from core.runs.cancel import CancelToken

#: Failures that another key of the same service may not meet.
KEYS_AFFAIR = frozenset({Failure.UNAUTHORISED, Failure.LIMITED})
#: Failures after which the provider has read the prompt, and may have begun to write.
MAYBE_BILLED = frozenset({Failure.TIMEOUT, Failure.BROKEN_STREAM})
CUT_OFF = "cut-off"


class NotAsked(ModelFailed):
    """No call was made: no room, no money or no key was left. Nothing is held against anybody."""


@dataclass(frozen=True)
class Caller:
    """Makes calls for one run."""

    pool: Pool
    books: Books
    run_id: str | None = None
    workflow: str | None = None

    def ask(
        self,
        endpoint: Endpoint,
        request: Request,
        on_text: Callable[[str], None],
        cancel: CancelToken,
    ) -> Reply:
        """The reply. Raises `ModelFailed` when every key has failed, `NotAsked` when none could be
        used."""
        began_at, in_a_row = self.pool.clock.now(), self.pool.standing(endpoint).in_a_row
        if in_a_row and not endpoint.is_mine:
            endpoint = _probing(endpoint)
        tried: set[str] = set()
        last: tuple[Endpoint, ModelFailed] | None = None
        while (ticket := self._ticket(endpoint, request, tried, is_first=last is None)) is not None:
            self._still_wanted(ticket, in_a_row)
            try:
                reply = _Call(self, ticket, request, on_text, cancel).make()
            except ModelFailed as failed:
                if cancel.is_set:
                    raise
                last = ticket.endpoint, failed
                if failed.failure is Failure.UNAUTHORISED and ticket.key:
                    self.books.refused(ticket, failed.detail)
                if failed.failure not in KEYS_AFFAIR or failed.partial:
                    break
                tried.add(ticket.key)
            else:
                if reply.finish is not Finish.STOPPED:
                    self.pool.answered(endpoint, began_at)
                return reply
        assert last is not None, "without a first ticket NotAsked was raised"
        self.pool.failed(*last, began_at)
        raise last[1]

    def _still_wanted(self, ticket: Ticket, in_a_row: int) -> None:
        """Reserving may have waited for its turn: who has failed meanwhile is left alone;
        but a machine of the owner's, since nobody else may have its work."""
        if ticket.endpoint.is_mine:
            return
        standing = self.pool.standing(ticket.endpoint)
        if standing.readiness is Readiness.COOLING and standing.in_a_row > in_a_row:
            nothing = Usage(0, 0, is_exact=False)
            self.books.close(ticket, Ended(Failure.LIMITED.value, nothing))
            raise NotAsked(
                Failure.LIMITED, detail=standing.detail, retry_after=standing.retry_after_s
            )

    def _ticket(
        self, endpoint: Endpoint, request: Request, tried: set[str], *, is_first: bool
    ) -> Ticket | None:
        """A ticket; None when no other key can be used after one has failed."""
        planned = Planned(
            endpoint, prompt_tokens(request), request.max_output, self.run_id, self.workflow
        )
        try:
            ticket = self.books.open(planned, tried)
        except ModelFailed as failed:
            if not is_first:
                return None
            raise NotAsked(
                failed.failure, detail=failed.detail, retry_after=failed.retry_after
            ) from None
        if ticket is None and is_first:
            raise NotAsked(Failure.NOT_SET_UP, detail="no key is left")
        return ticket


def _probing(endpoint: Endpoint) -> Endpoint:
    """With less patience for the first token: it has failed lately."""
    deadlines = endpoint.deadlines
    first_s = min(deadlines.first_token_s, PROBE_FIRST_TOKEN_S)
    return replace(endpoint, deadlines=replace(deadlines, first_token_s=first_s))


class _Call:
    """One call with one key."""

    def __init__(
        self,
        caller: Caller,
        ticket: Ticket,
        request: Request,
        on_text: Callable[[str], None],
        cancel: CancelToken,
    ) -> None:
        self._caller = caller
        self._clock = caller.pool.clock
        self._ticket = ticket
        self._request = request
        self._on_text = on_text
        self._cancel = cancel
        self._began = self._clock.monotonic()
        self._first_s: float | None = None
        self._ear = Ear()

    def make(self) -> Reply:
        """Call, measure, settle."""
        pool, name = self._caller.pool, self._ticket.endpoint.name
        outcome: str = CUT_OFF
        usage: Usage | None = None
        pool.paces.begins(name)
        try:
            with listening() as self._ear:
                reply = pool.chat(
                    self._ticket.endpoint, self._request, on_text=self._show, cancel=self._cancel
                )
        except ModelFailed as failed:
            outcome, usage = failed.failure.value, self._of_failed(failed)
            raise
        else:
            is_stopped = reply.finish is Finish.STOPPED
            outcome, usage = "stopped" if is_stopped else "answered", reply.usage
            if not is_stopped:
                pool.paces.began_to_answer(name, self._first_s or self._took_s())
                self._compare(reply)
            return reply
        finally:
            pool.paces.ends(name)
            self._pass_on()
            first_ms = None if self._first_s is None else round(self._first_s * 1000)
            ended = Ended(outcome, self._billed(usage), first_ms, round(self._took_s() * 1000))
            self._caller.books.close(self._ticket, ended)

    def _show(self, text: str) -> None:
        if self._first_s is None:
            self._first_s = self._took_s()
            self._pass_on()
        self._on_text(text)

    def _pass_on(self) -> None:
        """Tell the books what was heard; on the caller's thread, where it may take its time."""
        heard = self._ear.heard
        while heard:
            said = heard.popleft()
            self._caller.books.heard(
                self._ticket, said.headers, said.message, is_refused=said.is_refused
            )

    def _compare(self, reply: Reply) -> None:
        """Learn how the provider counts."""
        if reply.usage.is_exact:
            ours = Usage(prompt_tokens(self._request), answer_tokens(reply.text, reply.tool_calls))
            self._caller.pool.counting.learn(self._ticket.endpoint.name, ours, reply.usage)

    def _of_failed(self, failed: ModelFailed) -> Usage | None:
        """What was heard where the provider has surely worked; else the books know what is
        usual."""
        if failed.usage is not None:
            return failed.usage
        if failed.partial or failed.failure in MAYBE_BILLED:
            read, written = prompt_tokens(self._request), estimate(failed.partial)
            return Usage(read, written, is_exact=False)
        return None

    def _billed(self, usage: Usage | None) -> Usage | None:
        """Nothing where the request never went out; an estimate as this provider counts."""
        if self._ear.is_sent is False:
            return Usage(0, 0, is_exact=False)
        return usage and self._caller.pool.counting.likely(self._ticket.endpoint.name, usage)

    def _took_s(self) -> float:
        return self._clock.monotonic() - self._began
