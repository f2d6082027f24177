"""The broker as data: names of queues and tasks, and the options that keep clients from hanging.

No Celery here: the bot and the workers build their clients from these values. Source of the
numbers: measured half-open connections hang for ever on defaults; with these four socket options
work goes on after 16 s (`ops/decisions`).
"""

from __future__ import annotations

from typing import Any

KEY_PREFIX = "mask:"
HOME_QUEUE = "mask.home"


def node_queue(node: str) -> str:
    """The queue of a node by name."""
    return f"mask.node.{node}"


#: Generic tasks; everything else is rows.
ADVANCE = "mask.advance"  # (run_id)
RUN_STEP = "mask.run_step"  # (run_id, position)
RECEIVE = "mask.receive"  # (envelope): a node's message for home, or home's for a node
TICK = "mask.tick"  # (name): beat

#: Redis channels.
NOTICES_CHANNEL = "mask:wake:notices"  # something is in the mailbox
LIVE_CHANNEL = "mask:live"  # sealed frames of live text

#: For every plain redis client: the same bounds as the transport's.
SOCKET_OPTIONS: dict[str, Any] = {
    "socket_timeout": 15,  # a read that takes longer is a dead connection
    "socket_connect_timeout": 5,
    "socket_keepalive": True,
    "health_check_interval": 10,  # PING before use after 10 idle seconds
}

TRANSPORT_OPTIONS: dict[str, Any] = {
    **SOCKET_OPTIONS,
    "visibility_timeout": 7200,  # above twice the longest task, or it would run again
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,
    "global_keyprefix": KEY_PREFIX,
}
