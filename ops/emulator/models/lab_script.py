"""What one fake endpoint of the laboratory is: facts, and dice that fall the same for one seed.

Pure. The n-th call at an endpoint draws the same fault and the same latency whatever happens at
the others, so a run is replayed by its seed. Money is micro-dollars per million tokens, times are
seconds, contexts are tokens.
"""

from __future__ import annotations

import enum
import random
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal


class Dialect(enum.StrEnum):
    """Whose headers, errors and paths an endpoint speaks."""

    GROQ = "groq"
    OPENAI = "openai"
    AZURE = "azure"
    ANTHROPIC = "anthropic"
    OPENROUTER = "openrouter"
    MISTRAL = "mistral"
    GEMINI = "gemini"
    PLAIN = "plain"  # OpenAI's protocol without a word about limits, as many servers speak it
    OLLAMA = "ollama"


class Trouble(enum.StrEnum):
    """What goes wrong with one call."""

    LIMITED = "limited"  # 429 with the dialect's headers and wait
    LIMITED_SILENTLY = "limited-silently"  # 429 without a header or a wait
    CAPACITY = "capacity"  # 498
    BROKEN = "broken"  # 500
    UNAVAILABLE = "unavailable"  # 503
    CUT = "cut"  # the connection ends in the middle of the stream
    EMPTY = "empty"  # a whole answer without a word
    SLOW = "slow"  # the first token takes `slow_s`
    HANG = "hang"  # nothing, for ever
    WRONG_JSON = "wrong-json"  # half an object in the middle of the stream
    REVOKED = "revoked"  # 401, from this call on
    REMOVED = "removed"  # 404, from this call on


#: Troubles that stay until the laboratory is told otherwise.
LASTING = frozenset({Trouble.REVOKED, Trouble.REMOVED})


@dataclass(frozen=True)
class Spread:
    """How a wait is distributed: `fixed` at its median, `even` up to twice the median, `skewed`
    (log-normal with `sigma`). Never over `most_s`."""

    kind: Literal["fixed", "even", "skewed"] = "fixed"
    median_s: float = 0.0
    sigma: float = 0.5
    most_s: float = 5.0

    def draw(self, dice: random.Random) -> float:
        """One wait in seconds."""
        if self.kind == "fixed" or not self.median_s:
            return min(self.median_s, self.most_s)
        if self.kind == "even":
            return min(dice.uniform(0, 2 * self.median_s), self.most_s)
        return min(self.median_s * dice.lognormvariate(0, self.sigma), self.most_s)


@dataclass(frozen=True)
class Quota:
    """Requests and tokens per minute and day that are really granted; None grants any number."""

    rpm: int | None = None
    rpd: int | None = None
    tpm: int | None = None
    tpd: int | None = None


@dataclass(frozen=True)
class Fake:
    """One endpoint. `troubles` are chances per call; `at` sets the trouble of the n-th call, from
    1. `cuts_silently`: a prompt over the context is cut, not refused. Without `keys` any key will
    do. `wait_s`: what a drawn 429 asks to wait."""

    name: str
    dialect: Dialect
    model: str
    is_mine: bool = False
    keys: tuple[str, ...] = ()
    organisation: str = ""
    context: int = 131_072
    cuts_silently: bool = False
    prompt_price: int = 0
    completion_price: int = 0
    quota: Quota = field(default_factory=Quota)
    first_token: Spread = field(default_factory=Spread)
    per_piece: Spread = field(default_factory=Spread)
    troubles: Mapping[Trouble, float] = field(default_factory=dict)
    at: Mapping[int, Trouble] = field(default_factory=dict)
    slow_s: float = 2.0
    wait_s: float = 3.0
    answer_chars: int = 60
    piece_chars: int = 20

    @property
    def bucket(self) -> str:
        """Whose quota a call counts against."""
        return f"{self.dialect}:{self.organisation or self.name}:{self.model}"

    @property
    def chat_path(self) -> str:
        """Where a chat is posted."""
        paths = {Dialect.GROQ: "/openai/v1/chat/completions", Dialect.OLLAMA: "/api/chat"}
        return paths.get(self.dialect, "/v1/chat/completions")

    def cost(self, prompt: int, completion: int) -> int:
        """Millionths of a micro-dollar, so that sums stay exact."""
        return prompt * self.prompt_price + completion * self.completion_price


@dataclass(frozen=True)
class Draw:
    """What the dice say about one call; `fraction` is where in the stream it breaks."""

    trouble: Trouble | None
    first_token_s: float
    per_piece_s: float
    fraction: float


def draw(fake: Fake, seed: int, number: int) -> Draw:
    """The fate of the `number`-th call at `fake`, from 1."""
    dice = random.Random(f"{seed} {fake.name} {number}")  # noqa: S311 - reproducible, not secret
    first_s, piece_s = fake.first_token.draw(dice), fake.per_piece.draw(dice)
    fraction, chance = dice.random(), dice.random()
    trouble = fake.at.get(number)
    for kind, share in sorted(fake.troubles.items()):
        if trouble is None and chance < share:
            trouble = kind
        chance -= share
    if trouble is Trouble.SLOW:
        first_s = fake.slow_s
    return Draw(trouble, first_s, piece_s, fraction)


def to_json(fake: Fake) -> dict[str, Any]:
    """As the control API sends it."""
    return asdict(fake)


def from_json(data: dict[str, Any]) -> Fake:
    """As the control API takes it. ValueError or TypeError for what is no fake."""
    given = dict(data)
    given["dialect"] = Dialect(given["dialect"])
    given["keys"] = tuple(given.get("keys", ()))
    given["quota"] = Quota(**given.get("quota", {}))
    for name in ("first_token", "per_piece"):
        given[name] = Spread(**given.get(name, {}))
    given["troubles"] = {Trouble(kind): share for kind, share in given.get("troubles", {}).items()}
    given["at"] = {int(number): Trouble(kind) for number, kind in given.get("at", {}).items()}
    return Fake(**given)
