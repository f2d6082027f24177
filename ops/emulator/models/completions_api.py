"""Chat completions as Groq and OpenAI speak them: routes, SSE, errors, rate-limit headers."""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from ops.emulator.models.delivery import SIMULATION, Delivery, early_fault
from ops.emulator.models.simulation import Fault, ReplyPlan, pieces_of, tokens_of

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

#: What Groq sends with every answer; requests count per day, tokens per minute.
LIMIT_HEADERS = {
    "x-ratelimit-limit-requests": "14400",
    "x-ratelimit-limit-tokens": "18000",
    "x-ratelimit-remaining-requests": "14370",
    "x-ratelimit-remaining-tokens": "17997",
    "x-ratelimit-reset-requests": "2m59.56s",
    "x-ratelimit-reset-tokens": "7.66s",
}


def routes() -> list[web.RouteDef]:
    """Both prefixes: `/openai/v1` counts as Groq, `/v1` as OpenAI."""
    made: list[web.RouteDef] = []
    for api, prefix in (("groq", "/openai/v1"), ("openai", "/v1")):
        made.append(web.post(f"{prefix}/chat/completions", _chat(api)))
        made.append(web.get(f"{prefix}/models", _models(api)))
    return made


def error(status: int, message: str, kind: str, code: str | None = None) -> web.Response:
    """An error as the protocol writes it."""
    body = {"error": {"message": message, "type": kind, "code": code}}
    return web.json_response(body, status=status)


def _key_error(request: web.Request) -> web.Response | None:
    sent = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
    keys = request.app[SIMULATION].keys
    if sent and (not keys or sent in keys):
        return None
    return error(401, "Invalid API Key", "invalid_request_error", "invalid_api_key")


def _models(api: str) -> Handler:
    async def models(request: web.Request) -> web.StreamResponse:
        simulation = request.app[SIMULATION]
        call = simulation.begin(api, request.path, {}, has_key="Authorization" in request.headers)
        fault = simulation.fault_for(call)
        if fault is not None:
            return await early_fault(request, fault, _fault_response)
        data = [
            {"id": model, "object": "model", "created": 1_700_000_000, "owned_by": "emulator"}
            for model in simulation.completions_models
        ]
        return _key_error(request) or web.json_response({"object": "list", "data": data})

    return models


def _chat(api: str) -> Handler:
    async def chat(request: web.Request) -> web.StreamResponse:
        simulation = request.app[SIMULATION]
        try:
            body = await request.json()
        except ValueError:
            return error(400, "could not parse the request's JSON", "invalid_request_error")
        call = simulation.begin(api, request.path, body, has_key="Authorization" in request.headers)
        delivery = Delivery(request, call, simulation.pace)
        async with delivery:
            await delivery.pause(simulation.pace.latency_s)
            return await _answer(request, delivery)

    return chat


async def _answer(request: web.Request, delivery: Delivery) -> web.StreamResponse:
    simulation, call = request.app[SIMULATION], delivery.call
    refused = _key_error(request) or _body_error(call.body)
    if refused is not None:
        return delivery.refused(refused)
    if call.model not in simulation.completions_models:
        message = f"The model `{call.model}` does not exist or you do not have access to it."
        return delivery.refused(error(404, message, "invalid_request_error", "model_not_found"))
    delivery.fault = simulation.fault_for(call)
    if delivery.has_early_fault:
        return await delivery.fail_early(_fault_response)
    plan = simulation.reply_for(call)
    if call.body.get("stream"):
        return await _stream(delivery, plan)
    return await _whole(delivery, plan)


def _body_error(body: dict[str, Any]) -> web.Response | None:
    if not isinstance(body.get("messages"), list) or not body["messages"]:
        message = "'messages' : minimum number of items is 1"
        return error(400, message, "invalid_request_error")
    if "max_tokens" in body and "max_completion_tokens" in body:
        message = "'max_tokens' and 'max_completion_tokens' exclude each other"
        return error(400, message, "invalid_request_error")
    return None


