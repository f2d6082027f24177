"""Every step of home with its room, and every workflow."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.conversation.carry_out import HandsRoom
    from core.conversation.ports import ConversationRoom
    from core.runs.exchange_nodes import Nodes
    from core.runs.registry import Registry
    from core.wiring.hands import Hands
    from core.wiring.home_models import HomeModels
    from core.wiring.house import House
    from core.wiring.upkeep import Upkeep


def home_registry(
    base: House,
    models: HomeModels,
    nodes: Nodes,
    hands: Hands,
    brings: HandsRoom,
    upkeep: Upkeep,
) -> Registry:
    """Every step of home with its room, and every workflow."""
    from core.approvals import rule_keeping
    from core.conversation import carry_out, remembering, summary, tools, turn
    from core.conversation import steps as conversation_steps
    from core.execution import file_pruning
    from core.monitor import echo, probe
    from core.monitor import steps as monitor_steps
    from core.runs import pruning
    from core.runs.registry import Registry
    from core.runs.steps import bind
    from core.wiring.upkeep import AT_NODES, WORKFLOWS

    room = _conversation(base, models, nodes, upkeep)
    return Registry(
        [
            *bind(conversation_steps, room),
            *bind(remembering, room),
            *bind(summary, room),
            *bind(tools, room),
            *bind(monitor_steps, monitor_steps.Room(base.clock, base.settings.home)),
            *bind(probe, probe.ProbeRoom(base.preferences, base.clock, models.pool.health)),
            *bind(pruning, pruning.PruningRoom(base.clock, {"calls": models.ledger.prune})),
            *bind(carry_out, brings),
            *hands.bound(),
            *models.bound(),
            *upkeep.bound(),
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
            *models.workflows(),
            *WORKFLOWS,
        ],
        elsewhere=AT_NODES,
    )


def _conversation(
    base: House, models: HomeModels, nodes: Nodes, upkeep: Upkeep
) -> ConversationRoom:
    """Threads and memory, and what the model that would answer can hold and use."""
    from core.conversation import tools
    from core.conversation.ports import ConversationRoom

    return ConversationRoom(
        db=base.db,
        threads=base.threads,
        clock=base.clock,
        runs=base.runs,
        window=models.window,
        contexts=upkeep.contexts(),
        records=base.memory.records,
        tools=lambda label: (
            tools.offered(nodes, base.db, label) if models.may_use_tools(label) else ()
        ),
    )
