"""`ops node`: this machine as a node of a home elsewhere.

Once: `ops node --invite pc` at home prints a pairing line; `ops node '<line>'` here keeps it and
prints a card; `ops node --trust <card file>` at home lets it in. Afterwards `ops node` is enough.
A node has no Telegram token and reaches Redis only, which must be one that both machines can reach
(MASK_REDIS_URL at home).
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from ops import programs, startup


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python3 -m ops node", description=__doc__)
    parser.add_argument("pairing", nargs="?", help="the pairing line that home printed")
    parser.add_argument("--invite", metavar="NAME", help="at home: print a line for a new node")
    parser.add_argument("--trust", metavar="CARD", type=Path, help="at home: let a node in")
    options = parser.parse_args(arguments)
    env = startup.surroundings()
    env["MASK_HOME"] = str(startup.home_of(env))
    os.environ.update(env)
    from core.errors import Refused

    try:
        if options.invite:
            return invite(options.invite)
        if options.trust:
            return trust(options.trust)
        if options.pairing:
            accept(options.pairing)
        return run(env)
    except Refused as error:
        print(f"Refused: {error.code} {error.params or ''}", file=sys.stderr)
        return 1


def invite(name: str) -> int:
    """At home: the line that makes another machine the node `name`."""
    from core import config, seal, wiring
    from core.runs.exchange_pairing import make_pairing
    from ops.organs import Patient, redis_url

    settings = config.load()
    url = redis_url(Patient(settings, dict(os.environ)))
    if url is None:
        print("Redis does not run: start `ops up`, or set MASK_REDIS_URL.", file=sys.stderr)
        return 1
    identity = seal.open_identity(settings.home, wiring.open_master(settings))
    print(make_pairing(name, identity, url, place=settings.place).to_text())
    if "127.0.0.1" in url:
        print("This Redis is reached from this machine only (MASK_REDIS_URL).", file=sys.stderr)
    return 0


def trust(card: Path) -> int:
    """At home: from now on the machine of this card is a node, and the owner's own."""
    from core import config, schema, wiring
    from core.clock import SystemClock
    from core.runs.exchange_nodes import Nodes
    from core.runs.exchange_pairing import read_card, register_card

    settings = config.load()
    db = schema.open_database(settings, wiring.open_master(settings))
    schema.ensure_schema(db)
    found = read_card(card)
    with db.write() as tx:
        register_card(tx, Nodes(db, SystemClock()), found, is_mine=True)
    db.close()
    print(f"{found.name} is trusted.")
    return 0


def accept(line: str) -> None:
    """Here: keep the pairing, and say where the card for home is."""
    from core import config, seal, wiring
    from core.runs.exchange_pairing import CARD_FILE, accept_pairing, parse_pairing

    settings = config.load()
    identity = seal.open_identity(settings.home, wiring.open_master(settings))
    card = accept_pairing(settings.home, parse_pairing(line), identity)
    print(f"This machine is {card.name}. Carry {settings.home / CARD_FILE} to home, and there:")
    print(f"  python3 -m ops node --trust {CARD_FILE.name}", flush=True)


def run(env: dict[str, str]) -> int:
    """Supervise the node's worker."""
    from core.runs.exchange_pairing import kept_pairing

    home = Path(env["MASK_HOME"])
    name = kept_pairing(home).name
    print(f"This is node {name}. Data and logs: {home}. Stop with Ctrl-C.", flush=True)
    every = programs.node(name, env)
    return startup.alone(home, lambda: startup.supervise(every, home).run())
