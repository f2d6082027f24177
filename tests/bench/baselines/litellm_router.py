# ruff: noqa: T201 - its only output is a line of JSON
"""LiteLLM's Router over the laboratory, timed; runs in its own environment, never in ours.

`python litellm_router.py '{"endpoints": [{"url", "model", "key"}...], "calls": N, "warm_up": N}'`
prints one JSON line: seconds per call of the bare `openai` client and of each routing strategy.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any

MESSAGES = [{"role": "user", "content": "hello"}]
#: LiteLLM's default, and the one that counts requests and tokens as ours does.
STRATEGIES = ("simple-shuffle", "usage-based-routing-v2")


def timed(call: Callable[[], Any], plan: dict[str, Any]) -> dict[str, list[float]]:
    """Wall and processor seconds of each call, after the warm-up."""
    for _ in range(plan["warm_up"]):
        call()
    walls, cpus = [], []
    for _ in range(plan["calls"]):
        begun, cpu = time.perf_counter(), time.process_time()
        call()
        walls.append(time.perf_counter() - begun)
        cpus.append(time.process_time() - cpu)
    return {"wall": walls, "cpu": cpus}


def read(stream: Any) -> None:
    """To the end; an answer without a word is a mistake of the bench."""
    parts = [part.choices[0].delta.content or "" for part in stream if part.choices]
    assert any(parts)


def bare(plan: dict[str, Any]) -> Callable[[], None]:
    import openai

    endpoint = plan["endpoints"][0]
    client = openai.OpenAI(api_key=endpoint["key"], base_url=endpoint["url"], max_retries=0)

    def call() -> None:
        with client.chat.completions.create(
            model=endpoint["model"], messages=MESSAGES, stream=True, max_tokens=64
        ) as stream:
            read(stream)

    return call


def routed(plan: dict[str, Any], strategy: str) -> Callable[[], None]:
    import litellm

    router = litellm.Router(
        model_list=[
            {
                "model_name": "any",
                "litellm_params": {
                    "model": f"openai/{endpoint['model']}",
                    "api_base": endpoint["url"],
                    "api_key": endpoint["key"],
                    "rpm": 100_000,
                    "tpm": 100_000_000,
                },
            }
            for endpoint in plan["endpoints"]
        ],
        routing_strategy=strategy,
        num_retries=0,
    )

    def call() -> None:
        stream = router.completion(model="any", messages=MESSAGES, stream=True, max_tokens=64)
        read(stream)

    return call


def main() -> None:
    warnings.simplefilter("ignore")
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    asyncio.set_event_loop(asyncio.new_event_loop())
    plan = json.loads(sys.argv[1])
    import litellm

    litellm.telemetry = False
    litellm.suppress_debug_info = True
    found = {"bare": timed(bare(plan), plan)}
    for strategy in STRATEGIES:
        found[strategy] = timed(routed(plan, strategy), plan)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
