"""Memory as a document for the chat, and a document of the chat as memory.

Decides nothing of what is in either; that is `core.memory.carrying`. An export is private whatever
it holds: it is the owner's whole memory, or a choice out of it. Errors: Refused
(`memory-too-large`, `memory-file`, `blob-missing`).
"""

from __future__ import annotations

from dataclasses import dataclass

from core.db import Database
from core.errors import Refused
from core.memory import telling
from core.memory.carrying import EVERYTHING, Carries
from core.memory.rest_model import Written
from core.memory.rest_ports import Form
from core.memory.search_model import ItemKind
from core.runs.blobs import MOST_BLOB_BYTES, Blobs
from core.runs.model import Done, Kind, Label, WorkflowBody, workflow
from core.runs.ports import StepContext
from core.runs.steps import step
from core.upkeep.model import ExportMemory, ImportMemory

MEDIA: dict[Form, str] = {"json": "application/json", "markdown": "text/markdown"}
FORMS: dict[str, Form] = {"json": "json", "markdown": "markdown"}


@dataclass(frozen=True)
class CarryRoom:
    """What carrying needs at home."""

    db: Database
    carries: Carries
    blobs: Blobs


@dataclass(frozen=True)
class Exported:
    """A document as a blob, and what is in it: rows by table."""

    blob: str
    form: str
    rows: dict[str, int]


@dataclass(frozen=True)
class Imported:
    """What a document brought."""

    rows: dict[str, int]
    content_hash: str
    skipped: int = 0
    unreadable: int = 0


@step("memory.export", kind=Kind.READ, timeout_s=600.0)
def export(room: CarryRoom, ctx: StepContext, args: ExportMemory) -> Exported:
    """Write the document. Refused(`memory-too-large`) beyond what a chat takes: the machine itself
    writes any size (`ops memory export`)."""
    ctx.label = Label.PRIVATE
    form = FORMS.get(args.form, "json")
    items = [(ItemKind.RECORD, each) for each in args.record_ids]
    pieces, size, rows = [], 0, dict[str, int]()
    with room.db.read() as tx:
        for piece in room.carries.export(tx, form, EVERYTHING, items, counts=rows):
            size += len(piece)
            if size > MOST_BLOB_BYTES:
                raise Refused("memory-too-large", most=MOST_BLOB_BYTES)
            pieces.append(piece)
    with room.db.write() as tx:
        kept = room.blobs.keep(tx, b"".join(pieces), Label.PRIVATE, MEDIA[form])
    return Exported(kept.sha256, form, rows)


@step("memory.import", kind=Kind.LOCAL, timeout_s=900.0)
def take(room: CarryRoom, ctx: StepContext, args: ImportMemory) -> Imported:
    """Take the document, wholly or not at all."""
    tx = ctx.transaction
    assert tx is not None, "a LOCAL step has a transaction"
    ctx.label = Label.PRIVATE
    written = room.carries.take(tx, room.blobs.read(tx, args.sha256))
    return Imported(dict(written.rows), written.content_hash, written.skipped, written.unreadable)


@workflow("export_memory", version=1, args=ExportMemory)
def export_memory(args: ExportMemory) -> WorkflowBody:
    """The document goes to the chat that asked."""
    done: Exported = yield export(args)
    told = telling.document(
        done.blob,
        done.form,
        Written(done.rows, ""),
        chat_id=args.chat_id,
        reply_to=args.reply_to,
    )
    return Done(result={"rows": sum(done.rows.values())}, notices=(told,))


@workflow("import_memory", version=1, args=ImportMemory)
def import_memory(args: ImportMemory) -> WorkflowBody:
    """What the document brought is told; what made no sense in it, too."""
    done: Imported = yield take(args)
    written = Written(done.rows, done.content_hash, done.skipped, done.unreadable)
    told = telling.imported(written, args.chat_id, args.reply_to)
    return Done(result={"rows": sum(done.rows.values())}, notices=(told,))
