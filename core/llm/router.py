"""What the router must know of a request, and the choice over bare standings.

The choice itself is `choice.choose`; `route` is for whoever knows nothing but standings: no limits,
no money, no pace.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from core.llm.choice import choose
from core.llm.model import Endpoint, Request, RequestFacts, Route, Standing
from core.llm.sight import Field, Sight
from core.llm.tokens import prompt_tokens
from core.runs.model import Label


def facts_of(request: Request) -> RequestFacts:
    """What the router must know of a request. Its size is that of the owner's last words."""
    said = [each.content for each in request.messages if each.role == "user"]
    wish = request.wish
    return RequestFacts(
        label=request.label,
        prompt_tokens=prompt_tokens(request),
        max_output=request.max_output,
        needs_tools=bool(request.tools),
        needs_vision=wish.needs_vision,
        urgency=wish.urgency,
        role=wish.role,
        language=wish.language,
        characters=len(said[-1]) if said else 0,
        is_sensitive=wish.is_sensitive,
        pinned=wish.pinned,
        is_hard=wish.is_hard,
    )


def may_have_tools(label: Label, endpoints: Iterable[Endpoint]) -> bool:
    """Whether to offer tools under this label: not where everybody who may have the text lacks
    them, for then nobody would be left to answer."""
    asked = [
        each
        for each in endpoints
        if (each.is_mine or label is Label.OPEN)
        and not (each.missing or each.is_paused or each.provider == "scripted")
    ]
    return not asked or any(each.tools for each in asked)


def route(
    facts: RequestFacts,
    endpoints: Iterable[Endpoint],
    standings: Mapping[str, Standing],
    preference: Sequence[str] = (),
) -> Route:
    """The ordered candidates and who was ruled out, by standings alone."""
    sights = {name: Sight(standing) for name, standing in standings.items()}
    return choose(facts, Field(tuple(endpoints), sights, preference, pinned=facts.pinned))
