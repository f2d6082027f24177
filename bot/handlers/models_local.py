"""Models on the owner's machines: fetch, try and switch, go back, look for newer ones.

Nothing here touches a model server: each wish is a run whose steps go to the place, and fetching
asks first, on a card with the size. What came of it returns to the screen it was asked from.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from bot.handlers.incoming import Answer, Incoming, Tapped, Verb, Word
from bot.handlers.screens import say, show
from bot.render.translate import translator
from core.db import Transaction
from core.errors import Refused
from core.llm.model import Role
from core.llm.ollama_facts import Installed, ModelName, ServerFacts
from core.llm.ollama_work import (
    BackAsked,
    Card,
    PlaceAsked,
    PullAsked,
    SwitchAsked,
    check_models,
    pull_model,
    roll_back_model,
    serve_models,
    switch_model,
)
from core.memory.preferences import Question
from core.monitor import local_models
from core.runs.buttons import Tap
from core.runs.exchange_nodes import HOME, Nodes
from core.runs.model import Workflow
from core.wiring import House

#: The open question which model to fetch; `about` has the place.
NAME = "models-pull-name"
#: A name as it is typed.
EXAMPLE = "qwen3:14b"
#: What a model may be switched on for.
ROLES = (Role.CHAT, Role.CODE, Role.SUMMARISE, Role.EMBED)


def show_places(house: House, tx: Transaction, chat_id: int, key: str | None = None) -> None:
    """Every place that has told of a model server; the only one is opened at once."""
    told = _known(house, tx)
    if len(told) == 1:
        _show_place(house, tx, chat_id, told[0].place, key)
        return
    places = [{"place": each.place, "state": each.state.value} for each in told]
    show(house, tx, chat_id, "models-places", {"places": places}, key)


def pull_named(house: House, tx: Transaction, said: Incoming, words: str) -> None:
    """`/models pull <model> [place]`; without a name it is asked for."""
    name, _, place = words.partition(" ")
    place = place.strip() or HOME
    if name:
        _pull(house, tx, said.chat_id, name, place, None, said.key)
    else:
        _ask_name(house, tx, said.chat_id, place)


# -- screens -------------------------------------------------------------------------------------


def open_places(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`models.local`"""
    show_places(house, tx, tapped.said.chat_id, tap.card_key)
    return None


