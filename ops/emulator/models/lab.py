"""`python -m ops.emulator.models.lab [fakes.json] [--seed 1] [--port 0]`: the provider laboratory.

Prints one line `{"url": ..., "endpoints": {name: url}}` once it listens; without a file it has the
fifty of `lab_fifty`. Reaches no network.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
from pathlib import Path

from ops.emulator.models.lab_fifty import fifty
from ops.emulator.models.lab_script import Fake, from_json
from ops.emulator.models.lab_server import LABORATORY, serve


async def _run(fakes: tuple[Fake, ...], seed: int, port: int) -> None:
    runner, url = await serve(fakes, seed, port)
    assert runner.app is not None
    found = runner.app[LABORATORY].endpoints()
    told = {"url": url, "endpoints": {name: each["url"] for name, each in found.items()}}
    print(json.dumps(told), flush=True)
    try:
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()


def main() -> None:
    parser = argparse.ArgumentParser(prog="ops.emulator.models.lab", description=__doc__)
    parser.add_argument("fakes", nargs="?", type=Path, help="a JSON list of fakes")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--port", type=int, default=0, help="of the control API; 0 takes a free one"
    )
    given = parser.parse_args()
    if given.fakes is None:
        fakes = fifty(given.seed)
    else:
        data = json.loads(given.fakes.read_text(encoding="utf-8"))
        fakes = tuple(from_json(each) for each in data)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_run(fakes, given.seed, given.port))


if __name__ == "__main__":
    main()
