"""What a place's model server is good for: announced in hellos, offered to the router as endpoints.

    node: announce(facts) -> hello's `can["models"]` -> home: announced(...) -> offers(...)

Home and node make the same names (`ollama/x@pc`) from the same installed models. Each chat model
that is installed is an endpoint; it has a role where the owner has switched it on for that role
(`ollama_versions`), where the settings name it, or where nothing else here could do it. One
without a role counts as weak: it is there for a thread that pins it. Only weights on the owner's
machine are `mine`: a model that its server passes on to a cloud is not, nor one of a server that
listens elsewhere. What a hello says is
checked and bounded; one that does not fit counts as silence. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, ClassVar

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from core.llm.model import Deadlines, Endpoint, Role
from core.llm.ollama_facts import Installed, Loaded, Memory, ServerFacts, ServerState, is_same

#: The key in a hello's `can`.
FIELD = "models"
#: Models that one hello tells of; a hello must stay small.
MOST_TOLD = 40
HOME = "home"
#: Characters of an endpoint's name that a row can be about.
MOST_NAME = 128
#: Where the catalog has no entry for a local model: deadlines and options of its 14B entry.
PLAIN = Endpoint(
    name="ollama/?",
    provider="ollama",
    model="?",
    service="ollama",
    context=8192,
    max_output=2048,
    deadlines=Deadlines(connect_s=2, first_token_s=120, stall_s=60, total_s=300),
    options={"keep_alive": "30m"},
)

_Word = Annotated[str, Field(max_length=128)]
_Count = Annotated[int, Field(ge=0, lt=2**53)]


@dataclass(frozen=True)
class _Model:
    """One model in a hello, by short names."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="ignore")

    n: _Word
    s: _Count
    d: Annotated[str, Field(max_length=64)] = ""
    p: Annotated[str, Field(max_length=16)] = ""
    q: Annotated[str, Field(max_length=16)] = ""
    c: _Count = 0
    a: Annotated[list[Annotated[str, Field(max_length=20)]], Field(max_length=20)] = field(
        default_factory=list
    )
    l: Annotated[bool, Field()] = False  # noqa: E741 - loaded


@dataclass(frozen=True)
class _Told:
    """A hello's word about a model server."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="ignore")

    state: ServerState
    version: Annotated[str, Field(max_length=32)] = ""
    has: Annotated[list[_Model], Field(max_length=MOST_TOLD)] = field(default_factory=list)
    smaller: Annotated[dict[_Word, _Word], Field(max_length=MOST_TOLD)] = field(
        default_factory=dict
    )
    downs: _Count = 0
    here: bool = False
    memory: _Count | None = None
    note: Annotated[str, Field(max_length=200)] = ""


_ADAPTER = TypeAdapter(_Told)


def announce(facts: ServerFacts) -> dict[str, Any]:
    """What a hello says of this place's model server."""
    loaded = {each.name for each in facts.loaded}
    told = {
        "state": facts.state.value,
        "version": facts.version,
        "has": [_short(each, is_loaded=each.name in loaded) for each in facts.models[:MOST_TOLD]],
        "smaller": dict(list((facts.smaller or {}).items())[:MOST_TOLD]),
        "downs": facts.downs,
        "here": facts.is_here,
        "memory": facts.memory.total,
        "note": facts.note[:200],
    }
    return {name: value for name, value in told.items() if value not in (None, "", [], {})}


def _short(model: Installed, *, is_loaded: bool) -> dict[str, Any]:
    said = {
        "n": model.name,
        "s": model.size,
        "d": model.digest,
        "p": model.parameters,
        "q": model.quantization,
        "c": model.context,
        "a": list(model.abilities),
        "l": is_loaded,
    }
    return {name: value for name, value in said.items() if value or name in {"n", "s"}}


def announced(can: Mapping[str, Any], place: str) -> ServerFacts | None:
    """What the hello of `place` said; None where it said nothing that can be used."""
    if FIELD not in can:
        return None
    try:
        told = _ADAPTER.validate_python(can[FIELD])
    except ValidationError:
        return None
    models = tuple(
        Installed(each.n, each.s, each.d, each.p, each.q, each.c, tuple(each.a))
        for each in told.has
    )
    return ServerFacts(
        place,
        told.state,
        told.version,
        models=models,
        loaded=tuple(Loaded(each.n, each.s) for each in told.has if each.l),
        memory=Memory(told.memory),
        smaller=told.smaller,
        downs=told.downs,
        is_here=told.here,
        note=told.note,
    )


