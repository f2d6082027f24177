"""The registry that models are pulled from: how large a model is, and whether there is a newer one.

Reads manifests and nothing else, when the owner asks: it tells the registry a model's name. The
digest is the sha256 of the manifest's bytes, which a server keeps as they come, so an installed
model is up to date when its digest is the same.
"""

from __future__ import annotations

import hashlib
import json
from http import HTTPStatus

from core.errors import Refused, Unavailable
from core.llm.failures import safe
from core.llm.ollama_facts import LIBRARY, ModelName
from core.llm.ollama_ports import Manifest

#: What Ollama itself asks for (`server/images.go`, pullModelManifest).
ACCEPT = "application/vnd.docker.distribution.manifest.v2+json"
#: Seconds for an answer, and bytes of the longest manifest.
ANSWER_S, MOST_BYTES = 10.0, 4 * 1024 * 1024
#: Refusals that mean that there is no such model to be had.
NONE_THERE = frozenset(
    {HTTPStatus.NOT_FOUND, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.BAD_REQUEST}
)


class OllamaRegistry:
    """`Catalogue`. `library` is the address that stands for names without a host."""

    def __init__(self, library: str = f"https://{LIBRARY}") -> None:
        self._library = library.rstrip("/")

    def manifest(self, name: ModelName) -> Manifest:
        data = self._read(self._url(name), name)
        try:
            found = json.loads(data)
            layers = [*found["layers"], found["config"]]
            size = sum({str(each["digest"]): int(each["size"]) for each in layers}.values())
        except (ValueError, TypeError, KeyError):
            raise Unavailable("model-registry-away", why="malformed answer") from None
        return Manifest(hashlib.sha256(data).hexdigest(), size)

    def _url(self, name: ModelName) -> str:
        base = self._library if name.host == LIBRARY else f"https://{name.host}"
        return f"{base}/v2/{name.namespace}/{name.model}/manifests/{name.tag}"

    def _read(self, url: str, name: ModelName) -> bytes:
        import httpx

        try:
            with httpx.Client(timeout=ANSWER_S, follow_redirects=True) as client:
                answer = client.get(url, headers={"Accept": ACCEPT})
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            why = safe(str(error) or type(error).__name__)
            raise Unavailable("model-registry-away", why=why) from None
        if answer.status_code in NONE_THERE:
            raise Refused("model-unknown", model=name.short)
        if answer.status_code != HTTPStatus.OK or len(answer.content) > MOST_BYTES:
            raise Unavailable("model-registry-away", why=f"status {answer.status_code}")
        return answer.content
