"""Alerts: how bad, what broke, why, what to do, how often and since when."""

from __future__ import annotations

from bot.render.cards.pieces import Params, Row, button, card, error, time
from bot.render.html import b, clip, esc
from bot.render.model import Button, Rendered, Translator
from core.runs.notices import Level, NoticeRow

SIGNS = {
    Level.CRITICAL: "🔴",
    Level.PROBLEM: "🟠",
    Level.NOTICE: "🟡",
    Level.RESOLVED: "🟢",
}
SNOOZE_MINUTES = 60
MOST_NAME = 60
#: Components that are called by a name of their own: machines, keys of services, models.
NAMED = {
    "node-": "component-node-named",
    "key-": "component-key-named",
    "model-": "component-model-named",
}
#: What can be done at once about an alert of this code: the button's text and verb, and those of
#: its values that go with the verb.
REMEDIES: dict[str, tuple[tuple[str, str, tuple[str, ...]], ...]] = {
    "budget-near": (("button-raise-today", "cost.raise", ()), ("button-cost", "cost.open", ())),
    "budget-used-up": (("button-raise-today", "cost.raise", ()), ("button-cost", "cost.open", ())),
    "cloud-down": (("button-models", "models.page", ()),),
    "models-down": (("button-models", "models.page", ()),),
    "limit-near": (("button-models", "models.page", ()),),
    "key-revoked": (
        ("button-add-key", "models.service", ("service",)),
        ("button-keys", "models.keys", ("service",)),
    ),
}


def alert(row: NoticeRow, t: Translator) -> Rendered:
    """Repeats edit the same card, so it tells the count and both times."""
    params = row.notice.params
    level = Level(params.get("level", Level.PROBLEM))
    lines = [f"{SIGNS[level]} {b(t(f'alert-level-{level.value}'))} · {esc(_component(t, params))}"]
    if level is Level.RESOLVED:
        lines.append(esc(t("alert-over")))
    lines.append(esc(_cause(t, params)))
    lines.extend(_times(t, params))
    if level is Level.RESOLVED:
        return card(lines)
    return card(lines, _remedies(t, params), _buttons(t, row))


def _component(t: Translator, params: Params) -> str:
    name = str(params.get("component") or "bot")
    key = f"component-{name}"
    if t.has(key):
        return t(key)
    for prefix, named in NAMED.items():
        if name.startswith(prefix):
            return t(named, name=name.removeprefix(prefix))
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


def _remedies(t: Translator, params: Params) -> Row:
    values = dict(params.get("values") or {})
    return tuple(
        Button(t(label), verb, {name: values.get(name) for name in names})
        for label, verb, names in REMEDIES.get(str(params.get("code")), ())
    )


def _buttons(t: Translator, row: NoticeRow) -> Row:
    key = row.notice.key or ""
    return (
        button(t, "button-seen", "alert.seen", key=key),
        button(t, "button-snooze", "alert.snooze", key=key, minutes=SNOOZE_MINUTES),
    )
