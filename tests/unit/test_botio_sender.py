"""The sender with a clock that moves only when told."""

import asyncio
import heapq
import itertools
import logging

import httpx
import pytest
from telegram.error import BadRequest, Forbidden, InvalidToken, NetworkError, RetryAfter, TimedOut

from bot import refusals
from bot.pacing import Lane
from bot.sender import Pass, Sender
from core.clock import ManualClock

pytestmark = pytest.mark.filterwarnings("ignore:.*retry_after.*")


class Timers:
    """`call_later` on a manual clock."""

    def __init__(self):
        self.clock = ManualClock()
        self.heap = []
        self.count = itertools.count()

    def call_later(self, delay, action):
        timer = Timer(action)
        heapq.heappush(
            self.heap, (self.clock.monotonic() + max(delay, 1e-6), next(self.count), timer)
        )
        return timer

    async def advance(self, seconds):
        end = self.clock.monotonic() + seconds
        await settle()
        while self.heap and self.heap[0][0] <= end:
            due, _, timer = heapq.heappop(self.heap)
            self.clock.advance(max(0.0, due - self.clock.monotonic()))
            if timer.action:
                timer.action()
            await settle()
        self.clock.advance(end - self.clock.monotonic())
        await settle()


class Timer:
    def __init__(self, action):
        self.action = action

    def cancel(self):
        self.action = None


async def settle():
    for _ in range(10):
        await asyncio.sleep(0)


class Desk:
    """A sender, and a record of what reached Telegram and when."""

    def __init__(self):
        self.timers = Timers()
        self.clock = self.timers.clock
        self.sender = Sender(self.clock, call_later=self.timers.call_later)
        self.sent = []
        self.answers = []

    def call(self, name, chat=1, endpoint="sendMessage", pass_=None, **data):
        async def callback(*_args, **_kwargs):
            if self.answers:
                answer = self.answers.pop(0)
                if isinstance(answer, Exception):
                    raise answer
            self.sent.append((name, round(self.clock.monotonic(), 3)))
            return {"name": name}

        data = {"chat_id": chat, **data}
        return asyncio.ensure_future(
            self.sender.process_request(callback, (), {}, endpoint, data, pass_)
        )

    def names(self):
        return [name for name, _ in self.sent]


def run(story):
    asyncio.run(story(Desk()))


def test_one_chat_gets_a_burst_of_three_and_then_one_a_second():
    async def story(desk):
        for number in range(6):
            desk.call(number)
        await desk.timers.advance(10)
        assert desk.sent == [(0, 0), (1, 0), (2, 0), (3, 1), (4, 2), (5, 3)]

    run(story)


def test_a_quick_exchange_is_never_slowed_down():
    async def story(desk):
        for number in range(100):
            desk.sender.heard(1)
            desk.call(number)
            await desk.timers.advance(0.01)
        assert len(desk.sent) == 100
        assert desk.sent[-1] == (99, 0.99)

    run(story)


def test_fifty_chats_at_once_are_answered_at_once_and_a_flood_at_thirty_a_second():
    async def story(desk):
        for chat in range(120):
            desk.call(chat, chat)
        await settle()
        assert len(desk.sent) == 60
        await desk.timers.advance(1)
        assert len(desk.sent) == 90
        await desk.timers.advance(1)
        assert len(desk.sent) == 120

    run(story)


def test_alerts_go_before_answers_and_answers_before_cards():
    async def story(desk):
        for number in range(3):
            desk.call(number)
        desk.call("card", endpoint="editMessageText", message_id=5)
        desk.call("answer")
        desk.call("alert", pass_=Pass(Lane.ALERT))
        await desk.timers.advance(5)
        assert desk.names()[3:] == ["alert", "answer", "card"]

    run(story)


def test_a_429_holds_that_chat_only_and_is_repeated_until_it_is_taken():
    async def story(desk):
        desk.answers = [RetryAfter(20), None, RetryAfter(5)]
        first = desk.call("a", 1)
        await settle()
        desk.call("b", 2)
        await desk.timers.advance(19)
        assert desk.names() == ["b"]
        await desk.timers.advance(10)
        assert desk.sent[-1] == ("a", 25)
        assert await first == {"name": "a"}

    run(story)


def test_a_429_over_the_callers_patience_is_given_back():
    async def story(desk):
        desk.answers = [RetryAfter(61), RetryAfter(6)]
        with pytest.raises(refusals.TooSoon) as caught:
            await desk.call("a", 1)
        assert caught.value.retry_after == 61
        with pytest.raises(refusals.TooSoon):
            await desk.call("b", 2, pass_=Pass(Lane.ANSWER, patience_s=5))

    run(story)


