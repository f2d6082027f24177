"""The control API of the model servers, under `/sim/`. JSON in, JSON out.

POST /sim/reply    {text, tool_calls, finish, match, model, times, reasoning}
POST /sim/pace     {latency_s, first_token_s, per_token_s, piece_chars}
POST /sim/fault    {kind, status, after, times, every, retry_after, headers, message,
                        api, model}
POST /sim/clear-faults
POST /sim/keys     {keys: [...]}          empty: any key is good
POST /sim/models   {completions: [...], ollama: [...]}
POST /sim/shelf    {publish: {name: {size, revision, abilities, parameters, context}},
                        memory: bytes or null, pieces}
GET  /sim/calls                           what was asked, and how each call ended
POST /sim/reset
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from ops.emulator.models.delivery import SIMULATION
from ops.emulator.models.shelf import from_data
from ops.emulator.models.simulation import Fault, Pace, ReplyPlan, Simulation

Change = Callable[[Simulation, dict[str, Any]], None]


def routes() -> list[web.RouteDef]:
    """One route per change, one to read the calls."""
    changes: dict[str, Change] = {
        "reply": lambda simulation, data: simulation.add_reply(_plan(data)),
        "pace": _set_pace,
        "fault": lambda simulation, data: simulation.add_fault(Fault(**data)),
        "clear-faults": lambda simulation, _data: simulation.clear_faults(),
        "keys": _set_keys,
        "models": _set_models,
        "shelf": lambda simulation, data: from_data(simulation.shelf, data),
        "reset": lambda simulation, _data: simulation.reset(),
    }
    posts = [web.post(f"/sim/{name}", _changing(change)) for name, change in changes.items()]
    return [*posts, web.get("/sim/calls", _calls)]


def _changing(change: Change) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handler(request: web.Request) -> web.Response:
        data = await request.json() if request.can_read_body else {}
        try:
            change(request.app[SIMULATION], data)
        except (TypeError, ValueError) as error:
            return web.json_response({"ok": False, "error": str(error)}, status=400)
        return web.json_response({"ok": True})

    return handler


def _plan(data: dict[str, Any]) -> ReplyPlan:
    return ReplyPlan(**{**data, "tool_calls": tuple(data.get("tool_calls", ()))})


def _set_pace(simulation: Simulation, data: dict[str, Any]) -> None:
    simulation.pace = Pace(**data)


def _set_keys(simulation: Simulation, data: dict[str, Any]) -> None:
    simulation.keys = tuple(data["keys"]) if "keys" in data else ()


def _set_models(simulation: Simulation, data: dict[str, Any]) -> None:
    if "completions" in data:
        simulation.completions_models = tuple(data["completions"])
    if "ollama" in data:
        simulation.ollama_models = tuple(data["ollama"])


async def _calls(request: web.Request) -> web.Response:
    return web.json_response(request.app[SIMULATION].log())
