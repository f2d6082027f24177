"""One thing that is remembered: opened, its history, and what forgetting it would touch and did."""

from __future__ import annotations

from typing import Any

from bot.render.cards.memory_pieces import (
    MOST_LABEL,
    PRIVATE,
    category,
    day,
    heading,
    line,
    quoted,
)
from bot.render.cards.pieces import Params, Row, button, card, place, time
from bot.render.html import b, clip, code, esc, i
from bot.render.model import Button, Rendered, Style, Translator
from core.runs.notices import NoticeRow

MOST_CONTENT, MOST_CHANGES, MOST_HOLDERS = 8, 6, 12
MOST_WAS, MOST_WORD = 300, 80
#: Categories that an item is filed under by hand, the usual ones first.
FILED = ("fact", "note", "task", "learning", "state", "model", "execution", "security", "plugin")
SOURCES = frozenset({"owner", "tapped", "feature", "imported", "forwarded", "untrusted"})
#: Fields of a change that are told by a name of their own.
FIELDS = frozenset({"text", "category", "label", "is_pinned", "happened_at", "deleted_at"})
OWNER = "telegram:"


def item(row: NoticeRow, t: Translator) -> Rendered:
    """All fields; the buttons of what can be done with it."""
    params = row.notice.params
    lines = [heading(t, params), quoted(params.get("text"), expandable=True), *_facts(t, params)]
    if params.get("opening"):
        return card([*lines, "", f"{PRIVATE} {esc(t('memory-opening'))}"], *_opening(t, params))
    if params.get("filing"):
        return card([*lines, "", esc(t("memory-filing"))], *_filing(t, params))
    return card(lines, *(_ways(t, params) if params.get("kind") == "record" else _said(t, params)))


def _facts(t: Translator, params: Params) -> list[str]:
    lines = []
    source = str(params.get("source"))
    if source in SOURCES:
        lines.append(esc(t(f"memory-source-{source}")))
    if params.get("endpoint"):
        lines.append(f"{esc(t('memory-answered-by'))} {code(clip(str(params['endpoint']), 48))}")
    if params.get("thread"):
        lines.append(f"🧵 {esc(line(params['thread']))}")
    if params.get("origin"):
        lines.append(f"📍 {esc(place(t, params['origin']))}")
    if params.get("changed_at") and params.get("changes"):
        many = esc(t("memory-changes", count=int(params["changes"])))
        lines.append(f"🕘 {many} · {time(t, params['changed_at'])}")
    if params.get("gone"):
        lines.append(f"↩️ {esc(t('memory-gone'))}")
    content: Params = dict(params.get("content") or {})
    for name, value in list(content.items())[:MOST_CONTENT]:
        lines.append(f"{code(clip(name, 40))}: {esc(line(value, MOST_WORD))}")
    number = code(clip(str(params.get("task_id") or params.get("id") or "—"), 40))
    return [*lines, f"{esc(t('memory-id'))} {number}"]


def _opening(t: Translator, params: Params) -> tuple[Row, Row]:
    """A second tap before something private may leave the owner's machines."""
    about = params.get("id")
    keep = button(t, "button-keep-private", "memory.open", kind="record", id=about)
    sure = button(
        t, "button-make-open", "memory.private", style=Style.BAD, single=True,
        id=about, on=False, sure=True,
    )  # fmt: skip
    return (keep,), (sure,)


def _filing(t: Translator, params: Params) -> list[Row]:
    about, current = params.get("id"), params.get("category")
    found = [
        Button(
            clip(("✅ " if name == current else "") + category(t, name), MOST_LABEL),
            "memory.file",
            {"id": about, "category": name},
        )
        for name in FILED
    ]
    rows: list[Row] = [tuple(found[at : at + 2]) for at in range(0, len(found), 2)]
    return [*rows, (button(t, "button-back", "memory.open", kind="record", id=about),)]


