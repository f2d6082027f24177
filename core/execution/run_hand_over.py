"""How a plan and its descriptors travel to a process that runs already; standard library only.

    worker --handed--> keeper --handed--> child        by pairs of Unix sockets, SCM_RIGHTS
           <--TAKEN---

A message is its length, then the plan as `marshal` has it: both ends are the same interpreter, and
the keeper's start is dear. A keeper says TAKEN when it has the whole plan, before its child gets
any of it: who has not said so has begun nothing, and another keeper may have the plan.
"""

from __future__ import annotations

import marshal
import os
import socket
import sys

# typing would take a tenth of the keeper's start.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

assert sys.platform != "win32", "Windows has run_windows"

TAKEN = b"!"
LENGTH = 4
PIECE = 65536
#: More descriptors than any plan has.
MOST_FDS = 32


def packed(plan: dict[str, Any]) -> bytes:
    return marshal.dumps(plan)


def hand(to: socket.socket, message: bytes, fds: Sequence[int]) -> None:
    """Send it. The caller may close its descriptors when they were received. OSError."""
    whole = len(message).to_bytes(LENGTH, "big") + message
    sent = socket.send_fds(to, [whole[:PIECE]], fds)
    if sent < len(whole):  # who has it all may have left already
        to.sendall(whole[sent:])


def received(at: socket.socket) -> tuple[dict[str, Any], list[int]] | None:
    """What was handed; None when the sender ended before that. OSError."""
    flags = getattr(socket, "MSG_CMSG_CLOEXEC", 0)
    typed, fds, told, _sender = socket.recv_fds(at, PIECE, MOST_FDS, flags)
    if told & socket.MSG_CTRUNC:
        raise OSError("descriptors were lost on the way")
    for fd in fds:
        os.set_inheritable(fd, False)
    while len(typed) < LENGTH or len(typed) < LENGTH + int.from_bytes(typed[:LENGTH], "big"):
        piece = at.recv(PIECE)
        if not piece:
            for fd in fds:
                os.close(fd)
            return None
        typed += piece
    return marshal.loads(typed[LENGTH:]), fds  # noqa: S302 - from our own process
