"""First steps: the tour of /start, the commands of /help, the choice of a language."""

from __future__ import annotations

from bot.render.cards.pieces import Row, button, card, languages
from bot.render.html import b, clip, esc
from bot.render.model import Rendered, Style, Translator
from bot.render.translate import RIGHT_TO_LEFT
from core.runs.notices import NoticeRow

#: Steps of the tour: who I am, how to talk to me, what I never do, where things are.
STEPS = 4
MOST_NAME = 40

#: The commands of /help by group; names are Latin, what they do is said in each language.
GROUPS = (
    ("talk", ("memory", "remember", "threads", "private", "urgent", "stop", "why")),
    ("work", ("pending", "run", "files", "undo", "jobs", "summarize", "status")),
    ("ways", ("models", "cost", "selftest", "rules", "nodes", "audit", "settings", "language")),
    ("more", ("start", "help")),
)


def start(row: NoticeRow, t: Translator) -> Rendered:
    """One step of the tour, changed in place by its buttons."""
    params = row.notice.params
    step = min(max(int(params.get("step") or 0), 0), STEPS - 1)
    lines = [f"👋 {b(_greeting(t, params.get('name')))}"] if step == 0 else []
    if step:
        lines.append(
            f"{b(t(f'start-title-{step}'))} · {esc(t('start-step', step=step + 1, steps=STEPS))}"
        )
    lines += ["", esc(t(f"start-text-{step}"))]
    return card(lines, languages(t.language) if step == 0 else (), _ways(t, step))


def _greeting(t: Translator, name: object) -> str:
    return t("start-hello-name", name=clip(str(name), MOST_NAME)) if name else t("start-hello")


def _ways(t: Translator, step: int) -> Row:
    row = []
    if step:
        row.append(button(t, "button-back", "start.tour", step=step - 1))
    if step + 1 < STEPS:
        row.append(button(t, "button-next", "start.tour", style=Style.MAIN, step=step + 1))
    else:
        row.append(button(t, "button-help", "help.open", style=Style.GOOD))
    return tuple(row)


def help_(_row: NoticeRow, t: Translator) -> Rendered:
    """Every command that exists, in groups, each with what it does."""
    lines = [f"💡 {b(t('help-title'))}", esc(t("help-intro"))]
    for group, names in GROUPS:
        lines += ["", b(t(f"help-group-{group}"))]
        lines += [_command(t, name) for name in names]
    lines += ["", esc(t("help-outro"))]
    row = (
        button(t, "button-status", "status.refresh"),
        button(t, "button-settings", "settings.open"),
    )
    return card(lines, row)


def _command(t: Translator, name: str) -> str:
    """Where the script runs right to left, the line begins with words, not with the Latin name."""
    what, command = esc(t(f"cmd-{name}")), esc(f"/{name}")
    return f"{what} — {command}" if t.language in RIGHT_TO_LEFT else f"{command} — {what}"


def language(row: NoticeRow, t: Translator) -> Rendered:
    """The choice of a language; the current one is ticked."""
    current = str(row.notice.params.get("current") or t.language)
    lines = [f"🌐 {b(t('language-title'))}", esc(t("language-text"))]
    return card(lines, languages(current))
