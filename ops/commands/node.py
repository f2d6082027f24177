"""`ops node`: this machine as a node of a home elsewhere.

`ops node <pairing string>` asks home to be let in: /nodes in the chat gives the string, or
`ops node --invite NAME` on home's own screen. Afterwards `ops node` is enough; `--service install`
lets it come up with the machine. The secret of the second factor is shown here and nowhere else:
`--code` shows it again, `--unlock` lets codes in again after too many wrong ones. A node has no
Telegram token and reaches Redis only, which must be one that both machines can reach
(MASK_REDIS_URL at home).
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from ops import programs, startup
from ops.pc import service


def main(arguments: list[str]) -> int:
    options = _parser().parse_args(arguments)
    env = startup.surroundings()
    if options.home is not None:
        env["MASK_HOME"] = str(options.home)
    env["MASK_HOME"] = str(startup.home_of(env))
    os.environ.update(env)
    from core.errors import Refused

    try:
        if options.invite:
            return invite(options.invite)
        if options.code or options.unlock:
            return second_factor(unlock=options.unlock)
        if options.service:
            return serve(options.service, Path(env["MASK_HOME"]))
        if options.pairing:
            join(options.pairing)
        return run(env)
    except Refused as error:
        print(f"Refused: {sentence(error.code, error.params)}", file=sys.stderr)
    except service.ServiceError as error:
        print(error, file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python3 -m ops node", description=__doc__)
    parser.add_argument("pairing", nargs="?", help="the pairing string that home gave")
    parser.add_argument("--home", type=Path, help="the data directory, instead of MASK_HOME")
    parser.add_argument("--invite", metavar="NAME", help="at home: a string for a new node")
    parser.add_argument("--code", action="store_true", help="show the second factor's secret")
    parser.add_argument("--unlock", action="store_true", help="let codes in again")
    parser.add_argument("--service", choices=("install", "remove", "status"))
    return parser


def sentence(code: str, params: dict[str, object]) -> str:
    """The error's own words, in English: the console's language."""
    from bot.render.translate import translator

    texts = translator("en")
    return texts(f"err-{code}", **params) if texts.has(f"err-{code}") else f"{code} {params or ''}"


def invite(name: str) -> int:
    """At home: the string that makes another machine the node `name`. The digits come by chat."""
    from core import config, wiring
    from core.runs.exchange_joining_invitations import Invitations
    from core.runs.exchange_nodes import Nodes
    from core.runs.exchange_pairing import is_loopback
    from core.runs.ports import NoWake
    from core.wiring.inviting import pairing_for
    from ops.organs import Patient, redis_url

    settings = config.load()
    url = redis_url(Patient(settings, dict(os.environ)))
    if url is None:
        print("Redis does not run: start `ops up`, or set MASK_REDIS_URL.", file=sys.stderr)
        return 1
    house = wiring.house(settings, NoWake())
    nodes = Nodes(house.db, house.clock)
    invitations = Invitations(house.clock, nodes, house.mailbox.put, house.audit)
    try:
        with house.db.write() as tx:
            made = invitations.invite(
                tx,
                name,
                lambda secret: pairing_for(house, tx, name, secret, url),
                "home",
                in_chat=False,
            )
    finally:
        house.db.close()
    print(f"python3 -m ops node {made.to_text()}")
    print("Good once, for ten minutes. The chat then shows eight digits.", file=sys.stderr)
    if is_loopback(url):
        print("This broker is reachable from this machine only (MASK_REDIS_URL).", file=sys.stderr)
    return 0


def join(line: str) -> None:
    """Here: ask home to be let in, wait for the tap, then show the second factor."""
    from core import config
    from workers import joining

    pairing = joining.join(config.load(), line, lambda words: print(words, flush=True))
    print(f"Let in as {pairing.name}.", flush=True)
    second_factor(unlock=False)


def second_factor(*, unlock: bool) -> int:
    """Show the secret of this node's codes, for an authenticator on the phone."""
    import segno

    from core import config
    from core.approvals.factor import SecondFactor
    from core.clock import SystemClock
    from core.runs.exchange_pairing import kept_pairing
    from workers.node import node_database

    settings, factor = config.load(), SecondFactor(SystemClock())
    name = kept_pairing(settings.under_home(settings.home)).name
    with node_database(settings) as database, database.write() as tx:
        factor.ensure(tx)
        if unlock:
            factor.unlock(tx)
        shown = factor.shown(tx, name)
    if unlock:
        print("Codes are let in again.")
        return 0
    print("The second factor of this machine. It is shown here and nowhere else:")
    print(f"  {shown.text}\n  {shown.uri}")
    segno.make(shown.uri, error="l").terminal(compact=True)
    return 0


def serve(what: str, data: Path) -> int:
    """Install, remove or look at the service that keeps this node running."""
    from core.runs.exchange_pairing import kept_pairing

    kind = service.kind_here(data)
    if what == "status":
        code, said = service.status(kind, service.run_here)
        print(said)
        return code
    if what == "install":
        kept_pairing(data)
        print(service.install(kind, service.run_here))
    else:
        print(service.remove(kind, service.run_here))
    return 0


def run(env: dict[str, str]) -> int:
    """Supervise the node's worker."""
    from core.runs.exchange_pairing import kept_pairing

    home = Path(env["MASK_HOME"])
    name = kept_pairing(home).name
    print(f"This is node {name}. Data and logs: {home}. Stop with Ctrl-C.", flush=True)
    every = programs.node(name, env)
    return startup.alone(home, lambda: startup.supervise(every, home).run())
