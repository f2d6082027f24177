"""Summaries of what is old: the list, a run that makes them, one for review, its originals."""

from __future__ import annotations

from typing import Any

from bot.render.cards.memory_pieces import SIGNS, badges, category, day, line, pages, quoted
from bot.render.cards.pieces import Params, Row, button, card, pager, time
from bot.render.html import b, clip, code, esc, i
from bot.render.model import Button, Rendered, Style, Translator
from core.runs.notices import NoticeRow

MOST_ROWS, MOST_POINTS, MOST_MISSING, MOST_SHOWN = 6, 10, 12, 3
MOST_SUMMARY, MOST_POINT, MOST_ORIGINAL = 1400, 160, 500
STATES = {"review": "🟡", "refused": "🟠", "kept": "✅", "corrected": "✏️", "discarded": "🗑"}
WAITS = frozenset({"review", "refused"})


def summaries(row: NoticeRow, t: Translator) -> Rendered:
    """The list; or a run, how far it is and what came of it."""
    params = row.notice.params
    if "rows" not in params:
        return _run(t, params)
    rows: list[Params] = list(params.get("rows") or [])[:MOST_ROWS]
    page, many = int(params.get("page") or 0), int(params.get("pages") or 1)
    lines = [f"📋 {b(t('summaries-title'))}"]
    due, months = int(params.get("due") or 0), int(params.get("months") or 0)
    lines.append(esc(t("summaries-due", count=due, months=months)))
    if params.get("last_at"):
        lines.append(f"{esc(t('summaries-last'))} {time(t, params['last_at'])}")
        lines.append(f"{esc(t('summaries-next'))} {time(t, params.get('next_at'))}")
    if params.get("begun"):
        lines.append(f"⏳ {esc(t('summaries-begun'))}")
    if not rows:
        lines += ["", esc(t("summaries-none"))]
    openers: list[Button] = []
    for number, each in enumerate(rows, start=1):
        lines += ["", *_short(t, number, each)]
        openers.append(Button(t.number(number), "summaries.open", {"id": each.get("id")}))
    now: Row = ()
    if due and not params.get("begun"):
        now = (button(t, "button-summarise-now", "summaries.run", style=Style.GOOD),)
    memory = button(t, "button-memory", "memory.home")
    turn = pager(t, "summaries.page", page, many)
    return card(lines, tuple(openers), turn, now, (memory,))


def _short(t: Translator, number: int, each: Params) -> list[str]:
    sign = STATES.get(str(each.get("state")), "▫️")
    where = f" · 🧵 {esc(line(each['thread'], 30))}" if each.get("thread") else ""
    what = f"{sign} {esc(t.number(number))}. {b(category(t, each.get('category')))}{where}"
    many = esc(t("summaries-count", count=int(each.get("original_count") or 0)))
    return [what + badges(each), f"{many} · {_span(t, each)}"]


def _span(t: Translator, each: Params) -> str:
    return f"{day(t, each.get('since'))} – {day(t, each.get('until'))}"


def _run(t: Translator, params: Params) -> Rendered:
    is_done = params.get("state") == "done"
    lines = [f"📋 {b(t('summaries-run-done' if is_done else 'summaries-run'))}"]
    made, originals = int(params.get("summaries") or 0), int(params.get("originals") or 0)
    lines.append(esc(t("summaries-made", originals=originals, count=made)))
    lines += [
        esc(t(f"summaries-run-{name}", count=int(params[name])))
        for name in ("refused", "unanswered", "left")
        if params.get(name)
    ]
    ids = [str(each) for each in params.get("ids") or []][:MOST_SHOWN]
    openers = tuple(
        button(t, "button-summary-number", "summaries.open", values={"number": at}, id=each)
        for at, each in enumerate(ids, start=1)
    )
    return card(lines, openers, (button(t, "button-summaries", "summaries.page", page=0),))