def open_place(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`models.here`: one place's server and its models."""
    _show_place(house, tx, tapped.said.chat_id, str(tap.params["place"]), tap.card_key)
    return None


def open_model(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`models.installed`: one model of a place: what it may be switched on for."""
    place, name = str(tap.params["place"]), str(tap.params["model"])
    told = _at(house, tx, place)
    found = told.find(name)
    if found is None:
        raise Refused("local-model-missing", model=name)
    serving = _serving(house, tx, told)
    params = {
        "place": place,
        **_model(found, told, serving),
        "digest8": found.digest[:8],
        "context": found.context,
        "abilities": list(found.abilities),
        "can": [role.value for role in ROLES if found.can(role)],
    }
    show(house, tx, tapped.said.chat_id, "models-installed", params, tap.card_key)
    return None


# -- wishes --------------------------------------------------------------------------------------


def ask_name(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`models.pull`: the next text of this chat names the model."""
    _ask_name(house, tx, tapped.said.chat_id, str(tap.params["place"]), tap.card_key)
    return None


def take_name(house: House, tx: Transaction, said: Incoming, question: Question) -> None:
    """The answer to `ask_name`."""
    place, card = str(question.about["place"]), question.about.get("card")
    _pull(house, tx, said.chat_id, said.text.strip(), place, card, said.key)


def fetch(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`models.fetch`: the newer version of a model that is here."""
    place, name = str(tap.params["place"]), str(tap.params["model"])
    _pull(house, tx, tapped.said.chat_id, name, place, tap.card_key, None)
    return None


def use(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`models.use`: this model for that role, once it has passed its trial."""
    name, role = str(tap.params["model"]), Role(str(tap.params["role"]))
    asked = SwitchAsked(name, role, str(tap.params["place"]), _card(tapped, tap))
    _start(house, tx, tapped.said.chat_id, switch_model, asked, "models-title-switch", name=name)
    return Word("models-trial-begun")


def go_back(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`models.former`: what served a role before, again."""
    former = house.models.versions.find(tx, str(tap.params["version"]))
    asked = BackAsked(former.id, _card(tapped, tap))
    begin = partial(_start, house, tx, tapped.said.chat_id)
    begin(roll_back_model, asked, "models-title-back", name=former.name)
    return Word("models-going-back")


def look_for_updates(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`models.updates`"""
    place = str(tap.params["place"])
    asked = PlaceAsked(place, _card(tapped, tap))
    _start(house, tx, tapped.said.chat_id, check_models, asked, "models-title-check", name=place)
    return Word("models-looking")


def serve(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`models.serve`: have the server run."""
    place = str(tap.params["place"])
    asked = PlaceAsked(place, _card(tapped, tap))
    _start(house, tx, tapped.said.chat_id, serve_models, asked, "models-title-serve", name=place)
    return Word("models-starting")


# -- inside --------------------------------------------------------------------------------------


def _show_place(house: House, tx: Transaction, chat_id: int, place: str, key: str | None) -> None:
    told = _at(house, tx, place)
    serving = _serving(house, tx, told)
    versions = house.models.versions
    formers = {role: versions.former(tx, place, role) for role in ROLES}
    params = {
        "place": place,
        "state": told.state.value,
        "version": told.version,
        "note": told.note,
        "memory": told.memory.total,
        "models": [_model(each, told, serving) for each in told.models],
        "smaller": dict(told.smaller or {}),
        "former": [
            {"role": role.value, "id": each.id, "model": each.name}
            for role, each in formers.items()
            if each is not None and told.find(each.name) is not None
        ],
    }
    show(house, tx, chat_id, "models-place", params, key)


def _model(model: Installed, told: ServerFacts, serving: dict[Role, str]) -> dict[str, Any]:
    return {
        "model": model.name,
        "size": model.size,
        "parameters": model.parameters,
        "loaded": any(each.name == model.name for each in told.loaded),
        "in_cloud": model.is_in_cloud,
        "roles": [role.value for role, name in serving.items() if name == model.name],
    }


def _serving(house: House, tx: Transaction, told: ServerFacts) -> dict[Role, str]:
    """Which installed model answers for each role now."""
    from core.llm.ollama_offers import chosen

    choice = house.models.versions.choice(tx, told.place)
    found = {role: chosen(told.models, role, choice) for role in ROLES}
    return {role: model.name for role, model in found.items() if model is not None}


def _known(house: House, tx: Transaction) -> tuple[ServerFacts, ...]:
    return local_models.known(tx, house.preferences, Nodes(house.db, house.clock), house.clock)


def _at(house: House, tx: Transaction, place: str) -> ServerFacts:
    """Refused(`models-no-server`): that place has not told of one."""
    found = next((each for each in _known(house, tx) if each.place == place), None)
    if found is None:
        raise Refused("models-no-server", place=place)
    return found


def _ask_name(
    house: House, tx: Transaction, chat_id: int, place: str, card: str | None = None
) -> None:
    house.preferences.ask(tx, chat_id, Question(NAME, {"place": place, "card": card}))
    say(house, tx, chat_id, "models-ask-pull", place=_place(house, tx, place), example=EXAMPLE)


def _pull(
    house: House,
    tx: Transaction,
    chat_id: int,
    typed: str,
    place: str,
    card: str | None,
    key: str | None,
) -> None:
    """Its card asks, with the size, as soon as the place has looked it up."""
    name = ModelName.read(typed).short
    if place != HOME:
        Nodes(house.db, house.clock).peer(tx, place)
    asked = PullAsked(name, place, Card(chat_id, card or ""))
    run_key = f"{key}:pull" if key else None
    begin = partial(_start, house, tx, chat_id, key=run_key)
    begin(pull_model, asked, "models-title-pull", name=name)
    say(house, tx, chat_id, "models-pull-begun", name=name, silent=True)


def _start(
    house: House,
    tx: Transaction,
    chat_id: int,
    workflow: Workflow,
    asked: Any,
    title: str,
    *,
    name: str,
    key: str | None = None,
) -> None:
    said = translator(house.preferences.language(tx))(title, name=name)
    house.runs.start(tx, workflow, asked, key=key, chat_id=chat_id, title=said)


def _card(tapped: Tapped, tap: Tap) -> Card:
    return Card(tapped.said.chat_id, tap.card_key or "")


def _place(house: House, tx: Transaction, place: str) -> str:
    texts = translator(house.preferences.language(tx))
    return texts("place-home") if place == HOME else place


VERBS: dict[str, Verb] = {
    "models.local": open_places,
    "models.here": open_place,
    "models.installed": open_model,
    "models.pull": ask_name,
    "models.fetch": fetch,
    "models.use": use,
    "models.former": go_back,
    "models.updates": look_for_updates,
    "models.serve": serve,
}
ANSWERS: dict[str, Answer] = {NAME: take_name}
