"""/status: is everything alive, readable at a glance. The facts come from `core/monitor/status.py`.

Green is well, yellow worth a look, red down; a fact that nobody knows is a white circle.
"""

from __future__ import annotations

from typing import Any

from bot.render.cards.pieces import Params, button, card, size, span
from bot.render.html import b, clip, code, esc
from bot.render.model import Rendered, Translator
from core.runs.notices import NoticeRow

GOOD, FAIR, BAD, UNKNOWN = "🟢", "🟡", "🔴", "⚪"
#: Echoes run every minute: two missed are worth a look, three mean that workers are deaf.
ECHO_FAIR_S, ECHO_BAD_S = 130, 190
#: A node says hello every half minute or so; Telegram's long polling answers within a minute.
HELLO_FAIR_S, POLL_FAIR_S = 120, 120
QUEUE_FAIR = 50
MOST_MODELS, MOST_NODES, MOST_DETAIL = 8, 8, 60


def status(row: NoticeRow, t: Translator) -> Rendered:
    """One line per part of the house; the first line is the worst of them."""
    params = row.notice.params
    facts: Params = params.get("facts") or params
    rows = [
        *_bot(t, facts.get("bot") or {}),
        *_workers(t, facts.get("workers") or {}),
        *_queue(t, facts.get("queue") or {}),
        *_models(t, facts.get("models")),
        *_nodes(t, facts.get("nodes") or []),
        *_database(t, facts.get("database") or {}),
    ]
    signs = [sign for sign, _ in rows]
    worst = BAD if BAD in signs else FAIR if FAIR in signs else GOOD
    lines = [f"{worst} {b(t(f'status-all-{_WORDS[worst]}'))}", ""]
    lines += [f"{sign} {line}" for sign, line in rows]
    refresh = button(t, "button-refresh", "status.refresh")
    return card(lines, (refresh, button(t, "button-jobs", "jobs.page", page=0)))


_WORDS = {GOOD: "good", FAIR: "fair", BAD: "bad"}
Line = tuple[str, str]


def _line(name: str, words: str) -> str:
    return f"{b(name)}: {esc(words)}"


def _older(seconds: Any, fair: float, bad: float | None = None) -> str:
    if seconds is None:
        return UNKNOWN
    if bad is not None and seconds > bad:
        return BAD
    return FAIR if seconds > fair else GOOD


def _bot(t: Translator, fact: Params) -> list[Line]:
    mode = "webhook" if fact.get("mode") == "webhook" else "polling"
    sign = GOOD if mode == "webhook" else _older(fact.get("polled_s"), POLL_FAIR_S)
    words = t(f"status-bot-{mode}", up=span(t, fact.get("up_s")))
    return [(GOOD if sign == UNKNOWN else sign, _line(t("status-bot"), words))]


def _workers(t: Translator, fact: Params) -> list[Line]:
    echo = fact.get("echo_s")
    echo_words = t("status-echo", ago=span(t, echo)) if echo is not None else t("status-no-echo")
    going, waiting = int(fact.get("going") or 0), int(fact.get("waiting") or 0)
    failed, stale = int(fact.get("failed") or 0), int(fact.get("stale") or 0)
    lines = [
        (_older(echo, ECHO_FAIR_S, ECHO_BAD_S), _line(t("status-workers"), echo_words)),
        (GOOD, _line(t("status-work"), t("status-going", going=going, waiting=waiting))),
    ]
    if failed or stale:
        words = t("status-failed", failed=failed, stale=stale)
        lines.append((FAIR, _line(t("status-trouble"), words)))
    return lines


def _queue(t: Translator, fact: Params) -> list[Line]:
    length = fact.get("length")
    if length is None:
        return [(BAD, _line(t("status-queue"), t("status-queue-away")))]
    sign = FAIR if int(length) > QUEUE_FAIR else GOOD
    return [(sign, _line(t("status-queue"), t("status-queue-length", length=int(length))))]


def _models(t: Translator, facts: list[Params] | None) -> list[Line]:
    """None: nobody has looked lately; the card is edited in a moment."""
    if facts is None:
        return []
    if not facts:
        return [(BAD, _line(t("status-models"), t("status-no-models")))]
    any_up = any(fact.get("is_up") for fact in facts)
    lines = []
    for fact in facts[:MOST_MODELS]:
        is_up = bool(fact.get("is_up"))
        words = t("status-model-up" if is_up else "status-model-down")
        detail = "" if is_up else _trouble(t, str(fact.get("detail") or ""))
        line = f"{b(t('status-model'))}: {code(fact.get('name'))} · {esc(words)}"
        sign = GOOD if is_up else FAIR if any_up else BAD
        lines.append((sign, line + (f" ({esc(detail)})" if detail else "")))
    return lines


def _trouble(t: Translator, detail: str) -> str:
    """The probe's `failure: detail` with the failure in words."""
    failure, _, rest = detail.partition(": ")
    key = f"why-failure-{failure}"
    words = f"{t(key)}: {rest}" if t.has(key) and rest else t(key) if t.has(key) else detail
    return clip(words, MOST_DETAIL)


def _nodes(t: Translator, facts: list[Params]) -> list[Line]:
    lines = []
    for fact in facts[:MOST_NODES]:
        seen = fact.get("hello_s")
        words = (
            t("status-node-seen", ago=span(t, seen)) if seen is not None else t("status-node-new")
        )
        sign = _older(seen, HELLO_FAIR_S)
        lines.append((sign, f"{b(t('status-node'))}: {code(fact.get('name'))} · {esc(words)}"))
    return lines


def _database(t: Translator, fact: Params) -> list[Line]:
    sound = fact.get("is_sound")
    sign = UNKNOWN if sound is None else GOOD if sound else BAD
    words = [size(t, fact.get("bytes"))]
    if sound is None:
        words.append(t("status-database-unchecked"))
    else:
        key = "status-database-sound" if sound else "status-database-damaged"
        words.append(t(key, ago=span(t, fact.get("checked_s"))))
    return [(sign, _line(t("status-database"), " · ".join(words)))]
