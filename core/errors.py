"""Every way core fails on purpose, as one tree.

MaskError
├── Refused        a rule, a state or the input says no; trying again does not help
├── Unavailable    something outside is away; trying again after `retry_after` seconds may help
└── Broken         an invariant does not hold; stop and tell the owner

An error carries a `code` and parameters, never a sentence: the sentence is the Fluent text
`err-<code>` in the owner's language, which names the cause and the next step.
"""

from __future__ import annotations

from typing import Any, ClassVar


class MaskError(Exception):
    """Base of everything core raises on purpose.

    `code` is lower-case words joined by hyphens; `params` are JSON values for the Fluent text.
    """

    family: ClassVar[str] = "error"

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(f"{self.family}: {code} {params or ''}".rstrip())
        self.code = code
        self.params = params

    def to_json(self) -> dict[str, Any]:
        return {"family": self.family, "code": self.code, "params": self.params}


class Refused(MaskError):
    """A rule, a state or the input says no. Trying again will not help."""

    family = "refused"


class Unavailable(MaskError):
    """Something outside is away. Trying again after `retry_after` seconds may help."""

    family = "unavailable"

    def __init__(self, code: str, *, retry_after: float | None = None, **params: Any) -> None:
        super().__init__(code, **params)
        self.retry_after = retry_after

    def to_json(self) -> dict[str, Any]:
        return {**super().to_json(), "retry_after": self.retry_after}


class Broken(MaskError):
    """An invariant does not hold. A person must look."""

    family = "broken"


def from_json(data: dict[str, Any]) -> MaskError:
    """The error that `to_json` described, as one of the three families; any other is `Broken`.
    Subclasses are not rebuilt: their constructors take other things, and code and params say all.
    """
    family = data.get("family", "broken")
    code, params = str(data.get("code", "unknown")), dict(data.get("params") or {})
    if family == Unavailable.family:
        return Unavailable(code, retry_after=data.get("retry_after"), **params)
    return (Refused if family == Refused.family else Broken)(code, **params)