def _ways(t: Translator, params: Params) -> list[Row]:
    about = params.get("id")
    if params.get("gone"):
        return [(_history(t, params), _back(t, params))]
    is_pinned, is_private = bool(params.get("pinned")), params.get("label") == "private"
    pin = button(
        t, "button-unpin-memory" if is_pinned else "button-pin-memory", "memory.pin",
        id=about, on=not is_pinned,
    )  # fmt: skip
    private = button(
        t, "button-open-memory" if is_private else "button-make-private", "memory.private",
        id=about, on=not is_private,
    )  # fmt: skip
    edit = button(t, "button-memory-edit", "memory.edit", id=about, how="edit")
    correct = button(t, "button-memory-correct", "memory.edit", id=about, how="correct")
    file = button(t, "button-memory-file", "memory.file", id=about)
    return [
        (edit, correct),
        (pin, private),
        (file, _history(t, params)),
        (*_where(t, params), _similar(t, params)),
        _undo(t, params),
        (_forget(t, params), _back(t, params)),
    ]


def _said(t: Translator, params: Params) -> list[Row]:
    """A message: what can be done with what was said."""
    keep = button(t, "button-memory-keep", "memory.keep", style=Style.GOOD, id=params.get("id"))
    thread = button(t, "button-open-thread", "threads.open", id=params.get("thread_id"))
    return [
        (keep, thread),
        (*_where(t, params), _similar(t, params)),
        (_forget(t, params), _back(t, params)),
    ]


def _history(t: Translator, params: Params) -> Button:
    return button(t, "button-memory-history", "memory.history", id=params.get("id"))


def _where(t: Translator, params: Params) -> Row:
    if not params.get("said"):
        return ()
    about = {"id": params.get("id"), "message_id": params.get("message_id")}
    return (Button(t("button-memory-said"), "memory.said", about),)


def _similar(t: Translator, params: Params) -> Button:
    kind = params.get("kind")
    return button(t, "button-memory-similar", "memory.similar", kind=kind, id=params.get("id"))


def _undo(t: Translator, params: Params) -> Row:
    if not params.get("undo"):
        return ()
    return (button(t, "button-undo-change", "memory.undo", single=True, change_id=params["undo"]),)


def _forget(t: Translator, params: Params) -> Button:
    about: Params = {"kind": params.get("kind"), "id": params.get("id")}
    return button(t, "button-forget", "memory.forget", style=Style.BAD, **about)


def _back(t: Translator, params: Params) -> Button:
    q, page = dict(params.get("q") or {}), int(params.get("page") or 0)
    return button(t, "button-back", "memory.page", q=q, page=page)


def history(row: NoticeRow, t: Translator) -> Rendered:
    """What changed it, when, from which message; the newest first, at last how it began."""
    params = row.notice.params
    rows: list[Params] = list(params.get("rows") or [])[:MOST_CHANGES]
    lines = [f"🕘 {b(t('memory-history'))}", quoted(params.get("text"), MOST_WAS)]
    for number, change in enumerate(rows, start=1):
        lines += ["", *_change(t, number, change)]
    if not rows:
        lines += ["", esc(t("memory-never-changed"))]
    if params.get("more"):
        lines += ["", i(t("memory-changes-more", count=int(params["more"])))]
    lines += ["", f"🌱 {esc(t('memory-born'))} {day(t, params.get('created_at'))}"]
    undos = [
        button(
            t, "button-undo-number", "memory.undo", single=True, values={"number": at},
            change_id=each.get("id"),
        )
        for at, each in enumerate(rows, start=1)
        if each.get("can_undo")
    ]  # fmt: skip
    places = [
        button(
            t, "button-said-number", "memory.said", values={"number": at},
            id=params.get("id"), message_id=each.get("message_id"),
        )
        for at, each in enumerate(rows, start=1)
        if each.get("message_id")
    ]  # fmt: skip
    pairs = [tuple(undos[at : at + 2]) for at in range(0, len(undos), 2)]
    pairs += [tuple(places[at : at + 2]) for at in range(0, len(places), 2)]
    back = button(t, "button-back", "memory.open", kind="record", id=params.get("id"))
    return card(lines, *pairs, (back,))


