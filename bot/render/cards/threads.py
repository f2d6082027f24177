"""/threads: the owner's conversations, one of them opened or read whole, joined and split."""

from __future__ import annotations

from bot.render.cards.memory_pieces import badges, day, quoted
from bot.render.cards.memory_pieces import pages as turning
from bot.render.cards.pieces import Params, Row, button, card, pager, time
from bot.render.html import b, clip, esc, i, quote
from bot.render.model import Button, Rendered, Style, Translator
from core.runs.notices import NoticeRow

MOST_ROWS = 10
MOST_NAME, MOST_LABEL = 60, 18
MOST_SUMMARY, MOST_LINE, MOST_LINES = 600, 200, 6
#: Units of a message on a page of the whole conversation.
MOST_PART = 380
OWNER = frozenset({"owner", "user"})


def threads(row: NoticeRow, t: Translator) -> Rendered:
    """One page of conversations, the latest first; the current one is ticked. With `join` a choice
    of the one that takes another in."""
    params = row.notice.params
    rows: list[Params] = list(params.get("rows") or [])[:MOST_ROWS]
    page, pages = int(params.get("page") or 0), int(params.get("pages") or 1)
    joined = params.get("join")
    lines = [f"🧵 {b(t('threads-title'))}"]
    if joined:
        lines.append(esc(t("threads-join-into", name=_name(t, params))))
    if not rows:
        lines += ["", esc(t("threads-no-other" if joined else "threads-empty"))]
    for number, thread in enumerate(rows, start=1):
        lines += ["", *_lines(t, number, thread)]
    openers = [_opener(t, number, thread, joined) for number, thread in enumerate(rows, start=1)]
    pairs = [tuple(openers[at : at + 2]) for at in range(0, len(openers), 2)]
    if joined:
        turn = turning(t, "threads.join", page, pages - 1, id=joined)
        return card(lines, *pairs, turn, (button(t, "button-back", "threads.open", id=joined),))
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


def _opener(t: Translator, number: int, thread: Params, joined: object = None) -> Button:
    label = clip(f"{t.number(number)}. {_name(t, thread)}", MOST_LABEL)
    if joined:
        about = {"id": joined, "into": thread.get("id")}
        return Button(label, "threads.join", about, single=True)
    return Button(label, "threads.open", {"id": thread.get("id")})


def thread(row: NoticeRow, t: Translator) -> Rendered:
    """A conversation's summary and last messages, quoted, and what can be done with it."""
    params = row.notice.params
    lines = [f"🧵 {b(_name(t, params))}"]
    if params.get("count"):
        lines.append(esc(t("threads-count", count=int(params["count"]))))
    if params.get("summing"):
        lines += ["", f"⏳ {esc(t('threads-summing-text'))}"]
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


def _actions(t: Translator, thread_id: object) -> tuple[Row, ...]:
    use = button(t, "button-use-thread", "threads.use", style=Style.GOOD, id=thread_id)
    rename = button(t, "button-rename", "threads.rename", id=thread_id)
    whole = button(t, "button-thread-whole", "threads.history", id=thread_id)
    search = button(t, "button-thread-search", "threads.search", id=thread_id)
    summary = button(t, "button-thread-summary", "threads.summary", id=thread_id)
    join = button(t, "button-thread-join", "threads.join", id=thread_id)
    split = button(t, "button-thread-split", "threads.split", id=thread_id)
    back = button(t, "button-threads", "threads.page", page=0)
    return (use,), (whole, search), (summary, rename), (join, split), (back,)


def history(row: NoticeRow, t: Translator) -> Rendered:
    """A page of the whole conversation, oldest first; with `splitting` a number begins a new one
    there."""
    params = row.notice.params
    thread_id, is_splitting = params.get("id"), bool(params.get("splitting"))
    rows: list[Params] = list(params.get("rows") or [])[:MOST_ROWS]
    page, pages = int(params.get("page") or 0), int(params.get("pages") or 1)
    lines = [f"📜 {b(_name(t, params))}"]
    if is_splitting:
        lines.append(f"✂️ {esc(t('threads-split-where'))}")
    where = {"page": page + 1, "pages": pages, "count": int(params.get("total") or 0)}
    lines += [i(t("threads-page", **where))] if rows else ["", esc(t("threads-no-messages"))]
    for number, message in enumerate(rows, start=1):
        who = t("threads-you" if message.get("role") in OWNER else "threads-me")
        sign = f"{esc(t.number(number))}. " if is_splitting else ""
        lines.append(f"{sign}{b(who)} · {day(t, message.get('at'))}{badges(message)}")
        lines.append(quoted(message.get("text"), MOST_PART))
    verb = "threads.split" if is_splitting else "threads.history"
    turn = turning(t, verb, page, pages - 1, id=thread_id)
    cuts: Row = ()
    if is_splitting:
        cuts = tuple(
            Button(t.number(number), verb, {"id": thread_id, "seq": message.get("seq")})
            for number, message in enumerate(rows, start=1)
        )
    return card(lines, cuts, turn, (button(t, "button-back", "threads.open", id=thread_id),))


def moved(row: NoticeRow, t: Translator) -> Rendered:
    """What went from one conversation into another, and its Undo."""
    params = row.notice.params
    names = {
        "from": clip(str(params.get("from") or t("threads-unnamed")), MOST_NAME),
        "into": clip(str(params.get("into") or t("threads-unnamed")), MOST_NAME),
    }
    many = int(params.get("count") or 0)
    key = "threads-split-done" if params.get("kind") == "split" else "threads-joined"
    lines = [f"🧵 {esc(t(key, source=names['from'], target=names['into'], count=many))}"]
    opened = button(t, "button-open-thread", "threads.open", id=params.get("into_id"))
    if params.get("undone"):
        return card([*lines, f"↩️ {b(t('threads-unmoved'))}"], (opened,))
    undo = button(t, "button-undo", "threads.unmove", single=True, move_id=params.get("move_id"))
    return card(lines, (undo, opened))


def summed(row: NoticeRow, t: Translator) -> Rendered:
    """The summary that was asked for, or that nobody could write it now."""
    params = row.notice.params
    lines = [f"📝 {b(t('threads-summed' if params.get('summary') else 'threads-not-summed'))}"]
    if params.get("summary"):
        lines.append(quoted(params["summary"]))
    return card(lines, (button(t, "button-open-thread", "threads.open", id=params.get("id")),))
