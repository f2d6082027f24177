"""Drafts and typing, in time that only this loop owns."""

import asyncio
import itertools
from types import SimpleNamespace

import pytest

from bot.refusals import TooSoon
from bot.stream import Drafts, draft_id_of
from core.runs.notices import Form, Notice

CHAT = 1001
RUN = "0" * 24 + "0000002a"


class QuickLoop(asyncio.SelectorEventLoop):
    """A loop whose clock jumps to the next timer instead of waiting for it."""

    def __init__(self):
        super().__init__()
        self.at = 0.0
        waiting = self._selector.select

        def select(timeout=None):
            if timeout:
                self.at += timeout
            return waiting(0)

        self._selector.select = select

    def time(self):
        return self.at


class Desk:
    """Drafts with a bot that notes what it would have sent."""

    def __init__(self, loop):
        self.clock = SimpleNamespace(monotonic=loop.time)
        self.sent = []
        self.refusal = None
        self.chats = {RUN: CHAT}
        self.now_going = None
        self.drafts = Drafts(bot=self, clock=self.clock, turns=self)
        self.frames = asyncio.Queue()
        self.running = asyncio.ensure_future(self.drafts.run(self.source()))

    async def source(self):
        while True:
            yield await self.frames.get()

    # what the drafts use
    async def chat_of(self, run_id):
        return self.chats.get(run_id)

    async def going(self, _chat_id):
        return self.now_going

    async def send_message_draft(self, chat_id, draft_id, text, **more):
        assert more["api_kwargs"] == {"can_stop": True, "keep_on_stop": True}
        return await self.note(("draft", chat_id, draft_id, text))

    async def send_chat_action(self, chat_id, action, **_more):
        return await self.note(("typing", chat_id))

    async def note(self, call):
        if self.refusal is not None:
            raise self.refusal
        self.sent.append((round(self.clock.monotonic(), 2), *call))
        return True

    async def show(self, *texts, every=0.2):
        for number, text in enumerate(texts):
            await self.frames.put((RUN, number, text))
            await asyncio.sleep(every)

    def texts(self):
        return [call[4] for call in self.sent if call[1] == "draft"]

    def times(self, kind):
        return [call[0] for call in self.sent if call[1] == kind]


@pytest.fixture
def play():
    def run(story):
        with asyncio.Runner(loop_factory=QuickLoop) as runner:

            async def whole():
                desk = Desk(asyncio.get_running_loop())
                await story(desk)
                await desk.drafts.stop()
                desk.running.cancel()
                await asyncio.gather(desk.running, return_exceptions=True)

            runner.run(whole())

    return run


def row(kind, run_id=RUN, form=Form.SAY, revision=0):
    notice = Notice(kind, chat_id=CHAT, run_id=run_id)
    return SimpleNamespace(notice=notice, form=form, revision=revision)


def test_frames_become_one_draft_a_second_and_only_the_newest_counts(play):
    async def story(desk):
        await desk.show(*("word " * n for n in range(1, 26)))  # five a second, for five seconds
        await asyncio.sleep(1)
        assert len(desk.texts()) == 6
        assert desk.texts()[-1] == ("word " * 25).strip()
        times = desk.times("draft")
        assert all(later - sooner >= 1 for sooner, later in itertools.pairwise(times))

    play(story)


def test_each_draft_begins_with_the_one_before(play):
    async def story(desk):
        text = "এক **দুই** তিন ```code``` and more"
        await desk.show(*(text[:n] for n in range(1, len(text))), every=1.1)
        shown = desk.texts()
        pairs = itertools.pairwise(shown)
        assert all(later.startswith(sooner) for sooner, later in pairs)

    play(story)


def test_a_silent_draft_is_refreshed_before_telegram_lets_it_vanish(play):
    async def story(desk):
        await desk.show("half an answer")
        await asyncio.sleep(70)
        times = desk.times("draft")
        assert len(times) == 4
        gaps = [later - sooner for sooner, later in itertools.pairwise(times)]
        assert all(20 <= gap <= 25 for gap in gaps)

    play(story)


def test_a_run_that_is_silent_for_long_lets_the_phone_rest(play):
    async def story(desk):
        await desk.show("half an answer")
        await asyncio.sleep(3600)
        assert desk.times("draft")[-1] < 330

    play(story)


def test_nothing_is_drawn_after_the_answer_has_begun_to_go_out(play):
    async def story(desk):
        await desk.show("half")
        await desk.drafts.before(row("answer"))
        await desk.show("half and half", "all of it")
        await asyncio.sleep(60)
        assert desk.texts() == ["half"]

    play(story)


