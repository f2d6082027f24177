"""Wake-ups over Redis pub/sub: a reason to look, never the only one.

Redis may be away at any moment; then the listener comes back every few seconds, and whoever waits
looks by itself meanwhile.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import redis
import redis.asyncio
import structlog

from core import broker

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 5.0
#: A subscription that is silent for this long is asked for a sign of life.
LISTEN_S = 10.0


async def listen(redis_url: str, channel: str, wake: Callable[[], None]) -> None:
    """Call `wake` at every message on `channel`, and after each reconnection; for ever."""
    log = structlog.get_logger()
    pause_s = FIRST_PAUSE_S
    while True:
        client = redis.asyncio.Redis.from_url(redis_url, **broker.SOCKET_OPTIONS)
        try:
            async with client.pubsub() as pubsub:
                await pubsub.subscribe(channel)
                wake()  # what was said while nobody listened
                pause_s = FIRST_PAUSE_S
                while True:
                    message = await pubsub.get_message(
                        ignore_subscribe_messages=True, timeout=LISTEN_S
                    )
                    if message is not None:
                        wake()
                    else:
                        await client.ping()  # a silent drop looks like silence
        except (redis.RedisError, OSError) as error:
            log.info("wakes-away", channel=channel, error=type(error).__name__)
        finally:
            await client.aclose()
        await asyncio.sleep(pause_s)
        pause_s = min(LONGEST_PAUSE_S, pause_s * 2)
