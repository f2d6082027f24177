"""How the fake Ollama gets models: pulls with progress, second names, and the registry itself.

The lines of a pull are those of the real one (`server/images.go`, `server/download.go`), its errors
too: what is unknown is told in the stream, after its first line.
"""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from ops.emulator.models.delivery import SIMULATION, Delivery
from ops.emulator.models.shelf import Published, full, manifest
from ops.emulator.models.simulation import Fault, Simulation


def routes() -> list[web.RouteDef]:
    """`/v2` stands for registry.ollama.ai."""
    return [
        web.post("/api/pull", _pull),
        web.post("/api/copy", _copy),
        web.post("/api/embed", _embed),
        web.get("/v2/{namespace}/{model}/manifests/{tag}", _manifest),
    ]


def error(status: int, message: str) -> web.Response:
    """An error as Ollama writes it."""
    return web.json_response({"error": message}, status=status)


async def _pull(request: web.Request) -> web.StreamResponse:
    simulation = request.app[SIMULATION]
    body = await request.json()
    call = simulation.begin("ollama", request.path, body, has_key=False)
    delivery = Delivery(request, call, simulation.pace)
    async with delivery:
        name = full(call.model)
        delivery.fault = simulation.fault_for(call)
        if delivery.has_early_fault:
            return await delivery.fail_early(_refused)
        await delivery.open("application/x-ndjson", {})
        await delivery.send(_line({"status": "pulling manifest"}))
        model = simulation.shelf.in_registry(name)
        if model is None:
            await delivery.send(_line({"error": "pull model manifest: file does not exist"}))
            return await delivery.close()
        for line in _lines(name, model, simulation.shelf.pieces):
            if await delivery.piece(_line(line), _broken):
                return await delivery.close()
        _take(simulation, name, model)
        for status in ("verifying sha256 digest", "writing manifest", "success"):
            await delivery.send(_line({"status": status}))
        return await delivery.close(is_whole=True)


def _lines(name: str, model: Published, pieces: int) -> list[dict[str, Any]]:
    data = json.loads(manifest(name, model))
    lines: list[dict[str, Any]] = []
    for part in (*data["layers"], data["config"]):
        for piece in range(1, pieces + 1):
            about = {"digest": part["digest"], "total": part["size"]}
            status = f"pulling {part['digest'][7:19]}"
            lines.append({"status": status, **about, "completed": part["size"] * piece // pieces})
    return lines


def _take(simulation: Simulation, name: str, model: Published) -> None:
    simulation.shelf.take(name, model)
    if name not in map(full, simulation.ollama_models):
        simulation.ollama_models = (*simulation.ollama_models, name)


async def _copy(request: web.Request) -> web.Response:
    simulation = request.app[SIMULATION]
    body = await request.json()
    simulation.begin("ollama", request.path, {"model": body["source"], **body}, has_key=False)
    source, target = full(str(body["source"])), full(str(body["destination"]))
    if source not in map(full, simulation.ollama_models):
        return error(404, f'model "{body["source"]}" not found')
    simulation.shelf.stored[target] = simulation.shelf.on_disk(source)
    if target not in map(full, simulation.ollama_models):
        simulation.ollama_models = (*simulation.ollama_models, target)
    return web.Response()


async def _embed(request: web.Request) -> web.Response:
    simulation = request.app[SIMULATION]
    body = await request.json()
    call = simulation.begin("ollama", request.path, body, has_key=False)
    if full(call.model) not in map(full, simulation.ollama_models):
        return error(404, f'model "{call.model}" not found, try pulling it first')
    _, model = simulation.shelf.on_disk(call.model)
    if "embedding" not in model.abilities:
        return error(501, "this model does not support embeddings")
    call.ended = "done"
    return web.json_response({"model": call.model, "embeddings": [[0.5] * 8]})


async def _manifest(request: web.Request) -> web.Response:
    simulation = request.app[SIMULATION]
    parts = request.match_info
    name = f"{parts['model']}:{parts['tag']}"
    if parts["namespace"] != "library":
        name = f"{parts['namespace']}/{name}"
    call = simulation.begin("registry", request.path, {"model": name}, has_key=False)
    model = simulation.shelf.in_registry(name)
    if model is None:
        call.ended, call.status = "fault", 404
        unknown = {"code": "MANIFEST_UNKNOWN", "message": "manifest unknown"}
        return web.json_response({"errors": [unknown]}, status=404)
    call.ended, call.status = "done", 200
    kind = "application/vnd.docker.distribution.manifest.v2+json"
    return web.Response(body=manifest(name, model), content_type=kind)


def _refused(fault: Fault, _model: str) -> web.Response:
    return error(fault.status, fault.message or "as simulated")


def _broken(fault: Fault) -> bytes:
    return _line({"error": fault.message or "max retries exceeded: unexpected EOF"})


def _line(data: dict[str, Any]) -> bytes:
    return (json.dumps(data, ensure_ascii=False) + "\n").encode()
