"""What waits for the owner's word: a fact found in what was said, or one against another."""

from __future__ import annotations

from bot.render.cards.memory_pieces import badges, category, day, quoted
from bot.render.cards.pieces import Params, Row, button, card, pager
from bot.render.html import b, esc
from bot.render.model import Button, Rendered, Style, Translator
from core.runs.notices import NoticeRow

MOST_ROWS, MOST_FACT = 4, 380
#: What a proposal can become, told on its card.
ENDED = frozenset({"stored", "accepted", "both", "refused", "expired"})
OWNERS = frozenset({"owner", "tapped", "imported"})
CONTRADICTION = "contradiction"


def facts(row: NoticeRow, t: Translator) -> Rendered:
    """One page of what waits; each has its own row of buttons."""
    params = row.notice.params
    rows: list[Params] = list(params.get("rows") or [])[:MOST_ROWS]
    page, pages = int(params.get("page") or 0), int(params.get("pages") or 1)
    lines = [f"💡 {b(t('facts-title'))} · {esc(t.number(int(params.get('total') or 0)))}"]
    if not rows:
        lines += ["", esc(t("facts-none"))]
    buttons: list[Row] = []
    for number, each in enumerate(rows, start=1):
        lines += ["", f"{esc(t.number(number))}. {_said(t, each)}", *_words(t, each)]
        buttons.append(_choices(t, each, number, page))
    memory = button(t, "button-memory", "memory.home")
    return card(lines, *buttons, pager(t, "facts.page", page, pages), (memory,))


def proposal(row: NoticeRow, t: Translator) -> Rendered:
    """One of them, and what became of it."""
    params = row.notice.params
    is_against = params.get("kind") == CONTRADICTION
    title = t("facts-contradiction" if is_against else "facts-fact")
    lines = [f"{'⚖️' if is_against else '💡'} {b(title)}", _said(t, params), *_words(t, params)]
    state = str(params.get("state"))
    if params.get("undone"):
        return card([*lines, "", f"↩️ {b(t('facts-undone'))}"], _after(t, params))
    if state in ENDED:
        key = "facts-state-replaced" if params.get("verb") == "replace" else f"facts-state-{state}"
        return card([*lines, "", b(t(key))], _after(t, params))
    lines += ["", esc(t("facts-ask-replace" if is_against else "facts-ask-keep"))]
    return card(lines, *((each,) for each in _choices(t, params)))


def _said(t: Translator, each: Params) -> str:
    """When it was said, and by whom."""
    whose = "" if each.get("source") in OWNERS else f" · {esc(t('facts-not-yours'))}"
    what = esc(category(t, each.get("category")))
    return f"{what} · {day(t, each.get('at'))}{badges(each)}{whose}"


def _words(t: Translator, each: Params) -> list[str]:
    if each.get("kind") != CONTRADICTION:
        return [quoted(each.get("text"), MOST_FACT)]
    return [
        f"{esc(t('facts-before'))} {day(t, each.get('former_at'))}",
        quoted(each.get("former"), MOST_FACT),
        esc(t("facts-now")),
        quoted(each.get("text"), MOST_FACT),
    ]


def _choices(t: Translator, each: Params, number: int = 0, page: int = 0) -> Row:
    """What can be said about it; in a list with the number of what is meant."""
    is_against = each.get("kind") == CONTRADICTION
    verbs = ("replace", "both", "drop") if is_against else ("keep", "drop")
    styles = (Style.GOOD, Style.PLAIN, Style.PLAIN)
    return tuple(
        _choice(t, each, verb, style, number, page)
        for verb, style in zip(verbs, styles, strict=False)
    )


def _choice(t: Translator, each: Params, verb: str, style: Style, number: int, page: int) -> Button:
    against = "-old" if verb == "drop" and each.get("kind") == CONTRADICTION else ""
    about = {"id": each.get("id"), "verb": verb}
    if not number:
        label = t(f"button-fact-{verb}{against}")
        return Button(label, "facts.decide", about, style, single=True)
    label = f"{t.number(number)} {t(f'facts-sign-{verb}')}"
    return Button(label, "facts.decide", {**about, "page": page}, style)


def _after(t: Translator, params: Params) -> Row:
    ways: list[Button] = []
    if params.get("change_id"):
        label = "button-redo-memory" if params.get("undone") else "button-undo"
        ways.append(button(t, label, "memory.undo", single=True, change_id=params["change_id"]))
    if params.get("record_id") and not params.get("undone"):
        about = params["record_id"]
        ways.append(button(t, "button-memory-open", "memory.open", kind="record", id=about))
    return tuple(ways)