def summary(row: NoticeRow, t: Translator) -> Rendered:
    """One summary: how many items it stands for, its points, and what is missing in it."""
    params = row.notice.params
    state = str(params.get("state"))
    where = f" · 🧵 {esc(line(params['thread'], 40))}" if params.get("thread") else ""
    head = f"{STATES.get(state, '▫️')} {b(category(t, params.get('category')))}{where}"
    many = int(params.get("original_count") or 0)
    lines = [head + badges(params), esc(t("summaries-stands-for", count=many)), _span(t, params)]
    lines.append(quoted(params.get("text"), MOST_SUMMARY, expandable=True))
    lines += _points(t, list(params.get("points") or []))
    lines += _missing(t, list(params.get("missing") or []))
    if params.get("endpoint"):
        lines.append(i(t("summaries-made-by", name=clip(str(params["endpoint"]), 48))))
    key = f"summaries-state-{state}"
    lines += ["", esc(t(key if t.has(key) else "summaries-state-review"))]
    return card(lines, *_ways(t, params, state))


def _points(t: Translator, points: list[Params]) -> list[str]:
    if not points:
        return []
    lines = [b(t("summaries-points"))]
    for each in points[:MOST_POINTS]:
        sources = each.get("sources") or ()
        many = len(sources) if isinstance(sources, list) else int(sources or 0)
        from_ = f" {i(t('summaries-from', count=many))}" if many else ""
        lines.append(f"• {esc(line(each.get('text'), MOST_POINT))}{from_}")
    if len(points) > MOST_POINTS:
        lines.append(esc(t("summaries-points-more", count=len(points) - MOST_POINTS)))
    return lines


def _missing(t: Translator, missing: list[Any]) -> list[str]:
    """Names, dates and numbers that it lacks."""
    values = [_value(each) for each in missing]
    if not values:
        return []
    shown = ", ".join(code(clip(each, 40)) for each in values[:MOST_MISSING])
    return [f"🟠 {esc(t('summaries-missing', count=len(values)))} {shown}"]


def _value(each: Any) -> str:
    if isinstance(each, dict):
        return str(each.get("value") or "—")
    if isinstance(each, list | tuple) and len(each) > 1:
        return str(each[1])
    return str(each)


def _ways(t: Translator, params: Params, state: str) -> list[Row]:
    about = params.get("id")
    rows: list[Row] = []
    if state in WAITS:
        keep = button(
            t, "button-summary-keep", "summaries.decide", style=Style.GOOD, single=True,
            id=about, verb="keep",
        )  # fmt: skip
        correct = button(t, "button-summary-correct", "summaries.decide", id=about, verb="correct")
        discard = button(
            t, "button-summary-discard", "summaries.decide", style=Style.BAD, single=True,
            id=about, verb="discard",
        )  # fmt: skip
        rows += [(keep, correct), (discard,)]
    originals = button(t, "button-originals", "archives.open", summary_id=about, page=0)
    forget: Row = ()
    if state not in WAITS:
        forget = (
            button(t, "button-forget", "memory.forget", style=Style.BAD, kind="summary", id=about),
        )
    back = button(t, "button-summaries", "summaries.page", page=0)
    return [*rows, (originals, back), forget]


def archive(row: NoticeRow, t: Translator) -> Rendered:
    """What a summary was made of, a page at a time."""
    params = row.notice.params
    rows: list[Params] = list(params.get("rows") or [])[:MOST_ROWS]
    page, last = int(params.get("page") or 0), int(params.get("pages") or 1) - 1
    sign, key = ("🗄", "summaries-archive") if params.get("archived") else ("📋", "summaries-live")
    lines = [f"{sign} {b(t(key))} · {esc(category(t, params.get('category')))}"]
    lines.append(esc(t("summaries-count", count=int(params.get("total") or 0))))
    if not rows:
        lines += ["", esc(t("summaries-originals-gone"))]
    for number, each in enumerate(rows, start=1):
        head = f"{esc(t.number(number))}. {SIGNS.get(str(each.get('kind')), '📝')}"
        lines += ["", f"{head} {day(t, each.get('at'))}{badges(each)}"]
        lines.append(quoted(each.get("text"), MOST_ORIGINAL))
    about = params.get("summary_id")
    turn = pages(t, "archives.open", page, last, summary_id=about)
    openers = tuple(
        Button(t.number(at), "memory.open", {"kind": each.get("kind"), "id": each.get("id")})
        for at, each in enumerate(rows, start=1)
    )
    back = button(t, "button-back", "summaries.open", id=about)
    return card(lines, openers, turn, (back,))
