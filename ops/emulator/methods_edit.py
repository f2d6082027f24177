"""Methods that change or remove messages, answer taps, react and pin."""

from __future__ import annotations

from typing import Any

from ops.emulator.context import Context
from ops.emulator.formatting import caption, message_text
from ops.emulator.keyboards import inline_markup
from ops.emulator.methods_media import read_media
from ops.emulator.methods_send import read_rich
from ops.emulator.reactions import REACTIONS
from ops.emulator.updates import TAP_LIFE_S
from ops.emulator.wire import Call, Json, bad

NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)
TOO_OLD = "query is too old and response timeout expired or query ID is invalid"
ANSWER_LIMIT = 200
DELETE_LIFE_S = 48 * 3600
MEDIA = ("photo", "document", "voice", "audio", "video", "animation", "video_note", "sticker")


def _editable(context: Context, call: Call) -> tuple[int, Json]:
    if not call.has("chat_id") and not call.has("message_id"):
        raise bad("message identifier is not specified")
    chat_id = context.chat_id(call)
    row = context.world.row(chat_id, call.integer("message_id"))
    if row is None:
        raise bad("message to edit not found")
    if not row["bot"] or row.get("locked"):
        raise bad("message can't be edited")
    return chat_id, row


def _apply(context: Context, call: Call, chat_id: int, row: Json, changes: Json) -> Json:
    """Sets the fields (None removes) and the keyboard; refuses when nothing would change."""
    markup = inline_markup(call)
    before: Json = row["api"]
    after = {
        name: value for name, value in {**before, **changes}.items() if value not in (None, [])
    }
    if markup:
        after["reply_markup"] = markup
    else:
        after.pop("reply_markup", None)
    if after == before:
        raise bad(NOT_MODIFIED)
    if changes:
        after["edit_date"] = int(context.clock.now())
    row["api"] = after
    row["edits"] += 1
    row["edited_at"] = context.clock.now()
    context.world.save(chat_id, row)
    return context.sent(row)


def edit_message_text(context: Context, call: Call) -> Json:
    changes: Json = {"text": None, "entities": None, "rich_message": None}
    if call.has("rich_message"):
        changes["rich_message"] = read_rich(call)
    else:
        changes["text"], changes["entities"] = message_text(call)
    chat_id, row = _editable(context, call)
    if "text" not in row["api"] and "rich_message" not in row["api"]:
        raise bad("there is no text in the message to edit")
    return _apply(context, call, chat_id, row, changes)


def edit_message_caption(context: Context, call: Call) -> Json:
    text, entities = caption(call)
    chat_id, row = _editable(context, call)
    if not any(kind in row["api"] for kind in MEDIA):
        raise bad("there is no caption in the message to edit")
    return _apply(
        context, call, chat_id, row, {"caption": text or None, "caption_entities": entities}
    )


def edit_message_media(context: Context, call: Call) -> Json:
    chat_id, row = _editable(context, call)
    item = call.json("media", "can't parse input media JSON object")
    content = read_media(context, call, item)
    cleared: Json = dict.fromkeys((*MEDIA, "text", "entities", "caption", "caption_entities"))
    return _apply(context, call, chat_id, row, {**cleared, **content})


def edit_message_reply_markup(context: Context, call: Call) -> Json:
    chat_id, row = _editable(context, call)
    return _apply(context, call, chat_id, row, {})


def delete_message(context: Context, call: Call) -> bool:
    chat_id = context.chat_id(call)
    if not _delete(context, chat_id, call.integer("message_id")):
        raise bad("message to delete not found")
    return True


def delete_messages(context: Context, call: Call) -> bool:
    """As many as can be found; the others are skipped."""
    chat_id = context.chat_id(call)
    numbers = call.json("message_ids", "can't parse message_ids JSON object")
    if numbers is None:
        raise bad("message identifiers are not specified")
    if not isinstance(numbers, list):
        raise bad("expected an Array of message identifiers")
    if len(numbers) > 100:
        raise bad("too many message identifiers specified")
    for number in numbers:
        _delete(context, chat_id, int(number))
    return True