@dataclass(frozen=True)
class Choice:
    """Which model serves which role at a place. `active` are the owner's switches; `named` is
    OLLAMA_MODEL where it is set; `usual` the shipped defaults."""

    active: Mapping[Role, str] = field(default_factory=dict)
    named: str = ""
    usual: Mapping[Role, str] = field(default_factory=dict)


def chosen(models: Sequence[Installed], role: Role, choice: Choice) -> Installed | None:
    """The installed model that serves `role`: the switched one, the named one, the usual one, else
    the strongest that is here (for code the strongest made for it)."""
    able = [each for each in models if each.can(role)]
    named, usual = choice.named, choice.usual.get(role, "")
    settled = (usual, named) if role is Role.CODE else (named, usual)
    for name in filter(None, (choice.active.get(role, ""), *settled)):
        found = next((each for each in able if is_same(each.name, name)), None)
        if found is not None:
            return found
    own = [each for each in able if not each.is_in_cloud] or able
    made_for_it = [each for each in own if each.is_for_code] if role is Role.CODE else []
    return max(made_for_it or own, key=lambda each: each.size, default=None)


def offers(
    facts: ServerFacts, choice: Choice, *, is_mine: bool, like: Endpoint = PLAIN
) -> tuple[Endpoint, ...]:
    """The endpoints of a place's server, those with a role first; none while it is not running.
    `like` is the catalog's entry for a local model; `is_mine`: the place is the owner's machine."""
    if facts.state is not ServerState.RUNNING:
        return ()
    serves: dict[str, list[Role]] = {}
    for role in Role:
        model = chosen(facts.models, role, choice)
        if model is not None:
            serves.setdefault(model.name, []).append(role)
    found = [
        _endpoint(each, facts, _roles(each, serves), is_mine=is_mine, like=like)
        for each in facts.models
    ]
    return tuple(sorted(found, key=lambda each: (not each.roles, -each.strength)))


def _roles(model: Installed, serves: Mapping[str, list[Role]]) -> tuple[Role, ...]:
    """What makes vectors is never asked to chat."""
    return (Role.EMBED,) if model.embeds else tuple(serves.get(model.name, ()))


def merged(
    known: Sequence[Endpoint], told: Sequence[Endpoint], *, here: bool
) -> tuple[Endpoint, ...]:
    """The catalog with what watched servers tell: an endpoint that both name is as the server tells
    it, and where home's own server tells (`here`) the catalog's guess about it goes."""
    by_name = {each.name: each for each in told}
    found = [
        replace(by_name.pop(each.name), is_paused=each.is_paused) if each.name in by_name else each
        for each in known
        if each.name in by_name or not (here and _is_guess(each))
    ]
    return (*found, *by_name.values())


def _is_guess(endpoint: Endpoint) -> bool:
    """The catalog's entry for a model server at home."""
    return endpoint.provider == "ollama" and endpoint.place == HOME


def is_local_name(name: str) -> bool:
    """Whether an endpoint may be one that a watched server tells of."""
    return name.startswith(f"{PLAIN.provider}/") and len(name) <= MOST_NAME


def name_of(model: str, place: str) -> str:
    """The endpoint's name: `ollama/x` at home, `ollama/x@pc` at a node."""
    return f"ollama/{model}" if place == HOME else f"ollama/{model}@{place}"


def _endpoint(
    model: Installed,
    facts: ServerFacts,
    roles: tuple[Role, ...],
    *,
    is_mine: bool,
    like: Endpoint,
) -> Endpoint:
    return replace(
        like,
        name=name_of(model.name, facts.place),
        model=model.name,
        place=facts.place,
        base_url=facts.address or None,
        is_mine=is_mine and facts.is_here and not model.is_in_cloud,
        context=min(like.context, model.context or like.context),
        tools=not model.abilities or "tools" in model.abilities,
        vision="vision" in model.abilities,
        roles=roles,
        strength=model.strength if roles else 0,
        missing="",
        is_assumed=False,
        guesses_model=False,
    )
