"""Logs as events on stderr, with secrets taken out at the last moment.

One line an event: time, level, name, then key=value. Tracebacks are printed without the values of
variables, because those hold the owner's words.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterable

import structlog

HIDDEN = "[hidden]"
#: Shorter settings are words, not secrets; hiding them would garble every line.
LEAST_SECRET = 6

#: What secrets look like, wherever they come from: bot tokens, keys of model providers, passwords
#: in URLs.
SHAPES = re.compile(
    r"\b\d{6,12}:[A-Za-z0-9_-]{30,}\b"
    r"|\b(?:gsk|sk|xai|AIza)[_-][A-Za-z0-9_-]{16,}"
    r"|(?<=://)[^\s/@:]*:[^\s/@]+(?=@)"
)


class Redaction:
    """Replaces known secrets, and whatever has the shape of one."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._known = sorted({s for s in secrets if len(s) >= LEAST_SECRET}, key=len, reverse=True)

    def __call__(self, text: str) -> str:
        for secret in self._known:
            text = text.replace(secret, HIDDEN)
        return SHAPES.sub(HIDDEN, text)


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
