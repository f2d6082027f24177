"""Facts about models and the conversation with them; no I/O."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from core.llm.material import Material
from core.runs.model import Label


@dataclass(frozen=True)
class ToolCall:
    """A model's wish to call a tool. `arguments` is the JSON text as the model wrote it."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True)
class Message:
    """One message of a prompt."""

    role: Literal["system", "user", "assistant", "tool"]
    content: str
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str | None = None


@dataclass(frozen=True)
class Tool:
    """A tool the model may ask for; `parameters` is a JSON schema."""

    name: str
    description: str
    parameters: dict[str, Any]


class Role(enum.StrEnum):
    """What an endpoint is good for."""

    CHAT = "chat"
    CODE = "code"
    SUMMARISE = "summarise"
    EMBED = "embed"


@dataclass(frozen=True)
class Wish:
    """What the owner or the workflow wants of a request beyond its words; the router obeys."""

    urgency: Literal["normal", "high"] = "normal"
    role: Role = Role.CHAT
    language: str = ""
    needs_vision: bool = False
    is_sensitive: bool = False  # stays on the owner's machines, whatever its label
    pinned: str = ""
    is_hard: bool = False  # wants the strongest, as urgent work does, but may take its time


@dataclass(frozen=True)
class Request:
    """What is asked of a model, whichever answers."""

    messages: tuple[Message, ...]
    tools: tuple[Tool, ...] = ()
    label: Label = Label.OPEN
    max_output: int = 2048
    temperature: float = 0.7
    wish: Wish = field(default_factory=Wish)
    material: tuple[Material, ...] = ()  # what of memory is inside, for /why; no model is told


#: The name of the scripted model's endpoint.
SCRIPTED = "scripted"


class Finish(enum.StrEnum):
    """Why a reply ended."""

    STOP = "stop"
    LENGTH = "length"
    TOOLS = "tools"
    STOPPED = "stopped"  # the owner stopped it; the text is what had arrived
    CUT = "cut"  # the stream broke and nobody could go on; the text is what had arrived


@dataclass(frozen=True)
class Usage:
    """Tokens as the provider counted them; `is_exact` is False when we estimated."""

    prompt: int = 0
    completion: int = 0
    is_exact: bool = True


@dataclass(frozen=True)
class Reply:
    """What came back, and from whom."""

    text: str
    endpoint: str
    place: str
    tool_calls: tuple[ToolCall, ...] = ()
    finish: Finish = Finish.STOP
    usage: Usage = field(default_factory=Usage)
    tried: tuple[Attempt, ...] = ()  # candidates that failed before this one answered
    begun_by: tuple[str, ...] = ()  # endpoints that broke off in the text; this one went on
    is_cached: bool = False  # an answer of a moment ago to the very same request


@dataclass(frozen=True)
class Deadlines:
    """Seconds: to connect, to the first token, between tokens, and in all."""

    connect_s: float = 5.0
    first_token_s: float = 30.0
    stall_s: float = 20.0
    total_s: float = 180.0


