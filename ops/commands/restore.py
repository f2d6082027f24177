"""`ops restore`: memory back from its mirror, or a damaged database rebuilt. While nothing runs.

`--from-mirror` puts memory back as the mirror has it (MASK_MIRROR, `memory_backup.json`); what else
the database holds stays. On a new machine: the mirror and the recovery code in MASK_KEY are enough.
`--repair` reads what a damaged database still gives, and takes the rest from the mirror. Both move
the database aside and delete nothing; neither lets anything that was asked for before run again.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ops import lock, startup

if TYPE_CHECKING:
    from core.config import Settings
    from core.memory.rest_model import Recovered
    from core.seal import Master
    from core.upkeep.repair import Repair


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python3 -m ops restore", description=__doc__)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--from-mirror", action="store_true", help="memory as the mirror has it")
    what.add_argument("--repair", action="store_true", help="a damaged database, rebuilt")
    parser.add_argument("--held", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    env = startup.surroundings()
    env["MASK_HOME"] = str(startup.home_of(env))
    os.environ.update(env)
    data = Path(env["MASK_HOME"])
    if options.held:  # the supervisor asks: it holds the start lock, and has stopped everything
        return run(data, from_mirror=False)
    try:
        with lock.held(data / "run" / "supervisor.lock"):
            return run(data, from_mirror=options.from_mirror)
    except lock.AlreadyHeld:
        print("The Mask is running: stop it first.", file=sys.stderr)
        return 1


def run(data: Path, *, from_mirror: bool) -> int:
    """Restore or repair; the exit code. The request for a repair is done with either way."""
    from core import config, wiring
    from core.errors import MaskError

    settings = config.load()
    if settings.database_url is not None:
        print("This is for SQLite: PostgreSQL has its own ways.", file=sys.stderr)
        return 1
    master = wiring.open_master(settings)
    repair = repair_of(settings, master)
    try:
        if repair.finish():
            print("Finished a repair that was cut off.", flush=True)
            return 0
        done = repair.restore_mirror() if from_mirror else repaired(repair)
    except MaskError as error:
        print(f"Refused: {sentence(error.code, error.params)}", file=sys.stderr)
        return 1
    finally:
        (data / "run" / "repair").unlink(missing_ok=True)
    if done is None:
        print("The database is whole.", flush=True)
        return 0
    say(done)
    tell(settings, done)
    return 0


def repair_of(settings: Settings, master: Master) -> Repair:
    """Over the files that the settings name; nothing is opened yet."""
    from core.clock import SystemClock
    from core.database_keys import KeptKeys
    from core.db import open_sqlite
    from core.memory.mirror import Mirror
    from core.upkeep.repair import Repair

    clock, path = SystemClock(), settings.under_home(settings.db_path)
    keys = KeptKeys(settings.home, master)
    mirror = Mirror(
        open_sqlite(path, keys),
        clock,
        settings.under_home(settings.mirror_path),
        master.mirror_key(),
        content_hash=lambda _tx: "",
    )
    return Repair(settings.home, path, keys, clock, mirror)


def repaired(repair: Repair) -> Recovered | None:
    """Rebuild it when it is damaged, or not there; None when it is whole."""
    from core.memory.rest_model import Damage

    found = repair.check()
    for line in found.findings:
        print(f"  {line}", flush=True)
    if found.damage is Damage.INDEX:
        repair.forget_index()
        print("The search index is built anew at the next start.", flush=True)
    if found.damage in {Damage.NONE, Damage.INDEX}:
        return None
    return repair.repair(found)


def say(done: Recovered) -> None:
    """On the console, how much came from where."""
    rows = {"read of the database": done.saved, "taken from the mirror": done.from_mirror}
    for what, tables in rows.items():
        counts = ", ".join(f"{name} {many}" for name, many in sorted(tables.items()) if many)
        print(f"  {what}: {counts or 'nothing'}")
    if done.lost_since is not None:
        print(f"  memory newer than {done.lost_since:%Y-%m-%d %H:%M} UTC may be missing")
    if done.gaps:
        print(f"  not whole: {', '.join(done.gaps)}")
    if done.aside:
        print(f"  the old file: {done.aside}", flush=True)


def tell(settings: Settings, done: Recovered) -> None:
    """The owner hears of it in the chat, at the next start."""
    from core import wiring
    from core.runs.ports import NoWake
    from core.upkeep.repair import told

    house = wiring.house(settings, NoWake())
    try:
        house.mailbox.post(told(done))
    finally:
        house.db.close()


def sentence(code: str, params: dict[str, object]) -> str:
    """The error's own words, in English: the console's language."""
    from bot.render.translate import translator

    texts = translator("en")
    return texts(f"err-{code}", **params) if texts.has(f"err-{code}") else f"{code} {params or ''}"
