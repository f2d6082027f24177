"""Which model will answer, asked of the machine without any library: for `try`, `up`, `doctor`.

Only looks; the router decides. Standard library.
"""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ops.environment import ROOT

#: An Ollama on this machine answers at once or is not there.
LOOK_S = 0.5
DEFAULT_MODEL = "qwen3:14b"
#: The script that ships; it says in the owner's language that nobody thinks here.
SCRIPT = ROOT / "core" / "llm" / "practice.json"
#: Settings that each bring a real model, and how that is told.
SERVICES = {
    "GROQ_API_KEY": "Groq, with GROQ_API_KEY",
    "OPENAI_API_KEY": "an OpenAI-compatible service, with OPENAI_API_KEY",
    "CLAUDE_API_KEY": "Anthropic, with CLAUDE_API_KEY",
    "GEMINI_API_KEY": "Google Gemini, with GEMINI_API_KEY",
    "MISTRAL_API_KEY": "Mistral, with MISTRAL_API_KEY",
    "COHERE_API_KEY": "Cohere, with COHERE_API_KEY",
    "OPENROUTER_API_KEY": "OpenRouter, with OPENROUTER_API_KEY",
    "TOGETHER_API_KEY": "Together, with TOGETHER_API_KEY",
    "DEEPSEEK_API_KEY": "DeepSeek, with DEEPSEEK_API_KEY",
    "RENDER_URL": "the service at RENDER_URL",
}


@dataclass(frozen=True)
class Ollama:
    """An Ollama that answers: its version, and the models it has."""

    version: str
    models: tuple[str, ...]

    def has(self, model: str) -> bool:
        return model in self.models or f"{model}:latest" in self.models


@dataclass(frozen=True)
class Choice:
    """Who will answer: a sentence for the person, and settings that make it so in practice."""

    sentence: str
    settings: Mapping[str, str]
    is_scripted: bool = False


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


def choose(env: Mapping[str, str], ollama: Ollama | None) -> Choice:
    """Who answers under these settings on this machine."""
    if script := env.get("MASK_SCRIPTED_MODEL"):
        return Choice(f"the scripted model, from {script}", {}, is_scripted=True)
    for name, sentence in SERVICES.items():
        if env.get(name):
            return Choice(sentence, {})
    wanted = env.get("OLLAMA_MODEL")
    model = wanted or DEFAULT_MODEL
    if ollama is not None and not ollama.has(model) and not wanted and ollama.models:
        model = ollama.models[0]
    if ollama is not None and ollama.has(model):
        sentence = f"{model} on Ollama {ollama.version}, on this machine"
        return Choice(sentence, {"OLLAMA_MODEL": model})
    remedy = f"`ollama pull {model}`" if ollama else "start Ollama or set GROQ_API_KEY"
    sentence = f"the scripted model, which does not think (for a real one: {remedy}, start again)"
    return Choice(sentence, {"MASK_SCRIPTED_MODEL": str(SCRIPT)}, is_scripted=True)


def _get(host: str, port: int, path: str) -> Any:
    connection = http.client.HTTPConnection(host, port, timeout=LOOK_S)
    try:
        connection.request("GET", path)
        return json.loads(connection.getresponse().read())
    finally:
        connection.close()
