"""The polling loop against a scripted Bot API, with time that nobody waits for."""

import asyncio
import json
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

from sqlalchemy.exc import OperationalError
from telegram.error import NetworkError

from bot.telegram_raw import ALLOWED_UPDATES
from bot.updates import Poller
from core.clock import ManualClock


class End(Exception):
    """The script is over."""


class Api:
    """Answers polls from a script: a list of updates, bytes, a status, or an exception."""

    def __init__(self, *script):
        self.script = list(script)
        self.queries = []
        self.kept = []
        self.told = []
        self.pauses = []
        self.clock = ManualClock()
        self.take_faults = []

    async def do_request(self, url, method, read_timeout):
        query = parse_qs(urlsplit(url).query)
        self.queries.append({name: values[0] for name, values in query.items()})
        if not self.script:
            raise End
        answer = self.script.pop(0)
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, tuple):
            code, body = answer
            return code, json.dumps({"ok": False, **body}).encode()
        if isinstance(answer, bytes):
            return 200, answer
        return 200, json.dumps({"ok": True, "result": answer}).encode()

    async def take(self, items):
        if self.take_faults:
            raise self.take_faults.pop(0)
        self.kept.extend(update_id for update_id, _ in items)

    async def tell(self, notice):
        self.told.append((notice.params["level"], notice.params["code"]))

    async def pause(self, seconds):
        self.pauses.append(seconds)
        self.clock.advance(seconds)

    def run(self):
        bot = SimpleNamespace(request=self, base_url="http://api/bot1:T", token="1:T")
        poller = Poller(bot=bot, clock=self.clock, take=self.take, tell=self.tell, pause=self.pause)

        async def whole():
            try:
                await poller.run()
            except End:
                return

        asyncio.run(whole())
        return poller

    def offsets(self):
        return [query.get("offset") for query in self.queries]


def updates(*ids):
    return [{"update_id": each} for each in ids]


def test_the_offset_moves_only_after_the_commit():
    api = Api(updates(5, 6), updates(5, 6), [])
    api.take_faults = [OperationalError("BEGIN", {}, Exception("locked"))]
    api.run()
    assert api.offsets() == [None, None, "7", None]
    assert api.kept == [5, 6]


def test_after_an_empty_answer_polling_starts_from_the_beginning():
    """Ids restart at random after a quiet week, and may then be lower than the offset."""
    api = Api(updates(900), [], updates(3), [])
    api.run()
    assert api.offsets() == [None, "901", None, "4", None]
    assert api.kept == [900, 3]


def test_every_poll_names_the_kinds_it_wants():
    api = Api([])
    api.run()
    assert json.loads(api.queries[0]["allowed_updates"]) == ALLOWED_UPDATES


def test_items_without_an_id_are_kept_and_hold_nobody():
    api = Api([None, "x", *updates(5), {"message": {}}], [])
    api.run()
    assert api.offsets()[1] == "6"
    assert len(api.kept) == 4
    assert max(api.kept) == 5


def test_an_unreadable_batch_is_fetched_one_by_one_until_the_bad_one_is_alone():
    bad = b'{"ok": true, "result": [{"update_id": 6, "message": ' + b"[" * 100_000
    api = Api(bad, updates(5), bad, [])
    api.run()
    assert [query["limit"] for query in api.queries] == ["100", "1", "100", "1", "100"]
    assert api.offsets() == [None, None, "6", "6", None]
    assert api.kept == [5]


def test_a_lone_unreadable_update_is_kept_as_it_came_and_passed():
    bad = b'{"ok": true, "result": [{"update_id": 6, "x": nonsense}]}'
    api = Api(bad, bad, [])
    api.run()
    assert api.offsets() == [None, None, "7", None]
    assert len(api.kept) == 1
    assert api.kept[0] < 0


def test_errors_are_waited_out_with_a_bounded_backoff():
    api = Api(*[NetworkError("down")] * 8, updates(1), NetworkError("down"))
    api.run()
    assert api.pauses == [0.5, 1, 2, 4, 8, 15, 15, 15, 0.5]
    assert api.kept == [1]


def test_a_conflict_and_a_429_are_waited_out_too():
    conflict = (409, {"description": "Conflict: terminated by other getUpdates request"})
    flood = (429, {"description": "Too Many Requests", "parameters": {"retry_after": 9}})
    api = Api(conflict, flood, updates(1))
    api.run()
    assert api.pauses == [0.5, 9]
    assert api.kept == [1]


def test_the_owner_hears_once_that_the_bot_is_deaf_and_once_that_it_hears_again():
    api = Api(*[NetworkError("down")] * 12, updates(1), [])
    poller = api.run()
    assert api.told == [("problem", "deaf"), ("resolved", "deaf")]
    assert poller.age_s == 0
