"""/private: the thread's state, and what makes a message private by itself."""

from __future__ import annotations

from bot.render.cards.pieces import Params, Row, button, card
from bot.render.html import b, clip, esc
from bot.render.model import Button, Rendered, Style, Translator
from core.runs.notices import NoticeRow

MOST_NAME = 60


def private(row: NoticeRow, t: Translator) -> Rendered:
    """Changed in place by its buttons; two kinds a row."""
    params = row.notice.params
    is_on = bool(params.get("on"))
    name = clip(str(params.get("thread") or t("threads-unnamed")), MOST_NAME)
    state = "privacy-is-on" if is_on else "privacy-is-off"
    lines = [f"🔒 {b(t('privacy-title'))}", esc(t("privacy-what")), ""]
    lines += [f"🧵 {b(name)}", esc(t(state)), "", b(t("privacy-kinds"))]
    kinds: Params = dict(params.get("kinds") or {})
    lines += [f"{_sign(on)} {esc(t(f'privacy-kind-{kind}'))}" for kind, on in kinds.items()]
    lines += ["", esc(t("privacy-local" if params.get("has_local") else "privacy-no-local"))]
    lines.append(esc(t("privacy-one-message")))
    switches = [_switch(t, kind, is_on=bool(on)) for kind, on in kinds.items()]
    pairs = [tuple(switches[at : at + 2]) for at in range(0, len(switches), 2)]
    return card(lines, _thread_button(t, is_on=is_on), *pairs)


def _sign(is_on: object) -> str:
    return "✅" if is_on else "▫️"


def _thread_button(t: Translator, *, is_on: bool) -> Row:
    key = "button-thread-open" if is_on else "button-thread-private"
    style = Style.PLAIN if is_on else Style.GOOD
    return (button(t, key, "private.thread", style=style, on=not is_on),)


def _switch(t: Translator, kind: str, *, is_on: bool) -> Button:
    return Button(
        f"{_sign(is_on)} {t(f'privacy-short-{kind}')}",
        "private.kind",
        {"name": kind, "on": not is_on},
    )
