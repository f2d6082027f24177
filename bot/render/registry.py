"""Which renderer draws which kind of notice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from bot.render.cards import (
    alert,
    answer,
    jobs,
    privacy,
    sentences,
    settings,
    status,
    threads,
    tour,
    why,
)
from bot.render.model import Rendered, Translator
from core.errors import Broken
from core.runs.notices import NoticeRow

Renderer = Callable[[NoticeRow, Translator], Rendered]

RENDERERS: Mapping[str, Renderer] = MappingProxyType(
    {
        "alert": alert.alert,
        "answer": answer.answer,
        "failed": sentences.failed,
        "help": tour.help_,
        "jobs": jobs.jobs,
        "language": tour.language,
        "pending": sentences.pending,
        "private": privacy.private,
        "settings": settings.settings,
        "stale": sentences.stale,
        "start": tour.start,
        "status": status.status,
        "text": sentences.text,
        "thread": threads.thread,
        "threads": threads.threads,
        "why": why.why,
    }
)


def render(row: NoticeRow, translator: Translator) -> Rendered:
    """The notice as messages and buttons; Broken when nobody draws its kind."""
    renderer = RENDERERS.get(row.notice.kind)
    if renderer is None:
        raise Broken("notice-kind-unknown", kind=row.notice.kind)
    return renderer(row, translator)
