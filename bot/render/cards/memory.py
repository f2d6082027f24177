"""/memory: what was found, what it can be narrowed by, one line for what was kept, documents."""

from __future__ import annotations

from typing import Any

from bot.render.cards.memory_pieces import (
    MOST_LABEL,
    MOST_NAME,
    PRIVATE,
    badges,
    category,
    cut,
    heading,
    line,
    marked,
    numbers,
    pages,
    span,
)
from bot.render.cards.pieces import Params, Row, button, card, place
from bot.render.html import b, clip, code, esc, i
from bot.render.model import Button, Part, Rendered, Style, Translator
from core.runs.notices import NoticeRow

MOST_ROWS, MOST_COUNTS, MOST_CHOICES = 5, 8, 24
#: Units of a line that says what was kept; of a text that may be copied for an edit.
MOST_KEPT, MOST_COPIED = 300, 2000
FILTERS = ("category", "when", "thread_id", "origin", "label", "archived")
WHEN = ("day", "week", "month", "year", "older", "own")
#: Ways of finding that are less sure, told with the hit.
UNSURE = frozenset({"part", "meaning"})
EXPORTS = {"json": "memory.json", "markdown": "memory.md"}


def memory(row: NoticeRow, t: Translator) -> Rendered:
    """One page; a number opens each."""
    params = row.notice.params
    q: Params = dict(params.get("q") or {})
    rows: list[Params] = list(params.get("rows") or [])[:MOST_ROWS]
    total, page = int(params.get("total") or 0), int(params.get("page") or 0)
    lines = [f"🧠 {b(t('memory-title'))}", *_asked(t, params, q)]
    if params.get("home"):
        lines += _counts(t, dict(params.get("counts") or {}))
    if params.get("like"):
        lines.append(esc(t("memory-like")))
    if not rows:
        lines += ["", esc(t("memory-nothing" if q else "memory-empty"))]
    elif q:
        key = "memory-found-more" if params.get("is_cut") else "memory-found"
        lines.append(i(t(key, count=total)))
    elif params.get("home"):
        lines += ["", b(t("memory-newest"))]
    for number, each in enumerate(rows, start=1):
        lines += ["", f"{esc(t.number(number))}. {heading(t, each)}{_way(t, each)}", marked(each)]
    openers = numbers(t, "memory.open", rows, q=q, page=page)
    turn = pages(t, "memory.page", page, int(params.get("pages") or 1) - 1, q=q)
    if params.get("like"):
        return card(lines, openers, (_home(t),))
    return card(lines, openers, turn, *_ways(t, params, q))


def _asked(t: Translator, params: Params, q: Params) -> list[str]:
    """What is looked for, a line each."""
    lines = []
    if q.get("words"):
        lines.append(f"🔎 {esc(line(q['words'], MOST_NAME * 2))}")
    if q.get("category"):
        lines.append(f"🗂 {esc(category(t, q['category']))}")
    if q.get("since") or q.get("until"):
        lines.append(f"📅 {span(t, q.get('since'), q.get('until'))}")
    if q.get("thread_id"):
        lines.append(f"🧵 {esc(line(params.get('thread')))}")
    if q.get("origin"):
        lines.append(f"📍 {esc(place(t, q['origin']))}")
    if q.get("label"):
        lines.append(f"{PRIVATE} {esc(t('memory-label-' + _label(q['label'])))}")
    if q.get("archived"):
        lines.append(f"🗄 {esc(t('memory-only-archived'))}")
    return lines


def _label(value: Any) -> str:
    return "private" if value == "private" else "open"


def _counts(t: Translator, counts: Params) -> list[str]:
    """The largest categories."""
    largest = sorted(counts.items(), key=lambda each: -int(each[1]))[:MOST_COUNTS]
    told = [f"{category(t, name)} {t.number(int(many))}" for name, many in largest]
    return [esc(" · ".join(told))] if told else []


def _way(t: Translator, each: Params) -> str:
    way = str(each.get("way"))
    return f" · {i(t(f'memory-way-{way}'))}" if way in UNSURE else ""


def _ways(t: Translator, params: Params, q: Params) -> list[Row]:
    search = button(t, "button-memory-search", "memory.search", style=Style.MAIN, q=q)
    narrow = button(t, "button-memory-filter", "memory.filters", q=q)
    rows: list[Row] = [(search, narrow)]
    if not params.get("home"):
        more: Row = (_home(t),)
        if params.get("rows"):
            more = (button(t, "button-memory-take", "memory.export", form="json", q=q), _home(t))
        return [*rows, more]
    review: list[Button] = []
    if params.get("proposals"):
        many = {"number": int(params["proposals"])}
        review.append(
            button(t, "button-facts", "facts.page", style=Style.GOOD, values=many, page=0)
        )
    review.append(button(t, "button-summaries", "summaries.page", page=0))
    exports = (
        button(t, "button-export-json", "memory.export", form="json"),
        button(t, "button-export-md", "memory.export", form="markdown"),
    )
    return [*rows, tuple(review), exports]


def _home(t: Translator) -> Button:
    return button(t, "button-memory", "memory.home")


