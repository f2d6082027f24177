"""What approvals need from outside."""

from __future__ import annotations

from typing import Any, Protocol

from core.db import Transaction


class NamedValues(Protocol):
    """Small values kept in the database; `core.memory.Preferences` is one."""

    def get(self, tx: Transaction, name: str, default: Any = None) -> Any: ...

    def set(self, tx: Transaction, name: str, value: Any) -> None: ...


class CodeCheck(Protocol):
    """The second factor of a node; `core.approvals.factor.SecondFactor` is one."""

    def check(self, tx: Transaction, code: str) -> None:
        """Burns the code. Refused(`code-wrong`, left=...), Refused(`code-locked`)."""
