"""A worker that streams until it is killed: `router_worker '{"lab": ..., "home": ..., ...}'`."""

from __future__ import annotations

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from core.errors import MaskError
from core.llm.model import Message, Request
from ops.emulator.models.lab_client import Lab
from ops.proofs.rig.router_kills import Plan
from ops.proofs.rig.router_system import Given, system


def main(plan: Plan) -> None:
    """Make the plan's calls, several at once."""
    with system(Lab(plan.lab), Given(home=Path(plan.home))) as ours:

        def one(number: int) -> str:
            said = (Message("user", f"tell me a long story, the {number}th"),)
            try:
                return ours.ask(Request(messages=said, max_output=256)).endpoint
            except MaskError as error:
                return error.code

        with ThreadPoolExecutor(plan.threads) as pool:
            print(list(pool.map(one, range(plan.first, plan.last))), file=sys.stderr)


if __name__ == "__main__":
    main(Plan(**json.loads(sys.argv[1])))
