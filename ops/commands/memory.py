"""`ops memory`: what is remembered, from the console of its own machine.

`bench` measures how memory grows with invented texts, in a folder of its own; `--meanings` measures
the embedding model of the settings. `sizes` says what the parts of this home's memory take.
`export FILE`, `import FILE` and `rekey` work on this home's memory, also while everything runs.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python3 -m ops memory", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    bench = verbs.add_parser("bench", help="how memory grows, measured")
    bench.add_argument("--count", type=int, default=100_000, help="up to so many memories; 100000")
    bench.add_argument("--meanings", action="store_true", help="the embedding model instead")
    verbs.add_parser("sizes", help="what the parts of this home's memory take")
    export = verbs.add_parser("export", help="everything as a readable file")
    export.add_argument("file", type=Path)
    export.add_argument("--markdown", action="store_true", help="for reading; JSON otherwise")
    take = verbs.add_parser("import", help="an export, or an old memory.json")
    take.add_argument("file", type=Path)
    verbs.add_parser("rekey", help="a new key for the whole database")
    return _run(parser.parse_args(arguments))


def _run(options: argparse.Namespace) -> int:
    if options.verb == "bench":
        from ops.commands import memory_bench

        return memory_bench.meanings() if options.meanings else memory_bench.growth(options.count)
    if options.verb == "sizes":
        return sizes()
    if options.verb == "rekey":
        from ops.commands import memory_rekey

        return memory_rekey.rekey()
    from ops.commands import memory_export

    if options.verb == "export":
        return memory_export.export(options.file, markdown=options.markdown)
    return memory_export.take(options.file)


def sizes() -> int:
    """The parts, largest first, and how many times the text the database is."""
    from core import config, schema, wiring
    from core.memory import search_sizes

    settings = config.load()
    file = settings.under_home(settings.db_path)
    if settings.database_url is None and not file.exists():
        print(f"There is no database at {file}.", file=sys.stderr)
        return 1
    db = schema.open_database(settings, wiring.open_master(settings))
    try:
        with db.read() as tx:
            parts = search_sizes.sizes(tx)
    finally:
        db.close()
    by_name = {part.name: part.size for part in parts}
    for name, size in sorted(by_name.items(), key=lambda each: -each[1]):
        print(f"{name:<20} {size / 2**20:10.2f} MiB")
    if by_name["texts"]:
        print(f"The database is {by_name['database'] / by_name['texts']:.1f} times its texts.")
    return 0
