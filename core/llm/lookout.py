"""Gathering what a decision looks at: endpoints here and elsewhere, standings, limits, money, pace.

Reads only, once each for all endpoints; the judging is `choice.choose`. Nothing here waits for a
provider, but for the first probe of assumed addresses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from core.llm.books import Books
from core.llm.choice import is_kept
from core.llm.model import Endpoint, Readiness, RequestFacts, Standing
from core.llm.pool import Pool
from core.llm.sight import Field, Left, Sight

_UNLIMITED = Left()


def look(
    pool: Pool,
    books: Books,
    facts: RequestFacts,
    *,
    elsewhere: Iterable[Endpoint] = (),
    is_present: Callable[[str], bool] = lambda _place: True,
    preference: tuple[str, ...] = (),
    run_id: str | None = None,
) -> Field:
    """The field for one decision."""
    standings = pool.standings()
    endpoints = (*pool.endpoints(), *elsewhere)
    places = {each.place for each in endpoints}
    away = {place for place in places if not is_present(place)}
    standing = {each.name: standings.get(each.name) or pool.standing(each) for each in endpoints}
    asked = [
        each
        for each in endpoints
        if _may_count(facts, each, standing[each.name]) and each.place not in away
    ]
    left = books.left(asked, facts.prompt_tokens, facts.max_output)
    sights = {
        each.name: Sight(
            standing[each.name],
            left.get(each.name, _UNLIMITED),
            pool.paces.pace(each.name),
            each.place in away,
        )
        for each in endpoints
    }
    is_anybody_paid = any(each.price.is_paid for each in endpoints)
    return Field(
        endpoints,
        sights,
        preference,
        books.money(run_id) if is_anybody_paid else None,
        pool.paces.turns,
        facts.pinned,
    )


def _may_count(facts: RequestFacts, endpoint: Endpoint, standing: Standing) -> bool:
    """Whether what is left of its limits can matter; counting costs more than all the rest."""
    is_out = standing.readiness in {Readiness.COOLING, Readiness.ABSENT} or endpoint.is_paused
    return not is_out and (endpoint.is_mine or not is_kept(facts))
