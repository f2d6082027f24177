"""The floor: what no rule opens and no tap grants. Home and each node apply it, each by itself.

    disk         format a disk, change partitions, write to a device
    outside      delete (or reach for files) outside the allowed roots
    root         delete a root itself, or a whole disk
    keys         read or copy key stores: private keys, password stores, the system's accounts
    own          reach into The Mask's own database, keys, policy
    disable      stop, disable or remove The Mask itself
    argv         no list of arguments that every system starts as it stands
    environment  variables that make a program run something else

Judges canonical fields only: argument list, folder, environment, root and path. Spellings of
Linux, macOS and Windows are all looked for everywhere: home judges for its nodes too.

What it is not: the only defence, or a complete one. It reads words, so a program that deletes or
reads by itself passes here (`python -c ...`, a compiled file, a variable in a script). Those are
held by what does not read words: the runner's sandbox, the root handle of the file room, grants,
and the owner, who is asked. The floor is for what is plainly forbidden, so that not even a tired
tap does it. Pure; raises nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.approvals import floor_commands as told
from core.approvals.argv import Command, commands, lists
from core.approvals.effects import DELETES
from core.approvals.floor_paths import (
    DEVICE,
    SERVICE,
    Parts,
    holds_keys,
    is_absolute,
    is_top,
    is_within,
    parts_of,
)
from core.approvals.unruled import COMMANDS
from core.config import Settings

NAMES = ("argv", "environment", "disk", "outside", "root", "keys", "own", "disable")
#: Kinds whose `root` and `path` say what they touch.
CHANGES = frozenset({"create", "edit", "put_file", "undo", "delete", "delete_file"})


@dataclass(frozen=True)
class Floor:
    """The floor of one place. Without folders it still forbids whatever is the same everywhere.

    `own`: The Mask's data, absolute; the `roots` and `free` folders inside it are not its own.
    `guarded`: folders that may be read but not changed, such as the shipped policy's.
    """

    place: str = "home"
    roots: Mapping[str, str] = field(default_factory=dict)
    own: tuple[str, ...] = ()
    free: tuple[str, ...] = ()
    guarded: tuple[str, ...] = (str(Path(__file__).parent),)

    @classmethod
    def of(
        cls, settings: Settings, *, place: str | None = None, free: tuple[str, ...] = ()
    ) -> Floor:
        """The floor of a place with these settings: its data directory and database are its own,
        but for its roots and the `free` folders (such as where commands have their scratch).
        `place` is its name as actions say it, where that is not the settings' MASK_NODE."""
        base = settings.under_home(settings.db_path)
        files = [base.with_name(base.name + ending) for ending in ("", "-wal", "-shm", ".lock")]
        return cls(
            place=place or settings.node,
            roots={name: str(path) for name, path in settings.roots().items()},
            own=tuple(str(path) for path in (settings.home, *files)),
            free=free,
        )

    def forbids(self, fields: Mapping[str, Any], roots: tuple[str, ...] = ()) -> str | None:
        """One of NAMES, or None. `roots`: names of the roots that there are, () if unknown."""
        if fields.get("kind") in COMMANDS or "argv" in fields:
            return self._command(fields)
        if "root" in fields or "path" in fields:
            return self._files(fields, roots)
        return None

    # -- files -----------------------------------------------------------------------------------

    def _files(self, fields: Mapping[str, Any], roots: tuple[str, ...]) -> str | None:
        kind, root, path = fields.get("kind"), fields.get("root"), fields.get("path")
        known = tuple(self.roots) if self._is_here(fields) and self.roots else roots
        if not isinstance(root, str) or not isinstance(path, str) or (known and root not in known):
            return "outside"
        names = [name for name in path.replace("\\", "/").split("/") if name not in {"", "."}]
        if is_absolute(path) or ".." in names or "\0" in path:
            return "outside"
        if kind in DELETES and not names:
            return "root"
        top = self.roots.get(root, "") if self._is_here(fields) else ""
        parts = parts_of("/".join(names), top)
        if holds_keys(parts):
            return "keys"
        if self._is_own(fields, parts, changes=kind in CHANGES, deletes=kind in DELETES):
            return "own"
        is_service = kind in CHANGES and bool(parts) and SERVICE.fullmatch(parts[-1])
        return "disable" if is_service else None

    # -- commands --------------------------------------------------------------------------------

    def _command(self, fields: Mapping[str, Any]) -> str | None:
        argv, script, env = fields.get("argv"), fields.get("script"), fields.get("env") or {}
        cwd, writes = fields.get("cwd"), fields.get("writes") or []
        if told.is_malformed(argv) or not isinstance(script, str | None):
            return "argv"
        if not isinstance(cwd, str) or not isinstance(env, dict) or not _are_texts(writes):
            return "argv"
        assert isinstance(argv, list | tuple), "is_malformed has looked"
        if told.sets_forbidden(argv, script, env):
            return "environment"
        cwd, writes = self._absolute(fields, cwd), [self._absolute(fields, w) for w in writes]
        return self._reach(fields, cwd, writes) or self._words(fields, argv, script, cwd, writes)

    def _reach(self, fields: Mapping[str, Any], cwd: str, writes: list[str]) -> str | None:
        """The folders that it may write to, or works in."""
        for folder in (cwd, *writes):
            parts = parts_of(folder)
            if DEVICE.search(folder):
                return "disk"
            if holds_keys(parts):
                return "keys"
            if folder in writes and is_top(parts):
                return "outside"
            is_written = folder in writes  # with all that is in it
            if self._is_own(fields, parts, changes=is_written, deletes=is_written):
                return "own"
        return None

    def _words(
        self,
        fields: Mapping[str, Any],
        argv: Sequence[str],
        script: str | None,
        cwd: str,
        writes: list[str],
    ) -> str | None:
        """Its programs, and the paths they are given."""
        if script is not None and told.redirects_to_device(script):
            return "disk"
        roots = list(self.roots.values()) if self._is_here(fields) else []
        areas = told.areas(cwd, writes, roots)
        for command in commands(argv, script):
            found = _program(command) or told.deletes_too_much(command, cwd, areas)
            if found is not None:
                return found
        for words in lists(argv, script):
            for parts in told.paths_in(words, cwd):
                if holds_keys(parts):
                    return "keys"
                if self._is_own(fields, parts, changes=False, deletes=False):
                    return "own"
        return None

    def _absolute(self, fields: Mapping[str, Any], folder: str) -> str:
        """A folder as commands name it (`name:/below`), where this place knows the root."""
        name, found, below = folder.partition(":/")
        if not found or not self._is_here(fields) or name not in self.roots:
            return folder
        return f"{self.roots[name]}/{below}"

    # -- ours ------------------------------------------------------------------------------------

    def _is_here(self, fields: Mapping[str, Any]) -> bool:
        """Folders of this place say nothing about another."""
        return fields.get("place") == self.place

    def _is_own(
        self, fields: Mapping[str, Any], parts: Parts, *, changes: bool, deletes: bool
    ) -> bool:
        """Does it reach The Mask's own data, or change what is guarded?"""
        if not self._is_here(fields):
            return False
        free = [parts_of(folder) for folder in (*self.roots.values(), *self.free)]
        for own in map(parts_of, self.own):
            inside = [folder for folder in free if is_within(folder, own) and folder != own]
            is_free = any(is_within(parts, folder) for folder in inside)
            if is_within(parts, own) and not is_free:
                return True
            if deletes and is_within(own, parts):
                return True
        guarded = [parts_of(folder) for folder in self.guarded]
        if deletes and any(is_within(folder, parts) for folder in guarded):
            return True
        return changes and any(is_within(parts, folder) for folder in guarded)


def _program(command: Command) -> str | None:
    """What the program itself is forbidden for."""
    if told.formats(command):
        return "disk"
    if told.stops_us(command):
        return "disable"
    return "keys" if told.hands_out_keys(command) else None


def _are_texts(values: Any) -> bool:
    return isinstance(values, list | tuple) and all(isinstance(value, str) for value in values)
