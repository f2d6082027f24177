"""The practice Telegram against the real client library: messages, edits, taps, drafts, files."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator

import pytest
from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeChat,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaDocument,
    MessageEntity,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
    ReplyParameters,
)
from telegram.error import BadRequest, Forbidden

from ops.emulator.client import CHAT, Simulator, SimulatorError
from ops.emulator.serving import TOKEN, serving

Scene = Callable[[Bot], Awaitable[None]]


@pytest.fixture
def sim() -> Iterator[Simulator]:
    with serving() as simulator:
        yield simulator


def play(sim: Simulator, scene: Scene) -> None:
    """Runs a scene with a bot of the real library at the practice Telegram."""

    async def run() -> None:
        files = f"{sim.url}/file/bot"
        async with Bot(TOKEN, base_url=f"{sim.url}/bot", base_file_url=files) as bot:
            await scene(bot)

    asyncio.run(run())


def yes_no() -> InlineKeyboardMarkup:
    yes = InlineKeyboardButton("Yes", callback_data="y", style="success")
    return InlineKeyboardMarkup([[yes, InlineKeyboardButton("No", callback_data="n")]])


def test_a_message_reaches_the_bot_and_its_answer_reaches_the_person(sim: Simulator) -> None:
    async def scene(bot: Bot) -> None:
        said = sim.say("নমস্কার /help", language_code="bn")
        [update] = await bot.get_updates(timeout=5)
        assert update.message is not None
        assert (update.message.text, update.message.message_id) == ("নমস্কার /help", said)
        assert update.message.from_user is not None
        assert update.message.from_user.language_code == "bn"
        assert [entity.type for entity in update.message.entities] == ["bot_command"]
        parameters = ReplyParameters(said)
        answer = await bot.send_message(CHAT, "<b>ok</b> 😀", "HTML", reply_parameters=parameters)
        assert answer.entities[0].length == 2
        shown = sim.wait_message(after=said)
        assert (shown["text"], shown["reply_to"]) == ("ok 😀", said)

    play(sim, scene)


def test_an_edit_that_changes_nothing_is_refused(sim: Simulator) -> None:
    async def scene(bot: Bot) -> None:
        sent = await bot.send_message(CHAT, "same", reply_markup=yes_no())
        with pytest.raises(BadRequest, match="specified new message content and reply markup"):
            await sent.edit_text("same", reply_markup=yes_no())
        await sent.edit_text("same")
        assert sim.messages()[-1]["buttons"] == []
        await sent.edit_text("other")
        assert sim.messages()[-1]["edited"]

    play(sim, scene)


def test_only_the_bots_own_messages_can_be_edited(sim: Simulator) -> None:
    async def scene(bot: Bot) -> None:
        said = sim.say("mine")
        with pytest.raises(BadRequest, match="can't be edited"):
            await bot.edit_message_text("x", CHAT, said)
        with pytest.raises(BadRequest, match="to edit not found"):
            await bot.edit_message_text("x", CHAT, said + 1000)
        with pytest.raises(BadRequest, match="to delete not found"):
            await bot.delete_message(CHAT, said + 1000)
        with pytest.raises(BadRequest, match="to be replied not found"):
            await bot.send_message(CHAT, "x", reply_parameters=ReplyParameters(said + 1000))

    play(sim, scene)


def test_callback_data_may_have_sixty_four_bytes_and_not_one_more(sim: Simulator) -> None:
    async def scene(bot: Bot) -> None:
        for data, is_fine in (("a" * 64, True), ("a" * 65, False), ("অ" * 22, False)):
            keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("b", callback_data=data)]])
            if is_fine:
                await bot.send_message(CHAT, "x", reply_markup=keyboard)
            else:
                with pytest.raises(BadRequest, match=r"(?i)button_data_invalid"):
                    await bot.send_message(CHAT, "x", reply_markup=keyboard)
        bare = InlineKeyboardMarkup([[InlineKeyboardButton("bare", api_kwargs={})]])
        with pytest.raises(BadRequest, match="unallowed in the inline keyboard"):
            await bot.send_message(CHAT, "x", reply_markup=bare)

    play(sim, scene)


def test_a_tap_is_answered_once_and_the_person_sees_it(sim: Simulator) -> None:
    async def scene(bot: Bot) -> None:
        await bot.send_message(CHAT, "Do it?", reply_markup=yes_no())
        query_id = sim.tap(label="Yes")
        [update] = await bot.get_updates(timeout=5)
        assert update.callback_query is not None
        assert update.callback_query.data == "y"
        await update.callback_query.answer("done", show_alert=True)
        assert sim.wait_answer(query_id)["text"] == "done"
        with pytest.raises(BadRequest, match="Query is too old"):
            await update.callback_query.answer("again")
        with pytest.raises(SimulatorError, match="no button"):
            sim.tap(label="Maybe")

    play(sim, scene)


def test_a_tap_dies_after_150_seconds_and_a_message_after_a_day(sim: Simulator) -> None:
    async def scene(bot: Bot) -> None:
        await bot.send_message(CHAT, "Do it?", reply_markup=yes_no())
        sim.say("still here")
        query_id = sim.tap(label="Yes")
        sim.advance_clock(151)
        updates = await bot.get_updates(timeout=1)
        assert [update.callback_query for update in updates] == [None]
        with pytest.raises(BadRequest, match="Query is too old"):
            await bot.answer_callback_query(query_id)
        sim.advance_clock(24 * 3600)
        assert await bot.get_updates(timeout=0) == ()

    play(sim, scene)


def test_text_is_counted_in_utf16_units_after_parsing(sim: Simulator) -> None:
    async def scene(bot: Bot) -> None:
        await bot.send_message(CHAT, "😀" * 2048)
        await bot.send_message(CHAT, "<b>" + "a" * 4096 + "</b>", "HTML")
        with pytest.raises(BadRequest, match="too long"):
            await bot.send_message(CHAT, "😀" * 2048 + "a")
        with pytest.raises(BadRequest, match="caption is too long"):
            await bot.send_document(CHAT, b"x", caption="a" * 1025)
        with pytest.raises(BadRequest, match="Text must be non-empty"):
            await bot.send_message(CHAT, " \n ")

    play(sim, scene)


BROKEN = [
    ("<b>open", "HTML", 'find end tag corresponding to start tag "b"'),
    ("a < b", "HTML", 'unsupported start tag "" at byte offset 2'),
    ("a<table>", "HTML", 'unsupported start tag "table" at byte offset 1'),
    ("<b>x</i>", "HTML", 'expected "</b>", found "</i>"'),
    ("বা</b>", "HTML", "unexpected end tag at byte offset 6"),
    ("one. two", "MarkdownV2", r"character '.' is reserved and must be escaped"),
    ("*open", "MarkdownV2", "find end of bold entity at byte offset 0"),
    ("[x](http://a", "MarkdownV2", "find end of a url at byte offset 4"),
]


@pytest.mark.parametrize(("text", "mode", "complaint"), BROKEN)
def test_broken_markup_is_refused_with_the_servers_words(
    sim: Simulator, text: str, mode: str, complaint: str
) -> None:
    async def scene(bot: Bot) -> None:
        with pytest.raises(BadRequest) as refused:
            await bot.send_message(CHAT, text, mode)
        assert complaint in str(refused.value).lower()

    play(sim, scene)


def test_markdown_v2_is_read_as_the_server_reads_it(sim: Simulator) -> None:
    text = "*bold _both_* ||hidden|| `a_b` [link](https://a.org/)\n>quote\n>more||\n```py\nx=1```"

    async def scene(bot: Bot) -> None:
        sent = await bot.send_message(CHAT, text, "MarkdownV2")
        assert sent.text == "bold both hidden a_b link\nquote\nmore\nx=1"
        assert {entity.type for entity in sent.entities} == {
            "bold", "italic", "spoiler", "code", "text_link", "expandable_blockquote", "pre",
        }  # fmt: skip
        [code] = [entity for entity in sent.entities if entity.type == "pre"]
        assert (code.language, sent.parse_entity(code)) == ("py", "x=1")

    play(sim, scene)


def test_entities_that_cut_a_symbol_in_two_are_refused(sim: Simulator) -> None:
    async def scene(bot: Bot) -> None:
        with pytest.raises(BadRequest, match=r"(?i)in a middle of a utf-16 symbol"):
            await bot.send_message(CHAT, "😀x", entities=[MessageEntity("bold", 1, 1)])
        sent = await bot.send_message(CHAT, "😀x", entities=[MessageEntity("bold", 2, 9)])
        assert [(entity.offset, entity.length) for entity in sent.entities] == [(2, 1)]

    play(sim, scene)


def test_a_draft_shows_until_stopped_replaced_or_thirty_seconds_old(sim: Simulator) -> None:
    async def scene(bot: Bot) -> None:
        await bot.get_updates(timeout=0, allowed_updates=["message", "stopped_message_generation"])
        await bot.send_message_draft(CHAT, 7, "half", api_kwargs={"can_stop": True})
        assert sim.wait_draft(contains="half")["can_stop"]
        sim.stop_draft()
        [update] = await bot.get_updates(timeout=5)
        assert update.api_kwargs["stopped_message_generation"]["draft_id"] == 7
        await bot.send_message_draft(CHAT, 7, "late frame", api_kwargs={"can_stop": True})
        assert sim.drafts() == []
        await bot.send_message_draft(CHAT, 8, "next")
        await bot.send_message(CHAT, "final")
        assert sim.drafts() == []
        await bot.send_message_draft(CHAT, 9, "")
        sim.advance_clock(31)
        assert sim.drafts() == []
        assert sim.violations() == []

    play(sim, scene)


def test_files_keep_their_bytes_both_ways(sim: Simulator) -> None:
    async def scene(bot: Bot) -> None:
        sim.send_document("বাংলা".encode(), "নোট.txt", caption="see")
        sim.send_voice(b"OggS...", duration=4)
        document, voice = [update.message for update in await bot.get_updates(timeout=5)]
        assert document is not None
        assert document.document is not None
        got = await (await document.document.get_file()).download_as_bytearray()
        assert got.decode() == "বাংলা"
        assert voice is not None
        assert voice.voice is not None
        assert voice.voice.to_dict()["duration"] == 4
        await bot.send_document(CHAT, b"# answer", filename="answer.md", caption="all of it")
        shown = sim.wait_message(contains="all of it")
        assert sim.file(shown["document"]["file_id"]) == b"# answer"
        album = [InputMediaDocument(b"1", filename="1.txt"), InputMediaDocument(b"2")]
        sent = await bot.send_media_group(CHAT, album)
        assert len({message.media_group_id for message in sent}) == 1
        with pytest.raises(BadRequest, match="Wrong file identifier"):
            await bot.send_document(CHAT, "no-such-file-id")

    play(sim, scene)


def test_commands_follow_scope_and_language(sim: Simulator) -> None:
    async def scene(bot: Bot) -> None:
        await bot.set_my_commands([BotCommand("start", "Begin")])
        scope = BotCommandScopeChat(CHAT)
        await bot.set_my_commands([BotCommand("jobs", "কাজ")], scope, "bn")
        assert [one.command for one in await bot.get_my_commands(scope, "bn")] == ["jobs"]
        assert [one.command for one in await bot.get_my_commands()] == ["start"]
        with pytest.raises(BadRequest, match=r"(?i)bot_command_invalid"):
            await bot.set_my_commands([BotCommand("শুরু", "Begin")])

    play(sim, scene)


def test_a_blocked_bot_is_forbidden_to_write_and_a_stranger_is_unknown(sim: Simulator) -> None:
    async def scene(bot: Bot) -> None:
        sim.block()
        with pytest.raises(Forbidden, match="blocked by the user"):
            await bot.send_message(CHAT, "hello?")
        with pytest.raises(BadRequest, match="not found"):
            await bot.send_message(4711, "hello?")
        [update] = await bot.get_updates(timeout=5)
        assert update.my_chat_member is not None
        assert update.my_chat_member.new_chat_member.status == "kicked"

    play(sim, scene)


def test_a_reply_keyboard_stays_until_it_is_removed(sim: Simulator) -> None:
    async def scene(bot: Bot) -> None:
        sent = await bot.send_message(CHAT, "x", reply_markup=ReplyKeyboardMarkup([["Status"]]))
        assert sim.chats()[0]["keyboard"]["keyboard"][0][0]["text"] == "Status"
        with pytest.raises(BadRequest, match="can't be edited"):
            await sent.edit_text("y")
        await bot.send_message(CHAT, "y", reply_markup=ReplyKeyboardRemove())
        assert sim.chats()[0]["keyboard"] is None

    play(sim, scene)


def test_one_known_reaction_per_message_and_no_other(sim: Simulator) -> None:
    async def scene(bot: Bot) -> None:
        said = sim.say("hi")
        await bot.set_message_reaction(CHAT, said, "👀")
        assert sim.messages()[-1]["reactions"]["bot"][0]["emoji"] == "👀"
        with pytest.raises(BadRequest, match=r"(?i)reaction_invalid"):
            await bot.set_message_reaction(CHAT, said, "🧪")
        sim.react(said, "👍")
        assert sim.pending_updates()[-1].keys() == {"update_id", "message"}

    play(sim, scene)


def test_a_misspelt_parameter_is_a_violation(sim: Simulator) -> None:
    async def scene(bot: Bot) -> None:
        await bot.send_message(CHAT, "x", api_kwargs={"dissable_notification": True})
        assert [one["what"] for one in sim.violations()] == [
            "unknown parameter dissable_notification"
        ]

    play(sim, scene)


def test_telegram_removes_what_it_always_removes(sim: Simulator) -> None:
    async def scene(bot: Bot) -> None:
        sent = await bot.send_message(CHAT, "  a\tb\u202ec\r\n<b>d</b> \u2068e\u2069  ", "HTML")
        assert sent.text == "a bc\nd \u2068e\u2069"
        assert [(one.offset, one.length) for one in sent.entities] == [(5, 1)]

    play(sim, scene)
