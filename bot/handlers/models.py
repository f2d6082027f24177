"""/models: every model with how it is now; pause, prefer, pin, remove, and a check of all.

    /models             the list; `/models groq` opens the one that is meant
    /models test        a short check of all, as a run; a picture follows
    /models add ...     `adding.py`'s way to a new model or key
    /models pull ...    `local.py`'s way to a model on a machine of the owner's

What is changed here are rows: workers read them for the next answer. A key is never shown.
"""

from __future__ import annotations

from typing import Any

from bot.handlers import models_adding, models_local
from bot.handlers.incoming import Answer, Command, Incoming, Tapped, Verb, Word
from bot.handlers.models_facts import board, keys, listed, one
from bot.handlers.screens import say, show
from bot.render.translate import translator
from core.approvals.owner import actor_of
from core.db import Transaction
from core.llm import removing
from core.monitor.model_check import CheckAsked, check_all_models
from core.monitor.probe import Look, probe_models
from core.runs.buttons import Tap
from core.wiring import House


def command(house: House, tx: Transaction, said: Incoming) -> None:
    """`/models`, in the forms above."""
    word, _, rest = said.arguments.partition(" ")
    match word.lower():
        case "":
            _show_list(house, tx, said.chat_id)
        case "test":
            _test(house, tx, said)
        case "add":
            models_adding.command(house, tx, said, rest.strip())
        case "pull":
            models_local.pull_named(house, tx, said, rest.strip())
        case "local":
            models_local.show_places(house, tx, said.chat_id)
        case _:
            known = board(house).endpoints(tx)
            endpoint = house.models.rows.find(tx, said.arguments, known)
            show(house, tx, said.chat_id, "model", one(house, tx, said.chat_id, endpoint.name))


def _show_list(
    house: House, tx: Transaction, chat_id: int, page: int = 0, key: str | None = None
) -> None:
    """What is known, at once; a run brings to the same card what a look finds now."""
    card = show(house, tx, chat_id, "models", listed(house, tx, chat_id, page), key)
    house.runs.start(tx, probe_models, Look(chat_id, card))


def _test(house: House, tx: Transaction, said: Incoming) -> None:
    texts = translator(house.preferences.language(tx))
    house.runs.start(
        tx,
        check_all_models,
        CheckAsked(said.chat_id, said.message_id),
        key=f"{said.key}:models-test" if said.key else None,
        chat_id=said.chat_id,
        title=texts("models-test-title"),
    )
    say(house, tx, said.chat_id, "models-test-begun", silent=True)


# -- screens -------------------------------------------------------------------------------------


