"""Which model will answer, asked of the machine without any library: for `try` and `doctor`.

Only looks; the router decides. Standard library.
"""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

#: An Ollama on this machine answers at once or is not there.
LOOK_S = 0.5
DEFAULT_MODEL = "qwen3:14b"


@dataclass(frozen=True)
class Ollama:
    """An Ollama that answers: its version, and the models it has."""

    version: str
    models: tuple[str, ...]

    def has(self, model: str) -> bool:
        return model in self.models or f"{model}:latest" in self.models


def find_ollama(env: Mapping[str, str]) -> Ollama | None:
    """The Ollama that OLLAMA_HOST and OLLAMA_PORT name, if it answers within half a second."""
    host = env.get("OLLAMA_HOST") or "127.0.0.1"
    port = int(env.get("OLLAMA_PORT") or 11434)
    try:
        version = _get(host, port, "/api/version")["version"]
        models = _get(host, port, "/api/tags")["models"]
    except (OSError, http.client.HTTPException, ValueError, KeyError):
        return None
    return Ollama(str(version), tuple(str(model["name"]) for model in models))


def sentence(env: Mapping[str, str], ollama: Ollama | None) -> str:
    """Who will answer, for the person at the console."""
    model = env.get("OLLAMA_MODEL") or DEFAULT_MODEL
    if env.get("MASK_SCRIPTED_MODEL"):
        return f"the scripted model, from {env['MASK_SCRIPTED_MODEL']}"
    if env.get("GROQ_API_KEY"):
        return "Groq, with GROQ_API_KEY"
    if env.get("OPENAI_API_KEY"):
        return "an OpenAI-compatible service, with OPENAI_API_KEY"
    if ollama is not None and ollama.has(model):
        return f"{model} on Ollama {ollama.version}, on this machine"
    remedy = f"ollama pull {model}" if ollama else "start Ollama, or set GROQ_API_KEY"
    return f"the scripted model: it shows the way, but does not think. For a real one: {remedy}"


def _get(host: str, port: int, path: str) -> Any:
    connection = http.client.HTTPConnection(host, port, timeout=LOOK_S)
    try:
        connection.request("GET", path)
        return json.loads(connection.getresponse().read())
    finally:
        connection.close()
