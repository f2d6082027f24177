"""Alerts: how bad, what broke, why, what to do, how often and since when."""

from __future__ import annotations

from bot.render.cards.pieces import Params, Row, button, card, error, time
from bot.render.html import b, clip, esc
from bot.render.model import Rendered, Translator
from core.runs.notices import Level, NoticeRow

SIGNS = {
    Level.CRITICAL: "🔴",
    Level.PROBLEM: "🟠",
    Level.NOTICE: "🟡",
    Level.RESOLVED: "🟢",
}
SNOOZE_MINUTES = 60
MOST_NAME = 60
#: Components that are the owner's machines are called by their names.
NODE = "node-"


def alert(row: NoticeRow, t: Translator) -> Rendered:
    """Repeats edit the same card, so it tells the count and both times."""
    params = row.notice.params
    level = Level(params.get("level", Level.PROBLEM))
    lines = [f"{SIGNS[level]} {b(t(f'alert-level-{level.value}'))} · {esc(_component(t, params))}"]
    if level is Level.RESOLVED:
        lines.append(esc(t("alert-over")))
    lines.append(esc(_cause(t, params)))
    lines.extend(_times(t, params))
    return card(lines, () if level is Level.RESOLVED else _buttons(t, row))


def _component(t: Translator, params: Params) -> str:
    name = str(params.get("component") or "bot")
    key = f"component-{name}"
    if t.has(key):
        return t(key)
    if name.startswith(NODE):
        return t("component-node-named", name=name.removeprefix(NODE))
    return clip(name, MOST_NAME)


def _cause(t: Translator, params: Params) -> str:
    """The alert's own sentence, for this component if there is one, else that of the error."""
    code, values = str(params.get("code")), dict(params.get("values") or {})
    for key in (f"alert-{code}-{params.get('component')}", f"alert-{code}"):
        if t.has(key):
            return t(key, **values)
    return error(t, {"code": code, "params": values, "retry_after": values.get("retry_after")})


def _times(t: Translator, params: Params) -> list[str]:
    count = int(params.get("count") or 1)
    if count < 2:  # noqa: PLR2004 - once needs no count
        return []
    first, last = time(t, params.get("first_at")), time(t, params.get("last_at"))
    return [
        f"🔁 {esc(t('alert-count', count=count))}",
        f"{esc(t('alert-first'))} {first} · {esc(t('alert-last'))} {last}",
    ]


def _buttons(t: Translator, row: NoticeRow) -> Row:
    key = row.notice.key or ""
    return (
        button(t, "button-seen", "alert.seen", key=key),
        button(t, "button-snooze", "alert.snooze", key=key, minutes=SNOOZE_MINUTES),
    )