def test_a_line_about_something_pending_does_not_end_the_draft(play):
    async def story(desk):
        await desk.show("half")
        await desk.drafts.before(row("pending"))
        await asyncio.sleep(1)
        await desk.frames.put((RUN, 9, "half and half"))
        await asyncio.sleep(1.5)
        assert desk.texts() == ["half", "half and half"]

    play(story)


def test_after_an_error_the_turn_goes_on_without_drafts(play):
    async def story(desk):
        desk.refusal = TooSoon(3)
        await desk.show("one")
        desk.refusal = None
        await desk.show("one two", "one two three", every=2)
        assert desk.texts() == []

    play(story)


def test_an_older_frame_and_a_frame_of_an_unknown_run_change_nothing(play):
    async def story(desk):
        await desk.frames.put((RUN, 5, "newer"))
        await desk.frames.put((RUN, 4, "older"))
        await desk.frames.put(("f" * 32, 1, "whose?"))
        await asyncio.sleep(5)
        assert desk.texts() == ["newer"]

    play(story)


def test_stop_under_a_draft_names_its_run_and_ends_the_draft(play):
    async def story(desk):
        await desk.show("half")
        assert await desk.drafts.stopped(CHAT, 43) is None
        assert await desk.drafts.stopped(7, draft_id_of(RUN)) is None
        assert await desk.drafts.stopped(CHAT, 42) == RUN
        await desk.show("half and half", every=2)
        assert desk.texts() == ["half"]

    play(story)


def test_stop_finds_the_run_of_a_draft_that_was_drawn_before_a_restart(play):
    async def story(desk):
        desk.now_going = RUN
        assert await desk.drafts.stopped(CHAT, 42) == RUN

    play(story)


def test_a_quick_answer_needs_no_typing(play):
    async def story(desk):
        desk.drafts.heard(CHAT)
        await asyncio.sleep(0.2)
        await desk.drafts.before(row("answer"))
        await asyncio.sleep(60)
        assert desk.sent == []

    play(story)


def test_typing_is_shown_until_the_first_frame(play):
    async def story(desk):
        desk.drafts.heard(CHAT)
        desk.drafts.heard(CHAT)
        await asyncio.sleep(8)
        await desk.show("half")
        await asyncio.sleep(20)
        assert desk.times("typing") == [0.45, 2.0, 6.5]

    play(story)


def test_typing_ends_when_a_card_asks_the_owner(play):
    async def story(desk):
        desk.drafts.heard(CHAT)
        await asyncio.sleep(1)
        await desk.drafts.before(row("approval", form=Form.SHOW))
        await asyncio.sleep(60)
        assert desk.times("typing") == [0.45]

    play(story)


@pytest.mark.parametrize(
    ("kind", "revision", "ends"),
    [("remembered", 1, True), ("memory", 1, True), ("memory", 2, False), ("alert", 1, False)],
)
def test_typing_ends_when_a_new_card_is_the_answer(play, kind, revision, ends):
    async def story(desk):
        desk.drafts.heard(CHAT)
        await asyncio.sleep(1)
        await desk.drafts.before(row(kind, form=Form.SHOW, revision=revision))
        await asyncio.sleep(10)
        assert (desk.times("typing") == [0.45]) is ends

    play(story)


def test_a_slow_start_shows_thinking_with_a_stop_button(play):
    async def story(desk):
        desk.drafts.heard(CHAT)
        desk.now_going = RUN
        await asyncio.sleep(4)
        assert desk.sent == [(0.45, "typing", CHAT), (2.0, "draft", CHAT, 42, "")]
        await desk.show("words")
        assert desk.texts() == ["", "words"]

    play(story)


def test_typing_ends_by_itself(play):
    async def story(desk):
        desk.drafts.heard(CHAT)
        await asyncio.sleep(600)
        assert desk.times("typing")[-1] < 65
        desk.drafts.heard(CHAT)
        await asyncio.sleep(1)
        assert desk.times("typing")[-1] > 600

    play(story)


def test_drafts_and_typing_of_a_long_answer_stay_within_telegrams_budget(play):
    async def story(desk):
        desk.drafts.heard(CHAT)
        await asyncio.sleep(12)
        await desk.show(*("word " * n for n in range(1, 600)), every=0.1)
        times = [call[0] for call in desk.sent]
        for start in times:
            assert sum(start <= at < start + 5 for at in times) <= 20
            assert sum(start <= at < start + 30 for at in times) <= 38

    play(story)