def _change(t: Translator, number: int, change: Params) -> list[str]:
    kind = str(change.get("kind"))
    key = f"memory-change-{kind}"
    what = b(t(key) if t.has(key) else kind)
    done = f" · {i(t('memory-change-undone'))}" if change.get("undone") else ""
    head = f"{esc(t.number(number))}. {what} · {time(t, change.get('at'))}{done}"
    lines = [head, esc(_who(t, str(change.get("actor") or "")))]
    before: Params = dict(change.get("before") or {})
    if before.get("text"):
        lines.append(quoted(before["text"], MOST_WAS))
    for name in sorted(set(before) & FIELDS - {"text"}):
        field = t(f"memory-field-{name.replace('_', '-')}")
        lines.append(f"{esc(field)}: {_was(t, name, str(before[name]))}")
    return lines


def _was(t: Translator, name: str, was: str) -> str:
    """A former value in words. HTML."""
    if name == "category":
        return esc(category(t, was))
    if name == "label":
        return esc(t(f"memory-label-{'private' if was == 'private' else 'open'}"))
    if name == "is_pinned":
        return esc(t("memory-yes" if was == "True" else "memory-no"))
    return esc(t("memory-no")) if was == "None" else time(t, was)


def _who(t: Translator, actor: str) -> str:
    if actor.startswith(OWNER):
        return t("memory-by-you")
    key = f"memory-by-{actor.replace('_', '-')}"
    return t(key) if t.has(key) else t("memory-by", name=line(actor))


def forget(row: NoticeRow, t: Translator) -> Rendered:
    """What would go; that it is going; what went, in counts."""
    params = row.notice.params
    stage = params.get("stage")
    if stage == "running":
        return card([f"🗑 {b(t('memory-forgetting-title'))}", esc(t("memory-forgetting-text"))])
    if stage != "preview":
        return card(_receipt(t, params), (button(t, "button-memory", "memory.home"),))
    lines = [f"🗑 {b(t('memory-forget-title'))}", quoted(params.get("text"), MOST_WAS)]
    lines += [esc(t("memory-forget-text", count=int(params.get("total") or 0)))]
    lines += _holders(t, dict(params.get("counts") or {}))
    if params.get("open_runs"):
        lines.append(f"⏹ {esc(t('memory-forget-runs', count=int(params['open_runs'])))}")
    lines += ["", f"🔴 {esc(t('memory-forget-final'))}"]
    about = {name: params[name] for name in ("kind", "id", "words") if params.get(name)}
    sure = button(
        t, "button-forget-sure", "memory.forget", style=Style.BAD, single=True, sure=True, **about
    )
    if params.get("kind") == "record":
        keep = button(t, "button-keep-it", "memory.open", kind="record", id=params.get("id"))
    else:
        keep = button(t, "button-keep-it", "memory.home")
    return card(lines, (keep,), (sure,))


def _receipt(t: Translator, params: Params) -> list[str]:
    counts: dict[str, Any] = dict(params.get("counts") or {})
    waits = [str(name) for name in params.get("waiting_for") or []]
    total = sum(int(many) for each in counts.values() for many in dict(each).values())
    lines = [f"✅ {b(t('memory-forgotten', count=total))}"]
    for where, found in counts.items():
        lines += ["", b(place(t, where)), *_holders(t, dict(found))]
    left = int(params.get("left") or 0)
    lines += ["", esc(t("memory-forgotten-left", count=left) if left else t("memory-nowhere"))]
    if waits:
        names = ", ".join(place(t, name) for name in waits)
        lines.append(f"💤 {esc(t('memory-forget-waits', names=names))}")
    lines.append(i(t("memory-forgotten-chat")))
    if params.get("done_at"):
        lines.append(time(t, params["done_at"]))
    return lines


def _holders(t: Translator, counts: Params) -> list[str]:
    """By what held the words, the most first."""
    ordered = sorted(counts.items(), key=lambda each: -int(each[1]))
    told = [(name, int(many)) for name, many in ordered if int(many)]
    lines = [f"• {esc(_holder(t, name))}: {esc(t.number(many))}" for name, many in told]
    if len(lines) > MOST_HOLDERS:
        rest = sum(many for _, many in told[MOST_HOLDERS:])
        lines[MOST_HOLDERS:] = [f"• {esc(t('memory-holder-others'))}: {esc(t.number(rest))}"]
    return lines


def _holder(t: Translator, name: str) -> str:
    key = f"memory-holder-{name.replace('_', '-')}"
    return t(key) if t.has(key) else name
