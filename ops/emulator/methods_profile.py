"""Methods about the bot itself: who it is, its texts, its commands by scope and language."""

from __future__ import annotations

import json
import re
from typing import Any

from ops.emulator.context import Context
from ops.emulator.wire import Call, Json, bad

COMMANDS_LIMIT = 100
_SCOPES = (
    "default", "all_private_chats", "all_group_chats", "all_chat_administrators", "chat",
    "chat_administrators",
    "chat_member",
)  # fmt: skip
_TEXTS = {
    "Name": ("name", 64),
    "Description": ("description", 512),
    "ShortDescription": ("short_description", 120),
}


def get_me(context: Context, _call: Call) -> Json:
    return {
        **context.world.bot(),
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
        "has_topics_enabled": False,
    }


def log_out(_context: Context, _call: Call) -> bool:
    return True


def _language(call: Call) -> str:
    code = call.text("language_code")
    if code and not re.fullmatch(r"[a-z]{2}", code):
        raise bad("invalid language_code specified")
    return code


def _scope(call: Call) -> str:
    value: Any = call.json("scope", "can't parse BotCommandScope JSON object")
    if value is None:
        return "default"
    if not isinstance(value, dict):
        raise bad("can't parse BotCommandScope: BotCommandScope must be an Object")
    kind = value.get("type")
    if kind not in _SCOPES:
        raise bad("can't parse BotCommandScope: Unsupported type specified")
    if kind in ("chat", "chat_administrators", "chat_member") and not value.get("chat_id"):
        raise bad("can't parse BotCommandScope: Empty chat_id specified")
    return ":".join(str(value[name]) for name in ("type", "chat_id", "user_id") if value.get(name))


def set_my_commands(context: Context, call: Call) -> bool:
    listed: Any = call.json("commands", "can't parse commands JSON object")
    if not isinstance(listed, list):
        raise bad("expected an Array of BotCommand")
    if len(listed) > COMMANDS_LIMIT:
        raise bad("BOT_COMMANDS_TOO_MUCH")
    commands = [_command(item) for item in listed]
    context.store.put("commands", f"{_scope(call)}|{_language(call)}", {"commands": commands})
    context.world.stream.publish("commands", None, {})
    return True


def _command(item: Any) -> Json:
    if not isinstance(item, dict) or not isinstance(item.get("command"), str):
        raise bad("can't parse BotCommand: expected an Object")
    name = item["command"].removeprefix("/")
    if not re.fullmatch(r"[a-z0-9_]{1,32}", name):
        raise bad("BOT_COMMAND_INVALID")
    text = str(item.get("description", ""))
    if not text:
        raise bad("command description must be non-empty")
    if len(text) > 256:
        raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
    return {"command": name, "description": text}


def get_my_commands(context: Context, call: Call) -> list[Json]:
    row = context.store.get("commands", f"{_scope(call)}|{_language(call)}")
    return list(row["commands"]) if row else []


def delete_my_commands(context: Context, call: Call) -> bool:
    context.store.drop("commands", f"{_scope(call)}|{_language(call)}")
    context.world.stream.publish("commands", None, {})
    return True


def commands_for(context: Context, chat_id: int, language: str) -> list[Json]:
    """What a person sees: the narrowest scope wins, then the person's language, then none."""
    group = "all_private_chats" if chat_id > 0 else "all_group_chats"
    for scope in (f"chat:{chat_id}", group, "default"):
        for code in (language, ""):
            row = context.store.get("commands", f"{scope}|{code}")
            if row and row["commands"]:
                return list(row["commands"])
    return []


def set_my_text(context: Context, call: Call) -> bool:
    name, limit = _TEXTS[call.method.removeprefix("setMy")]
    value = call.text(name)
    if len(value) > limit:
        raise bad(f"{name.upper()}_TOO_LONG" if name != "name" else "name is too long")
    context.store.put("profile", f"{name}|{_language(call)}", {"value": value})
    context.world.stream.publish("commands", None, {})
    return True


def get_my_text(context: Context, call: Call) -> Json:
    name, _ = _TEXTS[call.method.removeprefix("getMy")]
    row = context.store.get("profile", f"{name}|{_language(call)}") or context.store.get(
        "profile", f"{name}|"
    )
    return {name: row["value"] if row else ""}


def set_chat_menu_button(context: Context, call: Call) -> bool:
    button: Any = call.json("menu_button", "can't parse menu button JSON object") or {
        "type": "default"
    }
    if not isinstance(button, dict) or button.get("type") not in ("commands", "web_app", "default"):
        raise bad("MenuButton has unsupported type")
    context.store.put("profile", f"menu|{call.text('chat_id')}", {"value": json.dumps(button)})
    return True


def get_chat_menu_button(context: Context, call: Call) -> Json:
    row = context.store.get("profile", f"menu|{call.text('chat_id')}") or context.store.get(
        "profile", "menu|"
    )
    button: Json = json.loads(row["value"]) if row else {"type": "default"}
    return button


METHODS = {
    "getMe": get_me,
    "logOut": log_out,
    "close": log_out,
    "setMyCommands": set_my_commands,
    "getMyCommands": get_my_commands,
    "deleteMyCommands": delete_my_commands,
    **{f"setMy{name}": set_my_text for name in _TEXTS},
    **{f"getMy{name}": get_my_text for name in _TEXTS},
    "setChatMenuButton": set_chat_menu_button,
    "getChatMenuButton": get_chat_menu_button,
}
