"""What will run, from the action's canonical fields alone, spelled so that nothing in it hides.

Decides which fields are shown as exact lists (arguments, script, folder, paths, environment), what
is too long for a card, and the document that then carries all of it. Fields that this version does
not know are shown by their names: nothing the digest covers is left out. A cut is always marked,
outside the code, with how much is missing. Previews (a diff) only help to read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from bot.render.cards.approval_spelling import LEFT_TO_RIGHT_MARK, ordered, spell
from bot.render.cards.pieces import Params
from bot.render.html import b, esc, i
from bot.render.model import Translator
from bot.render.writer import units

#: UTF-16 units and lines of exact text that a card takes; more of it comes as a document. With
#: what stands around it a card stays within Telegram's 4096 units and 100 entities.
MOST_INLINE_UNITS, MOST_INLINE_LINES = 1700, 40
#: Characters of one line, and of all lines, on a card whose text is in a document anyway.
CUT_LINE, CUT_ALL = 160, 900
#: Units that number and marks add to a line.
AROUND = 7
LEFT_TO_RIGHT_ISOLATE, POP_ISOLATE = "\u2066", "\u2069"
CMD = "cmd"
#: Stands among a shell's arguments for the script that follows; no spelling looks like it.
BELOW = "‹⇩›"

#: Fields that every card tells in words, or that only bind what is told.
TOLD = frozenset({"v", "kind", "place", "undo", "before", "after", "size", "entries", "tree"})
FILE_FIELDS = frozenset(
    {"root", "path", "is_workspace", "new_folders", "type", "exact", "conflict"}
)
SENSITIVE_FIELDS = frozenset({"endpoints", "messages", "characters"})
MODEL_PULL = "model_pull"
#: Of these `replaces` is told in words: the version that is here gets a second name.
PULL_FIELDS = frozenset({"model", "source", "digest", "replaces"})
#: Values of `type` that are told in words; any other is shown as it is.
TYPES = frozenset({"file", "folder", "link", "special"})
COMMAND_FIELDS = frozenset(
    {"argv", "script", "cwd", "env", "stdin", "exe", "operand", "timeout_s", "network"}
    | {"sandbox", "secrets_reachable", "writes", "snapshot_bytes", "privilege"}
)


@dataclass(frozen=True)
class Listed:
    """Exact values under a heading (a text key), spelled, one a line; numbered where their order
    is what runs. An empty value is a value."""

    key: str
    values: tuple[str, ...]
    is_numbered: bool = False


def exact(action: Params) -> list[Listed]:
    """Everything of the action that must be read letter by letter."""
    known, found = TOLD, list[Listed]()
    if "argv" in action:
        found += _command(action)
        known = known | COMMAND_FIELDS
    if "path" in action:
        found += _file(action)
        known = known | FILE_FIELDS
    if isinstance(action.get("rule"), dict):
        found.append(Listed("approval-rule", tuple(map(spell, _flat(action["rule"])))))
        known = known | {"rule"}
    if "endpoints" in action:
        names = tuple(spell(str(name)) for name in action["endpoints"] or [])
        found.append(Listed("approval-endpoints", names))
        known = known | SENSITIVE_FIELDS
    if action.get("kind") == MODEL_PULL and "model" in action:
        where = "/".join(str(action.get(name) or "") for name in ("source", "model"))
        found.append(Listed("models-pull-model", (spell(where),)))
        known = known | PULL_FIELDS
        found.append(Listed("models-pull-digest", (spell(str(action.get("digest"))),)))
    rest = [f"{name} = {_json(action[name])}" for name in sorted(action) if name not in known]
    if rest:
        found.append(Listed("approval-fields", tuple(spell(line) for line in rest)))
    return found


def _file(action: Params) -> Iterator[Listed]:
    yield Listed("approval-path", (_path(action),))
    if action.get("new_folders"):
        names = tuple(spell(str(name)) for name in action["new_folders"])
        yield Listed("approval-new-folders", names)
    if action.get("type", "file") not in TYPES:
        yield Listed("approval-fields", (spell(f"type = {_json(action['type'])}"),))


def _flat(rule: Params, prefix: str = "") -> Iterator[str]:
    """`scope.folder = x`, one line per value that is there."""
    for name in sorted(rule):
        value = rule[name]
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        elif isinstance(value, list):
            yield from (f"{prefix}{name}[{at}] = {_quoted(one)}" for at, one in enumerate(value))
        else:
            yield f"{prefix}{name} = {_quoted(value)}"


def _path(action: Params) -> str:
    root = action.get("root")
    return spell(f"{root}:/{action['path']}" if root else str(action["path"]))


def _command(action: Params) -> Iterator[Listed]:
    argv, script = [str(word) for word in action.get("argv") or []], action.get("script")
    if script is not None:
        words = tuple(BELOW if word == script else spell(word) for word in argv)
        yield Listed("approval-shell", words, True)
        lines = str(script).split("\n")
        yield Listed("approval-script", tuple(spell(line, is_script=True) for line in lines), True)
    else:
        yield Listed("approval-arguments", tuple(spell(word) for word in argv), True)
    yield Listed("approval-folder", (spell(str(action.get("cwd") or "")),))
    for name in ("exe", "operand"):
        pinned = action.get(name)
        if isinstance(pinned, dict) and pinned.get("path") not in argv:
            yield Listed(f"approval-{name}", (spell(str(pinned.get("path"))),))
    env = action.get("env")
    if env:
        pairs = sorted(env.items()) if isinstance(env, dict) else []
        named = tuple(spell(f"{name}={value}") for name, value in pairs)
        yield Listed("approval-env", named or (spell(_json(env)),))
    if action.get("writes"):
        yield Listed("approval-writes", tuple(spell(str(path)) for path in action["writes"]))


def diff_lines(preview: Params) -> list[str]:
    """The diff of an edit, each line spelled."""
    diff = str(preview.get("diff") or "").rstrip("\n")
    return [spell(line, is_script=True) for line in diff.split("\n")] if diff else []


def is_long(params: Params) -> bool:
    """Is there more exact text than a card takes, so that a document must be read first?"""
    lines = [line for listed in exact(_action(params)) for line in listed.values]
    taken = sum(units(ordered(line)) + AROUND for line in [*lines, *diff_lines(_preview(params))])
    return taken > MOST_INLINE_UNITS or len(lines) > MOST_INLINE_LINES


def whole(params: Params) -> str:
    """The document: every canonical field by its name, spelled, then the diff. The same text for
    the same action in every language; nothing in it is cut."""
    action = _action(params)
    lines = [f"action {params.get('digest') or params.get('digest8')}"]
    for name in sorted(action):
        lines += ["", f"[{name}]", *_field(name, action[name])]
    if diff := diff_lines(_preview(params)):
        lines += ["", "[for reading: the change, line by line]", *diff]
    return "\n".join(lines) + "\n"


def _field(name: str, value: object) -> Iterator[str]:
    if isinstance(value, dict):
        yield from (spell(f"{key} = {_json(value[key])}") for key in sorted(value))
        return
    is_script = name == "script" and isinstance(value, str)
    values = str(value).split("\n") if is_script else value if isinstance(value, list) else [value]
    for number, entry in enumerate(values, start=1):
        text = spell(entry if isinstance(entry, str) else _json(entry), is_script=is_script)
        yield f"{number}. {text}" if is_script or isinstance(value, list) else text


def draw(t: Translator, action: Params, *, is_cut: bool) -> list[str]:
    """The exact lists as lines of a card; cut ones say how much more there is."""
    lines, room, left = list[str](), CUT_ALL, 0
    for listed in exact(action):
        kept = list[str]()
        for shown in listed.values:
            room -= min(len(shown), CUT_LINE) + AROUND
            if is_cut and room < 0:
                left += 1
            else:
                kept.append(_value(t, shown, is_cut=is_cut))
        lines += _under_heading(t, listed, kept)
    return [*lines, i(t("approval-more-lines", count=left))] if left else lines


def _under_heading(t: Translator, listed: Listed, kept: list[str]) -> list[str]:
    if not kept:
        return []
    heading = b(t(listed.key))
    if len(listed.values) == 1 and not listed.is_numbered:
        return [f"{heading} {kept[0]}"]
    return [heading, *(f"{LEFT_TO_RIGHT_MARK}{n}. {line}" for n, line in enumerate(kept, start=1))]


def _value(t: Translator, shown: str, *, is_cut: bool) -> str:
    if not shown:
        return i(t("approval-empty"))
    if is_cut and len(shown) > CUT_LINE:
        more = i(t("approval-more-characters", count=len(shown) - CUT_LINE))
        return f"{exact_code(shown[:CUT_LINE])} {more}"
    return exact_code(shown)


def exact_code(shown: str) -> str:
    """A spelled value, in monospace, from left to right in every language."""
    return f"{LEFT_TO_RIGHT_ISOLATE}<code>{esc(ordered(shown))}</code>{POP_ISOLATE}"


def _json(value: object) -> str:
    return value if isinstance(value, str) else _quoted(value)


def _quoted(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _action(params: Params) -> Params:
    return dict(params.get("action") or {})


def _preview(params: Params) -> Params:
    return dict(params.get("preview") or {})
