"""What of everything remembered goes into a prompt: label first, then the budget. Pure.

The outcome depends on the candidates, not on the order they come in. Its own order is what a
provider's cache needs: what changes least stands first. Rules, in this order:

- An open reader gets no private words. Of private talk, and of a private summary, a line says that
  something stands there; of other private things there is no trace.
- The newest message of the talk always stays, cut in its middle when it alone is over the budget;
  older ones follow without a gap, as long as they fit.
- Nothing is told twice: what the talk or a standing fact says is not called up again.
- What is much weaker than the best that was found is left out.

Missing guarantee: tokens are an upper guess (`core.memory.measure`), not a tokenizer's count.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from core.memory.context_model import Budget, Built, Candidate, ContextItem, LeftOut, Place
from core.memory.measure import MESSAGE_OVERHEAD, cut_middle, tokens_of
from core.runs.model import Label

PRIVATE_MESSAGE = "[A private message stands here; this run may not read it.]"
PRIVATE_SUMMARY = "[The summary of earlier messages is private; this run may not read it.]"
#: What an open reader is told of a private thing, by its place.
PLACEHOLDERS = {Place.TALK: PRIVATE_MESSAGE, Place.SUMMARY: PRIVATE_SUMMARY}
#: Tokens of a line besides its words: its mark, its date, who said it.
LINE_OVERHEAD = 16
#: A cut text of fewer tokens says nothing.
LEAST_CUT = 48
#: One line takes at most this part of its place's budget.
LINE_SHARE = 3
#: What scores less than this share of the best found is too far from the question.
WEAK_SHARE = 0.25


@dataclass
class _Making:
    """A prompt while it is put together."""

    reader: Label
    items: list[ContextItem] = field(default_factory=list)
    left_out: list[tuple[str, LeftOut]] = field(default_factory=list)
    told: set[str] = field(default_factory=set)  # words that are inside, in one spelling
    inside: set[tuple[str, str]] = field(default_factory=set)
    used: int = 0
    placeholders: int = 0

    def take(self, each: Candidate, text: str, tokens: int) -> None:
        is_placeholder = not _may_read(each, self.reader)
        self.items.append(
            ContextItem(
                id=each.id,
                kind=each.kind,
                place=each.place,
                text=text,
                label=Label.OPEN if is_placeholder else each.label,
                reason=each.reason,
                tokens=tokens,
                at=each.at,
                is_cut=not is_placeholder and text != each.text,
            )
        )
        self.used += tokens
        self.placeholders += is_placeholder
        self.inside.add((each.kind, each.id))
        if not is_placeholder:
            self.told.add(_spelling(each.text))

    def leave(self, each: Candidate, why: LeftOut) -> None:
        self.left_out.append((each.id, why))

    def has(self, each: Candidate) -> bool:
        return (each.kind, each.id) in self.inside or _spelling(each.text) in self.told


def build(budget: Budget, candidates: Sequence[Candidate], reader: Label) -> Built:
    """What fits, in the prompt's order; what does not, with the reason."""
    making = _Making(reader)
    seen = [each for each in candidates if _has_trace(each, making)]
    free = max(budget.total - min(budget.least_talk, budget.total), 0)
    _summary(making, _of(seen, Place.SUMMARY), min(budget.summary, free))
    standing = min(budget.standing, free - making.used)
    _lines(making, _best_first(_of(seen, Place.STANDING)), standing)
    matters = _near(making, _of(seen, Place.MATTERS))
    wanted = sum(_cost(each.text) for each in matters)
    called_up = max(min(budget.matters, free - making.used, wanted), 0)
    _talk(making, _of(seen, Place.TALK), budget.total - making.used - called_up)
    _lines(making, matters, called_up)
    return Built(
        items=tuple(_in_order(making.items, seen)),
        left_out=tuple(sorted(making.left_out)),
        label=Label.highest(Label.OPEN, *(each.label for each in making.items)),
        placeholders=making.placeholders,
    )


