"""Models: all of them with how each is now, one opened, keys of a service, what was removed, and
the picture of a check.

Names of models are data: escaped, cut, in code. Amounts of money stay in ASCII digits.
"""

from __future__ import annotations

import json
from typing import Any

from bot.render.cards.pieces import Params, Row, button, card, pager, place, time
from bot.render.html import b, clip, code, esc
from bot.render.model import Button, Part, Rendered, Style, Translator
from core.runs.notices import NoticeRow

SIGNS = {
    "ready": "🟢",
    "busy": "🔵",
    "cooling": "🟡",
    "used-up": "🟠",
    "unreachable": "🔴",
    "refused": "🔑",
    "keyless": "⚪",
    "paused": "⏸",
}
UNKNOWN = "⚪"
MOST_ROWS, MOST_NAME, MOST_LABEL, MOST_DETAIL = 8, 48, 18, 80
#: Failures that the caption of a check names; the picture and the file have all.
MOST_FAILED = 6
MOST_KEYS = 12
MICROS = 1_000_000
CENT = 10_000
KEY_SIGNS = {"ready": "🟢", "trial": "🟡", "dead": "🔴"}


def models(row: NoticeRow, t: Translator) -> Rendered:
    """One page; one button opens each."""
    params = row.notice.params
    rows: list[Params] = list(params.get("rows") or [])[:MOST_ROWS]
    page, pages = int(params.get("page") or 0), int(params.get("pages") or 1)
    lines = [f"🧠 {b(t('models-title'))} · {esc(t.number(int(params.get('total') or 0)))}"]
    if not rows:
        lines += ["", esc(t("models-none"))]
    openers: list[Button] = []
    for number, model in enumerate(rows, start=1):
        lines += ["", *_short(t, number, model)]
        label = clip(f"{t.number(number)}. {_bare(model)}", MOST_LABEL)
        openers.append(Button(label, "models.open", {"name": model.get("name")}))
    pairs = [tuple(openers[at : at + 2]) for at in range(0, len(openers), 2)]
    add = button(t, "button-add-model", "models.add", style=Style.GOOD)
    test = button(t, "button-test-models", "models.test")
    local = button(t, "button-local-models", "models.local")
    again = button(t, "button-refresh", "models.page", page=page)
    gone: Row = ()
    if params.get("removed"):
        gone = (button(t, "button-removed", "models.removed"),)
    ways = pager(t, "models.page", page, pages)
    return card(lines, *pairs, ways, (add, test), (local, again), gone)


def model(row: NoticeRow, t: Translator) -> Rendered:
    """One model, and what can be done about it."""
    params = row.notice.params
    name = params.get("name")
    lines = [f"{_sign(params)} {code(clip(str(name), MOST_NAME))}{_marks(params)}"]
    lines += [_where(t, params), _state(t, params), *_left(t, params), "", *_abilities(t, params)]
    lines += ["", *_month(t, params)]
    if params.get("sure"):
        lines += ["", f"🔴 {esc(t('models-remove-sure'))}"]
        hints = [str(hint) for hint in params.get("going") or []][:MOST_KEYS]
        if hints:
            lines.append(esc(t("models-remove-keys", hints=", ".join(f"…{h}" for h in hints))))
        elif params.get("is_local"):
            lines.append(esc(t("models-remove-local")))
        keep = button(t, "button-keep-model", "models.open", name=name)
        sure = button(
            t, "button-remove-sure", "models.remove", style=Style.BAD, single=True,
            name=name, sure=True,
        )  # fmt: skip
        return card(lines, (keep,), (sure,))
    return card(lines, *_ways(t, params))


def keys(row: NoticeRow, t: Translator) -> Rendered:
    """A service's keys, by their last letters; a second tap forgets one."""
    params = row.notice.params
    service, sure = params.get("service"), str(params.get("sure") or "")
    found: list[Params] = list(params.get("keys") or [])[:MOST_KEYS]
    lines = [f"🔑 {b(t('models-keys-title', title=params.get('title')))}"]
    if not found:
        lines += ["", esc(t("models-keys-none"))]
    rows: list[Row] = []
    for key in found:
        lines += ["", *_key(t, key)]
        if key.get("from_environment"):
            continue
        is_sure = bool(sure) and key.get("id") == sure
        label = clip(t("models-key-remove", hint=key.get("hint")), MOST_LABEL)
        if is_sure:
            label = clip(t("models-key-sure", hint=key.get("hint")), MOST_LABEL)
        about = {"service": service, "id": key.get("id"), "sure": is_sure}
        style = Style.BAD if is_sure else Style.PLAIN
        rows.append((Button(label, "models.key_remove", about, style, is_sure),))
    if params.get("has_plans"):
        free = button(t, "button-plan-free", "models.plan", service=service, paid=False)
        paid = button(t, "button-plan-paid", "models.plan", service=service, paid=True)
        rows.append((free, paid))
        lines += ["", esc(t("models-plan-ask"))]
    back = button(t, "button-models", "models.page", page=0)
    if params.get("can_add"):
        add = button(t, "button-add-key", "models.service", style=Style.GOOD, service=service)
        return card(lines, *rows, (add, back))
    return card(lines, *rows, (back,))


