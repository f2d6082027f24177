"""Always an answer, private at home, never over budget: the router among fifty fakes in trouble.

`python3 -m ops prove router [--dose F|N] [--only NAME ...]`. Each part runs the naive way or
another control too, and must see it fail; then ours, which must not. Verdicts are read from what
the laboratory received and billed. Exit code 1 when a law was broken or a control did not fail.
"""

from __future__ import annotations

from ops.proofs.rig import front

#: Each part by its module of the rig.
PARTS = {
    "load": "router_load",
    "scenes": "router_scenes",
    "speed": "router_speed",
    "ceiling": "router_ceiling",
    "idle": "router_idle",
    "kills": "router_kills",
}


def main(arguments: list[str]) -> int:
    return front.run("router", __doc__, PARTS, arguments)
