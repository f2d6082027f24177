"""Every step of home with its room, and every workflow."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.conversation.carry_out import HandsRoom
    from core.db import Transaction
    from core.llm.books import Books
    from core.llm.credential_rows import KeyInfo
    from core.llm.pool import Pool
    from core.runs.exchange_nodes import Nodes
    from core.runs.model import Label
    from core.runs.registry import Registry
    from core.wiring.hands import Hands
    from core.wiring.house import House

#: Tokens of the window that is assumed while no model is in sight.
NO_WINDOW = 8192


def home_registry(
    base: House, pool: Pool, nodes: Nodes, hands: Hands, brings: HandsRoom
) -> Registry:
    """Every step of home with its room, and every workflow."""
    from core.approvals import rule_keeping
    from core.conversation import carry_out, summary, tools, turn
    from core.conversation import steps as conversation_steps
    from core.conversation.ports import ConversationRoom
    from core.execution import file_pruning
    from core.llm import steps as llm_steps
    from core.monitor import echo, probe
    from core.monitor import steps as monitor_steps
    from core.runs import pruning
    from core.runs.registry import Registry
    from core.runs.steps import bind
    from core.wiring.model_runs import model_runs

    room = ConversationRoom(
        db=base.db,
        threads=base.threads,
        clock=base.clock,
        runs=base.runs,
        window=lambda label: _window(pool, label),
        tools=lambda label: tools.offered(nodes, base.db, label),
    )
    model_steps, model_workflows = model_runs(base, pool, _books(base))
    return Registry(
        [
            *bind(conversation_steps, room),
            *bind(summary, room),
            *bind(tools, room),
            *bind(llm_steps, llm_steps.Room(pool)),
            *bind(monitor_steps, monitor_steps.Room(base.clock, base.settings.home)),
            *bind(probe, probe.ProbeRoom(base.preferences, base.clock, pool.health)),
            *bind(pruning, pruning.PruningRoom(base.clock)),
            *bind(carry_out, brings),
            *hands.bound(),
            *model_steps,
            *bind(rule_keeping, hands.rules),
        ],
        [
            turn.chat_turn,
            carry_out.carry_out,
            rule_keeping.keep_rule,
            rule_keeping.drop_rule,
            summary.summarise_thread,
            echo.echo,
            probe.probe_models,
            pruning.pruning,
            file_pruning.trash_purging,
            *model_workflows,
        ],
    )


def _books(base: House) -> Books:
    """Keys, limits and money of this place; a refused key is told of once."""
    from core.llm import key_notices
    from core.llm.catalog import may_have_key
    from core.llm.till import Till

    models = base.models

    def told(tx: Transaction, key: KeyInfo) -> None:
        base.mailbox.put(tx, key_notices.revoked(key))

    return Till(
        base.db,
        base.clock,
        models.looking,
        models.keys,
        may_have_key=lambda endpoint: may_have_key(endpoint, base.settings),
        on_dead=told,
    )


def _window(pool: Pool, label: Label) -> int:
    """Tokens that the model which would answer now can hold."""
    from core.llm.model import RequestFacts
    from core.llm.router import route

    found = route(RequestFacts(label=label), pool.endpoints(), pool.standings(), ())
    first = pool.get(found.candidates[0].endpoint) if found.candidates else None
    return first.context if first else NO_WINDOW
