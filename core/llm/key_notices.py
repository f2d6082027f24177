"""What the owner is told of a key: that its service refused it, and that a new one works."""

from __future__ import annotations

from core.llm.credential_rows import KeyInfo
from core.llm.shipped import service_of
from core.runs.notices import Level, Notice, alert

#: The alerts' component is this and the service's name.
PREFIX = "key-"
CODE = "key-revoked"


def revoked(key: KeyInfo) -> Notice:
    """For `Till`'s `on_dead`: told once per key, in the transaction in which it died."""
    title = service_of(key.service).title
    return alert(
        Level.PROBLEM,
        f"{PREFIX}{key.service}",
        CODE,
        service=key.service,
        title=title,
        hint=key.hint,
    )


def works_again(service: str) -> Notice:
    """A key of that service was accepted; says nothing where no alert was open."""
    title = service_of(service).title
    return alert(Level.RESOLVED, f"{PREFIX}{service}", CODE, service=service, title=title)
