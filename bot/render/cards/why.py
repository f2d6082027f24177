"""/why: which model answered, who was asked before it and why not, what it used, and for each who
was considered: constraint, health, what is left, cost and speed."""

from __future__ import annotations

from typing import Any

from bot.render.cards.pieces import Params, card, place, span
from bot.render.html import b, clip, code, esc
from bot.render.model import Rendered, Translator
from core.runs.notices import NoticeRow

MOST_CANDIDATES = 8
MOST_REASON = 120
#: Codes whose figure is micro-dollars.
MONEY = frozenset({"cost", "budget"})


def why(row: NoticeRow, t: Translator) -> Rendered:
    """The route as it was journaled: chosen, tried in vain, ruled out."""
    params = row.notice.params
    reply: Params = params.get("reply") or {}
    route: Params = params.get("route") or {}
    lines = [f"🔎 {b(t('why-title'))}"]
    if not reply and not route:
        return card([*lines, "", esc(t("why-nothing"))])
    if reply:
        lines += ["", *_reply(t, reply)]
    lines += _attempts(t, list(params.get("attempts") or reply.get("tried") or []))
    lines += _candidates(t, "why-order", list(route.get("candidates") or []))
    lines += _candidates(t, "why-ruled-out", list(route.get("ruled_out") or []))
    return card(lines)


def _reply(t: Translator, reply: Params) -> list[str]:
    where = place(t, reply.get("place"))
    lines = [f"✅ {esc(t('why-answered'))} {code(reply.get('endpoint') or '—')} · {esc(where)}"]
    usage: Params = reply.get("usage") or {}
    if usage:
        key = "why-tokens" if usage.get("is_exact", True) else "why-tokens-about"
        words = t(key, prompt=_count(usage, "prompt"), completion=_count(usage, "completion"))
        lines.append(f"🧮 {esc(words)}")
    if reply.get("took_s") is not None:
        lines.append(f"⏱ {esc(t('why-took', took=span(t, max(1, round(reply['took_s'])))))}")
    if reply.get("is_cached"):
        lines.append(f"♻️ {esc(t('why-cached'))}")
    begun_by = [code(name) for name in reply.get("begun_by") or []]
    if begun_by:
        lines.append(f"🧵 {esc(t('why-joined'))}: {', '.join(begun_by)}")
    return lines


def _count(usage: Params, name: str) -> int:
    return int(usage.get(name) or 0)


def _attempts(t: Translator, attempts: list[Params]) -> list[str]:
    if not attempts:
        return []
    shown = attempts[:MOST_CANDIDATES]
    lines = [f"• {code(other.get('endpoint'))} — {esc(_failure(t, other))}" for other in shown]
    return ["", b(t("why-tried")), *lines]


def _failure(t: Translator, attempt: Params) -> str:
    key = f"why-failure-{attempt.get('failure')}"
    return t(key) if t.has(key) else _reason(t, attempt.get("detail"))


def _candidates(t: Translator, title: str, candidates: list[Params]) -> list[str]:
    if not candidates:
        return []
    lines = ["", b(t(title))]
    for candidate in candidates[:MOST_CANDIDATES]:
        name, told = code(candidate.get("endpoint")), [_reason(t, candidate.get("reason"))]
        told += [_reason(t, note, "note") for note in candidate.get("notes") or []]
        lines.append(f"• {name} — {esc(' · '.join(told))}")
    return lines


def _reason(t: Translator, reason: Any, kind: str = "reason") -> str:
    """The router's code and detail (`context: 8192`) as words; what is not a code as it is."""
    code_, _, detail = str(reason or "").partition(": ")
    key = f"why-{kind}-{code_}"
    if code_ in MONEY:
        detail = _dollars(detail)
    if t.has(key):
        return t(key, detail=clip(detail, MOST_REASON))
    return clip(str(reason or "—"), MOST_REASON)


def _dollars(micros: str) -> str:
    """Micro-dollars as dollars, with as many places as say something."""
    if not micros.isdecimal():
        return micros
    return f"{int(micros) / 1_000_000:.6f}".rstrip("0").rstrip(".")