def filters(row: NoticeRow, t: Translator) -> Rendered:
    """What can be chosen; of one filter, what it can be."""
    params = row.notice.params
    q: Params = dict(params.get("q") or {})
    name = params.get("name")
    lines = [f"🎛 {b(t('memory-filters'))}", *_asked(t, params, q)]
    back = button(t, "button-back", "memory.page", q=q, page=0)
    if name not in FILTERS:
        lines += ["", esc(t("memory-filters-text"))]
        names = [each for each in FILTERS if each != "origin" or params.get("has_places")]
        doors = [_door(t, q, each) for each in names]
        pairs = [tuple(doors[at : at + 2]) for at in range(0, len(doors), 2)]
        clear: Row = (button(t, "button-filter-clear", "memory.home"),) if q else ()
        return card(lines, *pairs, clear, (back,))
    lines += ["", esc(t(f"memory-filter-{_dashed(name)}"))]
    choices: Params = dict(params.get("choices") or {})
    offered = _offered(t, q, str(name), list(choices.get("rows") or [])[:MOST_CHOICES])
    pairs = [tuple(offered[at : at + 2]) for at in range(0, len(offered), 2)]
    page, last = int(choices.get("page") or 0), int(choices.get("pages") or 1) - 1
    more = pages(t, "memory.filters", page, last, q=q, name=name)
    no = button(t, "button-filter-none", "memory.filter", q=q, name=name)
    return card(lines, *pairs, more, (no, back))


def _dashed(name: Any) -> str:
    return str(name).removesuffix("_id")


def _door(t: Translator, q: Params, name: str) -> Button:
    """The way to one filter; what is only on or off is turned over at once."""
    key = f"button-filter-{_dashed(name)}"
    if name == "archived":
        value = None if q.get("archived") else True
        return button(t, key, "memory.filter", q=q, name=name, value=value)
    return button(t, key, "memory.filters", q=q, name=name)


def _offered(t: Translator, q: Params, name: str, rows: list[Params]) -> list[Button]:
    values: list[tuple[Any, str]]
    if name == "when":
        values = [(each, t(f"memory-when-{each}")) for each in WHEN]
    elif name == "label":
        values = [(each, t(f"memory-label-{each}")) for each in ("private", "open")]
    elif name == "category":
        values = [(each.get("value"), category(t, each.get("value"))) for each in rows]
    elif name == "origin":
        values = [(each.get("value"), place(t, each.get("value"))) for each in rows]
    else:
        values = [(each.get("value"), line(each.get("title"))) for each in rows]
    return [
        Button(clip(title, MOST_LABEL), "memory.filter", {"q": q, "name": name, "value": value})
        for value, title in values
    ]


def remembered(row: NoticeRow, t: Translator) -> Rendered:
    """One line: what was kept or changed, and its Undo."""
    params = row.notice.params
    text = f"“{esc(line(cut(str(params.get('text') or ''), MOST_KEPT), MOST_KEPT))}”"
    key, sign = "memory-kept", "🧠"
    if params.get("undone"):
        key, sign = "memory-taken-back", "↩️"
    elif params.get("change") in {"edited", "corrected", "same"}:
        key, sign = f"memory-changed-{params['change']}", "✏️"
    elif params.get("known"):
        key = "memory-known"
    what = esc(category(t, params.get("category")))
    said = f"{sign} {esc(t(key))} {text} · {what}{badges(params)}"
    ways: list[Button] = []
    if params.get("change_id"):
        label = "button-redo-memory" if params.get("undone") else "button-undo"
        ways.append(button(t, label, "memory.undo", single=True, change_id=params["change_id"]))
    if not params.get("undone"):
        ways.append(
            button(t, "button-memory-open", "memory.open", kind="record", id=params.get("id"))
        )
    return card([said], tuple(ways))


def ask(row: NoticeRow, t: Translator) -> Rendered:
    """What is there now, to be copied, and what is wanted."""
    params = row.notice.params
    how = str(params.get("how"))
    key = f"memory-ask-{how}"
    lines = [f"✏️ {esc(t(key if t.has(key) else 'memory-ask-edit'))}"]
    lines += ["", code(cut(str(params.get("text") or ""), MOST_COPIED))]
    if how == "summary":
        back = button(t, "button-back", "summaries.open", id=params.get("id"))
    else:
        back = button(t, "button-back", "memory.open", kind="record", id=params.get("id"))
    return card(lines, (back,))


def document(row: NoticeRow, t: Translator) -> Rendered:
    """An export."""
    params = row.notice.params
    form = str(params.get("form"))
    caption = f"📦 {esc(t('memory-exported', count=_rows(params)))}\n{i(t('memory-exported-text'))}"
    name = str(params.get("name") or EXPORTS.get(form, EXPORTS["json"]))
    part = Part(caption, html=True, file_name=name, blob=str(params.get("blob") or ""))
    return Rendered((part,))


def imported(row: NoticeRow, t: Translator) -> Rendered:
    """What a file brought."""
    params = row.notice.params
    lines = [f"📥 {b(t('memory-imported', count=_rows(params)))}"]
    lines += [
        esc(t(f"memory-imported-{name}", count=int(params[name])))
        for name in ("skipped", "unreadable")
        if params.get(name)
    ]
    return card(lines, (_home(t),))


def _rows(params: Params) -> int:
    return sum(int(many) for many in dict(params.get("rows") or {}).values())
