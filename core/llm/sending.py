"""Whether a request went out: the hook and the trace that tell, for clients of the `httpx` family.

A call that is cancelled while it waits for its connection costs nothing; one whose request has gone
out may. Only the transport below the vendors' libraries knows which it was.
"""

from __future__ import annotations

from typing import Any

from core.llm.hearing import sent

#: Ends of the names of the transport's events (`http11.send_request_body.complete`): the request
#: is out. One that fails halfway reached nobody who could read it.
_OUT = "send_request_body.complete"


async def _watch(request: Any) -> None:
    request.extensions = {**request.extensions, "trace": _trace}


async def _trace(event: str, _info: Any) -> None:
    if event.endswith(_OUT):
        sent()


#: For `event_hooks` of a client.
HOOKS = {"request": [_watch]}
