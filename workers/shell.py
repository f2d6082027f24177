"""What every task gets: its core, and a border where errors end.

A task is a hint. Whatever it raises, the row it was about stays in the database and the sweeper
comes back to it, so an error is logged once and never fed back to Celery.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import structlog

from core.errors import MaskError

log = structlog.get_logger(__name__)


def guarded(task: str, use_case: Callable[..., None]) -> Callable[..., None]:
    """`use_case` with its errors logged under the task's name."""

    def run(*args: Any) -> None:
        try:
            use_case(*args)
        except MaskError as error:
            log.warning("task-refused", task=task, error=str(error))
        except Exception:  # the border of a worker's thread
            log.exception("task-failed", task=task)

    return run
