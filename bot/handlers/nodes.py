"""/nodes: the owner's machines: who is there, what they can do, invite, rename, revoke.

A machine is let in by a tap on a card that shows the same eight digits as its own screen. Revoking
takes two taps and is for good. Waiting for a machine that sleeps is a card of its own: cancel, or
do the same at home.
"""

from __future__ import annotations

from typing import Any

from bot.handlers.incoming import Answer, Command, Incoming, Tapped, Verb, Word
from bot.handlers.screens import say, show
from core.approvals.owner import actor_of
from core.conversation import carry_out
from core.db import Transaction
from core.errors import Refused
from core.memory.preferences import Question
from core.monitor.places import waited_step
from core.runs.buttons import Tap
from core.runs.exchange_joining_invitations import Invitations
from core.runs.exchange_nodes import HOME, Nodes, Peer
from core.runs.exchange_tampering import FIELD
from core.runs.model import Label
from core.wiring import House
from core.wiring.inviting import pairing_for

#: Open questions: the name of a machine to invite, and what to call one.
NAME_QUESTION, TITLE_QUESTION = "node-name", "node-title"
INVITE = "invite"
#: Characters of a machine's title, and of a wish's.
MOST_TITLE, MOST_WISH = 40, 80


def command(house: House, tx: Transaction, said: Incoming) -> None:
    """`/nodes`, `/nodes invite <name>`."""
    first, _, rest = said.arguments.partition(" ")
    if first.lower() == INVITE and rest.strip():
        _invite(house, tx, said, rest)
    else:
        show(house, tx, said.chat_id, "nodes", listed(house, tx))


def listed(house: House, tx: Transaction) -> dict[str, Any]:
    """The facts of the screen: every machine that is not revoked."""
    nodes = _nodes(house)
    rows = [facts(house, peer) for peer in nodes.all(tx) if not peer.revoked]
    return {"rows": rows, "at": house.clock.now().isoformat()}


def facts(house: House, peer: Peer) -> dict[str, Any]:
    """What is known of one machine; what it says of itself is data."""
    last = peer.last_hello_at
    return {
        "name": peer.name,
        "title": peer.title or peer.name,
        "online": peer.is_fresh(house.clock.now()),
        "last_seen": last.isoformat() if last else None,
        "is_mine": peer.is_mine,
        "offset_s": peer.load.get("offset_s"),
        "can": peer.can,
        "load": peer.load,
        "tampered": bool((peer.load.get(FIELD) or {}).get("going_on")),
    }


