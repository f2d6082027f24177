"""A model is added: the test call, and what comes of it.

    key given (`adding_desk`) -> add_model -> models.try -> models.settle

The key is on trial until the service has answered with it: a refused one is wiped at once, one that
could not be tried stays aside for the owner to decide. Runs, steps and notices carry its id alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from core.clock import Clock
from core.db import Database, Transaction
from core.errors import MaskError, Refused
from core.llm import key_notices
from core.llm.changes import OWNER, Records, nobody
from core.llm.credential_rows import TRIAL
from core.llm.credentials import Credentials
from core.llm.endpoint_rows import EndpointRows
from core.llm.failures import safe
from core.llm.model import Endpoint, Failure, Message, Reply, Request, Role
from core.llm.ports import ModelFailed
from core.llm.shipped import service_of
from core.runs.cancel import CancelToken
from core.runs.model import (
    Done,
    Farewell,
    Kind,
    RunRow,
    RunState,
    StepRow,
    WorkflowBody,
    workflow,
)
from core.runs.notices import Notice
from core.runs.ports import StepContext
from core.runs.steps import step

#: What the test call says; models that think want room for it.
HELLO = Request((Message("user", "Say hello in one word."),), max_output=256, temperature=0.0)
#: Seconds for the test call; a sleeping service may have to wake up.
TRY_S = 180.0
#: Failures that say the key is no good; after all others it may be.
REFUSED = frozenset({Failure.UNAUTHORISED})


@dataclass(frozen=True)
class Wanted:
    """What the owner wants to add, as far as it is known. `service`: a shipped one's name, or host
    and port of `base_url`. `model` and `name`: one endpoint of the owner's own; empty: all that
    ships of the service. `is_paid`: the plan that the key is on, None where nobody said."""

    service: str
    base_url: str = ""
    model: str = ""
    name: str = ""
    is_paid: bool | None = None

    @property
    def fields(self) -> dict[str, Any]:
        """What a row says of the owner's own endpoint."""
        where = {"base_url": self.base_url} if self.base_url else {}
        return {"service": self.service, "model": self.model, **where}


@dataclass(frozen=True)
class AddModel:
    """Try this with the key of that id (empty: it wants none), and keep it when it answers."""

    wanted: Wanted
    credential: str = ""


@dataclass(frozen=True)
class Tried:
    """How the test call went. `failure` is empty when it was answered."""

    endpoint: str
    took_ms: int = 0
    failure: str = ""
    detail: str = ""


@dataclass(frozen=True)
class Settle:
    """What was tried, and how it went."""

    what: AddModel
    tried: Tried


@dataclass(frozen=True)
class AddingRoom:
    """What the steps need. `chat` makes one call, with the key that `endpoint.credential` names,
    within budget and limits; it raises `ModelFailed` or `MaskError` only. `record` puts down what
    was added and which key was refused."""

    db: Database
    clock: Clock
    rows: EndpointRows
    credentials: Credentials
    chat: Callable[[Endpoint, Request, CancelToken], Reply]
    record: Records = nobody


@step("models.try", kind=Kind.READ, timeout_s=TRY_S, retries=0)
def try_model(room: AddingRoom, ctx: StepContext, what: AddModel) -> Tried:
    """One short call to the cheapest model that would come; its words are not kept."""
    with room.db.read() as tx:
        endpoint = replace(to_try(room, tx, what.wanted), credential=what.credential, missing="")
    began = room.clock.monotonic()
    try:
        room.chat(endpoint, HELLO, ctx.cancel)
    except ModelFailed as failed:
        return Tried(endpoint.name, failure=failed.failure.value, detail=safe(failed.detail))
    return Tried(endpoint.name, took_ms=round(1000 * (room.clock.monotonic() - began)))


