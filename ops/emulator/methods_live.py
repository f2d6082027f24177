"""Methods for what passes: drafts with their Stop button, and chat actions such as typing."""

from __future__ import annotations

from ops.emulator.context import Context
from ops.emulator.formatting import draft_text
from ops.emulator.methods_send import read_rich
from ops.emulator.wire import Call, Json, bad

ACTIONS = frozenset(
    [
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "record_audio",
        "upload_audio",
        "upload_document",
        "choose_sticker",
        "find_location",
        "pick_up_location",
        "record_video_note",
        "upload_video_note",
        "cancel",
    ]
)


def send_message_draft(context: Context, call: Call) -> bool:
    text, entities = draft_text(call)
    return _show(context, call, {"text": text, "entities": entities})


def send_rich_message_draft(context: Context, call: Call) -> bool:
    return _show(context, call, {"text": "", "entities": [], "rich_message": read_rich(call)})


def _show(context: Context, call: Call, content: Json) -> bool:
    chat_id = context.chat_id(call)
    if chat_id < 0:
        raise bad("message drafts can be sent only to private chats")
    draft_id = call.integer("draft_id")
    if draft_id == 0:
        raise bad("RANDOM_ID_INVALID")
    context.world.set_draft(
        chat_id,
        {
            "draft_id": draft_id,
            "message_thread_id": context.world.thread(chat_id, call.integer("message_thread_id")),
            "can_stop": call.flag("can_stop"),
            "keep_on_stop": call.flag("keep_on_stop"),
            "at": context.clock.now(),
            **content,
        },
    )
    return True


def send_chat_action(context: Context, call: Call) -> bool:
    chat_id = context.chat_id(call)
    action = call.text("action").lower()
    if action not in ACTIONS:
        raise bad("wrong parameter action in request")
    context.world.set_typing(chat_id, None if action == "cancel" else action)
    return True


METHODS = {
    "sendMessageDraft": send_message_draft,
    "sendRichMessageDraft": send_rich_message_draft,
    "sendChatAction": send_chat_action,
}
