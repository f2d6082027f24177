"""`ops try`: the whole system on this machine, with a chat page instead of Telegram.

Everything is real but the phone: bot, worker, beat, encrypted database, Redis. Nothing needs an
account and nothing listens outside 127.0.0.1. Data stays under data/try, so the next start finds
the conversation again.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import threading
import time
import webbrowser
from pathlib import Path

from ops import models_here, private_redis, startup
from ops.environment import ROOT
from ops.programs import Program, home, relative, settings
from ops.supervisor import clock_say

#: The chat page's port when it is free, and the practice owner and token the emulator knows.
PORT = 8090
OWNER = "1001"
TOKEN = "123456:PRACTICE"  # noqa: S105 - opens nothing but the emulator
#: The folder under the practice data that files and commands may reach, and what lies in it.
SANDBOX = "project_folder"
SAMPLES = {
    "readme.txt": "This folder is for practice. Change it as you like.\n",
    "shopping.txt": "milk\nrice\nতেল\nخبز\n",
    "logs/today.log": "09:00 started\n09:05 all is well\n",
    **{f"logs/old/2025-{month:02}.log": f"month {month}: all was well\n" * 50
       for month in range(1, 7)},
}  # fmt: skip
#: Seconds until the bot must have asked for updates.
READY_S = 60.0


def main(arguments: list[str]) -> int:
    options = parse(arguments)
    data = options.home.absolute()
    if options.fresh and data.exists():
        shutil.rmtree(data)
    return startup.alone(data, lambda: practise(options, data))


def practise(options: argparse.Namespace, data: Path) -> int:
    """Everything up until it is told to stop; the exit code."""
    redis = private_redis.prepare(data, may_pretend=True)
    port = private_redis.free_port(options.port)
    surroundings = startup.surroundings()
    choice = models_here.choose(surroundings, models_here.find_ollama(surroundings))
    env = {**surroundings, **choice.settings, **practice_settings(data, port, redis.url)}
    lay_out_files(data)
    if code := startup.migrate(data, env):
        return code
    programs = [redis.program, emulator(data, port), *home(env, needs=(redis.port, port))]
    supervisor = startup.supervise(programs, data, env)
    since = time.monotonic()

    def greet() -> None:
        if not is_ready(f"http://127.0.0.1:{port}", READY_S):
            clock_say(f"The bot has not come up in {READY_S:.0f} s. Logs: {relative(data)}/logs")
            return
        took_s = time.monotonic() - since
        for line in greeting(data, port, choice.sentence, redis.server, took_s):
            print(line, flush=True)
        if options.until_ready:
            supervisor.stop()
        elif not options.no_browser and has_screen():
            webbrowser.open(f"http://127.0.0.1:{port}/")

    threading.Thread(target=greet, name="greeting", daemon=True).start()
    return supervisor.run()


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python3 -m ops try", description=__doc__)
    parser.add_argument("--port", type=int, default=PORT, help=f"of the chat page; {PORT}")
    parser.add_argument("--no-browser", action="store_true", help="only print the address")
    parser.add_argument("--fresh", action="store_true", help="forget earlier practice first")
    parser.add_argument("--until-ready", action="store_true", help="stop as soon as all is ready")
    parser.add_argument(
        "--home", type=Path, default=ROOT / "data" / "try", help="where practice data is kept"
    )
    return parser.parse_args(arguments)


def practice_settings(data: Path, port: int, redis_url: str) -> dict[str, str]:
    """Settings that keep practice apart from the real thing; an empty value means unset."""
    return {
        "MASK_PRACTICE": "1",
        "MASK_HOME": str(data),
        "MASK_PLACE": "mine",
        "MASK_NODE": "home",
        "MASK_KEY": "",
        "MASK_TELEGRAM_TOKEN": TOKEN,
        "MASK_TELEGRAM_API": f"http://127.0.0.1:{port}",
        "MASK_OWNER_ID": OWNER,
        "MASK_WEBHOOK_URL": "",
        "MASK_REDIS_URL": redis_url,
        "MASK_DATABASE_URL": "",
        "DB_PATH": "",
        "SANDBOX_DIR": SANDBOX,
        "MASK_ROOTS": "",
    }


def lay_out_files(data: Path) -> None:
    """Something to look at, to change and to delete: a few files in the practice sandbox. Only
    once: what a person deleted there stays deleted."""
    sandbox = data / SANDBOX
    if sandbox.exists():
        return
    for name, text in SAMPLES.items():
        path = sandbox / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")


def emulator(data: Path, port: int) -> Program:
    """The practice Telegram."""
    argv = (sys.executable, "-m", "ops.emulator", "--port", str(port), "--token", TOKEN)
    return Program("emulator", (*argv, "--state", str(data / "emulator")), settings({}), wave=0)


def is_ready(url: str, seconds: float) -> bool:
    """Has the bot asked the emulator for updates within `seconds`?"""
    from ops.emulator.client import Simulator, SimulatorError

    give_up = time.monotonic() + seconds
    while time.monotonic() < give_up:
        try:
            if Simulator(url).calls("getUpdates"):
                return True
        except SimulatorError:
            pass  # the emulator is still starting
        time.sleep(0.05)
    return False


def greeting(data: Path, port: int, answers: str, server: str, took_s: float) -> list[str]:
    """What the person needs to know, once everything runs."""
    return [
        "",
        f"The Mask is ready, for practice ({took_s:.1f} s).",
        f"  Chat page   http://127.0.0.1:{port}/",
        f"  Answers     {answers}",
        f"  Redis       {server}, private",
        f"  Data, logs  {relative(data)}",
        "  Stop        Ctrl-C; the next start goes on with the same conversation",
        "",
    ]


def has_screen() -> bool:
    """Would a browser window be seen?"""
    if sys.platform in {"win32", "darwin"}:
        return sys.stdout.isatty()
    return sys.stdout.isatty() and bool({"DISPLAY", "WAYLAND_DISPLAY"} & set(os.environ))