def turn_page(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`models.page`"""
    page = int(tap.params.get("page") or 0)
    _show_list(house, tx, tapped.said.chat_id, page, tap.card_key)
    return None


def open_one(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`models.open`"""
    _reshow(house, tx, tapped, tap)
    return None


def open_keys(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`models.keys`: the keys of a service, by their last letters."""
    facts = keys(house, tx, str(tap.params["service"]))
    show(house, tx, tapped.said.chat_id, "models-keys", facts, tap.card_key)
    return None


def open_removed(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`models.removed`"""
    _show_removed(house, tx, tapped, tap)
    return None


def test_all(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`models.test`"""
    _test(house, tx, tapped.said)
    return None


# -- changes -------------------------------------------------------------------------------------


def pause(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`models.pause`: not asked until it is resumed, and back."""
    name, is_on = _name(tap), bool(tap.params.get("on"))
    rows = house.models.rows
    (rows.pause if is_on else rows.resume)(tx, name)
    _note(house, tx, tapped, "model-paused" if is_on else "model-resumed", name)
    _reshow(house, tx, tapped, tap)
    return Word("models-paused" if is_on else "models-resumed", {"name": name})


def prefer(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`models.prefer`: the first choice from now on, and back."""
    name, is_on = _name(tap), bool(tap.params.get("on"))
    rows = house.models.rows
    (rows.prefer if is_on else rows.unprefer)(tx, name)
    _note(house, tx, tapped, "model-preferred" if is_on else "model-unpreferred", name)
    _reshow(house, tx, tapped, tap)
    return Word("models-preferred" if is_on else "models-unpreferred", {"name": name})


def pin(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`models.pin`: asked first in the thread the chat is in now, and back."""
    name, is_on = _name(tap), bool(tap.params.get("on"))
    thread = house.threads.current(tx, tapped.said.chat_id)
    house.models.rows.pin(tx, thread.id, name if is_on else None)
    _note(house, tx, tapped, "model-pinned" if is_on else "model-unpinned", name, thread=thread.id)
    _reshow(house, tx, tapped, tap)
    return Word("models-pinned" if is_on else "models-unpinned", {"name": name})


def remove(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`models.remove`: the first tap asks and says which keys would go with it; the second removes.
    It can be brought back from the screen that follows, a wiped key cannot."""
    name, models = _name(tap), house.models
    if not tap.params.get("sure"):
        going = removing.keys_with(models.rows, models.keys, tx, name)
        _reshow(house, tx, tapped, tap, sure=True, going=[each.hint for each in going])
        return None
    one(house, tx, tapped.said.chat_id, name)
    gone = removing.remove(models.rows, models.keys, tx, name)
    _note(house, tx, tapped, "model-removed", name)
    for key in gone:
        _note(house, tx, tapped, "model-key-removed", f"{key.service} {key.hint}")
    _show_removed(house, tx, tapped, tap)
    return Word("models-gone", {"name": name})


def restore(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`models.restore`"""
    name = _name(tap)
    house.models.rows.restore(tx, name)
    _note(house, tx, tapped, "model-restored", name)
    if any(each.name == name for each in board(house).endpoints(tx)):
        _reshow(house, tx, tapped, tap)
    else:  # its machine is away
        _show_removed(house, tx, tapped, tap)
    return Word("models-back", {"name": name})


def remove_key(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`models.key_remove`: the first tap asks, the second forgets the key for ever."""
    service, key_id, chat_id = (
        str(tap.params["service"]),
        str(tap.params["id"]),
        tapped.said.chat_id,
    )
    sure = "" if tap.params.get("sure") else key_id
    if not sure:
        hint = next(
            (each.hint for each in house.models.keys.of(tx, service) if each.id == key_id), ""
        )
        house.models.keys.remove(tx, key_id)
        _note(house, tx, tapped, "model-key-removed", f"{service} {hint}")
    show(
        house, tx, chat_id, "models-keys", {**keys(house, tx, service), "sure": sure}, tap.card_key
    )
    return None if sure else Word("models-key-gone")


# -- inside --------------------------------------------------------------------------------------


def _name(tap: Tap) -> str:
    return str(tap.params["name"])


def _reshow(house: House, tx: Transaction, tapped: Tapped, tap: Tap, **more: Any) -> None:
    facts = one(house, tx, tapped.said.chat_id, _name(tap))
    show(house, tx, tapped.said.chat_id, "model", {**facts, **more}, tap.card_key)


def _show_removed(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> None:
    facts = {"names": list(house.models.rows.removed(tx))}
    show(house, tx, tapped.said.chat_id, "models-removed", facts, tap.card_key)


def _note(house: House, tx: Transaction, tapped: Tapped, what: str, name: str, **more: str) -> None:
    house.audit.record(tx, what, actor_of(tapped.said.user_id), model=name, **more)


COMMANDS: dict[str, Command] = {"models": command}
VERBS: dict[str, Verb] = {
    "models.page": turn_page,
    "models.open": open_one,
    "models.keys": open_keys,
    "models.key_remove": remove_key,
    "models.removed": open_removed,
    "models.restore": restore,
    "models.pause": pause,
    "models.prefer": prefer,
    "models.pin": pin,
    "models.remove": remove,
    "models.test": test_all,
    **models_adding.VERBS,
    **models_local.VERBS,
}
ANSWERS: dict[str, Answer] = {**models_adding.ANSWERS, **models_local.ANSWERS}