def removed(row: NoticeRow, t: Translator) -> Rendered:
    """What was removed; a tap brings it back."""
    names = [str(name) for name in row.notice.params.get("names") or []][:MOST_KEYS]
    lines = [f"🗑 {b(t('models-removed-title'))}"]
    lines += [f"• {code(clip(name, MOST_NAME))}" for name in names]
    lines += [esc(t("models-removed-text" if names else "models-removed-none"))]
    rows = [
        (Button(clip(f"↩️ {_bare({'name': name})}", MOST_LABEL), "models.restore", {"name": name}),)
        for name in names
    ]
    return card(lines, *rows, (button(t, "button-models", "models.page", page=0),))


def tested(row: NoticeRow, t: Translator) -> Rendered:
    """How the check went: a picture, the reasons in words, and everything as a file."""
    params = row.notice.params
    report: Params = dict(params.get("report") or {})
    tests: list[Params] = list(report.get("tests") or [])
    well = sum(bool(each.get("success")) for each in tests)
    lines = [f"🩺 {b(t('models-tested', well=well, count=len(tests)))}"]
    failed = [each for each in tests if not each.get("success")]
    for each in failed[:MOST_FAILED]:
        name = code(clip(str(each.get("type")), MOST_NAME))
        lines.append(f"• {name} — {esc(trouble(t, str(each.get('error_type') or '')))}")
    if len(failed) > MOST_FAILED:
        lines.append(esc(t("models-more", count=len(failed) - MOST_FAILED)))
    back: tuple[Row, ...] = ((button(t, "button-models", "models.page", page=0),),)
    text = "\n".join(lines)
    if not params.get("blob"):
        return Rendered((Part(text=text, html=True),), back)
    picture = Part(text, html=True, file_name="models.png", blob=params["blob"], is_photo=True)
    content = json.dumps(report, ensure_ascii=False, indent=1).encode()
    file = Part(t("models-report"), file_name="models.json", file_bytes=content)
    return Rendered((picture, file), back)


# -- lines ---------------------------------------------------------------------------------------


def money(micros: Any) -> str:
    """Dollars; what is less than a cent with four decimals."""
    amount = int(micros or 0)
    return f"${amount / MICROS:.4f}" if 0 < amount < CENT else f"${amount / MICROS:.2f}"


def trouble(t: Translator, detail: str) -> str:
    """A `failure: detail` with the failure in words."""
    failure, _, rest = detail.partition(": ")
    key = f"why-failure-{failure}"
    words = t(key) if t.has(key) else failure
    return clip(f"{words}: {rest}" if rest else words, MOST_DETAIL)


def _short(t: Translator, number: int, model: Params) -> list[str]:
    name = code(clip(str(model.get("name")), MOST_NAME))
    lines = [f"{_sign(model)} {esc(t.number(number))}. {name}{_marks(model)}"]
    facts = [_state(t, model), *_left(t, model)[:1], *_figures(t, model)]
    return [*lines, " · ".join(facts)]


def _figures(t: Translator, model: Params) -> list[str]:
    found = []
    if model.get("first_ms") is not None:
        found.append(t("models-first", seconds=round(int(model["first_ms"]) / 1000, 1)))
    if model.get("micros") or model.get("is_paid"):
        found.append(t("models-cost", amount=money(model.get("micros"))))
    if model.get("share"):
        found.append(t("models-share", percent=int(model["share"])))
    return [esc(each) for each in found]


def _sign(model: Params) -> str:
    return SIGNS.get(str(model.get("state")), UNKNOWN)


def _marks(model: Params) -> str:
    return (" ⭐" if model.get("preferred") else "") + (" 📌" if model.get("pinned") else "")


def _bare(model: Params) -> str:
    """The name without its service: what fits on a button."""
    return str(model.get("name")).rpartition("/")[2]


