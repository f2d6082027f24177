"""What goes with a question: its exact text as a document, its details, a long output as a file,
the prompt of an edit, and the runs that wait for a place.

The document is the same for the same action in every language, so its SHA-256 can be compared.
"""

from __future__ import annotations

import hashlib

from bot.render.cards.approval_action import exact_code, whole
from bot.render.cards.approval_facts import subject
from bot.render.cards.approval_output import readable
from bot.render.cards.approval_spelling import LEFT_TO_RIGHT_MARK, spell
from bot.render.cards.pieces import Params, Row, button, card, place, span, time
from bot.render.html import b, clip, esc, quote
from bot.render.model import Button, Part, Rendered, Style, Translator
from bot.render.writer import units
from core.runs.notices import NoticeRow

#: Telegram's limit for the text of a copy button.
MOST_COPIED = 256
#: A command line that fits into the prompt; a longer one comes as a file.
MOST_PROMPT = 3000
MOST_TITLE, MOST_RUNS, MOST_PATH = 60, 5, 500


def text(row: NoticeRow, t: Translator) -> Rendered:
    """The exact text of a question as a file, with the file's SHA-256."""
    params: Params = row.notice.params
    content = whole(params).encode()
    name = f"approval-{_digest8(params)}.txt"
    said = f"📄 {b(t('approval-text-caption'))} {exact_code(_digest8(params))}"
    return _file(t, name, content, said)


def output(row: NoticeRow, t: Translator) -> Rendered:
    """A whole output as a file; terminal sequences are taken out, nothing else is."""
    params: Params = row.notice.params
    said = f"📄 {b(t('approval-output-caption'))} {exact_code(_digest8(params))}"
    name, blob = f"output-{_digest8(params)}.txt", params.get("blob")
    if blob:
        return Rendered((Part(said, html=True, file_name=name, blob=str(blob["sha256"])),))
    if params.get("rest_at"):
        where = place(t, params["rest_at"])
        said += f"\n{esc(t('approval-output-part', place=where))}"
    content = readable(str(params.get("text") or ""), is_whole=True).encode()
    return _file(t, name, content, said)


def _file(t: Translator, name: str, content: bytes, said: str) -> Rendered:
    sha = hashlib.sha256(content).hexdigest()
    lines = f"{said}\n{esc(t('approval-sha256'))} {exact_code(sha)}"
    return Rendered((Part(lines, html=True, file_name=name, file_bytes=content),))


def details(row: NoticeRow, t: Translator) -> Rendered:
    """What the card has no room for: full digests, the rule that asked, why no rule is offered."""
    params: Params = row.notice.params
    action: Params = params.get("action") or {}
    lines = [f"🔎 {b(t('approval-details-title'))}", *subject(t, params), ""]
    digests = [("digest", params.get("digest") or params.get("digest8"))]
    digests += [(name, _sha(action.get(name))) for name in ("exe", "operand")]
    plain = ("before", "after", "tree", "stdin", "messages")
    digests += [(name, action.get(name)) for name in plain]
    for name, sha in digests:
        if sha:
            lines += [esc(t(f"approval-sha-{name}")), LEFT_TO_RIGHT_MARK + exact_code(str(sha))]
    real = (params.get("preview") or {}).get("path")
    if real:
        lines += [esc(t("approval-real-path")), LEFT_TO_RIGHT_MARK + _short(spell(str(real)))]
    lines += ["", f"{esc(t('approval-asked-by'))} {exact_code(spell(str(params.get('rule'))))}"]
    lines.append(f"{esc(t('approval-asked-at'))} {time(t, params.get('asked_at'))}")
    why = params.get("why_no_rule")
    if not params.get("can_rule") and why and t.has(str(why)):
        lines.append(f"⏱ {esc(t(str(why)))}")
    return card(lines)


def _short(shown: str) -> str:
    return exact_code(shown[:MOST_PATH]) + ("…" if len(shown) > MOST_PATH else "")


def _sha(pinned: object) -> object:
    return pinned.get("sha256") if isinstance(pinned, dict) else None


def edit(row: NoticeRow, t: Translator) -> Rendered:
    """The present command line, to be copied, changed and sent back."""
    params: Params = row.notice.params
    line = str((params.get("action") or {}).get("line") or "")
    asks = esc(t("approval-edit-script" if params.get("is_script") else "approval-edit-line"))
    if units(line) > MOST_PROMPT:
        name = f"command-{_digest8(params)}.txt"
        return Rendered((Part(f"✏️ {asks}", html=True, file_name=name, file_bytes=line.encode()),))
    copy: Row = (Button(t("button-approval-copy"), copy=line),) if line else ()
    shown = f"{LEFT_TO_RIGHT_MARK}<pre>{esc(line)}</pre>"
    return card([f"✏️ {asks}", shown], copy if units(line) <= MOST_COPIED else ())


def waits(row: NoticeRow, t: Translator) -> Rendered:
    """Runs that wait for a machine, and how many questions were shown again above."""
    params: Params = row.notice.params
    asked, queued = int(params.get("asked") or 0), int(params.get("queued") or 0)
    runs: list[Params] = list(params.get("runs") or [])
    lines = [f"⏳ {b(t('approval-pending-title'))}"]
    if not asked and not queued and not runs:
        return card([*lines, "", esc(t("approval-pending-none"))])
    if asked:
        lines.append(esc(t("approval-pending-asked", count=asked)))
    if queued:
        lines.append(esc(t("approval-pending-queued", count=queued)))
    rows: list[Row] = []
    for number, run in enumerate(runs[:MOST_RUNS], start=1):
        lines += ["", *_waiting(t, number, run)]
        rows.append(_ways(t, number, run))
    if len(runs) > MOST_RUNS:
        lines += ["", esc(t("approval-pending-more", count=len(runs) - MOST_RUNS))]
    return card(lines, *rows)


def _waiting(t: Translator, number: int, run: Params) -> list[str]:
    title = clip(str(run.get("title") or t("jobs-untitled")), MOST_TITLE)
    where = str(run.get("place_title") or place(t, run.get("place")))
    seen = run.get("seen_s")
    key = "approval-waits-place" if seen is not None else "approval-waits-new"
    words = t(key, place=where, ago=span(t, seen)) if seen is not None else t(key, place=where)
    return [f"💤 {esc(t.number(number))}. {esc(words)}", quote(title)]


def _ways(t: Translator, number: int, run: Params) -> Row:
    run_id, values = run.get("id"), {"number": number}
    stop = button(
        t,
        "button-approval-cancel",
        "approval.cancel",
        style=Style.BAD,
        single=True,
        values=values,
        run_id=run_id,
    )
    if not run.get("can_cloud"):
        return (stop,)
    label, verb = "button-approval-cloud", "approval.cloud"
    return (stop, button(t, label, verb, single=True, values=values, run_id=run_id))


def _digest8(params: Params) -> str:
    return str(params.get("digest8") or "")[:8]
