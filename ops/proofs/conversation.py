"""Nothing is lost, nothing comes twice: the conversation under kills, silence, storms and junk.

`python3 -m ops prove conversation [--dose F|N] [--only NAME ...]`. Each part runs the plain stack
first, in the same harness, and must see it fail; then ours, which must not. Verdicts are read
from the emulator's chats. Exit code 1 when a law was broken or a control did not fail.
"""

from __future__ import annotations

from ops.proofs.rig import front

#: Each part by its module of the rig.
PARTS = {
    "kills": "kills",
    "drop": "drop",
    "outage": "outage",
    "fuzz": "fuzz",
    "storm": "storm",
    "stale": "stale",
    "markdown": "prose",
}


def main(arguments: list[str]) -> int:
    return front.run("conversation", __doc__, PARTS, arguments)
