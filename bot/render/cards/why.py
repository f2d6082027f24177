"""/why: who answered and why that one, short enough for a phone; behind a button everybody who was
considered, with constraint, health, what is left, cost and speed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bot.render.cards import why_memory
from bot.render.cards.pieces import LANGUAGES, Params, button, card, place, span
from bot.render.html import b, clip, code, esc
from bot.render.model import Rendered, Translator
from core.runs.notices import NoticeRow

#: Of the details: candidates one by one, reasons with the names they hold for.
MOST_CANDIDATES, MOST_REASONS, MOST_NAMES = 10, 12, 6
#: Who was asked in vain: on the short form, and among the details.
FEW_ATTEMPTS, MOST_ATTEMPTS = 3, 12
#: Why nobody could answer, on the short form.
FEW_REASONS = 4
MOST_REASON, MOST_NAME = 120, 48
#: Codes whose figure is micro-dollars.
MONEY = frozenset({"cost", "budget"})
#: Codes whose figure is seconds, told as a length of time.
SECONDS = frozenset({"cooling", "at-limit", "used-up", "runs-out"})
#: Codes whose detail is a kind of work.
WORK = frozenset({"role", "no-role"})
#: Characters from which a request's length is worth telling.
LONG = 500
#: Facts of a request that are told where they hold, with the text's name.
ASKED = ("private", "released", "is_hard", "needs_tools", "needs_vision")
TONGUES = dict(LANGUAGES)


def why(row: NoticeRow, t: Translator) -> Rendered:
    """The route as it was journaled: chosen, tried in vain, ruled out."""
    params = row.notice.params
    reply: Params = params.get("reply") or {}
    route: Params = params.get("route") or {}
    lines = [f"🔎 {b(t('why-title'))}"]
    if not reply and not route:
        return card([*lines, "", esc(t("why-nothing"))])
    is_whole = bool(params.get("whole"))
    if reply:
        lines += ["", *_reply(t, params, reply, route)]
    lines += _asked(t, params.get("asked") or {})
    lines += why_memory.told(t, params.get("memory") or {}, is_whole=bool(params.get("whole")))
    attempts = list(params.get("attempts") or reply.get("tried") or [])
    lines += _attempts(t, attempts, MOST_ATTEMPTS if is_whole else FEW_ATTEMPTS)
    candidates, ruled_out = list(route.get("candidates") or []), list(route.get("ruled_out") or [])
    if is_whole:
        lines += [*_candidates(t, candidates), *_ruled_out(t, ruled_out)]
    elif not reply:
        lines += _ruled_out(t, ruled_out, FEW_REASONS)
    elif candidates or ruled_out:
        lines += ["", esc(t("why-considered", could=len(candidates), out=len(ruled_out)))]
    run_id = params.get("run_id")
    label = "button-why-short" if is_whole else "button-why-details"
    more = button(t, label, "why.open", run_id=run_id, whole=not is_whole)
    models = button(t, "button-models", "models.page", page=0)
    used = why_memory.openers(t, params.get("memory") or {}) if is_whole else ()
    return card(lines, used, (more, models) if run_id else (models,))


def _reply(t: Translator, params: Params, reply: Params, route: Params) -> list[str]:
    where, name = place(t, reply.get("place")), reply.get("endpoint")
    lines = [f"✅ {esc(t('why-answered'))} {_name(name)} · {esc(where)}"]
    if reply.get("is_cached"):
        lines.append(f"♻️ {esc(t('why-cached'))}")
    chosen = [each for each in route.get("candidates") or [] if each.get("endpoint") == name]
    if chosen:
        lines.append(f"👉 {esc(_because(t, chosen[0]))}")
    lines += [f"🧮 {esc(each)}" for each in _used(t, params, reply)]
    if reply.get("took_s") is not None:
        lines.append(f"⏱ {esc(t('why-took', took=span(t, max(1, round(reply['took_s'])))))}")
    begun_by = [_name(each) for each in reply.get("begun_by") or []]
    if begun_by:
        lines.append(f"🧵 {esc(t('why-joined'))}: {', '.join(begun_by[:MOST_NAMES])}")
    return lines


def _used(t: Translator, params: Params, reply: Params) -> list[str]:
    """Tokens of the answer; money and calls of the whole run."""
    usage: Params = reply.get("usage") or {}
    told = []
    if usage:
        key = "why-tokens" if usage.get("is_exact", True) else "why-tokens-about"
        counts = {name: int(usage.get(name) or 0) for name in ("prompt", "completion")}
        told.append(t(key, **counts))
    cost: Params = params.get("cost") or {}
    micros, calls = int(cost.get("micros") or 0), int(cost.get("calls") or 0)
    if calls:
        spent = t("why-spent", amount=_dollars(str(micros))) if micros else t("why-note-free")
        rounds = int(params.get("rounds") or 1)
        told.append(spent if rounds == 1 else f"{spent} · {t('why-rounds', count=rounds)}")
    return [" · ".join(told)] if told else []


def _asked(t: Translator, asked: Params) -> list[str]:
    """What the request was taken for; only what sets it apart."""
    told = [t("why-asked-urgent")] if asked.get("urgency") == "high" else []
    told += [t(f"why-asked-{name.replace('_', '-')}") for name in ASKED if asked.get(name)]
    role = str(asked.get("role") or "chat")
    if role != "chat" and t.has(f"models-role-{role}"):
        told.append(t(f"models-role-{role}"))
    if asked.get("language") in TONGUES and asked["language"] != t.language:
        told.append(TONGUES[str(asked["language"])])
    if int(asked.get("characters") or 0) >= LONG:
        told.append(t("why-asked-characters", count=int(asked["characters"])))
    return ["", f"🎯 {esc(t('why-asked'))}: {esc(' · '.join(told))}"] if told else []


def _attempts(t: Translator, attempts: list[Params], most: int) -> list[str]:
    if not attempts:
        return []
    lines = [f"• {_name(each.get('endpoint'))} — {esc(_failure(t, each))}" for each in attempts]
    return ["", b(t("why-tried")), *_cut(t, lines, most)]


def _failure(t: Translator, attempt: Params) -> str:
    key = f"why-failure-{attempt.get('failure')}"
    return t(key) if t.has(key) else _reason(t, attempt.get("detail"))


def _candidates(t: Translator, candidates: list[Params]) -> list[str]:
    if not candidates:
        return []
    lines = [f"• {_name(each.get('endpoint'))} — {esc(_because(t, each))}" for each in candidates]
    return ["", b(t("why-order")), *_cut(t, lines, MOST_CANDIDATES)]


def _because(t: Translator, candidate: Params) -> str:
    """What put it where it stands, and what speaks for it."""
    reason = str(candidate.get("reason") or "")
    said = [str(note) for note in candidate.get("notes") or []]
    if reason.startswith("near-limit"):  # which tells it already
        said = [note for note in said if not note.startswith("left")]
    return " · ".join([_reason(t, reason), *(_reason(t, note, "note") for note in said)])


def _ruled_out(t: Translator, ruled_out: list[Params], most: int = MOST_REASONS) -> list[str]:
    """One line a kind of reason, with those it holds for."""
    if not ruled_out:
        return []
    groups: dict[str, list[tuple[str, str]]] = {}
    for each in ruled_out:
        kind, _, detail = str(each.get("reason") or "").partition(": ")
        groups.setdefault(kind, []).append((detail, _name(each.get("endpoint"))))
    lines = []
    for kind, found in groups.items():
        details = dict.fromkeys(detail for detail, _ in found if detail)
        reason = _reason(t, f"{kind}: {_together(list(details))}" if details else kind)
        lines.append(f"• {esc(reason)}: {_names(t, [name for _, name in found])}")
    return ["", b(t("why-ruled-out")), *_cut(t, lines, most)]


def _together(details: list[str]) -> str:
    """Several details of one reason: of figures the largest, of names all that fit."""
    if all(detail.isdecimal() for detail in details):
        return max(details, key=int)
    return ", ".join(details)


def _names(t: Translator, names: list[str]) -> str:
    shown = ", ".join(names[:MOST_NAMES])
    if len(names) <= MOST_NAMES:
        return shown
    return f"{shown}, {esc(t('why-more', count=len(names) - MOST_NAMES))}"


def _cut(t: Translator, lines: list[str], most: int) -> Iterable[str]:
    if len(lines) <= most:
        return lines
    return [*lines[:most], f"• {esc(t('why-more', count=len(lines) - most))}"]


def _name(endpoint: Any) -> str:
    return code(clip(str(endpoint or "—"), MOST_NAME))


def _reason(t: Translator, reason: Any, kind: str = "reason") -> str:
    """The router's code and detail (`context: 8192`) as words; what is not a code as it is."""
    code_, _, detail = str(reason or "").partition(": ")
    key = f"why-{kind}-{code_}"
    if not t.has(key):
        return clip(str(reason or "—"), MOST_REASON)
    return t(key, detail=_detail(t, code_, clip(detail, MOST_REASON)))


def _detail(t: Translator, reason: str, detail: str) -> str | float:
    """The figure or name behind a code, as the owner reads it."""
    if reason in MONEY:
        return _dollars(detail)
    if reason in WORK and t.has(f"models-role-{detail}"):
        return t(f"models-role-{detail}")
    try:
        figure = float(detail)
    except ValueError:
        return place(t, detail) if reason == "away" else detail
    if reason in SECONDS:
        return span(t, figure)
    return int(figure) if figure.is_integer() else figure


def _dollars(micros: str) -> str:
    """Micro-dollars as dollars, with as many places as say something."""
    if not micros.isdecimal():
        return micros
    return f"{int(micros) / 1_000_000:.6f}".rstrip("0").rstrip(".")
