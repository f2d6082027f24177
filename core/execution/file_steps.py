"""The steps that look at files and change them, each gated, each with its own arguments.

`prepare` reads and says what would be; the handler does exactly that or nothing. A path is
`name:/below`, or `below` in the first root. What is read in a root that is not open makes the run
private before anything of it is returned.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from core.errors import Refused
from core.execution.file_plans import Plan, Plans
from core.execution.file_search import Search, Wanted
from core.execution.file_undo import LAST, Undoing
from core.execution.files import Files
from core.execution.model import Effect, Seen
from core.execution.roots import Roots, Spot
from core.runs import actions
from core.runs.model import Action, Kind, Label
from core.runs.ports import StepContext
from core.runs.steps import step


@dataclass(frozen=True)
class FileRoom:
    """What the file steps need. `label_of` says of a root's name whether what is in it may leave
    the owner's machines (policy's `labels`)."""

    place: str
    roots: Roots
    files: Files
    search: Search
    plans: Plans
    undoing: Undoing
    label_of: Callable[[str], Label]


@dataclass(frozen=True)
class ListFiles:
    """One page of a folder, from 1."""

    path: str = ""
    page: int = 1


@dataclass(frozen=True)
class ReadFile:
    """A text from `line` on: 1 is the first, -1 the last. `letter` skips letters of that line."""

    path: str
    line: int = 1
    letter: int = 0


@dataclass(frozen=True)
class SearchFiles:
    """Files below `path` with `words` in their name or text. `where`: both, names, text. `after`:
    go on behind this hit."""

    words: str
    path: str = ""
    where: str = "both"
    after: str = ""


@dataclass(frozen=True)
class FetchFile:
    """A whole file as a blob."""

    path: str


@dataclass(frozen=True)
class WriteFile:
    """A text as a file. `mode`: write (new or instead of the old), create, replace, append."""

    path: str
    text: str
    mode: str = "write"


@dataclass(frozen=True)
class EditFile:
    """`old`, which must be there once, becomes `new`; every one with `all`. Empty `old` appends."""

    path: str
    old: str
    new: str
    all: bool = False


@dataclass(frozen=True)
class DeleteFile:
    """A file, or a folder with everything in it."""

    path: str


@dataclass(frozen=True)
class PutFile:
    """Bytes as a file: `data` in base64, or `blob`, the reference of one that is at this place.
    `mode`: create, replace, write (either)."""

    path: str
    data: str = ""
    blob: dict[str, Any] | None = None
    mode: str = "create"


@dataclass(frozen=True)
class UndoChange:
    """Take a change back; the last one that stands, unless named. `path` is not used."""

    change_id: str = LAST
    path: str = ""


@step("files.list", kind=Kind.READ, timeout_s=60, gated=True)
def list_files(room: FileRoom, ctx: StepContext, asked: ListFiles) -> Seen:
    """What is in a folder."""
    spot = _spot(room, ctx, asked.path)
    _agreed(ctx, _reading("list_files", room, spot))
    return room.files.list_folder(spot, asked.page, ctx.cancel.check)


@list_files.prepare
def prepare_list(room: FileRoom, ctx: StepContext, asked: ListFiles) -> Action:
    return _reading("list_files", room, _spot(room, ctx, asked.path))


@step("files.read", kind=Kind.READ, timeout_s=120, gated=True)
def read_file(room: FileRoom, ctx: StepContext, asked: ReadFile) -> Seen:
    """A portion of a text."""
    spot = _spot(room, ctx, asked.path)
    _agreed(ctx, _reading("read_file", room, spot))
    return room.files.read_text(spot, asked.line, asked.letter, ctx.cancel.check)


@read_file.prepare
def prepare_read(room: FileRoom, ctx: StepContext, asked: ReadFile) -> Action:
    return _reading("read_file", room, _spot(room, ctx, asked.path))


@step("files.search", kind=Kind.READ, timeout_s=60, gated=True)
def search_files(room: FileRoom, ctx: StepContext, asked: SearchFiles) -> Seen:
    """Files by name or by words in them."""
    spot = _spot(room, ctx, asked.path)
    _agreed(ctx, _reading("search_files", room, spot))
    wanted = Wanted(asked.words, asked.where, asked.after)
    return room.search.run(spot, wanted, ctx.cancel.check)


@search_files.prepare
def prepare_search(room: FileRoom, ctx: StepContext, asked: SearchFiles) -> Action:
    return _reading("search_files", room, _spot(room, ctx, asked.path))


@step("files.fetch", kind=Kind.READ, timeout_s=300, gated=True)
def fetch_file(room: FileRoom, ctx: StepContext, asked: FetchFile) -> Seen:
    """A whole file."""
    spot = _spot(room, ctx, asked.path)
    _agreed(ctx, _reading("read_file", room, spot))
    return room.files.fetch(spot, room.label_of(spot.root.name), ctx.cancel.check)


@fetch_file.prepare
def prepare_fetch(room: FileRoom, ctx: StepContext, asked: FetchFile) -> Action:
    return _reading("read_file", room, _spot(room, ctx, asked.path))


@step("files.write", kind=Kind.ONCE, timeout_s=300, gated=True)
def write_file(room: FileRoom, ctx: StepContext, asked: WriteFile) -> Effect:
    """A text becomes a file."""
    return _done(room, ctx, _write(room, ctx, asked))


@write_file.prepare
def prepare_write(room: FileRoom, ctx: StepContext, asked: WriteFile) -> Action:
    return _write(room, ctx, asked).action(room.place)


@step("files.edit", kind=Kind.ONCE, timeout_s=300, gated=True)
def edit_file(room: FileRoom, ctx: StepContext, asked: EditFile) -> Effect:
    """A passage of a text becomes another."""
    return _done(room, ctx, _edit(room, ctx, asked))


@edit_file.prepare
def prepare_edit(room: FileRoom, ctx: StepContext, asked: EditFile) -> Action:
    return _edit(room, ctx, asked).action(room.place)


@step("files.delete", kind=Kind.ONCE, timeout_s=600, gated=True)
def delete_file(room: FileRoom, ctx: StepContext, asked: DeleteFile) -> Effect:
    """A file or a tree goes, into the trash where it fits."""
    return _done(room, ctx, _delete(room, ctx, asked))


@delete_file.prepare
def prepare_delete(room: FileRoom, ctx: StepContext, asked: DeleteFile) -> Action:
    return _delete(room, ctx, asked).action(room.place)


@step("files.put", kind=Kind.ONCE, timeout_s=300, gated=True)
def put_file(room: FileRoom, ctx: StepContext, asked: PutFile) -> Effect:
    """Bytes become a file."""
    return _done(room, ctx, _put(room, ctx, asked))


@put_file.prepare
def prepare_put(room: FileRoom, ctx: StepContext, asked: PutFile) -> Action:
    return _put(room, ctx, asked).action(room.place)


@step("files.undo", kind=Kind.ONCE, timeout_s=600, gated=True)
def undo_change(room: FileRoom, ctx: StepContext, asked: UndoChange) -> Effect:
    """A change is taken back."""
    return _done(room, ctx, _undo(room, ctx, asked, _agreed_change(ctx)))


@undo_change.prepare
def prepare_undo(room: FileRoom, ctx: StepContext, asked: UndoChange) -> Action:
    return _undo(room, ctx, asked, _agreed_change(ctx)).action(room.place)


def _write(room: FileRoom, ctx: StepContext, asked: WriteFile) -> Plan:
    spot = _spot(room, ctx, asked.path)
    return room.plans.write(spot, asked.text, asked.mode, ctx.cancel.check)


def _edit(room: FileRoom, ctx: StepContext, asked: EditFile) -> Plan:
    spot = _spot(room, ctx, asked.path)
    return room.plans.edit(spot, asked.old, asked.new, every=asked.all, check=ctx.cancel.check)


def _delete(room: FileRoom, ctx: StepContext, asked: DeleteFile) -> Plan:
    return room.plans.delete(_spot(room, ctx, asked.path), ctx.cancel.check)


def _put(room: FileRoom, ctx: StepContext, asked: PutFile) -> Plan:
    spot = _spot(room, ctx, asked.path)
    return room.plans.put(spot, asked.data, asked.blob, asked.mode, ctx.cancel.check)


def _undo(room: FileRoom, ctx: StepContext, asked: UndoChange, agreed: str | None) -> Plan:
    """ "last" is settled when it is first prepared: a later change must not slip in its place."""
    plan = room.undoing.undo(agreed or asked.change_id, ctx.cancel.check)
    for wanted in plan.wanted:
        _label(room, ctx, wanted.spot)
    return plan


def _agreed_change(ctx: StepContext) -> str | None:
    if ctx.action is None:
        return None
    return str(actions.read(ctx.action.canonical)["change"])


def _spot(room: FileRoom, ctx: StepContext, path: str) -> Spot:
    spot = room.roots.find(path)
    _label(room, ctx, spot)
    return spot


def _label(room: FileRoom, ctx: StepContext, spot: Spot) -> None:
    """Also a preview, a size or an error tells of content."""
    ctx.label = Label.highest(ctx.label, room.label_of(spot.root.name))


def _reading(kind: str, room: FileRoom, spot: Spot) -> Action:
    """What is read is not in the action: a file that grows is read as it is by then."""
    return actions.make(
        kind,
        room.place,
        undo="nothing-changes",
        preview={"path": str(spot.system_path)},
        root=spot.root.name,
        path=spot.path,
        before=None,
        after=None,
    )


def _agreed(ctx: StepContext, action: Action) -> None:
    """Law 3, once more at the last moment. Refused(`action-changed`)."""
    if ctx.action is not None and ctx.action.digest != action.digest:
        was, is_now = ctx.action.digest[:8], action.digest[:8]
        raise Refused("action-changed", was=was, now=is_now)


def _done(room: FileRoom, ctx: StepContext, plan: Plan) -> Effect:
    _agreed(ctx, plan.action(room.place))
    return room.plans.perform(plan, ctx.run.id, ctx.position, ctx.cancel.check)
