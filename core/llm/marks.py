"""What providers count, and what they last said about it; pure.

A `Dimension` is one limit of a bucket: requests or tokens, per minute or per day. A `Mark` is what
a provider's answer said of it; until its reset it beats our own count. Token amounts are reserved
before a call as the provider counts them, and corrected by its own figures afterwards.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from core.llm.model import Endpoint, Limits

#: Seconds for which a limit named in an answer is believed after its reset.
LIMIT_KEPT_S = 24 * 3600


class Dimension(enum.StrEnum):
    """What is limited."""

    RPM = "rpm"  # requests per minute
    TPM = "tpm"  # tokens per minute
    RPD = "rpd"  # requests per day
    TPD = "tpd"  # tokens per day

    @property
    def is_daily(self) -> bool:
        return self in {Dimension.RPD, Dimension.TPD}

    @property
    def slot_s(self) -> int:
        """Amounts are summed in slots of so many seconds; the window slides by whole slots."""
        return 60 if self.is_daily else 1

    @property
    def slots(self) -> int:
        """The window's length. One slot more is counted, so it is never shorter than it should
        be: 60 to 61 seconds, 24 hours to 24 hours and a minute."""
        return 1440 if self.is_daily else 60

    @property
    def window_s(self) -> int:
        return self.slot_s * self.slots

    def amount(self, tokens: int) -> int:
        """What one request of so many tokens takes."""
        return 1 if self in {Dimension.RPM, Dimension.RPD} else tokens

    def limit_in(self, limits: Limits) -> int | None:
        """The catalog's figure; what is not positive names no limit."""
        found: int | None = getattr(limits, self.value)
        return found if found is not None and found > 0 else None

    def slot_of(self, moment: datetime) -> int:
        return int(moment.timestamp()) // self.slot_s


@dataclass(frozen=True)
class Mark:
    """A provider's word about one dimension of a bucket. `left` holds until `reset_at`; `most`, the
    limit itself, for a day longer. None: not said."""

    dimension: Dimension
    most: int | None
    left: int | None
    reset_at: datetime
    seen_at: datetime

    def holds(self, now: datetime) -> bool:
        """Whether `left` still beats our own count."""
        return self.left is not None and now < self.reset_at

    def limit(self, now: datetime) -> int | None:
        """The limit that was named, while it is believed."""
        is_fresh = now - max(self.reset_at, self.seen_at) < timedelta(seconds=LIMIT_KEPT_S)
        return self.most if is_fresh else None

    def oldest_slot(self, now: datetime) -> int:
        """The first slot that counts: what was before a reset that has passed does not."""
        window = self.dimension.slot_of(now) - self.dimension.slots
        if self.left is None or now < self.reset_at:
            return window
        return max(window, self.dimension.slot_of(self.reset_at))


@dataclass(frozen=True)
class Bucket:
    """Whose calls are counted together, and up to how many. `credential` alone: a key's calls to
    one endpoint; `service` alone: everything at a service; else the organisation's at one model."""

    name: str
    limits: Limits
    service: str = ""
    credential: str = ""
    endpoint: str = ""

    @property
    def is_the_organisations(self) -> bool:
        return not (self.service or self.credential)


def buckets_of(endpoint: Endpoint, api_limit: int, *, is_api_limit_set: bool) -> tuple[Bucket, ...]:
    """Where a call to `endpoint` counts: with its organisation, with its key, and, where API_LIMIT
    binds it, with its service. API_LIMIT binds where the owner has set it, and elsewhere where the
    catalog names no requests per minute. The owner's own machines have no limits but those that
    their entry names."""
    found = [Bucket(endpoint.bucket, endpoint.limits)]
    if endpoint.credential:
        name = f"key:{endpoint.credential}:{endpoint.name}"
        key, at = endpoint.credential, endpoint.name
        found.append(Bucket(name, endpoint.limits, credential=key, endpoint=at))
    is_free_of_it = endpoint.is_mine or endpoint.provider == "scripted"
    if not is_free_of_it and (is_api_limit_set or endpoint.limits.rpm is None):
        service = service_of(endpoint)
        found.append(Bucket(f"service:{service}", Limits(rpm=api_limit), service=service))
    if is_free_of_it and endpoint.limits == Limits():
        return ()
    return tuple(found)


def service_of(endpoint: Endpoint) -> str:
    """Whose keys, prices and limits apply."""
    return endpoint.service or endpoint.provider


def reserved_tokens(service: str, prompt: int, max_output: int) -> int:
    """Tokens that a provider takes from its limit when a request arrives.

    Groq and Cerebras add `max_tokens` to the prompt (console.groq.com: 413 "Limit 8000, Requested
    ..."; inference-docs.cerebras.ai/support/rate-limits). OpenAI takes the larger of the two
    (platform.openai.com/docs/guides/rate-limits). Gemini limits input alone
    (ai.google.dev/gemini-api/docs/rate-limits). Of others the sum is assumed: never too little.
    """
    if service in {"openai", "azure"}:
        return max(prompt, max_output)
    if service == "gemini":
        return prompt
    return prompt + max_output


def next_midnight(now: datetime, zone_hours: int = 0) -> datetime:
    """The next midnight of a fixed offset from UTC."""
    local = now.astimezone(UTC) + timedelta(hours=zone_hours)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return midnight - timedelta(hours=zone_hours)
