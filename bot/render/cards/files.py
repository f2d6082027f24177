"""/files: machines, folders, text files, hits. What files say is quoted, never obeyed.

Names stand in a direction of their own, every odd character of them to be seen.
"""

from __future__ import annotations

from typing import Any

from bot.render.cards.approval_output import readable
from bot.render.cards.approval_spelling import spell
from bot.render.cards.pieces import Params, Row, button, card, error, place, size, time
from bot.render.html import b, clip, code, esc, i
from bot.render.model import Button, Rendered, Style, Translator
from core.runs.notices import NoticeRow

FOLDER, FILE, LINK = "folder", "file", "link"
SIGNS = {FOLDER: "📁", FILE: "📄", LINK: "🔗"}
SPECIAL = "⚙️"
MOST_ROWS, MOST_ROOTS, MOST_LABEL, MOST_PATH = 8, 3, 18, 120
#: Characters of a file's text that a card shows; UTF-16 makes at most twice as many units of it.
MOST_TEXT = 1600
KB = 1024


def places(row: NoticeRow, t: Translator) -> Rendered:
    """The machines, awake or asleep."""
    rows: list[Params] = list(row.notice.params.get("rows") or [])[:MOST_ROWS]
    lines = [f"🗂 {b(t('files-places-title'))}", esc(t("files-places-text")), ""]
    lines += [f"{esc(titled(t, each))} · {_presence(t, each)}" for each in rows]
    buttons = [door(t, each) for each in rows]
    return card(lines, *((one,) for one in buttons))


def folder(row: NoticeRow, t: Translator) -> Rendered:
    """One part of a folder; each name is a button."""
    params = row.notice.params
    at, path = params.get("place"), _path(params)
    lines = [f"📂 {b(place(t, at))} · {_name(path)}"]
    if params.get("error"):
        lines += ["", esc(error(t, params["error"]))]
        return card(lines, _way_up(t, at, path))
    facts = _facts(params)
    entries, first = _part(params, facts)
    lines += [i(_count(t, facts, entries, first)), ""] if entries else ["", esc(t("files-empty"))]
    lines += [_entry(t, each) for each in entries]
    openers = [_opener(at, path, each) for each in entries if each.get("type") in {FOLDER, FILE}]
    pairs = [tuple(openers[start : start + 2]) for start in range(0, len(openers), 2)]
    make = (
        button(t, "button-files-create", "files.create", place=at, path=path),
        button(t, "button-files-put", "files.put", place=at, path=path),
    )
    pages = _pages(t, at, path, first, len(entries), facts)
    return card(lines, *pairs, pages, make, _roots(at, path, facts), _way_up(t, at, path))


def file(row: NoticeRow, t: Translator) -> Rendered:
    """A text file, or the part of it that was read; what can be done with it."""
    params = row.notice.params
    at, path, facts = params.get("place"), _path(params), _facts(params)
    lines = [f"📄 {b(place(t, at))} · {_name(path)}"]
    if params.get("error"):
        lines += ["", esc(error(t, params["error"]))]
    else:
        text = str((params.get("value") or {}).get("text") or "")
        said = esc(t("files-binary")) if facts.get("is_binary") else _quoted(t, text)
        lines += [_measure(t, facts), said]
    return card(lines, *_file_ways(t, at, path, facts))


def found(row: NoticeRow, t: Translator) -> Rendered:
    """Hits of a search, quoted."""
    params = row.notice.params
    at, value = params.get("place"), params.get("value") or {}
    lines = [f"🔍 {b(place(t, at))} · {_name(_path(params))}"]
    text = str(value.get("text") or "")
    lines.append(_quoted(t, text) if text.strip() else esc(t("files-nothing-found")))
    return card(lines)


def measured(t: Translator, size_bytes: Any) -> str:
    """A size; a small one in bytes."""
    if size_bytes is None or int(size_bytes) >= KB:
        return size(t, size_bytes)
    return t("files-bytes", count=int(size_bytes))


def parent(path: str) -> str | None:
    """The folder that a path is in; None for a top folder."""
    root, colon, below = path.partition(":/")
    if not colon:
        root, below = "", path
    if not below.strip("/"):
        return None
    upper = below.strip("/").rpartition("/")[0]
    return f"{root}:/{upper}" if colon else upper


def _path(params: Params) -> str:
    """Where the machine says this is, else what was asked for."""
    facts = _facts(params)
    return str(facts.get("path") or (params.get("inputs") or {}).get("path") or "")


def _facts(params: Params) -> Params:
    return (params.get("value") or {}).get("facts") or {}


def _name(path: str) -> str:
    return code(clip(spell(path), MOST_PATH)) if path else "/"


