"""`ops up`: the real thing on this machine, with the bot that MASK_TELEGRAM_TOKEN names.

Needs a token from @BotFather in the environment or in `.env`. Without MASK_OWNER_ID the bot prints
a link; whoever opens it first within ten minutes is the owner. Redis is a private one unless
MASK_REDIS_URL names another.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
from pathlib import Path

from ops import environment, models_here, private_redis, startup
from ops.programs import Program, home, relative

MISSING = (  # the token
    "MASK_TELEGRAM_TOKEN is missing. Ask @BotFather in Telegram for a bot, then put the line "
    "MASK_TELEGRAM_TOKEN=<token> into .env. To look around without one: python3 -m ops try"
)


def main(arguments: list[str]) -> int:
    argparse.ArgumentParser(prog="python3 -m ops up", description=__doc__).parse_args(arguments)
    env = startup.surroundings()
    if not env.get("MASK_TELEGRAM_TOKEN"):
        print(MISSING, file=sys.stderr)
        return 1
    if env.get("MASK_DATABASE_URL", "").startswith("postgres"):
        ensure_postgres_driver()
    data = startup.home_of(env)
    return startup.alone(data, lambda: run(data, {**env, "MASK_HOME": str(data)}))


def run(data: Path, env: dict[str, str]) -> int:
    """Everything up until it is told to stop; the exit code."""
    every: list[Program] = []
    needs: tuple[int, ...] = ()
    server = "the one of MASK_REDIS_URL"
    if not env.get("MASK_REDIS_URL"):
        redis = private_redis.prepare(data)
        env["MASK_REDIS_URL"] = redis.url
        every, needs, server = [redis.program], (redis.port,), f"{redis.server}, private"
    if code := startup.migrate(data, env):
        return code
    choice = models_here.choose(env, models_here.find_ollama(env))
    lines = (
        f"Starting. Answers: {choice.sentence}.",
        f"Redis: {server}. Data and logs: {relative(data)}. Stop with Ctrl-C.",
    )
    supervisor = startup.supervise([*every, *home(env, needs=needs)], data, env)
    return supervisor.run(lambda: print("\n".join(lines), flush=True))


def ensure_postgres_driver() -> None:
    """psycopg into `.venv`, where MASK_DATABASE_URL asks for PostgreSQL."""
    if importlib.util.find_spec("psycopg") is None:
        environment.ensure(("base", "postgres"))
