"""A worker that calls until it is done or killed: `router_worker '{"lab": ..., ...}'`."""

from __future__ import annotations

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from core.errors import MaskError
from ops.emulator.models.lab_client import Lab
from ops.proofs.rig.router_crew import Plan
from ops.proofs.rig.router_speed import PATIENT
from ops.proofs.rig.router_system import Given, system


def main(plan: Plan) -> None:
    """Make the plan's calls, several at once, when told to."""
    given = Given(Path(plan.home), plan.budget_micros, plan.redis_url, PATIENT)
    with system(Lab(plan.lab), given) as ours:

        def one(number: int) -> str:
            try:
                ours.ask(plan.request(number))
            except MaskError as error:
                return error.code
            return ""

        print("ready", flush=True)
        sys.stdin.readline()
        with ThreadPoolExecutor(plan.threads) as pool:
            print(json.dumps(list(pool.map(one, range(plan.first, plan.last)))), flush=True)


if __name__ == "__main__":
    main(Plan(**json.loads(sys.argv[1])))
