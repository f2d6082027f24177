"""A new model or key, step by step: service or address, model, key, test call.

The message with the key is deleted at once and scrubbed from its update before anything else is
done with it; from then on the key is its id. A key that comes by editing a message is taken in the
same way. What the test call finds comes as a notice from the worker. A command instead of an answer
ends the questions.
"""

from __future__ import annotations

import re
from typing import Any

from bot.handlers.forgetting import forget
from bot.handlers.incoming import Answer, Incoming, Tapped, Verb, Word
from bot.handlers.models_facts import keys
from bot.handlers.screens import say, show
from core import redaction
from core.approvals.owner import actor_of
from core.db import Transaction
from core.errors import Refused
from core.llm.adding import AddModel, Wanted
from core.llm.credential_rows import is_like_a_key
from core.llm.shipped import service_of, services
from core.memory.preferences import Question
from core.runs.buttons import Tap
from core.wiring import House

#: Open questions; `about` has what is wanted so far.
ADDRESS, MODEL, KEY = "models-address", "models-model", "models-key"
#: Texts that name an address.
SCHEMES = ("http://", "https://")
#: `/models add <service or address> <key>`.
WITH_KEY = re.compile(r"/models(?:@\w+)?\s+add\s+(\S+)\s+(\S.*)", re.IGNORECASE | re.DOTALL)


def command(house: House, tx: Transaction, said: Incoming, words: str) -> None:
    """`/models add`, `/models add <service or address> [key]`."""
    first, _, key = words.partition(" ")
    if not first:
        show(house, tx, said.chat_id, "models-add", _offered(house))
    elif not key.strip():
        _next(house, tx, said.chat_id, _start(house, tx, first))
    else:
        forget(house, tx, said)
        _whole(house, tx, said, first, key)


def _whole(house: House, tx: Transaction, said: Incoming, first: str, key: str) -> None:
    """Service and key in one message, which is gone by now."""
    try:
        wanted = _start(house, tx, first)
    except Refused as refusal:  # told here: a rollback would keep the key in the update
        say(house, tx, said.chat_id, f"err-{refusal.code}", **refusal.params)
        return
    if house.models.desk.needs(wanted) == "key":
        _give(house, tx, said, wanted, key)
    else:
        _next(house, tx, said.chat_id, wanted)


