"""The systems that stand side by side: ours, and the naive stacks."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from ops import programs, startup
from ops.programs import Program
from ops.proofs.rig.stand import OWNER, TOKEN, Site, StandBroken, System

#: The model of the proofs: answers at once with what it was told.
ECHO: dict[str, Any] = {"rules": [{"when": "", "reply": "{line}"}]}
#: Places where a real model or database could come from: none of them in a proof.
UNSET = (
    "MASK_KEY", "MASK_DATABASE_URL", "DB_PATH", "MASK_WEBHOOK_URL", "GROQ_API_KEY",
    "OPENAI_API_KEY", "OPENAI_BASE_URL", "CLAUDE_API_KEY", "GEMINI_API_KEY", "MISTRAL_API_KEY",
    "COHERE_API_KEY", "OPENROUTER_API_KEY", "TOGETHER_API_KEY", "DEEPSEEK_API_KEY", "RENDER_URL",
    "APPROVAL_TIMEOUT",
)  # fmt: skip


def mask(*, script: dict[str, Any] | None = None, worker_redis: str | None = None) -> System:
    """The Mask with a scripted model. `worker_redis`: another way to Redis for all but the bot."""

    def system(site: Site) -> list[Program]:
        env = mask_settings(site, ECHO if script is None else script)
        if startup.migrate(site.home, {**programs.settings(env)}):
            raise StandBroken("the database cannot be made; see above")
        found = programs.home(env, needs=(site.redis.port,))
        if worker_redis is None:
            return found
        other = {"MASK_REDIS_URL": worker_redis}
        return [
            each if each.name == "bot" else replace(each, env={**each.env, **other})
            for each in found
        ]

    return system


def mask_settings(site: Site, script: dict[str, Any]) -> dict[str, str]:
    """The settings of ours in a stand."""
    path = site.home / "script.json"
    path.write_text(json.dumps(script), encoding="utf-8")
    return {
        **dict.fromkeys(UNSET, ""),
        "MASK_HOME": str(site.home),
        "MASK_PLACE": "mine",
        "MASK_NODE": "home",
        "MASK_PRACTICE": "1",
        "MASK_TELEGRAM_TOKEN": TOKEN,
        "MASK_TELEGRAM_API": site.telegram,
        "MASK_OWNER_ID": str(OWNER),
        "MASK_REDIS_URL": site.redis.url,
        "MASK_SCRIPTED_MODEL": str(path),
    }


def naive(
    kind: str = "celery",
    *,
    redis_url: str | None = None,
    text: Path | None = None,
    version: int = 1,
) -> System:
    """A plain PTB bot; with `celery` a plain worker (prefork 2) answers."""

    def system(site: Site) -> list[Program]:
        env = {
            "NAIVE_API": site.telegram,
            "NAIVE_TOKEN": TOKEN,
            "NAIVE_REDIS": redis_url or site.redis.url,
            "NAIVE_TEXT": str(text or ""),
            "NAIVE_VERSION": str(version),
        }
        bot_env = {**env, "NAIVE_REDIS": site.redis.url}
        bot = Program("bot", _python("ops.proofs.naive.bot", kind), programs.settings(bot_env))
        if kind != "celery":
            return [bot]
        command = ("celery", "-A", "ops.proofs.naive.tasks", "worker", "-c", "2")
        settings = programs.settings(env)
        del settings["REMAP_SIGTERM"]
        return [bot, Program("worker", _python(*command), settings, needs=(site.redis.port,))]

    return system


def _python(*words: str) -> tuple[str, ...]:
    return (sys.executable, "-m", *words)


NODE = "pc"
#: A word in the owner's message that makes the model ask the node, and one of the answer then.
ASK_NODE, NODE_TOLD = "machine", "the-machine-answered"
#: The model of proofs with a node.
NODE_ECHO: dict[str, Any] = {
    "rules": [
        {"when": ASK_NODE, "tool_calls": [{"name": "machine_facts", "arguments": {"place": NODE}}]},
        {"when_tool": "", "reply": NODE_TOLD},
        *ECHO["rules"],
    ]
}


def mask_with_node() -> System:
    """The Mask with a paired node beside it, in a folder of its own."""

    def system(site: Site) -> list[Program]:
        found = mask(script=NODE_ECHO)(site)
        env = {
            **mask_settings(site, NODE_ECHO),
            "MASK_HOME": str(site.home / NODE),
            "MASK_NODE": NODE,
            "MASK_TELEGRAM_TOKEN": "",
        }
        pair(site, env)
        return [*found, *(replace(each, name="node") for each in programs.node(NODE, env))]

    return system


def pair(site: Site, node_env: dict[str, str]) -> None:
    """What the owner does by hand: carry the pairing to the node, and its card to home."""
    from core import config, seal, wiring
    from core.approvals.owner import actor_of
    from core.approvals.peers import current_key
    from core.runs import exchange_pairing
    from core.runs.exchange_nodes import Nodes
    from core.runs.ports import NoWake
    from core.wiring.signing import open_signing

    home, node = config.load(**mask_settings(site, NODE_ECHO)), config.load(**node_env)
    node.home.mkdir(parents=True)
    base = wiring.house(home, NoWake())
    try:
        open_signing(base)  # the key that grants are signed with is made at the first start
        mine = seal.open_identity(home.home, base.master)
        with base.db.write() as tx:
            keys = (current_key(tx) or "",)
            pairing = exchange_pairing.make_pairing(
                NODE, mine, site.redis.url, grant_keys=keys, owner=actor_of(OWNER)
            )
            theirs = seal.open_identity(node.home, wiring.open_master(node))
            card = exchange_pairing.accept_pairing(node.home, pairing, theirs)
            nodes = Nodes(base.db, base.clock)
            exchange_pairing.register_card(tx, nodes, card, is_mine=True)
    finally:
        base.db.close()