def _delete(context: Context, chat_id: int, message_id: int) -> bool:
    row = context.world.row(chat_id, message_id)
    if row is None:
        return False
    if row["at"] < context.clock.now() - DELETE_LIFE_S:
        raise bad("message can't be deleted for everyone")
    row["deleted"] = True
    context.world.save(chat_id, row)
    return True


def answer_callback_query(context: Context, call: Call) -> bool:
    query_id = call.text("callback_query_id")
    tap = context.store.get("taps", query_id)
    if tap is None or tap["answer"] is not None or tap["at"] < context.clock.now() - TAP_LIFE_S:
        raise bad(TOO_OLD)
    text = call.text("text")
    if len(text) > ANSWER_LIMIT:
        raise bad("MESSAGE_TOO_LONG")
    answer: Json = {"text": text, "show_alert": call.flag("show_alert"), "url": call.text("url")}
    tap["answer"] = answer
    context.store.put("taps", query_id, tap)
    context.world.bells.ring("taps")
    context.world.stream.publish("toast", tap["chat"], {**answer, "query": query_id})
    return True


def set_message_reaction(context: Context, call: Call) -> bool:
    chat_id = context.chat_id(call)
    row = context.world.row(chat_id, call.integer("message_id"))
    if row is None:
        raise bad("message to react not found")
    wanted: Any = call.json("reaction", "can't parse reaction types JSON object") or []
    if not isinstance(wanted, list):
        raise bad("expected an Array of ReactionType")
    if len(wanted) > 1:
        raise bad("REACTIONS_TOO_MANY")
    for item in wanted:
        if not isinstance(item, dict) or item.get("type") not in ("emoji", "custom_emoji"):
            raise bad("can't parse ReactionType: invalid reaction type specified")
        if (
            item["type"] == "custom_emoji"
            or str(item.get("emoji", "")).rstrip("\ufe0f") not in REACTIONS
        ):
            raise bad("REACTION_INVALID")
    if wanted:
        row["reactions"]["bot"] = wanted
    else:
        row["reactions"].pop("bot", None)
    context.world.save(chat_id, row)
    return True


def pin_chat_message(context: Context, call: Call) -> bool:
    chat_id = context.chat_id(call)
    message_id = call.integer("message_id")
    if context.world.row(chat_id, message_id) is None:
        raise bad("message to pin not found")
    pinned = [
        number
        for number in context.world.open_chat(chat_id).get("pinned", [])
        if number != message_id
    ]
    context.world.save_chat(chat_id, {"pinned": [*pinned, message_id]})
    return True


def unpin_chat_message(context: Context, call: Call) -> bool:
    chat_id = context.chat_id(call)
    pinned = list(context.world.open_chat(chat_id).get("pinned", []))
    message_id = call.integer("message_id") or (pinned[-1] if pinned else 0)
    if message_id not in pinned:
        raise bad("message to unpin not found")
    context.world.save_chat(
        chat_id, {"pinned": [number for number in pinned if number != message_id]}
    )
    return True


def unpin_all_chat_messages(context: Context, call: Call) -> bool:
    context.world.save_chat(context.chat_id(call), {"pinned": []})
    return True


METHODS = {
    "editMessageText": edit_message_text,
    "editMessageCaption": edit_message_caption,
    "editMessageMedia": edit_message_media,
    "editMessageReplyMarkup": edit_message_reply_markup,
    "deleteMessage": delete_message,
    "deleteMessages": delete_messages,
    "answerCallbackQuery": answer_callback_query,
    "setMessageReaction": set_message_reaction,
    "pinChatMessage": pin_chat_message,
    "unpinChatMessage": unpin_chat_message,
    "unpinAllChatMessages": unpin_all_chat_messages,
}
