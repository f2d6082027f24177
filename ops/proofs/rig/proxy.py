"""A TCP proxy that can fall silent: traffic is swallowed, nothing is reset, new connections work.

That is what a NAT or a firewall does when it forgets a connection. 127.0.0.1 only.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from types import TracebackType
from typing import Self

CHUNK = 65_536


class SilentProxy:
    """Forwards to `target`, a port of this machine. A context; `port` is where it listens."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._pairs: list[Pair] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])

    def __enter__(self) -> Self:
        threading.Thread(target=self._serve, name="proxy", daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._listener.close()
        for pair in self._pairs:
            pair.close()

    def swallow(self) -> int:
        """From now on every connection that is open now is a hole; how many there were."""
        open_pairs = [pair for pair in self._pairs if not pair.is_closed]
        for pair in open_pairs:
            pair.is_silent.set()
        return len(open_pairs)

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return  # closed
            try:
                server = socket.create_connection(("127.0.0.1", self._target), 2)
            except OSError:
                client.close()
                continue
            self._pairs.append(Pair(client, server))


class Pair:
    """One connection and its continuation."""

    def __init__(self, client: socket.socket, server: socket.socket) -> None:
        self.is_silent = threading.Event()
        self.is_closed = False
        self._sockets = (client, server)
        for a, b in ((client, server), (server, client)):
            threading.Thread(target=self._pump, args=(a, b), name="pump", daemon=True).start()

    def close(self) -> None:
        self.is_closed = True
        for each in self._sockets:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        """Carry bytes; once silent, swallow them, and let an end be unseen by the other side."""
        try:
            while data := source.recv(CHUNK):
                if not self.is_silent.is_set():
                    sink.sendall(data)
        except OSError:
            if self.is_closed:
                return
        if not self.is_silent.is_set():
            self.close()
