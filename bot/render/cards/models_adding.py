"""Adding a model: which service, what to send next, and how the test call went."""

from __future__ import annotations

from bot.render.cards.models import MOST_LABEL, MOST_NAME, trouble
from bot.render.cards.pieces import Params, Row, button, card
from bot.render.html import b, clip, code, esc
from bot.render.model import Button, Rendered, Style, Translator
from core.runs.notices import NoticeRow

MOST_SERVICES, MOST_NAMES = 24, 8


def add(row: NoticeRow, t: Translator) -> Rendered:
    """Every service that takes a key, and any other address."""
    found: list[Params] = list(row.notice.params.get("services") or [])[:MOST_SERVICES]
    lines = [f"➕ {b(t('models-add-title'))}", esc(t("models-add-text"))]
    openers = [
        Button(
            clip(str(each.get("title")), MOST_LABEL),
            "models.service",
            {"service": each.get("name")},
        )
        for each in found
    ]
    pairs = [tuple(openers[at : at + 2]) for at in range(0, len(openers), 2)]
    other = button(t, "button-other-address", "models.address")
    return card(lines, *pairs, (other, button(t, "button-models", "models.page", page=0)))


def ask(row: NoticeRow, t: Translator) -> Rendered:
    """What to send next."""
    params = row.notice.params
    title = str(params.get("title"))
    if params.get("needs") == "model":
        return card([f"🧠 {b(clip(title, MOST_NAME))}", esc(t("models-ask-model"))])
    lines = [f"🔑 {b(t('models-keys-title', title=title))}", esc(t("models-ask-key"))]
    if not params.get("may_lack"):
        return card(lines)
    about: Params = {"wanted": params.get("wanted")}
    lines.append(esc(t("models-ask-keyless")))
    return card(lines, (button(t, "button-keyless", "models.keyless", single=True, **about),))


def added(row: NoticeRow, t: Translator) -> Rendered:
    """It answered: what is there now, and on which plan the key is."""
    params = row.notice.params
    names = [str(name) for name in params.get("names") or []]
    lines = [f"✅ {b(t('models-added', title=params.get('title')))}"]
    lines += [f"• {code(clip(name, MOST_NAME))}" for name in names[:MOST_NAMES]]
    if len(names) > MOST_NAMES:
        lines.append(esc(t("models-more", count=len(names) - MOST_NAMES)))
    took = round(int(params.get("took_ms") or 0) / 1000, 1)
    lines.append(esc(t("models-first", seconds=took)))
    service = params.get("service")
    keys = button(t, "button-keys", "models.keys", service=service)
    return card(lines, (button(t, "button-models", "models.page", page=0), keys))


def refused(row: NoticeRow, t: Translator) -> Rendered:
    """The service did not take the key; it is wiped already."""
    params = row.notice.params
    lines = [
        f"⛔ {b(t('models-refused', title=params.get('title')))}",
        esc(trouble(t, _failure(params))),
        esc(t("models-refused-text")),
    ]
    again = button(
        t, "button-add-key", "models.service", style=Style.GOOD, service=params.get("service")
    )
    is_known = not (params.get("wanted") or {}).get("base_url")
    return card(lines, (again,) if is_known else (button(t, "button-add-model", "models.add"),))


def untested(row: NoticeRow, t: Translator) -> Rendered:
    """Nobody knows yet whether it works: the owner decides."""
    params = row.notice.params
    about: Params = {"wanted": params.get("wanted"), "credential": params.get("credential")}
    lines = [
        f"🟡 {b(t('models-untested', title=params.get('title')))}",
        esc(trouble(t, _failure(params))),
        esc(t("models-untested-text")),
    ]
    again = button(t, "button-again", "models.again", style=Style.GOOD, single=True, **about)
    keep = button(t, "button-anyway", "models.anyway", single=True, **about)
    drop = button(t, "button-drop-key", "models.drop", style=Style.BAD, single=True, **about)
    rows: tuple[Row, ...] = ((again,), (keep, drop))
    return card(lines, *rows)


def _failure(params: Params) -> str:
    failure, detail = str(params.get("failure") or ""), str(params.get("detail") or "")
    return f"{failure}: {detail}" if detail else failure
