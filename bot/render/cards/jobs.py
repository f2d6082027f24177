"""/jobs: what runs, what waits and for whom, what failed, what no longer fits the program."""

from __future__ import annotations

from typing import Any

from bot.render.cards.pieces import Params, Row, button, card, error, pager, place, time
from bot.render.html import b, clip, esc
from bot.render.model import Rendered, Style, Translator
from core.runs.model import RunState, Waiting
from core.runs.notices import NoticeRow

SIGNS = {
    RunState.READY: "⏳",
    RunState.RUNNING: "▶️",
    RunState.WAITING: "⏸",
    RunState.DONE: "✅",
    RunState.FAILED: "⚠️",
    RunState.CANCELLED: "⏹",
    RunState.STALE: "🧭",
}
GOING = frozenset({RunState.READY, RunState.RUNNING, RunState.WAITING})
MOST_TITLE = 60
MOST_ROWS = 10


def jobs(row: NoticeRow, t: Translator) -> Rendered:
    """One page of runs, newest first; each has a number that its buttons repeat."""
    params = row.notice.params
    rows: list[Params] = list(params.get("rows") or [])[:MOST_ROWS]
    page, pages = int(params.get("page") or 0), int(params.get("pages") or 1)
    lines = [f"🗂 {b(t('jobs-title'))}"]
    buttons: list[Row] = []
    if not rows:
        lines += ["", esc(t("jobs-empty"))]
    for number, job in enumerate(rows, start=1):
        lines += ["", *_lines(t, number, job)]
        buttons.append(_buttons(t, number, job))
    refresh = button(t, "button-refresh", "jobs.page", page=page)
    return card(lines, *buttons, (*pager(t, "jobs.page", page, pages), refresh))


def _lines(t: Translator, number: int, job: Params) -> list[str]:
    state = RunState(job.get("state", RunState.READY))
    title = clip(str(job.get("title") or t("jobs-untitled")), MOST_TITLE)
    began = time(t, job.get("started_at"))
    lines = [
        f"{SIGNS[state]} {esc(t.number(number))}. {b(title)}",
        f"{esc(_state(t, state, job))} · {began}",
    ]
    if job.get("error") and state in {RunState.FAILED, RunState.STALE}:
        lines.append(esc(error(t, job["error"])))
    return lines


def _state(t: Translator, state: RunState, job: Params) -> str:
    if state is not RunState.WAITING:
        return t(f"jobs-state-{state.value}")
    waiting: Any = job.get("waiting") or Waiting.STEP
    if waiting == Waiting.PLACE:
        return t("jobs-waiting-place", what=place(t, job.get("waiting_for")))
    return t(f"jobs-waiting-{waiting}")


def _buttons(t: Translator, number: int, job: Params) -> Row:
    state, run_id = RunState(job.get("state", RunState.READY)), job.get("id")
    values = {"number": number}
    if state in GOING:
        return (
            button(
                t,
                "button-stop-number",
                "jobs.stop",
                style=Style.BAD,
                single=True,
                values=values,
                run_id=run_id,
            ),
        )
    if state is RunState.DONE:
        return ()
    retry = button(
        t,
        "button-again-number",
        "jobs.retry",
        style=Style.GOOD,
        single=True,
        values=values,
        run_id=run_id,
    )
    drop = button(t, "button-drop-number", "jobs.drop", single=True, values=values, run_id=run_id)
    return (retry, drop)
