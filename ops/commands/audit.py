"""`ops audit verify`: does this place's audit hold, row by row? Offline, at home and at a node.

`ops audit heads` prints what this place has noted of other places' chains; give that file to
`ops audit verify --heads` on the other machine, and a chain that was cut or rewritten as a whole
shows there too. Changes nothing. Exit code 1 when something does not hold.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.approvals.audit_chain import Break, Findings
    from core.config import Settings
    from core.db import Transaction

WORDS = {
    "altered": "was changed after it was written",
    "gap": "does not follow the row before it: rows are missing, or one was put in",
    "unsealed": "has no seal, behind rows that have one",
    "older": "the rows before the first sealed one were changed",
}
REMEDY = "Keep a copy of this database, compare with the heads of other machines, restore a backup."


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python3 -m ops audit", description=__doc__)
    parser.add_argument("what", choices=("verify", "heads"))
    parser.add_argument(
        "--heads", type=Path, metavar="FILE", help="what another machine's `audit heads` printed"
    )
    options = parser.parse_args(arguments)
    from core import config, schema, wiring

    settings = config.load()
    file = settings.under_home(settings.db_path)
    if settings.database_url is None and not file.exists():
        print(f"There is no database at {file}.", file=sys.stderr)
        return 1
    db = schema.open_database(settings, wiring.open_master(settings))
    try:
        with db.read() as tx:
            if options.what == "heads":
                return heads(tx, place_of(settings))
            return verify(tx, place_of(settings), options.heads)
    finally:
        db.close()


def place_of(settings: Settings) -> str:
    """A paired machine has the name of its pairing; any other place is home."""
    from core.errors import Refused
    from core.runs.exchange_nodes import HOME
    from core.runs.exchange_pairing import kept_pairing

    try:
        return kept_pairing(settings.under_home(settings.home)).name
    except Refused as refused:
        if refused.code != "node-not-paired":
            raise
        return HOME


def verify(tx: Transaction, place: str, noted: Path | None) -> int:
    """Walk along the chain, then look for what another machine has noted of it."""
    from core.approvals.audit import Audit
    from core.clock import SystemClock

    found = Audit(SystemClock()).verify(tx)
    print(summary(place, found))
    for each in found.breaks:
        print(f"  BROKEN  {sentence(each)}", file=sys.stderr)
    missing = [] if noted is None else unknown_heads(tx, place, noted)
    for said in missing:
        print(f"  BROKEN  {said}", file=sys.stderr)
    if found.breaks or missing:
        print(f"  {REMEDY}", file=sys.stderr)
        return 1
    return 0


def heads(tx: Transaction, place: str) -> int:
    """One JSON document: who noted what of whom."""
    from core.approvals.audit import Audit

    noted = [
        {
            "place": each.place,
            "seq": each.head.seq,
            "hash": each.head.hash,
            "seen_at": each.seen_at.isoformat(),
        }
        for each in Audit.all_noted(tx)
    ]
    print(json.dumps({"noted_by": place, "heads": noted}, indent=1))
    return 0


def summary(place: str, found: Findings) -> str:
    """The first line: how much was looked at, and where the chain ends."""
    state = "holds" if found.holds else "does NOT hold"
    end = f"; head {found.head.seq}:{found.head.hash}" if found.head else ""
    older = f" ({found.older} from before there was a chain)" if found.older else ""
    return f"The audit of {place} {state}: {found.rows} rows{older}{end}"


def sentence(each: Break) -> str:
    """What is wrong with one row."""
    return f"row {each.seq} {WORDS[each.why]}"


def unknown_heads(tx: Transaction, place: str, noted: Path) -> list[str]:
    """What another machine has seen of this chain and what is not in it any more."""
    from core.approvals.audit import Audit
    from core.approvals.audit_chain import Head

    said: dict[str, Any] = json.loads(noted.read_text("utf-8"))
    mine = [each for each in said["heads"] if each["place"] == place]
    return [
        f"{said['noted_by']} noted row {each['seq']} on {each['seen_at']}: it is not in this chain"
        for each in mine
        if not Audit.knows(tx, Head(int(each["seq"]), str(each["hash"])))
    ]
