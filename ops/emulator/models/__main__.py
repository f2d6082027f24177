"""`python -m ops.emulator.models --port 0`: prints one line `{"url": ...}` once it listens."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json

from ops.emulator.models.server import serve


async def _run(port: int) -> None:
    runner, url = await serve(port)
    print(json.dumps({"url": url}), flush=True)
    try:
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()


def main() -> None:
    parser = argparse.ArgumentParser(prog="ops.emulator.models", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free port")
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_run(parser.parse_args().port))


if __name__ == "__main__":
    main()
