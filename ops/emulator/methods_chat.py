"""Methods about chats: who is there, and the topics of a private chat."""

from __future__ import annotations

from ops.emulator.context import Context
from ops.emulator.wire import Call, Json, bad

TOPIC_NAME_LIMIT = 128
TOPIC_COLOUR = 0x6FB9F0


def get_chat(context: Context, call: Call) -> Json:
    chat_id = context.chat_id(call, write=False)
    row = context.world.open_chat(chat_id)
    full: Json = {**context.world.chat(chat_id), "accent_color_id": 0, "max_reaction_count": 11}
    full["accepted_gift_types"] = dict.fromkeys(
        (
            "unlimited_gifts",
            "limited_gifts",
            "unique_gifts",
            "premium_subscription",
            "gifts_from_channels",
        ),
        False,
    )
    pinned = [number for number in row.get("pinned", []) if context.world.row(chat_id, number)]
    if pinned:
        full["pinned_message"] = context.world.full(context.world.rows(chat_id)[str(pinned[-1])])
    return full


def get_chat_member(context: Context, call: Call) -> Json:
    chat_id = context.chat_id(call, write=False)
    user_id = call.integer("user_id")
    if user_id <= 0:
        raise bad("invalid user_id specified")
    if user_id == context.world.bot_id:
        return {"status": "member", "user": context.world.bot()}
    if chat_id > 0 and user_id != chat_id:
        raise bad("user not found")
    return {"status": "member", "user": context.world.user(user_id)}


def leave_chat(context: Context, call: Call) -> bool:
    if context.chat_id(call) > 0:
        raise bad("chat member status can't be changed in private chats")
    return True


def _topics(context: Context, call: Call) -> tuple[int, dict[str, Json]]:
    chat_id = context.chat_id(call)
    row = context.world.open_chat(chat_id)
    if not row.get("is_forum"):
        raise bad("the chat is not a forum")
    return chat_id, dict(row.get("topics", {}))


def create_forum_topic(context: Context, call: Call) -> Json:
    chat_id, topics = _topics(context, call)
    name = call.text("name")
    if not 0 < len(name) <= TOPIC_NAME_LIMIT:
        raise bad("TOPIC_TITLE_EMPTY" if not name else "TOPIC_TITLE_INVALID")
    number = context.world.new_message_id(chat_id)
    topic: Json = {
        "message_thread_id": number,
        "name": name,
        "icon_color": call.integer("icon_color", TOPIC_COLOUR),
    }
    context.world.save_chat(chat_id, {"topics": {**topics, str(number): topic}})
    return topic


def edit_forum_topic(context: Context, call: Call) -> bool:
    chat_id, topics = _topics(context, call)
    number = str(context.world.thread(chat_id, call.integer("message_thread_id")))
    if number not in topics:
        raise bad("message thread not found")
    if call.has("name"):
        topics[number] = {**topics[number], "name": call.text("name")}
    context.world.save_chat(chat_id, {"topics": topics})
    return True


def close_forum_topic(context: Context, call: Call) -> bool:
    chat_id, topics = _topics(context, call)
    number = str(call.integer("message_thread_id"))
    if number not in topics:
        raise bad("message thread not found")
    if call.method == "deleteForumTopic":
        del topics[number]
    else:
        topics[number] = {**topics[number], "is_closed": True}
    context.world.save_chat(chat_id, {"topics": topics})
    return True


METHODS = {
    "getChat": get_chat,
    "getChatMember": get_chat_member,
    "leaveChat": leave_chat,
    "createForumTopic": create_forum_topic,
    "editForumTopic": edit_forum_topic,
    "closeForumTopic": close_forum_topic,
    "deleteForumTopic": close_forum_topic,
}
