"""/threads: the owner's conversations, and one of them opened."""

from __future__ import annotations

from bot.render.cards.pieces import Params, Row, button, card, pager, time
from bot.render.html import b, clip, esc, quote
from bot.render.model import Button, Rendered, Style, Translator
from core.runs.notices import NoticeRow

MOST_ROWS = 10
MOST_NAME, MOST_LABEL = 60, 18
MOST_SUMMARY, MOST_LINE, MOST_LINES = 600, 200, 6
OWNER = frozenset({"owner", "user"})


def threads(row: NoticeRow, t: Translator) -> Rendered:
    """One page of conversations, the latest first; the current one is ticked."""
    params = row.notice.params
    rows: list[Params] = list(params.get("rows") or [])[:MOST_ROWS]
    page, pages = int(params.get("page") or 0), int(params.get("pages") or 1)
    lines = [f"🧵 {b(t('threads-title'))}"]
    if not rows:
        lines += ["", esc(t("threads-empty"))]
    for number, thread in enumerate(rows, start=1):
        lines += ["", *_lines(t, number, thread)]
    openers = [_opener(t, number, thread) for number, thread in enumerate(rows, start=1)]
    pairs = [tuple(openers[at : at + 2]) for at in range(0, len(openers), 2)]
    new = button(t, "button-new-thread", "threads.new", style=Style.GOOD)
    return card(lines, *pairs, pager(t, "threads.page", page, pages), (new,))


def _name(t: Translator, thread: Params) -> str:
    return clip(str(thread.get("name") or t("threads-unnamed")), MOST_NAME)


def _lines(t: Translator, number: int, thread: Params) -> list[str]:
    mark = "✅ " if thread.get("current") else ""
    count = t("threads-count", count=int(thread.get("count") or 0))
    return [
        f"{mark}{esc(t.number(number))}. {b(_name(t, thread))}",
        f"{esc(count)} · {time(t, thread.get('changed_at'))}",
    ]


def _opener(t: Translator, number: int, thread: Params) -> Button:
    label = clip(f"{t.number(number)}. {_name(t, thread)}", MOST_LABEL)
    return Button(label, "threads.open", {"id": thread.get("id")})


def thread(row: NoticeRow, t: Translator) -> Rendered:
    """A conversation's summary and last messages, quoted, and what can be done with it."""
    params = row.notice.params
    lines = [f"🧵 {b(_name(t, params))}"]
    if params.get("summary"):
        summary = clip(str(params["summary"]), MOST_SUMMARY)
        lines += ["", esc(t("threads-summary")), quote(summary, expandable=True)]
    last: list[Params] = list(params.get("last") or [])[-MOST_LINES:]
    if last:
        lines += ["", esc(t("threads-last"))]
        lines.append(quote("\n".join(_said(t, message) for message in last), expandable=True))
    else:
        lines += ["", esc(t("threads-no-messages"))]
    return card(lines, *_actions(t, params.get("id")))


def _said(t: Translator, message: Params) -> str:
    who = t("threads-you" if message.get("role") in OWNER else "threads-me")
    return f"{who}: {clip(str(message.get('text') or '—'), MOST_LINE)}"


def _actions(t: Translator, thread_id: object) -> tuple[Row, Row]:
    use = button(t, "button-use-thread", "threads.use", style=Style.GOOD, id=thread_id)
    rename = button(t, "button-rename", "threads.rename", id=thread_id)
    return (use,), (rename, button(t, "button-threads", "threads.page", page=0))
