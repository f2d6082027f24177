"""What hands have done, and what they ask: an effect that needed no yes, a file as a document, the
ways to change a file, documents that wait, how /run is used."""

from __future__ import annotations

import re

from bot.render.cards.approval_output import quoted
from bot.render.cards.approval_spelling import spell
from bot.render.cards.files import MOST_PATH, door, measured, titled
from bot.render.cards.pieces import Params, Row, button, card, error, place, span
from bot.render.html import b, clip, code, esc
from bot.render.model import Part, Rendered, Style, Translator
from core.runs.exchange_nodes import HOME
from core.runs.notices import NoticeRow

MOST_NAME, MOST_LABEL, MOST_ROWS = 64, 18, 10
COMMAND, UNDO, OUTPUT = "command.run", "files.undo", "output.txt"
#: How a title in /jobs begins: a sign, a machine.
TITLE = re.compile(r"\A\S+ [a-z0-9-]{1,32}: ?")
EXAMPLES = (
    "/run echo hello",
    "/run pc: git status",
    "/run! ls | wc -l",
    "/run --in project --write project --net make",
)


def effect(row: NoticeRow, t: Translator) -> Rendered:
    """Done without a question, because a rule says so; how to take it back."""
    params = row.notice.params
    value: Params = params.get("value") or {}
    summary: Params = value.get("summary") or {}
    has_failed = bool(summary.get("exit_code")) or bool(summary.get("killed"))
    sign, title = ("⚠️", "files-ran-badly") if has_failed else ("✅", "files-done")
    if params.get("step") == UNDO:
        sign, title = "↩️", "files-undone"
    lines = [f"{sign} {b(t(title))} · {esc(place(t, params.get('place')))}"]
    lines.append(code(clip(spell(_what(params)), MOST_PATH)))
    lines += [esc(each) for each in _ended(t, summary)]
    if params.get("step") != COMMAND:  # what file steps say is for models, in English
        return card(lines, _undo(t, params, value))
    lines += quoted(t, str(value.get("text") or ""))
    told = card(lines, _undo(t, params, value))
    whole = value.get("blob") or {}
    if whole.get("place") != HOME:
        return told
    file = Part(
        file_name=OUTPUT, text=esc(t("files-whole-output")), html=True, blob=whole["sha256"]
    )
    return Rendered((file, *told.parts), told.buttons)


def _what(params: Params) -> str:
    """What it was about: a title without its sign and machine."""
    return TITLE.sub("", str(params.get("title") or ""))


def _ended(t: Translator, summary: Params) -> list[str]:
    told = []
    if summary.get("exit_code") is not None:
        told.append(t("files-exit-code", code=str(summary["exit_code"])))
    if summary.get("killed"):
        told.append(t("files-killed"))
    if summary.get("took_s") is not None:
        told.append(t("files-took", took=span(t, summary["took_s"])))
    return [" · ".join(told)] if told else []


def _undo(t: Translator, params: Params, value: Params) -> Row:
    change_id = value.get("change_id")
    if not change_id:
        return ()
    at = params.get("place")
    undo = button(t, "button-undo", "undo.do", single=True, change_id=change_id, place=at)
    return (undo,)


def document(row: NoticeRow, t: Translator) -> Rendered:
    """The file itself, or the reason why it cannot come."""
    params = row.notice.params
    value: Params = params.get("value") or {}
    path = str((params.get("inputs") or {}).get("path") or "")
    name = path.rstrip("/").rpartition("/")[2] or "file"
    name = str((value.get("facts") or {}).get("name") or name)
    if params.get("error"):
        return card([f"📎 {code(clip(spell(name), MOST_NAME))}", esc(error(t, params["error"]))])
    caption = f"📎 {esc(place(t, params.get('place')))} · {code(clip(spell(path), MOST_PATH))}"
    blob = value.get("blob")
    if blob:
        part = Part(caption, html=True, file_name=name, blob=str(blob["sha256"]))
    else:
        content = str(value.get("text") or "").encode()
        part = Part(caption, html=True, file_name=name, file_bytes=content)
    return Rendered((part,))


def editing(row: NoticeRow, t: Translator) -> Rendered:
    """In which way a file is to be changed."""
    params = row.notice.params
    at, path = params.get("place"), str(params.get("path") or "")
    lines = [f"✏️ {b(place(t, at))} · {code(clip(spell(path), MOST_PATH))}"]
    lines += ["", esc(t("files-editing"))]
    ways = (("append", Style.GOOD), ("replace", Style.PLAIN), ("whole", Style.PLAIN))
    rows = [
        (button(t, f"button-files-{how}", "files.edit", style=style, place=at, path=path, how=how),)
        for how, style in ways
    ]
    back = button(t, "button-back", "files.open", place=at, path=path, file=True)
    return card(lines, *rows, (back,))


def received(row: NoticeRow, t: Translator) -> Rendered:
    """Documents that wait for a word where to go."""
    params = row.notice.params
    rows: list[Params] = list(params.get("rows") or [])[:MOST_ROWS]
    if not rows:
        return card([esc(t("files-dropped"))])
    lines = [f"📎 {b(t('files-received', count=len(rows)))}"]
    lines += [_document(t, each) for each in rows]
    lines += ["", esc(t("files-received-text"))]
    doors = [(door(t, each),) for each in list(params.get("places") or [])[:MOST_ROWS]]
    doors += [
        (button(t, "button-memory-import", "memory.import", single=True, sha256=each["sha256"]),)
        for each in rows
        if each.get("sha256") and str(each.get("name")).lower().endswith(".json")
    ]
    drop = button(t, "button-files-drop", "files.drop", style=Style.BAD, single=True)
    return card(lines, *doors, (drop,))


def _document(t: Translator, each: Params) -> str:
    name = code(clip(spell(str(each.get("name") or "")), MOST_NAME))
    return f"{name} · {esc(measured(t, each.get('size')))}"


def run_help(row: NoticeRow, t: Translator) -> Rendered:
    """How /run is used, and on which machines."""
    rows: list[Params] = list(row.notice.params.get("places") or [])[:MOST_ROWS]
    names = ", ".join(titled(t, each) for each in rows)
    lines = [f"▶️ {b(t('run-help-title'))}", esc(t("run-help-text")), ""]
    lines += [f"{esc(t(f'run-help-{at}'))}\n{code(example)}" for at, example in enumerate(EXAMPLES)]
    lines += ["", esc(t("run-help-places", names=names))]
    return card(lines)
