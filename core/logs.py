"""Logs as events on stderr, with secrets taken out at the last moment.

One line an event: time, level, name, then key=value. Tracebacks are printed without the values of
variables, because those hold the owner's words.
"""

from __future__ import annotations

import logging
import sys

import structlog

from core.redaction import Redaction


def set_up(level: str, redact: Redaction) -> None:
    """Send our events and those of the libraries to stderr, redacted."""
    render = structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"])

    def line(logger: object, name: str, event: structlog.typing.EventDict) -> str:
        error = event.pop("exception", None)
        text = str(render(logger, name, event))
        return redact(text if error is None else f"{text}\n{error}")

    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            line,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Redacted("%(asctime)s %(levelname)s %(name)s %(message)s", redact))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for chatty in ("httpx", "httpcore", "telegram", "kombu", "celery", "amqp", "markdown_it"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, root.level))


class _Redacted(logging.Formatter):
    def __init__(self, form: str, redact: Redaction) -> None:
        super().__init__(form)
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        return self._redact(super().format(record))
