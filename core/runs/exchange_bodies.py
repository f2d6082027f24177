"""What the messages between home and nodes say, as checked data.

Kinds: `step` (home asks a node to prepare or to perform a step), `result` (what it found, or how
it ended), `halt` and `cancel` (stop
a run's steps), `halted` (they have stopped), `blob-request`, `blob-chunk`, `blob-missing`. Direct
kinds are not kept in an outbox: `accepted`, `hello`, `welcome`.

Bodies come from a verified sender, but perhaps from an older or newer build: unknown fields are
ignored, missing or wrong ones are Refused(`message-body`).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Annotated, Any, ClassVar, Literal, TypeVar

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from core.db import canonical
from core.errors import Refused
from core.ids import new_id
from core.runs.exchange_store import message_id
from core.runs.model import RunRow, StepRow
from core.runs.ports import Judgement, Permit, Phase

STEP = "step"
RESULT = "result"
HALT = "halt"
CANCEL = "cancel"
HALTED = "halted"
BLOB_REQUEST = "blob-request"
BLOB_CHUNK = "blob-chunk"
BLOB_MISSING = "blob-missing"
ACCEPTED = "accepted"
HELLO = "hello"
WELCOME = "welcome"

#: The field of a kind that may be large and then travels as a blob.
LARGE_FIELD = {STEP: "inputs", RESULT: "value"}

STRICT = ConfigDict(strict=True, extra="ignore")
RunId = Annotated[str, Field(pattern=r"^[0-9a-zA-Z_-]{1,64}$")]
Position = Annotated[str, Field(pattern=r"^[0-9]{1,4}(\.[0-9]{1,4})?$")]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_.-]{0,63}$")]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
ResultState = Literal["prepared", "done", "failed", "refused", "unknown"]
B = TypeVar("B")
ADAPTERS: dict[type, TypeAdapter[Any]] = {}


@dataclass(frozen=True)
class StepOrder:
    """Run step `name` with `inputs`, whose canonical JSON has the sha256 `digest`.

    Of a gated step, `prepare` asks for what it would do; `perform` names the digest of the `action`
    that was judged, with the `permit` for it when one is needed.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    run_id: RunId
    position: Position
    name: Name
    version: int
    digest: Digest
    label: Literal["open", "private"]
    attempt: int
    inputs: Any = None
    inputs_blob: dict[str, Any] | None = None
    phase: Phase = "perform"
    action: Digest | None = None
    permit: Permit | None = None


@dataclass(frozen=True)
class Prepared:
    """What a gated step at a node would do, and what the node's own guard thinks of it."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    canonical: str
    digest: Digest
    preview: dict[str, Any]
    judgement: Judgement


@dataclass(frozen=True)
class StepResult:
    """How a step ended, or with `prepared` in `value` what it would do. `kept`: what is private
    stays at the node; the value as a blob, of a preview its content."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    run_id: RunId
    position: Position
    attempt: int
    state: ResultState
    value: Any = None
    error: dict[str, Any] | None = None
    value_blob: dict[str, Any] | None = None
    kept: bool = False
    label: Literal["open", "private"] = "open"
    notices: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Halt:
    """Stop the steps of this run, also those that arrive later."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    run_id: RunId


@dataclass(frozen=True)
class BlobRequest:
    """Send these parts of a blob."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    sha256: Digest
    offsets: list[int]


@dataclass(frozen=True)
class BlobChunk:
    """One part of a blob; its bytes are the attachment."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    sha256: Digest
    offset: int


@dataclass(frozen=True)
class BlobMissing:
    """The sender does not have the blob, or may not give it."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    sha256: Digest
    code: str


@dataclass(frozen=True)
class Accepted:
    """The message `id` is in the sender's inbox."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    id: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]


def read(kind: type[B], body: dict[str, Any]) -> B:
    """The body as `kind`. Refused(`message-body`)."""
    if kind not in ADAPTERS:
        ADAPTERS[kind] = TypeAdapter(kind)
    adapter: TypeAdapter[B] = ADAPTERS[kind]
    try:
        return adapter.validate_json(canonical(body))
    except ValidationError as error:
        fields = sorted({str(wrong["loc"][0]) for wrong in error.errors() if wrong["loc"]})
        raise Refused("message-body", what=kind.__name__, fields=",".join(fields)) from None


def plain(body: Any) -> dict[str, Any]:
    """A body dataclass as JSON data."""
    return asdict(body)


def order(run: RunRow, step: StepRow, phase: Phase, permit: Permit | None) -> dict[str, Any]:
    """What home asks a place for."""
    action = step.action["digest"] if step.action and phase == "perform" else None
    return {
        "run_id": run.id,
        "position": step.position,
        "name": step.name,
        "version": step.version,
        "digest": step.digest,
        "label": run.label.value,
        "attempt": step.attempts,
        "inputs": step.inputs,
        "phase": phase,
        "action": action,
        "permit": None if permit is None else asdict(permit),
    }


def step_id(place: str, run_id: str, position: str, attempt: int) -> str:
    """The id of the message that asks `place` for one attempt of a step."""
    return message_id(STEP, place, run_id, position, attempt)


def result_id(place: str, run_id: str, position: str, attempt: int) -> str:
    """The id of the message that `place` answers it with."""
    return message_id(RESULT, place, run_id, position, attempt)


def id_of(kind: str, body: dict[str, Any], sender: str, receiver: str) -> str:
    """The message id: fixed for what may exist only once, else new.

    A step has one id per attempt, so that asking for the same attempt again is the same message.
    """
    if kind == STEP:
        return step_id(receiver, body["run_id"], body["position"], body["attempt"])
    if kind == RESULT:
        return result_id(sender, body["run_id"], body["position"], body["attempt"])
    if kind in {HALT, CANCEL, HALTED}:
        return message_id(kind, sender, receiver, body["run_id"])
    return new_id()