@dataclass(frozen=True)
class Price:
    """Micro-dollars per million tokens, in and out, by the provider's price list; zero is free."""

    prompt: int = 0
    completion: int = 0

    @property
    def is_paid(self) -> bool:
        return bool(self.prompt or self.completion)

    def of(self, usage: Usage) -> int:
        """Micro-dollars that a call may cost, rounded up: no reserve is too small."""
        return -(-(self.prompt * usage.prompt + self.completion * usage.completion) // 1_000_000)

    def billed(self, usage: Usage) -> int:
        """What a call has cost, to the nearest: a provider rounds its bill once, not each call."""
        total = self.prompt * usage.prompt + self.completion * usage.completion
        return (total + 500_000) // 1_000_000


@dataclass(frozen=True)
class Limits:
    """Requests and tokens, per minute and per day; None where the provider names no limit."""

    rpm: int | None = None
    rpd: int | None = None
    tpm: int | None = None
    tpd: int | None = None


@dataclass(frozen=True)
class Endpoint:
    """One model at one address, as the catalog has it. `options` are sent along as they are; an
    option that is None takes a default away. `provider` is the protocol it is spoken to with;
    `service` whose keys, prices and limits apply."""

    name: str  # unique, shown to the owner: "groq/gpt-oss-120b"
    provider: Literal["groq", "ollama", "openai", "scripted"]
    model: str
    place: str = "home"
    base_url: str | None = None
    is_mine: bool = False  # on the owner's machine: private text may go there
    context: int = 8192  # tokens
    max_output: int = 2048
    tools: bool = True
    deadlines: Deadlines = field(default_factory=Deadlines)
    options: Mapping[str, Any] = field(default_factory=dict)
    missing: str = ""  # the setting without which it cannot be asked
    is_assumed: bool = False  # a default address nobody named: counts while a probe finds it
    guesses_model: bool = False  # nobody named the model: what the address lists is taken instead
    service: str = ""  # groq, openai, anthropic, gemini ...; empty: the protocol's name
    organisation: str = ""  # endpoints and keys that share limits; empty: not known
    vision: bool = False
    languages: tuple[str, ...] = ()  # it is good at; empty: not said
    roles: tuple[Role, ...] = (Role.CHAT,)
    strength: int = 50  # 0 to 100: how hard a task it may be given
    price: Price = field(default_factory=Price)
    limits: Limits = field(default_factory=Limits)
    is_paused: bool = False
    credential: str = ""  # the id of the key to use; empty: the service's first

    @property
    def bucket(self) -> str:
        """Whose limits a call counts against."""
        return f"{self.service or self.provider}:{self.organisation}:{self.model}"


class Failure(enum.StrEnum):
    """Why a candidate did not answer; decides what the failover does."""

    UNREACHABLE = "unreachable"  # no connection
    TIMEOUT = "timeout"  # a deadline passed
    LIMITED = "limited"  # 429 or 498: come back later
    SERVER = "server"  # 5xx, or an error inside the stream
    BROKEN_STREAM = "broken-stream"  # ended without its end mark
    UNAUTHORISED = "unauthorised"  # 401, 403: the key
    MISSING_MODEL = "missing-model"  # 404: not installed or retired
    BAD_REQUEST = "bad-request"  # 400, 413, 422: this request, at this model
    NOT_SET_UP = "not-set-up"  # no key, or no such provider here
    BUDGET = "budget"  # its price does not fit into what may be spent


@dataclass(frozen=True)
class Attempt:
    """A candidate that was tried or passed over, and why; journaled for /why."""

    endpoint: str
    failure: Failure
    detail: str = ""
    retry_after: float | None = None


class Readiness(enum.StrEnum):
    """Whether an endpoint may be asked now."""

    READY = "ready"  # nothing is known against it
    COOLING = "cooling"  # it failed or is limited; not asked before `retry_after_s` have passed
    DEAD = "dead"  # its key was refused; not asked until the process starts anew
    ABSENT = "absent"  # an assumed endpoint that no probe finds


@dataclass(frozen=True)
class Standing:
    """What this process knows of one endpoint."""

    readiness: Readiness = Readiness.READY
    retry_after_s: float = 0.0
    detail: str = ""
    in_a_row: int = 0  # failures since it last answered
    is_probed: bool = False  # somebody is finding out, for `retry_after_s` at most


@dataclass(frozen=True)
class RequestFacts:
    """What the router must know of a request; `prompt_tokens` is an upper estimate."""

    label: Label = Label.OPEN
    prompt_tokens: int = 0
    max_output: int = 2048
    needs_tools: bool = False
    released: bool = False  # who might answer if the owner let this one leave their machines?
    needs_vision: bool = False
    urgency: Literal["normal", "high"] = "normal"
    role: Role = Role.CHAT
    language: str = ""
    characters: int = 0  # of what the owner wrote: large work stays at home (seed: over 1000)
    is_sensitive: bool = False
    pinned: str = ""  # the endpoint that the owner pinned for this thread
    is_hard: bool = False

    @property
    def wants_strongest(self) -> bool:
        """Urgent or hard work: the strongest model first, also where it costs."""
        return self.urgency == "high" or self.is_hard


@dataclass(frozen=True)
class Candidate:
    """One entry of the ordered list, with the reason for its rank and what speaks for it."""

    endpoint: str
    place: str
    reason: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Route:
    """The outcome of the `route` step: whom to ask in which order, and who was ruled out."""

    candidates: tuple[Candidate, ...]
    ruled_out: tuple[Candidate, ...] = ()


@dataclass(frozen=True)
class Generate:
    """The arguments of `llm.generate`: whom to ask at one place, in order. Only the last group of a
    route waits for a candidate that will be back soon. `said`: what broken streams have shown."""

    request: Request
    candidates: tuple[str, ...]
    is_last: bool = True
    said: str = ""


@dataclass(frozen=True)
class Health:
    """The answer to a probe."""

    is_up: bool
    detail: str = ""
    models: tuple[str, ...] = ()
