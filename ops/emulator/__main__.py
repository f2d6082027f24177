"""`python -m ops.emulator --port N --state DIR --token T [--limiter]`: serves until it is told to
stop.

Prints one line of JSON with the address when it listens. Port 0 takes a free one.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import re
import signal
import sys
from pathlib import Path

from aiohttp import web

from ops.emulator.server import Server

REAL_TOKEN = re.compile(r"\d{8,12}:[A-Za-z0-9_-]{35}")


def arguments(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m ops.emulator", description="A practice Telegram on 127.0.0.1."
    )
    parser.add_argument("--port", type=int, default=8090, help="0 takes a free port")
    parser.add_argument(
        "--state", type=Path, help="where chats and files are kept; without it in memory only"
    )
    parser.add_argument("--token", default="123456:TEST", help="the practice bot's token")
    parser.add_argument(
        "--limiter", action="store_true", help="answer 429 as Telegram does when it is too much"
    )
    parser.add_argument("--force", action="store_true", help="accept a token that looks real")
    return parser.parse_args(argv)


async def serve(options: argparse.Namespace) -> None:
    server = Server(options.token, options.state, is_limited=options.limiter)
    runner = web.AppRunner(
        server.application(), access_log=None, handle_signals=False, shutdown_timeout=1.0
    )
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", options.port)
        await site.start()
        port = runner.addresses[0][1]
        print(json.dumps({"url": f"http://127.0.0.1:{port}"}), flush=True)
        await _until_told_to_stop()
    finally:
        await runner.cleanup()


async def _until_told_to_stop() -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(
            NotImplementedError
        ):  # Windows: Ctrl+C arrives as KeyboardInterrupt
            loop.add_signal_handler(number, stop.set)
    await stop.wait()


def main(argv: list[str] | None = None) -> int:
    options = arguments(argv)
    if not re.fullmatch(r"\d+:[\w-]+", options.token):
        print("--token looks like 123456:TEST (digits, a colon, letters)", file=sys.stderr)
        return 2
    if REAL_TOKEN.fullmatch(options.token) and not options.force:
        print(
            "this looks like a real bot's token; the practice Telegram needs none (use --force)",
            file=sys.stderr,
        )
        return 2
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(options))
    return 0


if __name__ == "__main__":
    sys.exit(main())
