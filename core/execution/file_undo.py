"""Taking a change back: the former state comes from the trash, by the same way as any change.

Decides what an undo would do and whether something came in between: `conflict` is a field of its
action, so policy asks. The undo is a change itself, so it can be taken back, too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from core.db import canonical
from core.errors import Refused
from core.execution import changes, file_text
from core.execution.changes import Change, ChangeState, Part
from core.execution.file_change import Wanted, former
from core.execution.file_errors import border
from core.execution.file_plans import Plan
from core.execution.file_ports import Shape
from core.execution.file_tree import FIRST, MOST_KEPT, Check, State, look
from core.execution.files import whole_content
from core.execution.roots import Spot
from core.execution.trash import Trash

LAST = "last"
#: Bytes of texts whose difference is shown.
MOST_SHOWN = 1_000_000


class Undoing:
    """Plans of undoing at one place; `core.execution.file_plans.Plans.perform` carries them out."""

    def __init__(self, trash: Trash) -> None:
        self._trash = trash

    def undo(self, change_id: str, check: Check = lambda: None) -> Plan:
        """What taking back a change, or the `last` one, would do. Refused(`change-missing`,
        `change-gone`, `change-undone`, `nothing-changes`, `undo-place-missing`)."""
        change = self._found(change_id)
        pairs = [(part, self._now(part, check)) for part in change.parts]
        open_pairs = [(part, now) for part, now in pairs if now.digest != part.before]
        if not open_pairs:
            raise Refused("nothing-changes", path=_shown(change.parts))
        conflict = any(now.digest != part.after for part, now in open_pairs)
        parts = [part for part, _ in open_pairs]
        wanted = [self._wanted(change, part, now, check) for part, now in open_pairs]
        size = sum(now.size for _, now in open_pairs)
        can_keep = size <= MOST_KEPT and not any(now.has_special for _, now in open_pairs)
        return Plan(
            "undo",
            "version" if can_keep else "none",
            wanted[0].spot,
            tuple(wanted),
            _fields(change, wanted, conflict=conflict),
            self._preview(change, open_pairs, conflict=conflict),
            f"Took back the change of {_shown(parts)}.",
            {"entries": len(parts), "bytes": sum(part.size for part in parts)},
            change.id,
        )

    def _found(self, change_id: str) -> Change:
        with self._trash.db.read() as tx:
            change = changes.last(tx) if change_id == LAST else changes.find(tx, change_id)
        if change.state is ChangeState.UNDONE:
            raise Refused("change-undone")
        if change.state is not ChangeState.KEPT:
            raise Refused("change-gone")
        return change

    def _now(self, part: Part, check: Check) -> State:
        spot = self._spot(part)
        try:
            with border(spot.shown), spot.parent() as folder:
                return look(folder, spot.name, check=check)
        except Refused as error:
            if error.code == "file-missing":
                raise Refused("undo-place-missing", path=spot.upward().shown) from error
            raise

    def _wanted(self, change: Change, part: Part, now: State, check: Check) -> Wanted:
        if part.before is not None and part.archive is None:
            raise Refused("change-gone")
        build = former(self._trash, change.id, part, check) if part.before is not None else None
        return Wanted(self._spot(part), now, part.before, build)

    def _preview(
        self, change: Change, pairs: Sequence[tuple[Part, State]], *, conflict: bool
    ) -> dict[str, Any]:
        seen: dict[str, Any] = {
            "count": len(pairs),
            "first_names": [part.shown for part, _ in pairs[:FIRST]],
            "size_bytes": sum(part.size for part, _ in pairs),
            "conflict": conflict,
            "changed_at": change.created_at.isoformat(),
        }
        if len(pairs) == 1:
            seen |= self._diff(change, *pairs[0])
        return seen

    def _diff(self, change: Change, part: Part, now: State) -> dict[str, Any]:
        """From what is there to what would be there, where both are texts or nothing."""
        is_text = part.shape in {None, Shape.FILE.value} and now.shape in {None, Shape.FILE}
        if not is_text or max(part.size, now.size) > MOST_SHOWN:
            return {}
        new = self._trash.content(change.id, part) if part.before is not None else b""
        old = whole_content(self._spot(part), MOST_SHOWN) if now.is_there else b""
        before, after = file_text.decode(old), file_text.decode(new)
        if before is None or after is None:
            return {"is_binary": True}
        return file_text.diff(before[0], after[0]).preview()

    def _spot(self, part: Part) -> Spot:
        return self._trash.roots.spot(part.root, part.path)


def _fields(change: Change, wanted: Sequence[Wanted], *, conflict: bool) -> dict[str, Any]:
    """What the owner decides on: every spot with the digests before and after."""
    parts = [
        [each.spot.root.name, each.spot.path, each.before.digest, each.after] for each in wanted
    ]
    fields: dict[str, Any] = {
        "change": change.id,
        "of": change.kind,
        "conflict": conflict,
        "entries": len(wanted),
        "tree": hashlib.sha256(canonical(parts).encode()).hexdigest(),
        "size": change.size,
        "is_workspace": all(each.spot.is_workspace for each in wanted),
    }
    if len(wanted) == 1:
        fields |= {"before": wanted[0].before.digest, "after": wanted[0].after}
    return fields


def _shown(parts: Sequence[Part]) -> str:
    more = f" and {len(parts) - 1} more" if len(parts) > 1 else ""
    return f"{parts[0].shown}{more}" if parts else "nothing"