def begin(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`models.add`: which service, or another address."""
    show(house, tx, tapped.said.chat_id, "models-add", _offered(house), tap.card_key)
    return None


def choose(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`models.service`: the next text is its key."""
    _next(house, tx, tapped.said.chat_id, house.models.desk.start(tx, str(tap.params["service"])))
    return None


def ask_address(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`models.address`: the next text is where a service is."""
    house.preferences.ask(tx, tapped.said.chat_id, Question(ADDRESS))
    say(house, tx, tapped.said.chat_id, "models-ask-address")
    return None


def take_address(house: House, tx: Transaction, said: Incoming, question: Question) -> None:
    """The answer to `ask_address`."""
    _next(house, tx, said.chat_id, house.models.desk.start(tx, base_url=said.text.strip()))


def take_model(house: House, tx: Transaction, said: Incoming, question: Question) -> None:
    """Which model is meant at an address."""
    wanted = house.models.desk.with_model(tx, _wanted(question.about), said.text.strip())
    _next(house, tx, said.chat_id, wanted)


def take_key(house: House, tx: Transaction, said: Incoming, question: Question) -> None:
    """The key: its message is gone before it is looked at."""
    forget(house, tx, said)
    _give(house, tx, said, _wanted(question.about), said.text)


def take_edited(house: House, tx: Transaction, said: Incoming) -> bool:
    """Take an edited message that brings a key: as the command above, or where a key is asked for.
    False when it brings none. Telegram also sends an edit when it adds a preview to an address, so
    an address is no key here."""
    if command := WITH_KEY.fullmatch(said.text):
        forget(house, tx, said)
        _whole(house, tx, said, command[1], command[2])
        return True
    question = house.preferences.asking(tx, said.chat_id)
    if question is None or question.topic != KEY or not _holds_key(said.text):
        return False
    house.preferences.ask(tx, said.chat_id, None)
    take_key(house, tx, said, question)
    return True


def without_key(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`models.keyless`: an address nearby that wants none."""
    chat_id = tapped.said.chat_id
    house.preferences.ask(tx, chat_id, None)
    house.models.desk.without_key(tx, _wanted(tap.params), chat_id)
    return Word("models-trying")


# -- after the test call -------------------------------------------------------------------------


def again(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`models.again`: one more test call."""
    house.models.desk.again(tx, _tried(tap), tapped.said.chat_id)
    return Word("models-trying")


def anyway(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`models.anyway`: keep it untested."""
    what = _tried(tap)
    house.models.desk.anyway(tx, what)
    _note(house, tx, tapped, "model-added", what.wanted.service)
    return Word("models-kept")


def drop(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`models.drop`: the key is wiped."""
    what = _tried(tap)
    if house.models.desk.drop(tx, what):
        _note(house, tx, tapped, "model-key-removed", what.wanted.service)
    return Word("models-dropped")


def plan(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`models.plan`: whether the service's key is on a paid plan."""
    service, is_paid = str(tap.params["service"]), bool(tap.params.get("paid"))
    house.models.rows.plan(tx, service, is_paid=is_paid)
    _note(house, tx, tapped, "model-plan", service, plan="paid" if is_paid else "free")
    show(house, tx, tapped.said.chat_id, "models-keys", keys(house, tx, service), tap.card_key)
    return Word("models-plan-paid" if is_paid else "models-plan-free")


# -- inside --------------------------------------------------------------------------------------


def _offered(house: House) -> dict[str, Any]:
    names = [{"name": each.name, "title": each.title} for each in house.models.desk.services()]
    return {"services": names}


def _start(house: House, tx: Transaction, word: str) -> Wanted:
    """What a word means: an address, or a service."""
    if word.lower().startswith(SCHEMES):
        return house.models.desk.start(tx, base_url=word)
    return house.models.desk.start(tx, _named(word))


def _named(word: str) -> str:
    """The service somebody means, by name or title; the word itself where there is none."""
    meant = word.strip().lower()
    known = (each.name for each in services().values() if meant in {each.name, each.title.lower()})
    return next(known, meant)


def _next(house: House, tx: Transaction, chat_id: int, wanted: Wanted) -> None:
    """Ask what is still missing, or have it tried."""
    needs = house.models.desk.needs(wanted)
    if needs == "nothing":
        house.models.desk.without_key(tx, wanted, chat_id)
        say(house, tx, chat_id, "models-trying")
        return
    topic = MODEL if needs == "model" else KEY
    house.preferences.ask(tx, chat_id, Question(topic, {"wanted": vars(wanted)}))
    facts = {
        "wanted": vars(wanted),
        "title": service_of(wanted.service).title,
        "needs": needs,
        "may_lack": house.models.desk.may_lack_key(wanted),
    }
    show(house, tx, chat_id, "models-ask", facts)


def _give(house: House, tx: Transaction, said: Incoming, wanted: Wanted, key: str) -> None:
    try:
        house.models.desk.key_given(tx, wanted, key, said.chat_id)
    except Refused as refusal:  # told here: a rollback would keep the key in the update
        house.preferences.ask(tx, said.chat_id, Question(KEY, {"wanted": vars(wanted)}))
        say(house, tx, said.chat_id, f"err-{refusal.code}", **refusal.params)
        return
    house.audit.record(tx, "model-key-given", actor_of(said.user_id), service=wanted.service)
    say(house, tx, said.chat_id, "models-key-taken", silent=True)


def _holds_key(text: str) -> bool:
    """A key alone, or something secret among words."""
    if text.lower().startswith(("/", *SCHEMES)):
        return False
    return is_like_a_key(text) or bool(redaction.find(text))


def _wanted(about: dict[str, Any]) -> Wanted:
    return Wanted(**about["wanted"])


def _tried(tap: Tap) -> AddModel:
    return AddModel(_wanted(tap.params), str(tap.params.get("credential") or ""))


def _note(
    house: House, tx: Transaction, tapped: Tapped, what: str, service: str, **more: str
) -> None:
    house.audit.record(tx, what, actor_of(tapped.said.user_id), service=service, **more)


VERBS: dict[str, Verb] = {
    "models.add": begin,
    "models.service": choose,
    "models.address": ask_address,
    "models.keyless": without_key,
    "models.again": again,
    "models.anyway": anyway,
    "models.drop": drop,
    "models.plan": plan,
}
ANSWERS: dict[str, Answer] = {ADDRESS: take_address, MODEL: take_model, KEY: take_key}
