"""Which parameters each offered method knows, as of Bot API 10.3 (24 August 2026).

Checked against the method classes of aiogram 3.31.0 (`__api_version__` 10.3), older spellings
that the server still reads included. A parameter that is not here is a violation: a real server
would silently ignore it.
"""

from __future__ import annotations

_TOPIC = "business_connection_id message_thread_id direct_messages_topic_id"
_SENDING = (
    f"chat_id {_TOPIC} disable_notification protect_content allow_paid_broadcast message_effect_id "
    "suggested_post_parameters reply_parameters reply_markup ephemeral_message_parameters "
    "receiver_user_id callback_query_id allow_sending_without_reply reply_to_message_id"
)
_CAPTION = "caption parse_mode caption_entities"
_ABOVE = "show_caption_above_media has_spoiler"
_EDITED = "business_connection_id chat_id message_id inline_message_id reply_markup"
_PREVIEW = "link_preview_options disable_web_page_preview"

_TABLE: dict[str, str] = {
    "getMe": "",
    "logOut": "",
    "close": "",
    "getUpdates": "offset limit timeout allowed_updates",
    "setWebhook": (
        "url certificate ip_address max_connections allowed_updates drop_pending_updates "
        "secret_token"
    ),
    "deleteWebhook": "drop_pending_updates",
    "getWebhookInfo": "",
    "sendMessage": f"{_SENDING} {_PREVIEW} text parse_mode entities",
    "sendMessageDraft": (
        "chat_id draft_id message_thread_id text parse_mode entities can_stop keep_on_stop"
    ),
    "sendRichMessage": (
        f"chat_id {_TOPIC} rich_message disable_notification protect_content "
        "allow_paid_broadcast message_effect_id suggested_post_parameters reply_parameters "
        "reply_markup ephemeral_message_parameters"
    ),
    "sendRichMessageDraft": "chat_id draft_id rich_message message_thread_id can_stop keep_on_stop",
    "sendPhoto": f"{_SENDING} {_CAPTION} {_ABOVE} photo",
    "sendDocument": f"{_SENDING} {_CAPTION} document thumbnail disable_content_type_detection",
    "sendVoice": f"{_SENDING} {_CAPTION} voice duration",
    "sendAudio": f"{_SENDING} {_CAPTION} audio duration performer title thumbnail",
    "sendVideo": (
        f"{_SENDING} {_CAPTION} {_ABOVE} video duration width height thumbnail cover "
        "start_timestamp supports_streaming"
    ),
    "sendAnimation": f"{_SENDING} {_CAPTION} {_ABOVE} animation duration width height thumbnail",
    "sendVideoNote": f"{_SENDING} video_note duration length thumbnail",
    "sendSticker": f"{_SENDING} sticker emoji",
    "sendLocation": (
        f"{_SENDING} latitude longitude horizontal_accuracy live_period heading "
        "proximity_alert_radius"
    ),
    "sendMediaGroup": (
        f"chat_id {_TOPIC} media disable_notification protect_content allow_paid_broadcast "
        "message_effect_id reply_parameters allow_sending_without_reply reply_to_message_id"
    ),
    "sendChatAction": "chat_id action business_connection_id message_thread_id",
    "copyMessage": (
        "chat_id from_chat_id message_id message_thread_id direct_messages_topic_id "
        f"video_start_timestamp {_CAPTION} show_caption_above_media disable_notification "
        "protect_content allow_paid_broadcast message_effect_id suggested_post_parameters "
        "reply_parameters reply_markup allow_sending_without_reply reply_to_message_id"
    ),
    "forwardMessage": (
        "chat_id from_chat_id message_id message_thread_id direct_messages_topic_id "
        "video_start_timestamp disable_notification protect_content message_effect_id "
        "suggested_post_parameters"
    ),
    "editMessageText": f"{_EDITED} {_PREVIEW} text parse_mode entities rich_message",
    "editMessageReplyMarkup": _EDITED,
    "editMessageCaption": f"{_EDITED} {_CAPTION} show_caption_above_media",
    "editMessageMedia": f"{_EDITED} media",
    "deleteMessage": "chat_id message_id",
    "deleteMessages": "chat_id message_ids",
    "answerCallbackQuery": "callback_query_id text show_alert url cache_time",
    "setMessageReaction": "chat_id message_id reaction is_big",
    "pinChatMessage": "chat_id message_id business_connection_id disable_notification",
    "unpinChatMessage": "chat_id business_connection_id message_id",
    "unpinAllChatMessages": "chat_id",
    "getFile": "file_id",
    "getChat": "chat_id",
    "getChatMember": "chat_id user_id",
    "leaveChat": "chat_id",
    "createForumTopic": "chat_id name icon_color icon_custom_emoji_id",
    "editForumTopic": "chat_id message_thread_id name icon_custom_emoji_id",
    "closeForumTopic": "chat_id message_thread_id",
    "deleteForumTopic": "chat_id message_thread_id",
    "setMyCommands": "commands scope language_code",
    "getMyCommands": "scope language_code",
    "deleteMyCommands": "scope language_code",
    "setMyName": "name language_code",
    "getMyName": "language_code",
    "setMyDescription": "description language_code",
    "getMyDescription": "language_code",
    "setMyShortDescription": "short_description language_code",
    "getMyShortDescription": "language_code",
    "setChatMenuButton": "chat_id menu_button",
    "getChatMenuButton": "chat_id",
}

PARAMETERS: dict[str, frozenset[str]] = {
    method: frozenset(names.split()) for method, names in _TABLE.items()
}

CANONICAL: dict[str, str] = {method.lower(): method for method in PARAMETERS}


def unknown_parameters(method: str, names: set[str]) -> list[str]:
    """Names that the method does not have."""
    return sorted(names - PARAMETERS[method])
