"""Notices of a sentence or two: replies, failures, what has become stale, what is pending."""

from __future__ import annotations

from bot.render.cards.pieces import Row, again, button, card, error
from bot.render.html import b, clip, esc, quote
from bot.render.model import Button, Part, Rendered, Style, Translator
from core.runs.notices import NoticeRow

MOST_TITLE = 80
#: Sentences of errors know more values than they are given.
ERROR = "err-"

#: Texts that come with a button: its label, its verb, and what goes with the verb.
_WAYS_ON: dict[str, tuple[str, str, dict[str, int]]] = {
    "reply-unknown-command": ("button-help", "help.open", {}),
    "reply-paired": ("button-tour", "start.tour", {"step": 0}),
    "reply-nothing-to-stop": ("button-jobs", "jobs.page", {"page": 0}),
    "threads-ask-name": ("button-threads", "threads.page", {"page": 0}),
}


def text(row: NoticeRow, t: Translator) -> Rendered:
    """A ready sentence by its key; a key that is gone still says that something was to be said."""
    params = row.notice.params
    key = str(params.get("key") or "")
    values = {str(name): value for name, value in (params.get("values") or {}).items()}
    if t.has(key) and not key.startswith(ERROR):
        buttons = _way_on(t, key)
        return Rendered((Part(t(key, **values)),), (buttons,) if buttons else ())
    return Rendered((Part(error(t, {"code": key.removeprefix(ERROR), "params": values})),))


def _way_on(t: Translator, key: str) -> Row:
    if key not in _WAYS_ON:
        return ()
    label, verb, params = _WAYS_ON[key]
    return (Button(t(label), verb, dict(params)),)


def failed(row: NoticeRow, t: Translator) -> Rendered:
    """A turn that could not be finished: what happened, what to do."""
    params = row.notice.params
    lines = [f"⚠️ {b(t('failed-title'))}", esc(error(t, params.get("error")))]
    return card(lines, again(t, params.get("run_id") or row.notice.run_id))


def stale(row: NoticeRow, t: Translator) -> Rendered:
    """A run that a new version of the program cannot go on with."""
    params = row.notice.params
    run_id = params.get("run_id") or row.notice.run_id
    lines = [f"🧭 {b(t('stale-title'))}", _title(t, params.get("title")), esc(t("stale-text"))]
    drop = button(t, "button-drop", "jobs.drop", style=Style.BAD, single=True, run_id=run_id)
    return card(lines, (*again(t, run_id), drop))


def pending(row: NoticeRow, t: Translator) -> Rendered:
    """One line: an earlier message still waits, this one goes first."""
    params = row.notice.params
    what = params.get("what")
    key = f"pending-{what}" if what in {"owner", "place"} else "pending-other"
    title = clip(str(params.get("title") or t("jobs-untitled")), MOST_TITLE)
    return Rendered((Part(t(key, title=title)),))


def _title(t: Translator, title: object) -> str:
    return quote(clip(str(title or t("jobs-untitled")), MOST_TITLE))
