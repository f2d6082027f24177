"""The rest of the practice Telegram's methods, each used once the way a bot uses it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator

import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, InputMediaDocument, Message
from telegram.error import BadRequest

from ops.emulator.client import CHAT, TINY_PNG, Simulator
from ops.emulator.parameters import PARAMETERS
from ops.emulator.serving import TOKEN, serving

Scene = Callable[[Bot], Awaitable[None]]


@pytest.fixture
def sim() -> Iterator[Simulator]:
    with serving() as simulator:
        yield simulator
        assert simulator.violations() == []


def play(sim: Simulator, scene: Scene) -> None:
    async def run() -> None:
        async with Bot(TOKEN, base_url=f"{sim.url}/bot") as bot:
            await scene(bot)

    asyncio.run(run())


def test_every_offered_method_has_its_parameters_and_its_handler() -> None:
    from ops.emulator.bot_api import METHODS

    assert set(METHODS) == set(PARAMETERS)
    assert len(METHODS) >= 40


def test_media_of_every_kind_can_be_sent_edited_and_copied(sim: Simulator) -> None:
    async def scene(bot: Bot) -> None:
        await bot.send_photo(CHAT, TINY_PNG, caption="<b>p</b>", parse_mode="HTML")
        with pytest.raises(BadRequest, match=r"(?i)image_process_failed"):
            await bot.send_photo(CHAT, b"not a picture")
        await bot.send_voice(CHAT, b"OggS", duration=2)
        await bot.send_audio(CHAT, b"ID3", title="Song", performer="Singer")
        await bot.send_video(CHAT, b"mp4")
        await bot.send_animation(CHAT, b"gif")
        await bot.send_video_note(CHAT, b"mp4")
        await bot.send_sticker(CHAT, b"webp")
        await bot.send_location(CHAT, 23.8, 90.4)
        sent = await bot.send_document(CHAT, b"one", filename="one.txt")
        await bot.edit_message_media(InputMediaDocument(b"two", "new"), CHAT, sent.message_id)
        await bot.edit_message_caption(CHAT, sent.message_id, caption="newer")
        with pytest.raises(BadRequest, match="no text in the message"):
            await bot.edit_message_text("x", CHAT, sent.message_id)
        copy = await bot.copy_message(CHAT, CHAT, sent.message_id)
        shown = sim.messages()[-1]
        assert (shown["message_id"], shown["text"]) == (copy.message_id, "newer")
        assert sim.file(shown["document"]["file_id"]) == b"two"
        await bot.forward_message(CHAT, CHAT, sent.message_id)

    play(sim, scene)


def test_rich_messages_drafts_and_typing_pass(sim: Simulator) -> None:
    async def scene(bot: Bot) -> None:
        rich = {"html": "<h1>Table</h1>", "is_rtl": False}
        values = {"chat_id": CHAT, "rich_message": rich}
        sent = await bot.do_api_request("sendRichMessage", values, return_type=Message)
        assert sent.api_kwargs["rich_message"] == rich
        await bot.do_api_request("sendRichMessageDraft", {**values, "draft_id": 4})
        assert sim.drafts()[0]["rich_message"] == rich
        with pytest.raises(BadRequest, match=r"(?i)exactly one"):
            await bot.do_api_request("sendRichMessage", {"chat_id": CHAT, "rich_message": {}})
        await bot.send_chat_action(CHAT, "typing")
        with pytest.raises(BadRequest, match="action"):
            await bot.send_chat_action(CHAT, "juggling")

    play(sim, scene)


def test_keyboards_pins_and_deletions(sim: Simulator) -> None:
    async def scene(bot: Bot) -> None:
        keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("b", callback_data="d")]])
        sent = await bot.send_message(CHAT, "x", reply_markup=keyboard)
        await bot.edit_message_reply_markup(CHAT, sent.message_id)
        with pytest.raises(BadRequest, match="not modified"):
            await bot.edit_message_reply_markup(CHAT, sent.message_id)
        await bot.pin_chat_message(CHAT, sent.message_id)
        pinned = (await bot.get_chat(CHAT)).pinned_message
        assert pinned is not None
        await bot.unpin_chat_message(CHAT)
        with pytest.raises(BadRequest, match="to unpin not found"):
            await bot.unpin_chat_message(CHAT)
        await bot.unpin_all_chat_messages(CHAT)
        said = sim.say("both sides")
        await bot.delete_messages(CHAT, [said, sent.message_id, 1])
        assert sim.messages() == []
        assert sim.transcript().count("(deleted)") == 2
        assert (await bot.get_chat_member(CHAT, CHAT)).user.id == CHAT

    play(sim, scene)


def test_topics_exist_only_where_they_are_turned_on(sim: Simulator) -> None:
    async def scene(bot: Bot) -> None:
        with pytest.raises(BadRequest, match="not a forum"):
            await bot.create_forum_topic(CHAT, "Alerts")
        with pytest.raises(BadRequest, match="thread not found"):
            await bot.send_message(CHAT, "x", message_thread_id=7)
        sim.set_chat(topics=True)
        topic = await bot.create_forum_topic(CHAT, "Alerts")
        thread = topic.message_thread_id
        sent = await bot.send_message(CHAT, "x", message_thread_id=thread)
        assert sent.message_thread_id == thread
        await bot.edit_forum_topic(CHAT, thread, name="Jobs")
        await bot.close_forum_topic(CHAT, thread)
        await bot.delete_forum_topic(CHAT, thread)

    play(sim, scene)


def test_the_bots_own_texts_are_kept_by_language(sim: Simulator) -> None:
    async def scene(bot: Bot) -> None:
        await bot.set_my_name("মুখোশ", "bn")
        await bot.set_my_description("A helper")
        await bot.set_my_short_description("Short", "ar")
        assert (await bot.get_my_name("bn")).name == "মুখোশ"
        assert (await bot.get_my_description("bn")).description == "A helper"
        assert (await bot.get_my_short_description("ar")).short_description == "Short"
        await bot.set_chat_menu_button(CHAT)
        assert (await bot.get_chat_menu_button(CHAT)).type == "default"
        await bot.delete_my_commands()

    play(sim, scene)


def test_the_person_edits_reacts_and_sends_anything(sim: Simulator) -> None:
    async def scene(bot: Bot) -> None:
        kinds = ["message", "edited_message", "message_reaction"]
        await bot.get_updates(timeout=0, allowed_updates=kinds)
        said = sim.say("one", reply_to=sim.say("zero"))
        sim.edit(said, "two")
        sim.react(said, "👍")
        sim.send_content({"dice": {"emoji": "🎲", "value": 4}})
        sim.send_sticker()
        sim.send_photo(media_group_id="77")
        updates = await bot.get_updates(timeout=1)
        first, reply, edit, reaction, dice, sticker, photo = updates
        assert first.message is not None
        assert reply.message is not None
        assert reply.message.reply_to_message == first.message
        assert edit.edited_message is not None
        assert edit.edited_message.text == "two"
        assert reaction.message_reaction is not None
        assert dice.message is not None
        assert dice.message.dice is not None
        assert sticker.message is not None
        assert sticker.message.sticker is not None
        assert photo.message is not None
        assert photo.message.media_group_id == "77"

    play(sim, scene)
