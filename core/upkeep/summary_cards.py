"""What the owner is told of summaries, as notices: facts only, the bot renders them.

summary     one summary, to be kept, corrected or discarded
summaries   a run: how far it is, and what came of it
"""

from __future__ import annotations

from core.memory import summary_store
from core.memory.summary_model import LastRun, Summary
from core.runs.model import RunRow
from core.runs.notices import Notice, Urgency
from core.upkeep.model import SummariseOld

NOTHING_OLD = "summaries-nothing-old"


def review(summary: Summary, chat_id: int | None = None) -> Notice:
    """The card of one summary, as it stands now."""
    return Notice(
        kind="summary",
        key=f"summary:{summary.id}",
        params={
            "id": summary.id,
            "state": summary.state.value,
            "category": summary.category,
            "thread_id": summary.thread_id,
            "text": summary.text,
            "points": summary_store.points_json(summary.points),
            "missing": summary_store.facts_json(summary.missing),
            "original_count": summary.original_count,
            "since": summary.since.isoformat(),
            "until": summary.until.isoformat(),
            "label": summary.label.value,
            "language": summary.language,
            "endpoint": summary.endpoint,
            "archive_id": summary.archive_id,
            "decided_at": summary.decided_at.isoformat() if summary.decided_at else None,
        },
        chat_id=chat_id,
        label=summary.label,
        silent=True,
    )


def progress(args: SummariseOld, run: RunRow, left: int) -> Notice:
    """The card of a run that goes on; `left` originals are still due."""
    return _run_card(args, run, {"state": "running", "left": left})


def outcome(args: SummariseOld, run: RunRow, ended: LastRun, months: int) -> list[Notice]:
    """What came of a run. One that found nothing old says so to whoever asked, else nothing."""
    if not (args.summaries or args.unanswered):
        if args.chat_id is None:
            return []
        values = {"key": NOTHING_OLD, "values": {"months": months}}
        return [Notice("text", values, chat_id=args.chat_id, reply_to=args.reply_to)]
    return [_run_card(args, run, {"state": "done", "left": ended.left})]


def _run_card(args: SummariseOld, run: RunRow, more: dict[str, object]) -> Notice:
    return Notice(
        kind="summaries",
        key=f"summaries:{run.key or run.id}",
        params={
            "originals": args.originals,
            "summaries": args.summaries,
            "refused": args.refused,
            "unanswered": args.unanswered,
            "ids": list(args.kept),
            **more,
        },
        chat_id=args.chat_id,
        urgency=Urgency.CARD,
        silent=args.chat_id is None,
    )