def _has_trace(each: Candidate, making: _Making) -> bool:
    """May the reader know that it is there?"""
    if _may_read(each, making.reader) or each.place in PLACEHOLDERS:
        return True
    making.leave(each, LeftOut.LABEL)
    return False


def _may_read(each: Candidate, reader: Label) -> bool:
    return each.label is Label.OPEN or reader is Label.PRIVATE


def _of(candidates: Iterable[Candidate], place: Place) -> list[Candidate]:
    return [each for each in candidates if each.place is place]


def _best_first(candidates: Iterable[Candidate]) -> list[Candidate]:
    return sorted(candidates, key=lambda each: (-each.score, each.id, each.kind))


def _summary(making: _Making, candidates: list[Candidate], most: int) -> None:
    """Summaries, cut to `most` tokens together."""
    left = most
    for each in _best_first(candidates):
        text = each.text if _may_read(each, making.reader) else PRIVATE_SUMMARY
        if tokens_of(text) > left:
            text = cut_middle(text, left) if left >= LEAST_CUT else ""
        if not text or tokens_of(text) > left:
            making.leave(each, LeftOut.BUDGET)
            continue
        making.take(each, text, tokens_of(text))
        left -= tokens_of(text)


def _near(making: _Making, candidates: list[Candidate]) -> list[Candidate]:
    """What is near the question, best first."""
    found = _best_first(candidates)
    best = found[0].score if found else 0.0
    near = []
    for each in found:
        if each.score < best * WEAK_SHARE:
            making.leave(each, LeftOut.WEAK)
        else:
            near.append(each)
    return near


def _lines(making: _Making, candidates: list[Candidate], most: int) -> None:
    """Lines in the order given, each at most a share of `most` tokens, as long as they fit."""
    left, longest = most, max(most // LINE_SHARE - LINE_OVERHEAD, LEAST_CUT)
    for each in candidates:
        if making.has(each):
            making.leave(each, LeftOut.SAME)
            continue
        if left < min(tokens_of(each.text), longest) + LINE_OVERHEAD:
            making.leave(each, LeftOut.BUDGET)
            continue
        text = cut_middle(each.text, longest)
        making.take(each, text, _cost(text))
        left -= _cost(text)


def _talk(making: _Making, candidates: list[Candidate], most: int) -> None:
    """The newest messages that fit, without a gap; the newest always."""
    left, is_full = most, False
    for index, each in enumerate(sorted(candidates, key=_when, reverse=True)):
        if is_full:
            making.leave(each, LeftOut.BUDGET)
            continue
        text = each.text if _may_read(each, making.reader) else PRIVATE_MESSAGE
        if index == 0:
            text = cut_middle(text, max(left - MESSAGE_OVERHEAD, 1))
        cost = tokens_of(text) + MESSAGE_OVERHEAD
        is_full = index > 0 and cost > left
        if is_full:
            making.leave(each, LeftOut.BUDGET)
            continue
        making.take(each, text, cost)
        left -= cost


def _when(each: Candidate) -> tuple[float, float, str]:
    """Where a message stands in its talk: `score` is its position there."""
    return each.score, each.at.timestamp() if each.at else 0.0, each.id


def _in_order(items: list[ContextItem], seen: list[Candidate]) -> list[ContextItem]:
    """By place, inside a place by id, the talk by its time."""
    ranks = {each.id: rank for rank, each in enumerate(sorted(_of(seen, Place.TALK), key=_when))}

    def key(item: ContextItem) -> tuple[int, int, str, str]:
        rank = ranks[item.id] if item.place is Place.TALK else 0
        return item.place, rank, item.id, item.kind

    return sorted(items, key=key)


def _cost(text: str) -> int:
    return tokens_of(text) + LINE_OVERHEAD


def _spelling(text: str) -> str:
    return " ".join(text.casefold().split())
