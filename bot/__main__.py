"""`python -m bot`: the bot's process. Settings come from the environment and `.env`."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable

from bot.process import BotProcess
from core import config, wiring
from ops.house import check_our_own_house


def main() -> int:
    """Run until SIGTERM, SIGINT or Ctrl-C; the exit code."""
    check_our_own_house()
    settings = config.load()
    wiring.set_up_logging(settings)
    return asyncio.run(serve(settings))


async def serve(settings: config.Settings) -> int:
    """The process inside its event loop."""
    process = BotProcess(settings)
    on_end(process.stop)
    return await process.run()


def on_end(stop: Callable[[], None]) -> None:
    """Call `stop` in the loop when the system asks the process to end."""
    loop = asyncio.get_running_loop()
    names = ("SIGTERM", "SIGINT", "SIGBREAK")
    for number in (getattr(signal, name) for name in names if hasattr(signal, name)):
        if sys.platform == "win32":  # its loops have no signal handlers
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop))
        else:
            loop.add_signal_handler(number, stop)


if __name__ == "__main__":
    sys.exit(main())
