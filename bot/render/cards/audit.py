"""/audit: what was decided and done, newest first, and whether the chain of it holds."""

from __future__ import annotations

from bot.render.cards.pieces import Params, button, card, pager, place, time
from bot.render.html import b, clip, code, esc
from bot.render.model import Rendered, Translator
from core.runs.notices import NoticeRow

MOST_ROWS, MOST_WORD = 10, 40
TELEGRAM = "telegram:"


def audit(row: NoticeRow, t: Translator) -> Rendered:
    """One page. Each row: when, what, who, where, with which outcome, and eight digits of what it
    was about."""
    params = row.notice.params
    rows: list[Params] = list(params.get("rows") or [])[:MOST_ROWS]
    page, pages = int(params.get("page") or 0), int(params.get("pages") or 1)
    lines = [f"📜 {b(t('audit-title'))}", _chain(t, params.get("chain") or {})]
    if not rows:
        lines += ["", esc(t("audit-empty"))]
    for entry in rows:
        lines += ["", *_lines(t, entry)]
    refresh = button(t, "button-refresh", "audit.page", page=page)
    return card(lines, (*pager(t, "audit.page", page, pages), refresh))


def _chain(t: Translator, chain: Params) -> str:
    if chain.get("broken_at") is not None:
        return f"🔴 {esc(t('audit-broken', number=int(chain['broken_at'])))}"
    if chain.get("seq") is None:
        return f"⚪ {esc(t('audit-unchained'))}"
    said = esc(t("audit-verified", number=int(chain["seq"])))
    sign = "🟢" if chain.get("is_whole") else "🟡"
    return f"{sign} {said} {code(chain.get('hash8'))}"


def _lines(t: Translator, entry: Params) -> list[str]:
    key = f"audit-kind-{entry.get('kind')}"
    kind = t(key) if t.has(key) else clip(str(entry.get("kind")), MOST_WORD)
    where = place(t, entry.get("place"))
    facts = [esc(_who(t, str(entry.get("actor") or ""))), esc(clip(where, MOST_WORD))]
    if entry.get("outcome"):
        facts.append(_outcome(t, str(entry["outcome"])))
    if entry.get("digest8"):
        facts.append(code(entry["digest8"]))
    number = esc(t.number(int(entry.get("seq") or 0)))
    return [f"{number}. {b(kind)} · {time(t, entry.get('at'))}", " · ".join(facts)]


def _who(t: Translator, actor: str) -> str:
    """A person on Telegram by number; the system's own parts by name."""
    if actor.startswith(TELEGRAM):
        return t("audit-person", id=actor.removeprefix(TELEGRAM))
    key = f"audit-actor-{actor}"
    return t(key) if t.has(key) else clip(actor, MOST_WORD)


def _outcome(t: Translator, outcome: str) -> str:
    """How it ended, in words; a code that has none stays a code."""
    key = f"audit-outcome-{outcome}"
    return esc(t(key)) if t.has(key) else code(clip(outcome, MOST_WORD))
