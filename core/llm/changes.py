"""What is put down of changes to models and keys: the port, and one that puts down nothing.

`approvals.audit.Audit.record` is the real one; rooms on one floor do not know each other, so wiring
brings them together. A key itself is in no detail, only the end of it.
"""

from __future__ import annotations

from typing import Any, Protocol

from core.db import Transaction

#: How the chain names the person whose wish a run carries out.
OWNER = "owner"


class Records(Protocol):
    """Contract: in the caller's transaction, so that what is put down has happened."""

    def __call__(self, tx: Transaction, kind: str, actor: str, **detail: Any) -> object: ...


def nobody(tx: Transaction, kind: str, actor: str, **detail: Any) -> None:
    """Puts down nothing."""
