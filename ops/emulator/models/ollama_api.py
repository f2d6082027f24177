"""Ollama's own API: what it serves, its NDJSON streams, and its exact error texts."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from ops.emulator.models.delivery import SIMULATION, Delivery, early_fault
from ops.emulator.models.shelf import Published, Shelf
from ops.emulator.models.simulation import Fault, ReplyPlan, pieces_of, tokens_of

VERSION = "0.13.5"


def routes() -> list[web.RouteDef]:
    """The endpoints that the product uses. There is no /health, as in the real one."""
    return [
        web.get("/", _root),
        web.get("/api/version", _version),
        web.get("/api/tags", _tags),
        web.get("/api/ps", _ps),
        web.post("/api/show", _show),
        web.post("/api/chat", _chat),
    ]


async def _root(_request: web.Request) -> web.Response:
    return web.Response(text="Ollama is running")


async def _version(_request: web.Request) -> web.Response:
    return web.json_response({"version": VERSION})


def _error(status: int, message: str) -> web.Response:
    return web.json_response({"error": message}, status=status)


def _now() -> str:
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")


def _details(model: str, facts: Published) -> dict[str, Any]:
    family = model.split(":", maxsplit=1)[0]
    return {
        "parent_model": "",
        "format": "gguf",
        "family": family,
        "families": [family],
        "parameter_size": facts.parameters,
        "quantization_level": "Q4_K_M",
    }


def _listed(shelf: Shelf, model: str) -> dict[str, Any]:
    digest, facts = shelf.on_disk(model)
    return {
        "name": model,
        "model": model,
        "size": facts.size,
        "digest": digest,
        "details": _details(model, facts),
    }


async def _tags(request: web.Request) -> web.StreamResponse:
    simulation = request.app[SIMULATION]
    call = simulation.begin("ollama", request.path, {}, has_key=False)
    fault = simulation.fault_for(call)
    if fault is not None:
        return await early_fault(request, fault, _fault_response)
    listed = [_listed(simulation.shelf, model) for model in simulation.ollama_models]
    models = [{**each, "modified_at": _now()} for each in listed]
    return web.json_response({"models": models})


async def _ps(request: web.Request) -> web.Response:
    simulation = request.app[SIMULATION]
    asked = {call.model for call in simulation.calls if call.api == "ollama" and call.pieces}
    loaded = [
        {
            **_listed(simulation.shelf, model),
            "expires_at": _now(),
            "size_vram": simulation.shelf.on_disk(model)[1].size,
            "context_length": 8192,
        }
        for model in simulation.ollama_models
        if model in asked
    ]
    return web.json_response({"models": loaded})


async def _show(request: web.Request) -> web.Response:
    body = await request.json()
    model = str(body.get("model") or body.get("name") or "")
    if _installed(request, model) is None:
        return _error(404, f"model '{model}' not found")
    _, facts = request.app[SIMULATION].shelf.on_disk(model)
    return web.json_response(
        {
            "license": "",
            "modelfile": f"FROM {model}",
            "template": "{{ .Prompt }}",
            "details": _details(model, facts),
            "model_info": {
                "general.architecture": "emulated",
                "emulated.context_length": facts.context,
            },
            "capabilities": list(facts.abilities),
            "modified_at": _now(),
        }
    )


def _installed(request: web.Request, model: str) -> str | None:
    names = {model, f"{model}:latest"} & {*request.app[SIMULATION].ollama_models}
    return next(iter(names), None)


def _unknown(request: web.Request, model: str) -> web.Response | None:
    if not model:
        return _error(400, "model is required")
    if _installed(request, model) is None:
        return _error(404, f"model '{model}' not found")
    return None


async def _chat(request: web.Request) -> web.StreamResponse:
    simulation = request.app[SIMULATION]
    try:
        body = await request.json()
    except ValueError as error:
        return _error(400, str(error))
    has_key = "Authorization" in request.headers
    call = simulation.begin("ollama", request.path, body, has_key=has_key)
    delivery = Delivery(request, call, simulation.pace)
    async with delivery:
        await delivery.pause(simulation.pace.latency_s)
        if (unknown := _unknown(request, call.model)) is not None:
            return delivery.refused(unknown)
        delivery.fault = simulation.fault_for(call)
        if delivery.has_early_fault:
            return await delivery.fail_early(_fault_response)
        if no_room := simulation.shelf.no_room(call.model):
            return delivery.refused(_error(500, no_room))
        plan = simulation.reply_for(call)
        if body.get("stream", True):
            return await _stream(delivery, plan)
        return await _whole(delivery, plan)


def _fault_response(fault: Fault, model: str) -> web.Response:
    if fault.kind == "rate_limit":
        response = _error(429, fault.message or f"too many requests for {model}")
    elif fault.kind == "capacity":
        busy = "server busy, please try again.  maximum pending requests exceeded"
        response = _error(503, fault.message or busy)
    else:
        response = _error(fault.status, fault.message or "as simulated")
    if fault.retry_after is not None:
        response.headers["retry-after"] = fault.retry_after
    response.headers.update(fault.headers)
    return response


def _part(delivery: Delivery, message: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "model": delivery.call.model,
        "created_at": _now(),
        "message": {"role": "assistant", **message},
        "done": False,
        **more,
    }


def _end(delivery: Delivery, plan: ReplyPlan) -> dict[str, Any]:
    spent_ns = time.time_ns() - int(delivery.call.at * 1e9)
    return {
        "done": True,
        "done_reason": plan.finish or "stop",
        "total_duration": spent_ns,
        "load_duration": 0,
        "prompt_eval_count": tokens_of(json.dumps(delivery.call.body.get("messages", []))),
        "prompt_eval_duration": spent_ns,
        "eval_count": tokens_of(plan.text),
        "eval_duration": spent_ns,
    }


def _calls(plan: ReplyPlan) -> list[dict[str, Any]]:
    return [
        {"function": {"name": call["name"], "arguments": call.get("arguments", {})}}
        for call in plan.tool_calls
    ]


async def _whole(delivery: Delivery, plan: ReplyPlan) -> web.StreamResponse:
    await delivery.pause(delivery.pace.first_token_s)
    if delivery.fault is not None:
        return delivery.refused(web.Response(text='{"message": ', content_type="application/json"))
    message: dict[str, Any] = {"content": plan.text}
    if plan.tool_calls:
        message["tool_calls"] = _calls(plan)
    answer = _part(delivery, message, **_end(delivery, plan))
    return delivery.whole(web.json_response(answer))


async def _stream(delivery: Delivery, plan: ReplyPlan) -> web.StreamResponse:
    await delivery.open("application/x-ndjson", {})
    if delivery.call.body.get("think"):
        for piece in pieces_of(plan.reasoning, delivery.pace.piece_chars):
            await delivery.send(_line(_part(delivery, {"content": "", "thinking": piece})))
    for piece in pieces_of(plan.text, delivery.pace.piece_chars):
        if await delivery.piece(_line(_part(delivery, {"content": piece})), _broken):
            return await delivery.close()
    for call in _calls(plan):
        line = _line(_part(delivery, {"content": "", "tool_calls": [call]}))
        if await delivery.piece(line, _broken):
            return await delivery.close()
    await delivery.send(_line(_part(delivery, {"content": ""}, **_end(delivery, plan))))
    return await delivery.close(is_whole=True)


def _broken(fault: Fault) -> bytes:
    """What a stream says at the moment it breaks: an error line, or half a line."""
    if fault.kind == "bad_json":
        return b'{"model": "x", "message": \n'
    return _line({"error": fault.message or "llama runner process has terminated"})


def _line(data: dict[str, Any]) -> bytes:
    return (json.dumps(data, ensure_ascii=False) + "\n").encode()
