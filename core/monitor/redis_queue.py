"""How long the home queue is, asked of Redis."""

from __future__ import annotations

from collections.abc import Callable

from core.broker import HOME_QUEUE, KEY_PREFIX, SOCKET_OPTIONS

#: A status screen does not wait longer for a Redis that is away.
PATIENCE_S = 1


def home_queue_length(url: str) -> Callable[[], int | None]:
    """A probe: messages waiting in `mask.home`, None when Redis does not answer within a second."""
    import redis

    options = {**SOCKET_OPTIONS, "socket_timeout": PATIENCE_S, "socket_connect_timeout": PATIENCE_S}
    client = redis.Redis.from_url(url, **options)

    def length() -> int | None:
        try:
            found = client.llen(f"{KEY_PREFIX}{HOME_QUEUE}")
        except redis.RedisError:
            return None
        assert isinstance(found, int), "the synchronous client answers with a number"
        return found

    return length
