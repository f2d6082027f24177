"""Which renderer draws which kind of notice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from bot.render.cards import (
    alert,
    answer,
    approval,
    approval_papers,
    audit,
    cost,
    facts,
    files,
    files_effects,
    jobs,
    memory,
    memory_item,
    models,
    models_adding,
    models_local,
    nodes,
    privacy,
    rules,
    selftest,
    sentences,
    settings,
    status,
    summaries,
    threads,
    tour,
    undo,
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
        "audit": audit.audit,
        "approval": approval.approval,
        "approval-details": approval_papers.details,
        "approval-edit": approval_papers.edit,
        "approval-output": approval_papers.output,
        "approval-pending": approval_papers.waits,
        "approval-text": approval_papers.text,
        "archive": summaries.archive,
        "contradiction": facts.proposal,
        "cost": cost.cost,
        "cost-budget": cost.budget,
        "cost-chart": cost.chart,
        "fact": facts.proposal,
        "facts": facts.facts,
        "failed": sentences.failed,
        "files-document": files_effects.document,
        "files-editing": files_effects.editing,
        "files-effect": files_effects.effect,
        "files-file": files.file,
        "files-folder": files.folder,
        "files-found": files.found,
        "files-places": files.places,
        "files-received": files_effects.received,
        "help": tour.help_,
        "invitation": nodes.invitation,
        "jobs": jobs.jobs,
        "language": tour.language,
        "memory": memory.memory,
        "memory-ask": memory.ask,
        "memory-document": memory.document,
        "memory-filters": memory.filters,
        "memory-forget": memory_item.forget,
        "memory-history": memory_item.history,
        "memory-imported": memory.imported,
        "memory-item": memory_item.item,
        "model": models.model,
        "models": models.models,
        "models-add": models_adding.add,
        "models-added": models_adding.added,
        "models-ask": models_adding.ask,
        "models-installed": models_local.installed,
        "models-keys": models.keys,
        "models-local": models_local.event,
        "models-place": models_local.one_place,
        "models-places": models_local.places,
        "models-refused": models_adding.refused,
        "models-removed": models.removed,
        "models-tested": models.tested,
        "models-untested": models_adding.untested,
        "node": nodes.node,
        "nodes": nodes.nodes,
        "pending": sentences.pending,
        "private": privacy.private,
        "remembered": memory.remembered,
        "rule-choice": rules.choice,
        "rules": rules.rules,
        "run-help": files_effects.run_help,
        "settings": settings.settings,
        "stale": sentences.stale,
        "start": tour.start,
        "status": status.status,
        "summaries": summaries.summaries,
        "summary": summaries.summary,
        "switching-tested": selftest.tested,
        "text": sentences.text,
        "thread": threads.thread,
        "thread-history": threads.history,
        "thread-moved": threads.moved,
        "thread-summed": threads.summed,
        "threads": threads.threads,
        "waiting": nodes.waiting,
        "undo": undo.undo,
        "why": why.why,
    }
)


def render(row: NoticeRow, translator: Translator) -> Rendered:
    """The notice as messages and buttons; Broken when nobody draws its kind."""
    renderer = RENDERERS.get(row.notice.kind)
    if renderer is None:
        raise Broken("notice-kind-unknown", kind=row.notice.kind)
    return renderer(row, translator)