def _presence(t: Translator, each: Params) -> str:
    if each.get("awake"):
        return esc(t("files-awake"))
    return f"{esc(t('files-asleep-since'))} {time(t, each.get('last_seen'))}"


def titled(t: Translator, each: Params) -> str:
    """What the owner calls a machine."""
    return str(each.get("title") or place(t, each.get("name")))


def door(t: Translator, each: Params) -> Button:
    """The button that opens a machine's first folder."""
    label = clip(f"📂 {titled(t, each)}", MOST_LABEL)
    return Button(label, "files.open", {"place": each.get("name"), "path": "", "page": 0})


def _part(params: Params, facts: Params) -> tuple[list[Params], int]:
    """The names that this screen shows of a page, and how many there are before them."""
    view = params.get("view") or {}
    rows = min(int(view.get("rows") or MOST_ROWS), MOST_ROWS)
    start = int(view.get("part") or 0) * rows
    page = max(int(facts.get("page") or 1), 1)
    before = (page - 1) * rows * int(view.get("parts") or 1)
    return list(facts.get("entries") or [])[start : start + rows], before + start


def _count(t: Translator, facts: Params, entries: list[Params], first: int) -> str:
    total = int(facts.get("total") or len(entries))
    if total <= len(entries):
        return t("files-count", count=total)
    return t("files-page", first=first + 1, last=first + len(entries), count=total)


def _entry(t: Translator, each: Params) -> str:
    shape = str(each.get("type"))
    name = code(clip(spell(str(each.get("name") or "")), MOST_PATH))
    detail = f" · {esc(measured(t, each.get('size')))}" if shape == FILE else ""
    return f"{SIGNS.get(shape, SPECIAL)} {name}{detail}"


def _opener(at: Any, path: str, each: Params) -> Button:
    name = str(each.get("name") or "")
    joined = f"{path.rstrip('/')}/{name}" if path else name
    label = clip(f"{SIGNS[str(each['type'])]} {spell(name)}", MOST_LABEL)
    is_file = each["type"] == FILE
    return Button(label, "files.open", {"place": at, "path": joined, "file": is_file})


def _pages(t: Translator, at: Any, path: str, first: int, shown: int, facts: Params) -> Row:
    row = []
    page = first // MOST_ROWS
    if page > 0:
        row.append(button(t, "button-earlier", "files.open", place=at, path=path, page=page - 1))
    if shown and first + shown < int(facts.get("total") or 0):
        row.append(button(t, "button-later", "files.open", place=at, path=path, page=page + 1))
    return tuple(row)


def _roots(at: Any, path: str, facts: Params) -> Row:
    """The machine's other top folders, from a top folder."""
    if parent(path) is not None:
        return ()
    here = path.partition(":/")[0]
    others = [str(name) for name in facts.get("roots") or [] if name != here][:MOST_ROOTS]
    return tuple(
        Button(clip(f"📂 {name}", MOST_LABEL), "files.open", {"place": at, "path": f"{name}:/"})
        for name in others
    )


def _way_up(t: Translator, at: Any, path: str) -> Row:
    upper = parent(path)
    machines = button(t, "button-files-machines", "files.places")
    if upper is None:
        return (machines,)
    return (button(t, "button-files-up", "files.open", place=at, path=upper, page=0), machines)


def _measure(t: Translator, facts: Params) -> str:
    parts = [measured(t, facts["size"])] if facts.get("size") is not None else []
    if facts.get("next_line") or int(facts.get("first_line") or 1) > 1:
        first, last = int(facts.get("first_line") or 1), int(facts.get("last_line") or 1)
        parts.append(t("files-lines", first=first, last=last))
    return i(" · ".join(parts)) if parts else ""


def _quoted(t: Translator, text: str) -> str:
    shown = readable(text)
    if not shown.strip():
        return esc(t("files-no-text"))
    cut = len(shown) - MOST_TEXT
    note = f"\n{i(t('files-text-cut', count=cut))}" if cut > 0 else ""
    return f"<blockquote expandable>{esc(shown[:MOST_TEXT])}</blockquote>{note}"


def _file_ways(t: Translator, at: Any, path: str, facts: Params) -> tuple[Row, ...]:
    get = button(t, "button-files-get", "files.get", place=at, path=path)
    edit = button(t, "button-files-edit", "files.edit", place=at, path=path)
    delete = button(t, "button-files-delete", "files.delete", style=Style.BAD, place=at, path=path)
    more: Row = ()
    if facts.get("next_line"):
        line, letter = int(facts["next_line"]), int(facts.get("next_letter") or 0)
        onward = {"place": at, "path": path, "file": True, "line": line, "letter": letter}
        more = (Button(t("button-files-more"), "files.open", onward),)
    change = (get,) if facts.get("is_binary") else (get, edit)
    return more, change, (delete, *_way_up(t, at, path)[:1])
