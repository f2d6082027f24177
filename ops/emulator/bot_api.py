"""One bot's Bot API: gives each call to its method; records calls and violations."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from ops.emulator import (
    methods_chat,
    methods_edit,
    methods_live,
    methods_media,
    methods_profile,
    methods_send,
    methods_updates,
)
from ops.emulator.context import Context
from ops.emulator.faults import CutConnection
from ops.emulator.parameters import CANONICAL, unknown_parameters
from ops.emulator.wire import Call, Json, Refusal, leading_integer

CALLS_KEPT = 20_000
Handler = Callable[[Context, Call], Any]

METHODS: dict[str, Handler] = {
    **methods_send.METHODS,
    **methods_media.METHODS,
    **methods_edit.METHODS,
    **methods_live.METHODS,
    **methods_chat.METHODS,
    **methods_profile.METHODS,
    **methods_updates.METHODS,
}


class BotApi:
    """Answers calls; keeps the calls log and the violations in memory."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.calls: deque[Json] = deque(maxlen=CALLS_KEPT)
        self.violations: list[Json] = []
        self.count = 0

    async def answer(self, call: Call) -> tuple[int, Json]:
        """Status and envelope. Raises CutConnection when a fault cuts the line."""
        started = time.perf_counter()
        entry = self._log(call)
        try:
            status, body = 200, {"ok": True, "result": await self._carry_out(call)}
            await self.context.faults.after(entry["method"])
        except Refusal as refusal:
            status, body = refusal.code, refusal.envelope()
        except CutConnection:
            entry["cut"] = True
            raise
        finally:
            entry["ms"] = round((time.perf_counter() - started) * 1000, 3)
        self._close(entry, body)
        return status, body

    def called(self, method: str | None, after: int = 0) -> list[Json]:
        wanted = method.lower() if method else None
        return [
            entry
            for entry in self.calls
            if entry["n"] > after and (wanted is None or entry["method"].lower() == wanted)
        ]

    def forget(self) -> None:
        self.calls.clear()
        self.violations.clear()

    def violate(self, method: str, what: str) -> None:
        self.violations.append({"at": self.context.clock.now(), "method": method, "what": what})

    async def _carry_out(self, call: Call) -> Any:
        name = CANONICAL.get(call.method.lower())
        if name is None:
            self.violate(call.method, "unknown method")
            raise Refusal(404, "Not Found: method not found")
        call.method = name
        for parameter in unknown_parameters(name, set(call.args) | _uploads(call)):
            self.violate(name, f"unknown parameter {parameter}")
        await self.context.faults.before(name)
        if self.context.limiter is not None and call.has("chat_id"):
            self.context.limiter.check(name, leading_integer(call.text("chat_id")))
        result = METHODS[name](self.context, call)
        return await result if isinstance(result, Awaitable) else result

    def _log(self, call: Call) -> Json:
        self.count += 1
        entry: Json = {
            "n": self.count,
            "at": self.context.clock.now(),
            "method": CANONICAL.get(call.method.lower(), call.method),
            "params": call.summary(),
        }
        self.calls.append(entry)
        return entry

    def _close(self, entry: Json, body: Json) -> None:
        entry["ok"] = body["ok"]
        if body["ok"]:
            entry["result"] = _short(body["result"])
        else:
            entry["error_code"], entry["description"] = body["error_code"], body["description"]
            entry["retry_after"] = body.get("parameters", {}).get("retry_after")
        self.context.world.bells.ring("calls")
        if self.context.world.stream.is_watched and entry["method"] != "getUpdates":
            self.context.world.stream.publish("call", None, entry)


def _uploads(call: Call) -> set[str]:
    """Names of uploads that stand for a parameter; one that another parameter attaches is not."""
    text = " ".join(
        value for value in call.args.values() if isinstance(value, str) and "attach://" in value
    )
    return {name for name in call.files if f"attach://{name}" not in text}


def _short(result: Any) -> Any:
    """Enough of a result to recognise it in the log."""
    if isinstance(result, dict) and "message_id" in result:
        return {"message_id": result["message_id"]}
    if isinstance(result, list):
        return {"count": len(result)}
    return result if isinstance(result, bool | int | str) else None
