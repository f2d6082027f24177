"""What every task gets: its core, and a border where errors end.

A task is a hint. Whatever it raises, the row it was about stays in the database and the sweeper
comes back to it, so an error is logged once and never fed back to Celery.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from core.errors import MaskError

log = logging.getLogger(__name__)  # the standard one: beat must stay small


def guarded(task: str, use_case: Callable[..., None]) -> Callable[..., None]:
    """`use_case` with its errors logged under the task's name."""

    def run(*args: Any) -> None:
        try:
            use_case(*args)
        except MaskError as error:
            log.warning("task-refused task=%s error=%s", task, error)
        except Exception:  # the border of a worker's thread
            log.exception("task-failed task=%s", task)

    return run
