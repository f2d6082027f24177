"""`ops memory rekey`: a new key for the whole database, also while everything runs."""

from __future__ import annotations

import sys


def rekey() -> int:
    """Change the key; the exit code."""
    from core import config, schema, wiring
    from core.database_keys import KeptKeys
    from core.errors import MaskError
    from core.upkeep.rekeying import MEGABYTE, Rekey
    from ops.commands.restore import sentence

    settings = config.load()
    path = None if settings.database_url else settings.under_home(settings.db_path)
    if path is not None and not path.exists():
        print(f"There is no database at {path}.", file=sys.stderr)
        return 1
    master = wiring.open_master(settings)
    db = schema.open_database(settings, master)
    try:
        done = Rekey(db, KeptKeys(settings.home, master), path).rekey()
    except MaskError as error:
        print(f"Refused: {sentence(error.code, error.params)}", file=sys.stderr)
        return 1
    finally:
        db.close()
    print(
        f"The database has a new key, its number {done.generation}: "
        f"{done.size / MEGABYTE:.1f} MB in {done.took_s:.1f} s. The recovery code stays the same."
    )
    return 0
