"""Exactly what was approved happens, once, where it was shown: hands under attack, races and kills.

`python3 -m ops prove hands [--dose F|N] [--only NAME ...]`. Each part runs the naive way first, in
the same harness, and must see it fail; then ours, which must not. Exit code 1 when a law was
broken or a control did not fail. The corpus of attacks is `tests/security`, run by `ops test`.
"""

from __future__ import annotations

from ops.proofs.rig import front

#: Each part by its module of the rig.
PARTS = {
    "grants": "grants",
    "opens": "opens",
    "paths": "paths",
    "hostile": "hostile",
    "canaries": "canaries",
    "broker": "broker_attacker",
    "kills": "hand_kills",
    "speed": "hand_speed",
}


def main(arguments: list[str]) -> int:
    return front.run("hands", __doc__, PARTS, arguments)
