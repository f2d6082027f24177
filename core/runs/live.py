"""Live text: what a model has written so far, as sealed frames over Redis pub/sub.

Decides how a frame looks and which frames are dropped: forged, old, or of a run that a newer frame
has overtaken. A frame holds the whole text, so a lost one costs nothing; nothing here is ever
needed for an answer to arrive. Home's processes seal under home's live key; a node seals under a
key that only it and home can compute.
"""

from __future__ import annotations

import asyncio
import base64
import json
import re
import threading
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import redis
import redis.asyncio
import structlog

from core import broker
from core.clock import Clock
from core.db import canonical
from core.errors import Refused
from core.seal import Context, open_frame, seal_frame

log = structlog.get_logger(__name__)

#: Seconds between two frames of one run: five a second.
PACE_S = 0.2
#: Characters of a frame; longer text is shown by its end. Telegram takes 4096 in a draft.
MOST_TEXT = 16_000
#: Seconds after which a frame says nothing any more, clocks' skew (120 s) included.
OLD_S = 180
#: Runs whose last sequence is remembered.
MOST_RUNS = 1000
RECONNECT_S = 1.0
#: Seconds for which a silent subscription is trusted before Redis is asked for a sign of life.
LISTEN_S = 5.0
PLACE = re.compile(r"[a-z][a-z0-9-]{0,31}")


@dataclass(frozen=True)
class Frame:
    """The whole text of a run so far."""

    run_id: str
    sequence: int
    text: str


def write_frame(key: bytes, place: str, frame: Frame, at: int) -> str:
    """Seal a frame; run, sequence and time are bound to it."""
    head = {"place": place, "run": frame.run_id, "sequence": frame.sequence, "at": at}
    sealed = seal_frame(key, Context.LIVE, frame.text.encode(), canonical(head).encode())
    return canonical({**head, "sealed": base64.b85encode(sealed).decode()})


def read_frame(raw: bytes, key_of: Callable[[str], bytes | None], now: float) -> Frame:
    """The frame, or Refused(`frame-shape`, `frame-old`, `seal-unreadable`)."""
    try:
        fields: Any = json.loads(raw)
        sealed = base64.b85decode(fields.pop("sealed"))
        head = {name: fields[name] for name in ("place", "run", "sequence", "at")}
        shapes = [type(value) for value in head.values()]
        if shapes != [str, str, int, int] or not PLACE.fullmatch(head["place"]):
            raise Refused("frame-shape")
        bound = canonical(head).encode()
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise Refused("frame-shape") from None
    if abs(now - head["at"]) > OLD_S:
        raise Refused("frame-old")
    key = key_of(head["place"])
    if key is None:
        raise Refused("seal-unreadable")
    text = open_frame(key, Context.LIVE, sealed, bound)
    return Frame(head["run"], head["sequence"], text.decode(errors="replace"))


class RedisLiveText:
    """`core.runs.ports.LiveText`: keeps the newest frame of each run and sends it in a thread.

    `publish` neither blocks nor raises. Frames that come faster than `PACE_S` replace each other.
    Handlers count from 1 in each step; frames are numbered by the clock's milliseconds instead, so
    that a run's later steps go on above its earlier ones.
    """

    def __init__(self, redis_url: str, key: bytes, place: str, clock: Clock) -> None:
        self._redis = redis.Redis.from_url(redis_url, **broker.SOCKET_OPTIONS)
        self._key = key
        self._place = place
        self._clock = clock
        self._waiting: OrderedDict[str, Frame] = OrderedDict()
        self._sent_at: OrderedDict[str, float] = OrderedDict()
        self._change = threading.Condition()
        self._number = 0
        self._stopping = False
        self._thread: threading.Thread | None = None

    def publish(self, run_id: str, sequence: int, text: str) -> None:
        del sequence
        with self._change:
            if self._stopping:
                return
            at_ms = int(self._clock.now().timestamp() * 1000)
            self._number = max(self._number + 1, at_ms)
            self._waiting[run_id] = Frame(run_id, self._number, text[-MOST_TEXT:])
            # The first frame waits too: an answer that is quicker than this needs no draft.
            self._sent_at.setdefault(run_id, self._clock.monotonic())
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="live-text", daemon=True)
                self._thread.start()
            self._change.notify()

    def end(self, run_id: str) -> None:
        """Drop the frame of this run that waits; its answer is on its way."""
        with self._change:
            self._waiting.pop(run_id, None)

    def close(self) -> None:
        """Drop what waits and end the thread."""
        with self._change:
            self._stopping = True
            self._waiting.clear()
            self._change.notify()
        if self._thread is not None:
            self._thread.join(5)
        self._redis.close()

    def _run(self) -> None:
        while (frame := self._next()) is not None:
            try:
                at = int(self._clock.now().timestamp())
                text = write_frame(self._key, self._place, frame, at)
                self._redis.publish(broker.LIVE_CHANNEL, text)
            except redis.RedisError as error:
                log.info("frame-lost", error=type(error).__name__)

    def _next(self) -> Frame | None:
        """The next frame whose run has waited long enough; None when closing."""
        with self._change:
            while not self._stopping:
                now = self._clock.monotonic()
                waits = {
                    run: self._sent_at.get(run, -PACE_S) + PACE_S - now for run in self._waiting
                }
                due = [run for run, wait in waits.items() if wait <= 0]
                if due:
                    self._sent_at[due[0]] = now
                    self._sent_at.move_to_end(due[0])
                    while len(self._sent_at) > MOST_RUNS:
                        self._sent_at.popitem(last=False)
                    return self._waiting.pop(due[0])
                self._change.wait(min(waits.values()) if waits else None)
        return None


class LiveFrames:
    """The bot's end. `key_of(place)` is the key that the place seals under, None when unknown."""

    def __init__(self, redis_url: str, key_of: Callable[[str], bytes | None], clock: Clock) -> None:
        self._url = redis_url
        self._key_of = key_of
        self._clock = clock
        self._last: OrderedDict[str, int] = OrderedDict()
        self.dropped = 0

    async def frames(self) -> AsyncIterator[tuple[str, int, str]]:
        """Run id, sequence and text of honest frames, newest only, for ever; it reconnects."""
        while True:
            try:
                async for raw in self._messages():
                    frame = self._honest(raw)
                    if frame is not None:
                        yield frame.run_id, frame.sequence, frame.text
            except (redis.RedisError, OSError) as error:
                log.info("live-text-away", error=type(error).__name__)
            await asyncio.sleep(RECONNECT_S)

    async def _messages(self) -> AsyncIterator[bytes]:
        client = redis.asyncio.Redis.from_url(self._url, **broker.SOCKET_OPTIONS)
        try:
            async with client.pubsub() as pubsub:
                await pubsub.subscribe(broker.LIVE_CHANNEL)
                while True:
                    message = await pubsub.get_message(
                        ignore_subscribe_messages=True, timeout=LISTEN_S
                    )
                    if message is None:
                        await client.ping()  # a silent drop looks like silence
                    elif isinstance(message["data"], bytes):
                        yield message["data"]
        finally:
            await client.aclose()

    def _honest(self, raw: bytes) -> Frame | None:
        try:
            frame = read_frame(raw, self._key_of, self._clock.now().timestamp())
        except Refused:
            self.dropped += 1
            return None
        if frame.sequence <= self._last.get(frame.run_id, -1):
            self.dropped += 1
            return None
        self._last[frame.run_id] = frame.sequence
        self._last.move_to_end(frame.run_id)
        while len(self._last) > MOST_RUNS:
            self._last.popitem(last=False)
        return frame
