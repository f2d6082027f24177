"""The practice Telegram's transport: polling, webhooks, faults, limits, restarts."""

from __future__ import annotations

import asyncio
import http.client
import json
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from aiohttp import web
from telegram import Bot
from telegram.error import BadRequest, Conflict, InvalidToken, NetworkError, RetryAfter

from ops.emulator.client import CHAT, Simulator, SimulatorError
from ops.emulator.serving import TOKEN, serving

Scene = Callable[[Bot], Awaitable[None]]


@pytest.fixture(autouse=True)
def _new_durations(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library warns at each RetryAfter unless durations are timedeltas."""
    monkeypatch.setenv("PTB_TIMEDELTA", "1")


@pytest.fixture
def sim() -> Iterator[Simulator]:
    with serving() as simulator:
        yield simulator


def play(sim: Simulator, scene: Scene, token: str = TOKEN) -> None:
    async def run() -> None:
        async with Bot(token, base_url=f"{sim.url}/bot") as bot:
            await scene(bot)

    asyncio.run(run())


def post(
    sim: Simulator, path: str, body: bytes, headers: dict[str, str] | None = None
) -> tuple[int, dict[str, object]]:
    """One plain request, without any client library."""
    where = urlsplit(sim.url)
    connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=10)
    try:
        connection.request("POST", path, body, headers or {"Content-Type": "application/json"})
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()


def test_a_long_poll_is_answered_the_moment_something_comes(sim: Simulator) -> None:
    async def scene(bot: Bot) -> None:
        polling = asyncio.create_task(bot.get_updates(timeout=30))
        await asyncio.to_thread(sim.wait_calls, "getMe", 1)
        said = time.monotonic()
        await asyncio.to_thread(sim.say, "now")
        updates = await polling
        assert len(updates) == 1
        assert time.monotonic() - said < 5

    play(sim, scene)


def test_updates_stay_until_a_higher_offset_confirms_them(sim: Simulator) -> None:
    async def scene(bot: Bot) -> None:
        for text in "abc":
            sim.say(text)
        first = await bot.get_updates(timeout=1)
        again = await bot.get_updates(timeout=1)
        assert [one.update_id for one in first] == [one.update_id for one in again]
        rest = await bot.get_updates(offset=first[0].update_id + 1, timeout=1)
        assert [one.message.text for one in rest if one.message] == ["b", "c"]
        last = await bot.get_updates(offset=-1, timeout=1)
        assert [one.message.text for one in last if one.message] == ["c"]
        await bot.get_updates(offset=last[0].update_id + 1, timeout=0)
        sim.wait_confirmed(timeout=1)

    play(sim, scene)


def test_a_second_poller_ends_the_first_with_a_conflict(sim: Simulator) -> None:
    async def scene(bot: Bot) -> None:
        other = Bot(TOKEN, base_url=f"{sim.url}/bot")
        await other.initialize()

        async def poll(poller: Bot) -> object:
            return await poller.get_updates(timeout=30)

        first = asyncio.create_task(poll(bot))
        second = asyncio.create_task(poll(other))
        done, waiting = await asyncio.wait((first, second), return_when=asyncio.FIRST_COMPLETED)
        [ended] = done
        assert isinstance(ended.exception(), Conflict)
        assert "terminated by other getupdates request" in str(ended.exception()).lower()
        await asyncio.to_thread(sim.say, "for the second")
        [rest] = waiting
        assert len(await rest) == 1
        await other.shutdown()

    play(sim, scene)


def test_allowed_updates_are_remembered_and_reactions_are_not_sent_unasked(sim: Simulator) -> None:
    async def scene(bot: Bot) -> None:
        said = sim.say("x")
        sim.react(said, "👍")
        await bot.get_updates(timeout=0, allowed_updates=["message_reaction"])
        sim.react(said, "👎")
        sim.say("not asked for")
        updates = await bot.get_updates(timeout=0)
        kinds = [set(one.to_dict()) - {"update_id"} for one in updates]
        assert kinds == [{"message"}, {"message_reaction"}]

    play(sim, scene)


def test_too_many_requests_come_as_often_as_planned(sim: Simulator) -> None:
    async def scene(bot: Bot) -> None:
        sim.fault("retry_after", every=3, seconds=7)
        outcomes = []
        for number in range(6):
            try:
                await bot.send_message(CHAT, str(number))
                outcomes.append("sent")
            except RetryAfter as refused:
                outcomes.append(str(refused.retry_after))
        assert outcomes == ["sent", "sent", "0:00:07", "sent", "sent", "0:00:07"]
        assert [one["retry_after"] for one in sim.calls("sendMessage") if not one["ok"]] == [7, 7]
        sim.clear_faults()
        await bot.send_message(CHAT, "calm")

    play(sim, scene)


def test_a_lost_reply_was_delivered_all_the_same(sim: Simulator) -> None:
    async def scene(bot: Bot) -> None:
        sim.fault("lost_reply", method="sendMessage")
        with pytest.raises(NetworkError):
            await bot.send_message(CHAT, "did it arrive?")
        assert [one["text"] for one in sim.messages()] == ["did it arrive?"]
        sim.fault("lost_request", method="sendMessage")
        with pytest.raises(NetworkError):
            await bot.send_message(CHAT, "never arrives")
        await bot.send_message(CHAT, "after")
        assert [one["text"] for one in sim.messages()] == ["did it arrive?", "after"]
        assert [bool(one.get("cut")) for one in sim.calls("sendMessage")] == [True, True, False]

    play(sim, scene)


def test_errors_conflicts_and_repeats_on_demand(sim: Simulator) -> None:
    async def scene(bot: Bot) -> None:
        sim.fault("error_500", method="getMe")
        with pytest.raises(NetworkError):
            await bot.get_me()
        sim.fault("conflict")
        with pytest.raises(Conflict):
            await bot.get_updates(timeout=0)
        sim.fault("error", method="sendMessage", code=400, description="Bad Request: odd")
        with pytest.raises(BadRequest, match="Odd"):
            await bot.send_message(CHAT, "x")
        sim.say("twice")
        sim.fault("duplicate_update")
        [first] = await bot.get_updates(timeout=1)
        [again] = await bot.get_updates(offset=first.update_id + 1, timeout=1)
        assert first.update_id == again.update_id
        sim.fault("offline", seconds=0.2)
        with pytest.raises(NetworkError):
            await bot.get_me()
        with pytest.raises(SimulatorError, match="unknown fault"):
            sim.fault("earthquake")

    play(sim, scene)


def test_any_json_can_be_injected_as_an_update(sim: Simulator) -> None:
    sim.raw_update({"message": {"text": 7}})
    sim.raw_update({"brand_new_kind": {"a": [1]}})
    status, answer = post(sim, f"/bot{TOKEN}/getupdates", b"{}")
    assert status == 200
    assert [min(one) for one in answer["result"]] == ["message", "brand_new_kind"]


def test_the_limiter_answers_as_telegram_does() -> None:
    with serving(limiter=True) as sim:

        async def scene(bot: Bot) -> None:
            for number in range(3):
                await bot.send_message(CHAT, str(number))
            with pytest.raises(RetryAfter):
                await bot.send_message(CHAT, "one too many")
            sim.advance_clock(1)
            await bot.send_message(CHAT, "later")
            for number in range(19):
                await bot.send_message_draft(CHAT, 1, f"frame {number}")
            await bot.send_chat_action(CHAT, "typing")
            with pytest.raises(RetryAfter):
                await bot.send_message_draft(CHAT, 1, "one too many")
            sim.advance_clock(6)
            await bot.send_message_draft(CHAT, 1, "later")

        play(sim, scene)


def test_a_webhook_gets_each_update_with_its_secret_until_it_says_yes(sim: Simulator) -> None:
    async def scene(bot: Bot) -> None:
        answers = [500, 503, 200, 200]
        seen: asyncio.Queue[tuple[str | None, dict[str, object]]] = asyncio.Queue()

        async def receive(request: web.Request) -> web.Response:
            secret = request.headers.get("X-Telegram-Bot-Api-Secret-Token")
            await seen.put((secret, await request.json()))
            return web.Response(status=answers.pop(0))

        app = web.Application()
        app.router.add_post("/hook", receive)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        port = runner.addresses[0][1]
        await bot.set_webhook(f"http://127.0.0.1:{port}/hook", secret_token="s3cret")
        with pytest.raises(Conflict, match="webhook is active"):
            await bot.get_updates(timeout=0)
        await asyncio.to_thread(sim.say, "first")
        await asyncio.to_thread(sim.say, "second")
        tries = [await seen.get() for _ in range(2)]
        await asyncio.to_thread(sim.advance_clock, 5)
        tries += [await seen.get() for _ in range(2)]
        assert {secret for secret, _ in tries} == {"s3cret"}
        numbers = [update["update_id"] for _, update in tries]
        assert numbers[0] == numbers[1] == numbers[2] != numbers[3]
        await asyncio.to_thread(sim.wait_confirmed)
        info = await bot.get_webhook_info()
        assert (info.pending_update_count, bool(info.last_error_message)) == (0, True)
        await bot.delete_webhook()
        await runner.cleanup()

    play(sim, scene)


def test_everything_survives_a_restart_and_ids_go_on(tmp_path: Path) -> None:
    with serving(tmp_path) as sim:
        said = sim.say("before")
        sim.send_document(b"kept", "kept.txt")
        sim.advance_clock(60)
        before = sim.pending_updates()

        async def scene(bot: Bot) -> None:
            await bot.send_message(CHAT, "answer")
            await bot.get_updates(timeout=0, allowed_updates=["message", "callback_query"])

        play(sim, scene)
    with serving(tmp_path) as sim:
        shown = sim.messages()
        assert [one["text"] for one in shown] == ["before", "", "answer"]
        assert sim.file(shown[1]["document"]["file_id"]) == b"kept"
        assert sim.pending_updates() == before
        assert sim.say("after") > shown[-1]["message_id"] > said
        assert sim.pending_updates()[-1]["update_id"] > before[-1]["update_id"]


def test_a_cut_last_line_of_the_journal_does_no_harm(tmp_path: Path) -> None:
    with serving(tmp_path) as sim:
        sim.say("kept")
    with (tmp_path / "journal.jsonl").open("a") as journal:
        journal.write('["put","messages/1001","9')
    with serving(tmp_path) as sim:
        assert [one["text"] for one in sim.messages()] == ["kept"]


def test_wrong_tokens_and_unknown_methods_are_refused(sim: Simulator) -> None:
    async def scene(bot: Bot) -> None:
        raise AssertionError(bot)

    with pytest.raises(InvalidToken):
        play(sim, scene, token="999:WRONG")
    assert post(sim, f"/bot{TOKEN}/noSuchThing", b"{}") == (
        404,
        {"ok": False, "error_code": 404, "description": "Not Found: method not found"},
    )
    assert sim.violations()[0]["what"] == "unknown method"


def test_json_form_and_query_mean_the_same(sim: Simulator) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    bodies = [
        (f"/bot{TOKEN}/SENDMESSAGE", b'{"chat_id": 1001, "text": "x"}', None),
        (f"/bot{TOKEN}/sendMessage", b"chat_id=1001&text=x", form),
        (f"/bot{TOKEN}/sendmessage?chat_id=1001&text=x", b"", form),
    ]
    for path, body, headers in bodies:
        assert post(sim, path, body, headers)[0] == 200
    assert [one["text"] for one in sim.messages()] == ["x", "x", "x"]


def test_a_foreign_web_page_cannot_act_as_the_person(sim: Simulator) -> None:
    for headers in ({"Origin": "https://evil.example"}, {"Host": "evil.example"}):
        assert post(sim, "/sim/say", b'{"text": "run it"}', headers)[0] == 403
    assert sim.messages() == []


def test_a_wait_that_runs_out_says_what_it_waited_for(sim: Simulator) -> None:
    with pytest.raises(TimeoutError, match="wait_message: nothing within"):
        sim.wait_message(contains="never", timeout=0.05)


def test_the_chat_page_is_served_whole_and_asks_nothing_from_outside(sim: Simulator) -> None:
    where = urlsplit(sim.url)
    connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=10)
    pages = "/ /page.css /bubbles.css /page.js /bubbles.js /calls.js /composer.js /format.js"
    for path in [*pages.split(), "/popup.js", "/voice.js", "/words.js"]:
        connection.request("GET", path)
        response = connection.getresponse()
        body = response.read().decode()
        assert response.status == 200
        assert "default-src 'self'" in (response.getheader("Content-Security-Policy") or "")
        assert "https://" not in body
    connection.close()
