"""Memory as documents: exported for the owner, imported from what the owner sends.

Both are runs: reading and writing everything takes a while. A file that is sent with the caption
`/memory import`, or after `/memory import`, is taken as memories and not as a file of a machine.
"""

from __future__ import annotations

from bot.handlers.incoming import Answer, Incoming, Tapped, Verb, Word
from bot.handlers.memory_query import of_json
from bot.handlers.screens import say
from bot.render.translate import Texts, translator
from core.db import Transaction
from core.errors import Refused
from core.memory.preferences import Question
from core.memory.search_model import ItemKind
from core.runs.blobs import SHA256
from core.runs.buttons import Tap
from core.runs.model import Label
from core.upkeep.carrying import export_memory, import_memory
from core.upkeep.model import ExportMemory, ImportMemory
from core.wiring import House

#: The open question for a document with memories.
DOCUMENT = "memory-document"
FORMS = {"json": "json", "markdown": "markdown", "md": "markdown"}
#: Records of a search that are exported one by one.
MOST_CHOSEN = 500
CAPTION = "/memory"
IMPORT = "import"


def begin_export(house: House, tx: Transaction, said: Incoming, form: str) -> None:
    """`/memory export [markdown]`. Refused(`memory-form`)."""
    _export(house, tx, said, form, ())


def export(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`memory.export`: everything, or the records that a search finds."""
    chosen: tuple[str, ...] = ()
    wanted = of_json(tap.params.get("q"))
    if not wanted.is_empty:
        found = house.memory.search.find(tx, wanted.query(limit=MOST_CHOSEN))
        chosen = tuple(hit.id for hit in found.hits if hit.kind is ItemKind.RECORD)
        if not chosen:
            return Word("memory-export-none")
    _export(house, tx, tapped.said, str(tap.params.get("form")), chosen)
    return Word("memory-exporting")


def _export(
    house: House, tx: Transaction, said: Incoming, form: str, chosen: tuple[str, ...]
) -> None:
    if form not in FORMS:
        raise Refused("memory-form", form=form[:20])
    house.runs.start(
        tx,
        export_memory,
        ExportMemory(FORMS[form], said.chat_id, said.message_id, chosen),
        key=f"{said.key}:export" if said.key else None,
        chat_id=said.chat_id,
        title=_texts(house, tx)("memory-title-export"),
        label=Label.PRIVATE,
    )


def ask_document(house: House, tx: Transaction, chat_id: int) -> None:
    """`/memory import`: the next document is it."""
    house.preferences.ask(tx, chat_id, Question(DOCUMENT))
    say(house, tx, chat_id, "memory-ask-document")


def is_meant(house: House, tx: Transaction, said: Incoming, caption: str) -> bool:
    """Is the document that was sent full of memories?"""
    words = caption.lower().split()
    if words[:1] == [CAPTION]:
        return words[1:2] in ([], [IMPORT])
    question = house.preferences.asking(tx, said.chat_id)
    return question is not None and question.topic == DOCUMENT


def begin_import(house: House, tx: Transaction, said: Incoming, sha256: str) -> None:
    """The document is here, as a blob of home's."""
    house.preferences.ask(tx, said.chat_id, None)
    house.runs.start(
        tx,
        import_memory,
        ImportMemory(sha256, said.chat_id, said.message_id),
        key=f"{said.key}:import" if said.key else None,
        chat_id=said.chat_id,
        title=_texts(house, tx)("memory-title-import"),
        label=Label.PRIVATE,
    )
    say(house, tx, said.chat_id, "memory-importing", reply_to=said.message_id, silent=True)


def import_held(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`memory.import`: a document that was sent without a word is full of memories."""
    sha256 = str(tap.params.get("sha256"))
    if not SHA256.fullmatch(sha256):
        raise Refused("stale-button")
    begin_import(house, tx, tapped.said, sha256)
    return None


def take_words(house: House, tx: Transaction, said: Incoming, question: Question) -> None:
    """Words where a document was asked for: the question stays."""
    house.preferences.ask(tx, said.chat_id, question)
    say(house, tx, said.chat_id, "memory-want-document", reply_to=said.message_id)


def _texts(house: House, tx: Transaction) -> Texts:
    return translator(house.preferences.language(tx))


VERBS: dict[str, Verb] = {"memory.export": export, "memory.import": import_held}
ANSWERS: dict[str, Answer] = {DOCUMENT: take_words}
