"""fakeredis as a TCP server in a process of its own: practice on systems without a Redis binary.

Started by the supervisor as `python -m ops.pretend_redis <redis.json>`. Loopback only. It keeps
nothing and is slower than the real server; `ops up` refuses it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path


def main(address: Path) -> None:
    """Serve until the process is ended."""
    from fakeredis import TcpFakeServer

    kept = json.loads(address.read_text(encoding="utf-8"))
    server = TcpFakeServer(("127.0.0.1", int(kept["port"])), server_type="redis")
    server.fake_server.config[b"requirepass"] = str(kept["password"]).encode()
    server.serve_forever()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
