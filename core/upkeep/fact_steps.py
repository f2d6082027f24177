"""The steps of finding facts: the owner's unread talk for a model, and what becomes of its answer.

The model is told messages and known facts by number, never by id. Its answer stores nothing by
itself: `core.memory.proposals` judges every fact by the owner's own words.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from core.clock import Clock
from core.db import Database, Transaction
from core.llm.model import Message, Request, Role, Wish
from core.memory import fact_rules, telling
from core.memory.fact_model import Said
from core.memory.measure import cut_middle, tokens_of
from core.memory.normalise import normal, words_of
from core.memory.ports import Proposals, Records
from core.memory.record_model import Actor, Category, Record
from core.memory.unread_talk import UnreadTalk
from core.runs.model import Kind, Label
from core.runs.ports import StepContext
from core.runs.steps import step
from core.upkeep import fact_answers
from core.upkeep.model import ExtractFacts, FactsFound, FactsGathered, FactsKept
from core.upkeep.prompts import prompt

#: While the owner writes, nobody reads along.
QUIET = timedelta(minutes=20)
#: Messages looked at, and told, in one request.
MOST_LOOKED_AT, MOST_TOLD = 200, 40
#: Tokens of one message, of the known facts, and of the answer.
MOST_MESSAGE, MOST_KNOWN, MOST_OUTPUT = 500, 1000, 1500
#: Least tokens of material, however small the window.
LEAST_MATERIAL = 512
#: A message of fewer words states nothing.
LEAST_WORDS = 3
#: Cards shown of one batch; the rest waits in the list.
MOST_SHOWN = 3
#: Facts are copied down, not made up.
TEMPERATURE = 0.0
ACTOR = "extract_facts"


@dataclass(frozen=True)
class FactsRoom:
    """What the steps need. `window`: the tokens of the model that will probably be asked, question
    and answer together, for a run of some label."""

    db: Database
    clock: Clock
    unread: UnreadTalk
    proposals: Proposals
    records: Records
    window: Callable[[Label], int]


@step("facts.expire", kind=Kind.LOCAL)
def expire(room: FactsRoom, ctx: StepContext, _args: ExtractFacts) -> int:
    """Close the questions that nobody answered; how many."""
    assert ctx.transaction is not None, "a LOCAL step has a transaction"
    return room.proposals.expire(ctx.transaction, room.clock.now())


@step("facts.gather", kind=Kind.READ)
def gather(room: FactsRoom, ctx: StepContext, args: ExtractFacts) -> FactsGathered | None:
    """The next messages of a label for a model; None when there are none, or the owner is talking.
    Without a request where none of them can hold a fact."""
    with room.db.read() as tx:
        if not args.is_asked and not _is_quiet(room, tx):
            return None
        looked_at = room.unread.unread(tx, args.label, MOST_LOOKED_AT)
        known = _known(room, tx, args.label)
    if not looked_at:
        return None
    ctx.label = Label.highest(ctx.label, args.label)
    budget = room.window(args.label) - MOST_OUTPUT - tokens_of(prompt("facts", "en"))
    told = _told(looked_at, max(budget - MOST_KNOWN, LEAST_MATERIAL))
    is_whole = len(told) == len([each for each in looked_at if _is_telling(each)])
    return FactsGathered(
        request=_request(told, known, args.label) if told else None,
        upto=looked_at[-1].seq if is_whole else told[-1].seq,
        message_ids=tuple(each.message_id for each in told),
        label=args.label,
        record_ids=tuple(each.id for each in known),
    )


@step("facts.propose", kind=Kind.LOCAL)
def propose(room: FactsRoom, ctx: StepContext, found: FactsFound) -> FactsKept:
    """Keep what is sure, ask about the rest, and say so. An answer that cannot be read is asked for
    once more; then its messages count as read."""
    tx = ctx.transaction
    assert tx is not None, "a LOCAL step has a transaction"
    ctx.label = Label.highest(ctx.label, found.label)
    facts = fact_answers.read(found.text, found.message_ids, found.record_ids)
    if facts is None and not found.is_last_try:
        return FactsKept(is_readable=False)
    among = room.unread.again(tx, found.message_ids)
    actor = Actor(ACTOR, run_id=ctx.run.id)
    stored, asked = room.proposals.take(tx, facts or (), among, actor)
    room.unread.read_upto(tx, found.label, found.upto)
    ctx.notices += [telling.remembered(each) for each in stored]
    ctx.notices += [telling.proposal(each) for each in asked[:MOST_SHOWN]]
    return FactsKept(facts is not None, len(stored), len(asked))


def _is_quiet(room: FactsRoom, tx: Transaction) -> bool:
    last = room.unread.last_said(tx)
    return last is not None and room.clock.now() - last >= QUIET


def _is_telling(said: Said) -> bool:
    return len(words_of(normal(fact_rules.own_words(said.text)))) >= LEAST_WORDS


def _told(looked_at: Sequence[Said], budget: int) -> list[Said]:
    """The first messages that can hold a fact, as many as fit; at least one."""
    told: list[Said] = []
    left = budget
    for each in looked_at:
        if not _is_telling(each):
            continue
        left -= tokens_of(_line(len(told) + 1, each))
        if told and (left < 0 or len(told) == MOST_TOLD):
            break
        told.append(each)
    return told


def _known(room: FactsRoom, tx: Transaction, label: Label) -> list[Record]:
    """The standing facts that a run of that label may know, as many as fit."""
    known, left = [], MOST_KNOWN
    for record in room.records.standing(tx, label):
        left -= tokens_of(record.text) + 4
        if record.category is Category.FACT and left >= 0:
            known.append(record)
    return known


def _request(told: Sequence[Said], known: Sequence[Record], label: Label) -> Request:
    facts = "\n".join(f"{at}. {_flat(each.text)}" for at, each in enumerate(known, start=1))
    lines = "\n".join(_line(at, each) for at, each in enumerate(told, start=1))
    material = f"Known facts:\n{facts or '(none)'}\n\nMessages:\n{lines}"
    return Request(
        (Message("system", prompt("facts", "en")), Message("user", material)),
        label=label,
        max_output=MOST_OUTPUT,
        temperature=TEMPERATURE,
        wish=Wish(role=Role.SUMMARISE, is_sensitive=label is Label.PRIVATE),
    )


def _line(number: int, said: Said) -> str:
    text = cut_middle(fact_rules.own_words(said.text), MOST_MESSAGE)
    return f"[{number}] {said.at:%Y-%m-%d}: {_flat(text)}"


def _flat(text: str) -> str:
    return " ".join(text.split())