def open_list(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`nodes.list`: back to all machines."""
    show(house, tx, tapped.said.chat_id, "nodes", listed(house, tx), tap.card_key)
    return None


def open_one(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`nodes.open`"""
    peer = _peer(house, tx, tap)
    show(house, tx, tapped.said.chat_id, "node", facts(house, peer), tap.card_key)
    return None


# -- invite --------------------------------------------------------------------------------------


def ask_name(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`nodes.invite`: the next text of this chat is the machine's name."""
    house.preferences.ask(tx, tapped.said.chat_id, Question(NAME_QUESTION))
    say(house, tx, tapped.said.chat_id, "nodes-ask-name")
    return None


def take_name(house: House, tx: Transaction, said: Incoming, question: Question) -> None:
    """The answer to `ask_name`."""
    _invite(house, tx, said, said.text)


def _invite(house: House, tx: Transaction, said: Incoming, words: str) -> None:
    name = words.strip().lower()
    _invitations(house).invite(
        tx, name, lambda secret: pairing_for(house, tx, name, secret), actor_of(said.user_id)
    )


def trust(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`nodes.trust`: the owner saw the same digits on both screens."""
    by = actor_of(tapped.said.user_id)
    let_in = _invitations(house).trust(tx, str(tap.params["id"]), by)
    return Word("nodes-let-in", {"name": let_in.name})


def distrust(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`nodes.distrust`: the digits differ."""
    by = actor_of(tapped.said.user_id)
    kept_out = _invitations(house).distrust(tx, str(tap.params["id"]), by)
    return Word("nodes-kept-out", {"name": kept_out.name})


# -- rename and revoke ---------------------------------------------------------------------------


def ask_title(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`nodes.rename`: the next text of this chat is what the owner calls it."""
    peer = _peer(house, tx, tap)
    about = {"name": peer.name, "card": tap.card_key}
    house.preferences.ask(tx, tapped.said.chat_id, Question(TITLE_QUESTION, about))
    say(house, tx, tapped.said.chat_id, "nodes-ask-title", name=peer.title or peer.name)
    return None


def take_title(house: House, tx: Transaction, said: Incoming, question: Question) -> None:
    """The answer to `ask_title`."""
    name, nodes = str(question.about["name"]), _nodes(house)
    title = " ".join(said.text.split())[:MOST_TITLE]
    nodes.rename(tx, name, title or None)
    house.audit.record(tx, "node-renamed", actor_of(said.user_id), node=name)
    shown = facts(house, nodes.peer(tx, name))
    show(house, tx, said.chat_id, "node", shown, question.about.get("card"))


def revoke(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`nodes.revoke`: the first tap asks, the second one revokes, for good."""
    peer, chat_id = _peer(house, tx, tap), tapped.said.chat_id
    if not tap.params.get("sure"):
        show(house, tx, chat_id, "node", {**facts(house, peer), "sure": True}, tap.card_key)
        return None
    _nodes(house).revoke(tx, peer.name)
    house.rules.revoke_place(tx, peer.name, actor_of(tapped.said.user_id))
    house.audit.record(tx, "node-revoked", actor_of(tapped.said.user_id), node=peer.name)
    show(house, tx, chat_id, "nodes", listed(house, tx), tap.card_key)
    return Word("nodes-revoked", {"name": peer.title or peer.name})


# -- waiting for a machine that is away ----------------------------------------------------------


def cancel_wait(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`nodes.cancel`: the run ends; its card says so a moment later."""
    is_asked = house.runs.cancel(tx, str(tap.params["run_id"]))
    return Word("reply-stopping" if is_asked else "reply-nothing-to-stop")


def do_at_home(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`nodes.elsewhere`: the waiting run ends, and its step is asked for anew at home. There it is
    prepared and asked about like any other. Refused(`wait-over`, `private-place`)."""
    run = house.runs.get(tx, str(tap.params["run_id"]))
    step = waited_step(tx, run.id) if run is not None else None
    if run is None or step is None or run.state.is_final:
        raise Refused("wait-over")
    if run.label is not Label.OPEN:
        raise Refused("private-place", node=HOME)
    house.runs.cancel(tx, run.id)
    wish = carry_out.Wish(
        step=str(step["name"]),
        inputs=dict(step["inputs"]),
        place=HOME,
        title=str(run.title or step["name"])[:MOST_WISH],
        language=house.preferences.language(tx),
        chat_id=tapped.said.chat_id,
        reply_to=run.reply_to,
    )
    carry_out.start(house, tx, wish, key=f"elsewhere:{run.id}", label=run.label)
    return Word("nodes-at-home-now")


# -- inside --------------------------------------------------------------------------------------


def _nodes(house: House) -> Nodes:
    return Nodes(house.db, house.clock)


def _invitations(house: House) -> Invitations:
    return Invitations(house.clock, _nodes(house), house.mailbox.put, house.audit)


def _peer(house: House, tx: Transaction, tap: Tap) -> Peer:
    return _nodes(house).peer(tx, str(tap.params["name"]))


COMMANDS: dict[str, Command] = {"nodes": command}
VERBS: dict[str, Verb] = {
    "nodes.list": open_list,
    "nodes.open": open_one,
    "nodes.invite": ask_name,
    "nodes.trust": trust,
    "nodes.distrust": distrust,
    "nodes.rename": ask_title,
    "nodes.revoke": revoke,
    "nodes.cancel": cancel_wait,
    "nodes.elsewhere": do_at_home,
}
ANSWERS: dict[str, Answer] = {NAME_QUESTION: take_name, TITLE_QUESTION: take_title}