def _fault_response(fault: Fault, model: str) -> web.Response:
    if fault.kind == "rate_limit":
        message = fault.message or (
            f"Rate limit reached for model `{model}` in organization `org_emulator` service tier "
            "`on_demand` on tokens per minute (TPM): Limit 8000, Used 7990, Requested 250."
        )
        response = error(429, message, "tokens", "rate_limit_exceeded")
    elif fault.kind == "capacity":
        message = fault.message or "Flex tier capacity exceeded, please try again later."
        response = error(498, message, "capacity_exceeded", "capacity_exceeded")
    else:
        response = error(fault.status, fault.message or "as simulated", "server_error")
    if fault.retry_after is not None:
        response.headers["retry-after"] = fault.retry_after
    response.headers.update(fault.headers)
    return response


def _usage(body: dict[str, Any], plan: ReplyPlan) -> dict[str, Any]:
    prompt = tokens_of(json.dumps(body["messages"]))
    completion = tokens_of(plan.text + json.dumps(plan.tool_calls))
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
    }


def _finish(plan: ReplyPlan) -> str:
    return plan.finish or ("tool_calls" if plan.tool_calls else "stop")


def _calls(plan: ReplyPlan) -> list[dict[str, Any]]:
    return [
        {
            "id": f"call_{number}_{time.time_ns():x}",
            "type": "function",
            "function": {"name": call["name"], "arguments": json.dumps(call.get("arguments", {}))},
        }
        for number, call in enumerate(plan.tool_calls)
    ]


async def _whole(delivery: Delivery, plan: ReplyPlan) -> web.StreamResponse:
    await delivery.pause(delivery.pace.first_token_s)
    if delivery.fault is not None:
        return delivery.refused(web.Response(text='{"choices": [', content_type="application/json"))
    message: dict[str, Any] = {"role": "assistant", "content": plan.text or None}
    if plan.tool_calls:
        message["tool_calls"] = _calls(plan)
    choice = {"index": 0, "message": message, "finish_reason": _finish(plan), "logprobs": None}
    answer = _head(delivery, "chat.completion")
    answer |= {"choices": [choice], "usage": _usage(delivery.call.body, plan)}
    return delivery.whole(web.json_response(answer, headers=LIMIT_HEADERS))


def _head(delivery: Delivery, kind: str) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-{id(delivery.call):x}",
        "object": kind,
        "created": int(delivery.call.at),
        "model": delivery.call.model,
        "system_fingerprint": "fp_emulator",
    }


async def _stream(delivery: Delivery, plan: ReplyPlan) -> web.StreamResponse:
    await delivery.open("text/event-stream", LIMIT_HEADERS)
    head = _head(delivery, "chat.completion.chunk")
    is_groq = delivery.call.api == "groq"

    def event(delta: dict[str, Any], finish: str | None = None, **more: Any) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return _sse({**head, "choices": [choice], **more})

    await delivery.send(event({"role": "assistant", "content": ""}))
    for piece in pieces_of(plan.reasoning, delivery.pace.piece_chars):
        await delivery.send(event({"reasoning": piece}))
    for piece in pieces_of(plan.text, delivery.pace.piece_chars):
        if await delivery.piece(event({"content": piece}), _broken):
            return await delivery.close()
    for number, call in enumerate(_calls(plan)):
        for delta in _call_deltas(number, call):
            if await delivery.piece(event({"tool_calls": [delta]}), _broken):
                return await delivery.close()
    usage = _usage(delivery.call.body, plan)
    more = {"x_groq": {"id": "req_emulator", "usage": usage}} if is_groq else {}
    await delivery.send(event({}, _finish(plan), **more))
    if (delivery.call.body.get("stream_options") or {}).get("include_usage"):
        await delivery.send(_sse({**head, "choices": [], "usage": usage}))
    await delivery.send(b"data: [DONE]\n\n")
    return await delivery.close(is_whole=True)


def _call_deltas(number: int, call: dict[str, Any]) -> list[dict[str, Any]]:
    """A tool call in parts, as the services send it: first id and name, then its arguments."""
    function = call["function"]
    first = {**call, "index": number, "function": {"name": function["name"], "arguments": ""}}
    parts = pieces_of(function["arguments"], 7)
    return [first, *({"index": number, "function": {"arguments": part}} for part in parts)]


def _broken(fault: Fault) -> bytes:
    """What a stream says at the moment it breaks."""
    if fault.kind == "bad_json":
        return b'data: {"choices": [\n\n'
    message = fault.message or "the model crashed"
    return _sse({"error": {"message": message, "type": "server_error", "code": "internal_error"}})


def _sse(data: dict[str, Any]) -> bytes:
    return f"data: {json.dumps(data, ensure_ascii=False)}\n\n".encode()