def _state(t: Translator, model: Params) -> str:
    """State, when it ends, and why, where that is known. HTML."""
    state = str(model.get("state"))
    key = f"models-state-{state}"
    words = esc(t(key) if t.has(key) else state)
    if model.get("until"):
        words += f", {esc(t('models-again'))} {time(t, model['until'])}"
    if model.get("detail"):
        words += f" ({esc(trouble(t, str(model['detail'])))})"
    return words


def _left(t: Translator, model: Params) -> list[str]:
    """What is left of each limit, the scarcest first; and when it will be reached."""
    gauges: list[Params] = [
        each for each in model.get("left") or [] if each.get("left") is not None
    ]
    gauges.sort(key=lambda each: int(each["left"]) / (int(each.get("most") or 0) or 1))
    lines = [
        esc(t(f"models-left-{each['dimension']}", left=int(each["left"]), most=each.get("most")))
        for each in gauges
    ]
    soon = model.get("limit_in_s")
    if soon is not None and lines:
        lines[0] += f" · {esc(t('models-limit-in', seconds=int(soon)))}"
    return lines


def _where(t: Translator, model: Params) -> str:
    whose = t("models-mine" if model.get("is_mine") else "models-cloud")
    title = str(model.get("service_title") or "")
    return esc(" · ".join(filter(None, (title, place(t, model.get("place")), whose))))


def _abilities(t: Translator, model: Params) -> list[str]:
    lines = [t("models-window", tokens=int(model.get("context") or 0))]
    can = [t(f"models-can-{name}") for name in ("tools", "vision") if model.get(name)]
    can += [t(f"models-role-{role}") for role in model.get("roles") or []]
    if can:
        lines.append(t("models-can", what=", ".join(can)))
    lines.append(t("models-strength", strength=int(model.get("strength") or 0)))
    price: Params = dict(model.get("price") or {})
    if price.get("prompt") or price.get("completion"):
        prompt, completion = money(price.get("prompt")), money(price.get("completion"))
        lines.append(t("models-price", prompt=prompt, completion=completion))
    else:
        lines.append(t("models-free"))
    return [esc(line) for line in lines]


def _month(t: Translator, model: Params) -> list[str]:
    calls, answered = int(model.get("calls") or 0), int(model.get("answered") or 0)
    if not calls:
        return [esc(t("models-never-asked"))]
    lines = [esc(t("models-month", calls=calls, answered=answered))]
    return [*lines, " · ".join(_figures(t, model))] if _figures(t, model) else lines


def _key(t: Translator, key: Params) -> list[str]:
    sign = KEY_SIGNS.get(str(key.get("state")), UNKNOWN)
    words = [t(f"models-key-{key.get('state')}") if key.get("state") in KEY_SIGNS else "—"]
    words.append(t("models-key-uses", count=int(key.get("uses") or 0)))
    if key.get("from_environment"):
        words.append(t("models-key-environment"))
    if key.get("state") == "dead" and key.get("why"):
        words.append(clip(str(key["why"]), MOST_DETAIL))
    return [f"{sign} {code('…' + str(key.get('hint') or ''))}", esc(" · ".join(words))]


def _ways(t: Translator, model: Params) -> list[Row]:
    name, is_own = model.get("name"), bool(model.get("is_own"))
    state, rows = str(model.get("state")), list[Row]()
    if is_own:
        is_paused, is_first = state == "paused", bool(model.get("preferred"))
        is_pinned = bool(model.get("pinned"))
        label = "button-resume-model" if is_paused else "button-pause-model"
        first = "button-unprefer" if is_first else "button-prefer"
        pinned = "button-unpin" if is_pinned else "button-pin"
        rows.append((
            button(t, first, "models.prefer", name=name, on=not is_first),
            button(t, pinned, "models.pin", name=name, on=not is_pinned),
        ))  # fmt: skip
        rows.append((
            button(t, label, "models.pause", name=name, on=not is_paused),
            button(t, "button-remove-model", "models.remove", style=Style.BAD, name=name),
        ))  # fmt: skip
    more: list[Button] = []
    if model.get("wants_key"):
        style = Style.GOOD if state in {"keyless", "refused"} else Style.PLAIN
        more.append(button(t, "button-keys", "models.keys", style=style, service=model["service"]))
    if model.get("is_local"):
        more.append(button(t, "button-local-models", "models.local"))
    again = button(t, "button-refresh", "models.open", name=name)
    return [*rows, tuple(more), (again, button(t, "button-models", "models.page", page=0))]
