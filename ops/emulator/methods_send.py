"""Methods that put a message of text into a chat, and the fields every sending shares."""

from __future__ import annotations

from ops.emulator.context import Context
from ops.emulator.formatting import caption, message_text
from ops.emulator.keyboards import read_markup
from ops.emulator.text import units
from ops.emulator.wire import Call, Json, bad

RICH_LIMIT = 32_768


def shared_fields(context: Context, call: Call, chat_id: int) -> Json:
    """Thread, reply, protection and effect, checked."""
    fields: Json = {}
    thread = context.world.thread(chat_id, call.integer("message_thread_id"))
    if thread is not None:
        fields["message_thread_id"] = thread
        fields["is_topic_message"] = True
    reply_to = _reply(context, call, chat_id)
    if reply_to is not None:
        fields["reply_to_id"] = reply_to
    if call.flag("protect_content"):
        fields["has_protected_content"] = True
    if call.has("message_effect_id"):
        fields["effect_id"] = call.text("message_effect_id")
    return fields


def _reply(context: Context, call: Call, chat_id: int) -> int | None:
    value = call.json("reply_parameters", "can't parse reply parameters JSON object")
    if value is None:
        message_id = call.integer("reply_to_message_id")
        may_lack = call.flag("allow_sending_without_reply")
    elif not isinstance(value, dict):
        raise bad("object expected as reply parameters")
    elif not value:
        return None
    else:
        if not isinstance(value.get("message_id"), int | str):
            raise bad('can\'t find field "message_id"')
        message_id = int(value["message_id"])
        may_lack = bool(value.get("allow_sending_without_reply"))
    if message_id <= 0:
        return None
    if context.world.row(chat_id, message_id) is None:
        if may_lack:
            return None
        raise bad("message to be replied not found")
    return message_id


def deliver(context: Context, call: Call, chat_id: int, content: Json) -> Json:
    """Adds the message; a reply keyboard belongs to the chat, an inline one to the message."""
    markup = read_markup(call)
    fields = shared_fields(context, call, chat_id)
    if markup and any(markup.get("inline_keyboard") or []):
        content = {**content, "reply_markup": markup}
    row = context.world.add_message(chat_id, context.world.bot(), {**fields, **content})
    row["silent"] = call.flag("disable_notification")
    if markup and "inline_keyboard" not in markup:
        row["locked"] = "keyboard" in markup or "force_reply" in markup
        keyboard = None if markup.get("remove_keyboard") else markup
        context.world.save_chat(chat_id, {"keyboard": keyboard})
    if markup or row["silent"]:
        context.world.save(chat_id, row)
    return row


def send_message(context: Context, call: Call) -> Json:
    chat_id = context.chat_id(call)
    text, entities = message_text(call)
    content: Json = {"text": text}
    if entities:
        content["entities"] = entities
    preview = call.json("link_preview_options", "can't parse link preview options JSON object")
    if preview:
        if not isinstance(preview, dict):
            raise bad("object expected as link preview options")
        content["link_preview_options"] = preview
    return context.sent(deliver(context, call, chat_id, content))


def read_rich(call: Call) -> Json:
    """An InputRichMessage: exactly one of html, markdown, blocks; at most 32,768 units."""
    value = call.json("rich_message", "can't parse rich message JSON object")
    if not isinstance(value, dict):
        raise bad("object expected as rich message")
    used = [name for name in ("html", "markdown", "blocks") if value.get(name)]
    if len(used) != 1:
        raise bad("exactly one of html, markdown, or blocks must be specified in the rich message")
    if used[0] != "blocks" and units(str(value[used[0]])) > RICH_LIMIT:
        raise bad("message is too long")
    return value


def send_rich_message(context: Context, call: Call) -> Json:
    chat_id = context.chat_id(call)
    rich = read_rich(call)
    return context.sent(deliver(context, call, chat_id, {"rich_message": rich}))


def copy_message(context: Context, call: Call) -> Json:
    chat_id = context.chat_id(call)
    source = context.world.row(
        context.world.reachable(call.text("from_chat_id")), call.integer("message_id")
    )
    if source is None:
        raise bad("message to copy not found")
    content = _content(source["api"])
    if call.has("caption") and "text" not in content:
        content["caption"], content["caption_entities"] = caption(call)
    row = deliver(context, call, chat_id, content)
    return {"message_id": row["api"]["message_id"]}


def forward_message(context: Context, call: Call) -> Json:
    chat_id = context.chat_id(call)
    source = context.world.row(
        context.world.reachable(call.text("from_chat_id")), call.integer("message_id")
    )
    if source is None:
        raise bad("message to forward not found")
    if source["api"].get("has_protected_content"):
        raise bad("message can't be forwarded")
    content = _content(source["api"])
    content["forward_origin"] = {
        "type": "user",
        "sender_user": source["api"]["from"],
        "date": source["api"]["date"],
    }
    return context.sent(deliver(context, call, chat_id, content))


_NOT_CONTENT = frozenset({
    "message_id", "from", "chat", "date", "reply_to_id", "reply_markup", "edit_date",
    "message_thread_id",
    "is_topic_message", "has_protected_content", "media_group_id", "effect_id",
})  # fmt: skip


def _content(api: Json) -> Json:
    return {name: value for name, value in api.items() if name not in _NOT_CONTENT}


METHODS = {
    "sendMessage": send_message,
    "sendRichMessage": send_rich_message,
    "copyMessage": copy_message,
    "forwardMessage": forward_message,
}