def test_of_waiting_edits_of_one_message_only_the_newest_is_sent():
    async def story(desk):
        for number in range(3):
            desk.call(number)
        edits = [desk.call(f"edit {n}", endpoint="editMessageText", message_id=9) for n in range(3)]
        other = desk.call("other", endpoint="editMessageText", message_id=10)
        await desk.timers.advance(5)
        assert desk.names()[3:] == ["edit 2", "other"]
        assert [await each for each in edits] == [True, True, {"name": "edit 2"}]
        assert await other == {"name": "other"}

    run(story)


def test_drafts_and_typing_share_a_window_and_are_dropped_over_it():
    async def story(desk):
        for number in range(200):
            desk.call(number, endpoint="sendMessageDraft" if number % 2 else "sendChatAction")
            await desk.timers.advance(0.2)
        times = [at for _, at in desk.sent]
        for start in times:
            assert sum(start <= at < start + 5 for at in times) <= 20
            assert sum(start <= at < start + 30 for at in times) <= 38

    run(story)


def test_a_dropped_draft_says_false_and_slows_no_answer():
    async def story(desk):
        drafts = [desk.call(n, endpoint="sendMessageDraft") for n in range(25)]
        await settle()
        assert [await each for each in drafts][20:] == [False] * 5
        assert await desk.call("answer") == {"name": "answer"}
        assert desk.sent[-1] == ("answer", 0)

    run(story)


def test_a_429_on_a_draft_silences_drafts_but_no_answer():
    async def story(desk):
        desk.answers = [RetryAfter(30)]
        with pytest.raises(refusals.TooSoon):
            await desk.call("draft", endpoint="sendMessageDraft")
        assert await desk.call("draft", endpoint="sendMessageDraft") is False
        assert await desk.call("answer") == {"name": "answer"}

    run(story)


def test_an_answer_to_a_tap_uses_no_chats_budget():
    async def story(desk):
        for number in range(10):
            desk.call(number, endpoint="answerCallbackQuery")
        await settle()
        assert len(desk.sent) == 10

    run(story)


def test_a_cancelled_call_leaves_the_queue():
    async def story(desk):
        calls = [desk.call(n) for n in range(5)]
        await settle()
        calls[3].cancel()
        await desk.timers.advance(3)
        assert desk.names() == [0, 1, 2, 4]

    run(story)


def test_what_is_already_so_counts_as_done():
    async def story(desk):
        desk.answers = [
            BadRequest("Message is not modified: specified new message content ..."),
            BadRequest("Query is too old and response timeout expired or query id is invalid"),
        ]
        assert await desk.call("edit", endpoint="editMessageText", message_id=1) is True
        assert await desk.call("toast", endpoint="answerCallbackQuery") is True

    run(story)


def test_a_rejected_token_is_told_at_the_start_and_waited_out_later():
    async def story(desk):
        desk.answers = [InvalidToken("Unauthorized"), InvalidToken("Unauthorized")]
        with pytest.raises(InvalidToken):
            await desk.call("me", endpoint="getMe")
        with pytest.raises(refusals.Unreachable):
            await desk.call("answer")

    run(story)


def caused(error, cause):
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "meaning"),
    [
        (Forbidden("Forbidden: bot was blocked by the user"), refusals.Blocked),
        (BadRequest("Chat not found"), refusals.Blocked),
        (BadRequest("Message to edit not found"), refusals.Gone),
        (BadRequest("Message can't be edited"), refusals.Gone),
        (BadRequest("Can't parse entities: unsupported start tag"), refusals.BadMarkup),
        (BadRequest("Message is too long"), refusals.Rejected),
        (caused(TimedOut(), httpx.ReadTimeout("")), refusals.Ambiguous),
        (caused(NetworkError("x"), httpx.RemoteProtocolError("")), refusals.Ambiguous),
        (caused(TimedOut(), httpx.ConnectTimeout("")), refusals.Unreachable),
        (caused(TimedOut("Pool timeout"), httpx.PoolTimeout("")), refusals.Unreachable),
        (caused(NetworkError("x"), httpx.ConnectError("")), refusals.Unreachable),
        (NetworkError("Bad Gateway"), refusals.Ambiguous),
        (NetworkError("Internal Server Error"), refusals.Unreachable),
        (InvalidToken("Unauthorized"), refusals.Unreachable),
    ],
)
def test_every_error_of_telegram_has_one_meaning(error, meaning):
    assert type(refusals.translate(error)) is meaning


def test_the_token_is_in_no_error_and_no_log_of_the_http_library():
    token = "123456:AAE_secret-token"
    url = f"https://api.telegram.org/bot{token}/sendMessage"
    meaning = refusals.translate(NetworkError(f"httpx.ReadError: {url}"))
    assert "secret" not in str(meaning)
    assert "secret" not in refusals.redact(f"GET {url}", token)
    refusals.hush_http_logs()
    assert not logging.getLogger("httpx").isEnabledFor(logging.INFO)
