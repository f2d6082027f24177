"""Methods that send files: photos, documents, voice, audio, video, stickers, albums, places."""

from __future__ import annotations

import secrets
from typing import Any

from ops.emulator.context import Context
from ops.emulator.files import DOWNLOAD_LIMIT_BYTES, picture_size
from ops.emulator.formatting import caption, caption_of
from ops.emulator.methods_send import deliver
from ops.emulator.wire import Call, Json, Upload, bad

FILE_FIELDS = ("file_id", "file_unique_id", "file_size")
_NAMES = {"video_note": "video note"}
_NUMBERS = {
    "voice": ("duration",), "audio": ("duration",), "video": ("width", "height", "duration"),
    "animation": ("width", "height", "duration"), "video_note": ("length", "duration"),
}  # fmt: skip
ALBUM_KINDS = ("photo", "video", "document", "audio")


def stored(context: Context, call: Call, kind: str, field: str, reference: Any) -> Json:
    """The file's row: an upload of this name, an attach:// reference, or a known file_id."""
    upload = call.files.get(field)
    text = "" if reference is None else str(reference)
    if text.startswith("attach://"):
        upload = call.files.get(text.removeprefix("attach://"))
    if upload is not None:
        return context.files.keep(kind, upload)
    if not text:
        raise bad(f"there is no {_NAMES.get(kind, kind)} in the request")
    if text.startswith(("http://", "https://")):
        raise bad("failed to get HTTP URL content")  # the emulator fetches nothing from outside
    row = context.store.get("files", text)
    if row is None:
        raise bad("wrong file identifier/HTTP URL specified")
    return row


def media_content(context: Context, kind: str, row: Json, values: Json) -> Json:
    """The message field of this kind of file."""
    body: Json = {name: row[name] for name in FILE_FIELDS}
    if kind == "photo":
        width, height = picture_size(context.files.data(row))
        return {"photo": [{**body, "width": width, "height": height}]}
    for name in _NUMBERS.get(kind, ()):
        body[name] = int(values.get(name) or (240 if name in ("width", "height", "length") else 0))
    if kind in ("document", "audio", "video", "animation"):
        body["file_name"] = row["name"]
    if kind in ("document", "audio", "video", "animation", "voice"):
        body["mime_type"] = row["mime"] if kind != "voice" else row["mime"].split(";")[0]
    if kind == "sticker":
        body |= {
            "width": 512,
            "height": 512,
            "type": "regular",
            "is_animated": False,
            "is_video": False,
        }
        body["emoji"] = str(values.get("emoji") or "🙂")
    for name in ("performer", "title"):
        if kind == "audio" and values.get(name):
            body[name] = str(values[name])
    content: Json = {kind: body}
    if kind == "animation":
        content["document"] = {
            name: body[name] for name in (*FILE_FIELDS, "file_name", "mime_type")
        }
    return content


def send_file(context: Context, call: Call) -> Json:
    """sendPhoto, sendDocument and their like: the kind is in the method's name."""
    kind = {"sendVideoNote": "video_note"}.get(
        call.method, call.method.removeprefix("send").lower()
    )
    chat_id = context.chat_id(call)
    text, entities = caption(call) if kind not in ("sticker", "video_note") else ("", [])
    row = stored(context, call, kind, kind, call.args.get(kind))
    content = media_content(context, kind, row, call.args)
    _add_caption(content, text, entities)
    for flag, name in (
        ("has_spoiler", "has_media_spoiler"),
        ("show_caption_above_media", "show_caption_above_media"),
    ):
        if call.flag(flag):
            content[name] = True
    return context.sent(deliver(context, call, chat_id, content))


def _add_caption(content: Json, text: str, entities: list[Json]) -> None:
    if text:
        content["caption"] = text
    if entities:
        content["caption_entities"] = entities


def read_media(context: Context, call: Call, item: Any) -> Json:
    """Content of one InputMedia object."""
    if not isinstance(item, dict):
        raise bad("can't parse InputMedia: expected an Object")
    kind = item.get("type")
    if kind not in (*ALBUM_KINDS, "animation"):
        raise bad(
            "can't parse InputMedia: Type must be one of animation, audio, document, photo, video"
        )
    if not item.get("media"):
        raise bad("media not found")
    text, entities = caption_of(
        str(item.get("caption", "")), str(item.get("parse_mode", "")), item.get("caption_entities")
    )
    row = stored(context, call, str(kind), "", item["media"])
    content = media_content(context, str(kind), row, item)
    _add_caption(content, text, entities)
    return content


def send_media_group(context: Context, call: Call) -> list[Json]:
    chat_id = context.chat_id(call)
    items = call.json("media", "can't parse media JSON object")
    if not isinstance(items, list):
        raise bad("expected an Array of InputMedia")
    if not 2 <= len(items) <= 10:
        raise bad("album must contain 2-10 items" if items else "there are no messages to send")
    contents = [read_media(context, call, item) for item in items]
    album = str(secrets.randbits(53))
    return [
        context.sent(deliver(context, call, chat_id, {**content, "media_group_id": album}))
        for content in contents
    ]


def send_location(context: Context, call: Call) -> Json:
    chat_id = context.chat_id(call)
    for name in ("latitude", "longitude"):
        if not call.has(name):
            raise bad(f"{name} is empty")
    place: Json = {name: float(call.text(name)) for name in ("latitude", "longitude")}
    return context.sent(deliver(context, call, chat_id, {"location": place}))


def get_file(context: Context, call: Call) -> Json:
    if not call.has("file_id"):
        raise bad("file_id not specified")
    row = context.store.get("files", call.text("file_id"))
    if row is None:
        raise bad("wrong file_id or the file is temporarily unavailable")
    if row["file_size"] > DOWNLOAD_LIMIT_BYTES:
        raise bad("file is too big")
    return {**{name: row[name] for name in FILE_FIELDS}, "file_path": row["path"]}


def keep_upload(context: Context, kind: str, upload: Upload, values: Json) -> Json:
    """Content of a file that a person sends; used by the control side."""
    return media_content(context, kind, context.files.keep(kind, upload), values)


METHODS = {
    **dict.fromkeys(
        ("sendPhoto", "sendDocument", "sendVoice", "sendAudio", "sendVideo", "sendAnimation",
         "sendSticker", "sendVideoNote"),
        send_file,
    ),
    "sendMediaGroup": send_media_group,
    "sendLocation": send_location,
    "getFile": get_file,
}  # fmt: skip