@step("models.settle", kind=Kind.LOCAL)
def settle(room: AddingRoom, ctx: StepContext, done: Settle) -> str:
    """Keep what answered, wipe a refused key, leave the rest to the owner; tells which."""
    tx = ctx.transaction
    assert tx is not None, "a LOCAL step has a transaction"
    what, tried = done.what, done.tried
    if not tried.failure:
        keep(room.rows, room.credentials, tx, what)
        told = "added"
        room.record(tx, "model-added", OWNER, **_put_down(what))
    elif tried.failure in REFUSED:
        drop(room.credentials, tx, what.credential)
        told = "refused"
        room.record(tx, "key-refused", OWNER, **_put_down(what))
    else:
        told = "untested"
    names = [each.name for each in room.rows.all(tx) if each.service == what.wanted.service]
    ctx.notices.append(_notice(f"models-{told}", done, names, ctx.run.chat_id))
    if told == "added" and what.credential:
        ctx.notices.append(key_notices.works_again(what.wanted.service))
    return told


@step("models.drop_trial", kind=Kind.LOCAL)
def drop_trial(room: AddingRoom, ctx: StepContext, what: AddModel) -> None:
    """The run ended before the test call did: the key is wiped."""
    assert ctx.transaction is not None, "a LOCAL step has a transaction"
    drop(room.credentials, ctx.transaction, what.credential)


@workflow("add_model", version=1, args=AddModel)
def add_model(what: AddModel) -> WorkflowBody:
    """Try it, then keep it or not."""
    tried: Tried = yield try_model(what)
    told: str = yield settle(Settle(what, tried))
    return Done({"told": told})


@add_model.farewell
def leave(
    run: RunRow, what: AddModel, state: RunState, error: MaskError | None, _steps: list[StepRow]
) -> Farewell:
    """Stopped or failed: nothing was added."""
    told = [] if state is not RunState.FAILED or error is None else [_failed(run.id, error)]
    return Farewell(calls=[drop_trial(what)], notices=told)


def to_try(room: AddingRoom, tx: Transaction, wanted: Wanted) -> Endpoint:
    """Where the test call goes to. Refused(`endpoint-unknown`, and as `EndpointRows.add`)."""
    if wanted.model:
        return room.rows.draft(tx, wanted.name, wanted.fields)
    ours = [
        each
        for each in room.rows.offered(tx)
        if each.service == wanted.service and Role.CHAT in each.roles
    ]
    if not ours:
        raise Refused("endpoint-unknown", name=wanted.service)
    return min(ours, key=lambda each: each.price.prompt + each.price.completion)


def keep(rows: EndpointRows, credentials: Credentials, tx: Transaction, what: AddModel) -> None:
    """The key counts, and what was wanted is there."""
    if what.credential:
        credentials.accept(tx, what.credential)
    if what.wanted.model:
        rows.add(tx, what.wanted.name, what.wanted.fields)
    if what.wanted.is_paid is not None:
        rows.plan(tx, what.wanted.service, is_paid=what.wanted.is_paid)


def drop(credentials: Credentials, tx: Transaction, credential: str) -> bool:
    """Wipe a key that is still on trial; any other stays. Whether it was wiped."""
    is_tried = any(each.id == credential and each.state == TRIAL for each in credentials.of(tx))
    if is_tried:
        credentials.remove(tx, credential)
    return is_tried


def _put_down(what: AddModel) -> dict[str, str]:
    """What the audit keeps of it: names, and the key's id."""
    wanted = what.wanted
    found = {"service": wanted.service, "model": wanted.name, "credential": what.credential}
    return {name: value for name, value in found.items() if value}


def _notice(kind: str, done: Settle, names: list[str], chat_id: int | None) -> Notice:
    what, tried = done.what, done.tried
    params = {
        "service": what.wanted.service,
        "title": service_of(what.wanted.service).title,
        "wanted": vars(what.wanted),
        "credential": what.credential,
        "names": names,
        **vars(tried),
    }
    return Notice(kind, params, chat_id=chat_id)


def _failed(run_id: str, error: MaskError) -> Notice:
    return Notice("failed", {"error": error.to_json(), "run_id": run_id})
