"""One call of a control API under `/sim/`: standard library only, blocking."""

from __future__ import annotations

import json
from http import HTTPStatus
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

#: Seconds for one control call.
TIMEOUT_S = 10.0


class Control:
    """A running server by the address of its control API. ValueError when it refuses."""

    def __init__(self, url: str) -> None:
        self.url = url

    def _get(self, name: str) -> Any:
        return self._ask("GET", name)

    def _post(self, name: str, data: dict[str, Any]) -> Any:
        return self._ask("POST", name, json.dumps(data))

    def _ask(self, method: str, name: str, body: str | None = None) -> Any:
        status, answer = self._raw(method, name, body)
        data = json.loads(answer)
        if status != HTTPStatus.OK:
            raise ValueError(f"/sim/{name}: {data.get('error', data)}")
        return data

    def _raw(self, method: str, name: str, body: str | None = None) -> tuple[int, bytes]:
        # http.client knows no proxies: the server is on loopback.
        connection = HTTPConnection(urlsplit(self.url).netloc, timeout=TIMEOUT_S)
        try:
            headers = {"Content-Type": "application/json"} if body else {}
            connection.request(method, f"/sim/{name}", body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()
