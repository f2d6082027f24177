"""The facts of the screens about models, as JSON values; how they look is `bot/render`."""

from __future__ import annotations

from typing import Any

from core.db import Transaction
from core.errors import Refused
from core.llm.credential_rows import REMOVED
from core.llm.endpoint_store import as_said
from core.llm.model import Endpoint, Failure
from core.llm.ollama_offers import PLAIN, offers
from core.llm.shipped import paid_plan_prices, service_of
from core.monitor import local_models
from core.monitor.model_board import Line, ModelBoard, Offers
from core.monitor.probe import found_lately
from core.runs.exchange_nodes import HOME, Nodes
from core.wiring import House

#: Models on one page of the list.
ROWS = 6
#: Says on the card that it is this screen: the probe's run puts its findings there.
SCREEN = "models"


def board(house: House) -> ModelBoard:
    """Reads what all processes of this place share."""
    models = house.models
    return ModelBoard(
        house.clock,
        models.rows,
        models.keys,
        models.standings,
        models.looking,
        models.spending,
        local=lambda tx: _local(house, tx),
        reached=lambda tx: _reached(house, tx),
    )


def listed(house: House, tx: Transaction, chat_id: int, page: int = 0) -> dict[str, Any]:
    """One page of all models."""
    seen = board(house)
    everybody = seen.endpoints(tx)
    pages = max(1, -(-len(everybody) // ROWS))
    page = min(max(page, 0), pages - 1)
    shown = seen.lines(tx, everybody[page * ROWS : (page + 1) * ROWS])
    pinned = _pinned(house, tx, chat_id)
    return {
        "screen": SCREEN,
        "rows": [line_facts(each, pinned) for each in shown],
        "page": page,
        "pages": pages,
        "total": len(everybody),
        "removed": len(house.models.rows.removed(tx)),
    }


def one(house: House, tx: Transaction, chat_id: int, name: str) -> dict[str, Any]:
    """One model, opened. Refused(`endpoint-unknown`)."""
    seen = board(house)
    found = next((each for each in seen.endpoints(tx) if each.name == name), None)
    if found is None:
        raise Refused("endpoint-unknown", name=name[:60])
    (line,) = seen.lines(tx, [found])
    service = found.service or found.provider
    return {
        **line_facts(line, _pinned(house, tx, chat_id)),
        "model": found.model,
        "service": service,
        "service_title": service_of(service).title,
        "context": found.context,
        "max_output": found.max_output,
        "tools": found.tools,
        "vision": found.vision,
        "roles": [role.value for role in found.roles],
        "strength": found.strength,
        "price": {"prompt": found.price.prompt, "completion": found.price.completion},
        "is_own": line.is_own,
        "is_local": found.provider == "ollama",
        "wants_key": not service_of(service).is_keyless and found.provider != "scripted",
        "has_plans": bool(paid_plan_prices(service)),
        "calls": line.sums.calls,
        "answered": line.sums.answered,
        "took_ms": line.sums.took_ms,
    }


def line_facts(line: Line, pinned: str) -> dict[str, Any]:
    """What the list tells of one model."""
    return {
        "name": line.endpoint.name,
        "place": line.endpoint.place,
        "is_mine": line.endpoint.is_mine,
        "is_paid": line.endpoint.price.is_paid,
        "state": line.state.value,
        "until": line.until.isoformat() if line.until else None,
        "detail": line.detail,
        "left": [
            {"dimension": each.dimension.value, "left": each.left, "most": each.most}
            for each in line.gauges
        ],
        "limit_in_s": line.limit_in_s,
        "first_ms": line.sums.first_token_ms,
        "micros": line.sums.micros,
        "share": round(100 * line.share),
        "preferred": line.is_preferred,
        "pinned": line.endpoint.name == pinned,
    }


def keys(house: House, tx: Transaction, service: str) -> dict[str, Any]:
    """The keys of one service: their last letters, never more."""
    kept = [each for each in house.models.keys.of(tx, service) if each.state != REMOVED]
    return {
        "service": service,
        "title": service_of(service).title,
        "keys": [
            {
                "id": each.id,
                "hint": each.hint,
                "state": each.state,
                "why": each.why,
                "uses": each.uses,
                "from_environment": each.from_environment,
            }
            for each in kept
        ],
        "can_add": house.models.desk.takes_keys(tx, service),
        "has_plans": bool(paid_plan_prices(service)),
    }


def _pinned(house: House, tx: Transaction, chat_id: int) -> str:
    return house.models.rows.pinned(tx, house.threads.current(tx, chat_id).id)


def _local(house: House, tx: Transaction) -> Offers:
    """What watched model servers offer, at home and at present nodes."""
    nodes, versions = Nodes(house.db, house.clock), house.models.versions
    like = _like(house, tx)
    told = local_models.known(tx, house.preferences, nodes, house.clock)
    at_home = next((facts for facts in told if facts.place == HOME), None)
    found = local_models.elsewhere(tx, nodes, house.clock, versions, like)
    own: tuple[Endpoint, ...] = ()
    if at_home is not None:
        is_mine = house.settings.place == "mine"
        own = offers(at_home, versions.choice(tx, HOME), is_mine=is_mine, like=like)
    rows = house.models.rows.rows(tx)
    return Offers(as_said(rows, (*own, *found)), here=bool(own))


def _like(house: House, tx: Transaction) -> Endpoint:
    known = (each for each in house.models.rows.offered(tx) if each.provider == "ollama")
    return next(known, PLAIN)


def _reached(house: House, tx: Transaction) -> dict[str, str]:
    """Who did not answer the last probe, and what it said."""
    found = found_lately(house.preferences, tx, house.clock.now()) or []
    return {
        str(each["name"]): str(each["detail"] or Failure.UNREACHABLE)
        for each in found
        if not each["is_up"] and not str(each["detail"]).startswith(Failure.NOT_SET_UP)
    }
