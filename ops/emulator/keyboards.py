"""Reply markup: what a keyboard may hold, in the server's words when it may not."""

from __future__ import annotations

from typing import Any

from ops.emulator.wire import Call, Json, bad

DATA_LIMIT_BYTES = 64
BUTTON_LIMIT = 100
COPY_LIMIT = 256
STYLES = ("", "default", "primary", "danger", "success")
_ACTIONS = (
    "url", "callback_data", "callback_game", "pay", "switch_inline_query",
    "switch_inline_query_chosen_chat",
    "switch_inline_query_current_chat", "login_url", "web_app", "copy_text", "disabled",
)  # fmt: skip


def read_markup(call: Call) -> Json | None:
    """The `reply_markup` parameter, checked; None when there is none."""
    value = call.json("reply_markup", "can't parse reply keyboard markup JSON object")
    if value is None:
        return None
    if not isinstance(value, dict):
        raise bad("object expected as reply markup")
    for name, check in (("keyboard", _check_key), ("inline_keyboard", _check_button)):
        if name in value:
            rows = _rows(value[name], name)
            for row in rows:
                for button in row:
                    check(button)
            if sum(len(row) for row in rows) > BUTTON_LIMIT:
                raise bad("reply markup is too long")
    return value


def inline_markup(call: Call) -> Json | None:
    """For edits: an inline keyboard or nothing; an empty one removes the buttons."""
    markup = read_markup(call)
    if markup is None:
        return None
    if "inline_keyboard" not in markup:
        raise bad("inline keyboard expected")
    return markup if any(markup["inline_keyboard"]) else None


def _rows(value: Any, name: str) -> list[list[Any]]:
    if not isinstance(value, list):
        raise bad(f'field "{name}" must be of type Array')
    if not all(isinstance(row, list) for row in value):
        raise bad(f'field "{name}" must be an Array of Arrays')
    return value


def _check_key(button: Any) -> None:
    if isinstance(button, str):
        return
    if not isinstance(button, dict):
        raise bad("can't parse keyboard button: KeyboardButton must be a String or an Object")
    if not isinstance(button.get("text"), str):
        raise bad("can't parse keyboard button: Can't find field \"text\"")
    _check_style(button, "keyboard button")


def _check_button(button: Any) -> None:
    if not isinstance(button, dict):
        raise bad("can't parse inline keyboard button: InlineKeyboardButton must be an Object")
    if not isinstance(button.get("text"), str):
        raise bad("can't parse inline keyboard button: Can't find field \"text\"")
    _check_style(button, "inline keyboard button")
    if not button["text"].strip():
        raise bad("BUTTON_TEXT_INVALID")
    if not any(button.get(action) not in (None, "") for action in _ACTIONS):
        raise bad(
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"
        )
    data = button.get("callback_data")
    if data and len(str(data).encode("utf-8", "surrogatepass")) > DATA_LIMIT_BYTES:
        raise bad("BUTTON_DATA_INVALID")
    url = button.get("url")
    if url and not str(url).startswith(("http://", "https://", "tg://", "ton://")):
        raise bad("BUTTON_URL_INVALID")
    copied = button.get("copy_text")
    if copied is not None and not (
        isinstance(copied, dict) and 0 < len(str(copied.get("text", ""))) <= COPY_LIMIT
    ):
        raise bad("BUTTON_COPY_TEXT_INVALID")


def _check_style(button: Json, what: str) -> None:
    style = button.get("style")
    if style is not None and str(style).lower() not in STYLES:
        raise bad(f"can't parse {what}: invalid button style specified")
