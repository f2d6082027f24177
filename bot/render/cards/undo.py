"""/undo: the last changes, each with what it did, where and when, and a button to take it back."""

from __future__ import annotations

from bot.render.cards.approval_spelling import spell
from bot.render.cards.pieces import Params, button, card, place, time
from bot.render.html import b, clip, code, esc
from bot.render.model import Button, Rendered, Translator
from core.runs.notices import NoticeRow

MOST_ROWS, MOST_WHAT = 10, 90
#: Kinds of action with a word of their own.
KINDS = frozenset({"create", "edit", "delete", "delete_file", "put_file", "cmd", "undo"})


def undo(row: NoticeRow, t: Translator) -> Rendered:
    """The newest first; what is undone already has no button."""
    rows: list[Params] = list(row.notice.params.get("rows") or [])[:MOST_ROWS]
    lines = [f"↩️ {b(t('undo-title'))}"]
    if not rows:
        lines += ["", esc(t("undo-empty"))]
    buttons = []
    for number, each in enumerate(rows, start=1):
        lines += ["", *_lines(t, number, each)]
        if not each.get("undone"):
            buttons.append(_button(t, number, each))
    pairs = [tuple(buttons[at : at + 2]) for at in range(0, len(buttons), 2)]
    return card(lines, *pairs)


def _lines(t: Translator, number: int, each: Params) -> list[str]:
    kind = str(each.get("kind"))
    what = t(f"undo-kind-{kind}" if kind in KINDS else "undo-kind-other")
    mark = f" · {esc(t('undo-done'))}" if each.get("undone") else ""
    where = f"{esc(place(t, each.get('place')))} · {time(t, each.get('at'))}{mark}"
    name = code(clip(spell(str(each.get("what") or "")), MOST_WHAT))
    return [f"{esc(t.number(number))}. {esc(what)} {name}", where]


def _button(t: Translator, number: int, each: Params) -> Button:
    return button(
        t,
        "button-undo-number",
        "undo.do",
        single=True,
        values={"number": number},
        change_id=each.get("id"),
        place=each.get("place"),
    )
