"""The owner's machines: all of them, one opened, an invitation, and waiting for one that sleeps.

What a machine says of itself (system, roots, models) is data: escaped, cut, never a headline.
"""

from __future__ import annotations

from typing import Any

from bot.render import numbers
from bot.render.cards.pieces import Params, Row, button, card, time
from bot.render.html import b, clip, code, esc, quote
from bot.render.model import Button, Rendered, Style, Translator
from core.runs.notices import NoticeRow

ONLINE, AWAY, WARN = "🟢", "🌙", "⚠️"
MOST_ROWS, MOST_NAME, MOST_LABEL, MOST_FACT, MOST_FACTS = 10, 40, 18, 60, 8
#: Seconds that a clock may be off before it is worth a word (`reliability.md` 3.4).
CLOCK_S = 30
#: What is typed on the new machine.
COMMAND = "python3 -m ops node"


def nodes(row: NoticeRow, t: Translator) -> Rendered:
    """All machines; one button opens each."""
    rows: list[Params] = list(row.notice.params.get("rows") or [])[:MOST_ROWS]
    lines = [f"💻 {b(t('nodes-title'))}"]
    if not rows:
        lines += ["", esc(t("nodes-empty"))]
    openers: list[Button] = []
    for number, node in enumerate(rows, start=1):
        lines += ["", f"{_sign(node)} {esc(t.number(number))}. {b(_title(node))}", _seen(t, node)]
        label = clip(f"{t.number(number)}. {_title(node)}", MOST_LABEL)
        openers.append(Button(label, "nodes.open", {"name": node.get("name")}))
    pairs = [tuple(openers[at : at + 2]) for at in range(0, len(openers), 2)]
    invite = button(t, "button-invite", "nodes.invite", style=Style.GOOD)
    return card(lines, *pairs, (invite, button(t, "button-refresh", "nodes.list")))


def node(row: NoticeRow, t: Translator) -> Rendered:
    """One machine: presence, load, abilities, warnings; asked about before it is revoked."""
    params = row.notice.params
    name, can, load = params.get("name"), _facts(params, "can"), _facts(params, "load")
    lines = [f"{_sign(params)} {b(_title(params))} · {code(name)}", _seen(t, params)]
    lines += [esc(line) for line in _abilities(t, params, can)]
    lines += [esc(line) for line in _load(t, load)]
    lines += [f"{WARN} {esc(line)}" for line in _warnings(t, params)]
    if params.get("sure"):
        lines += ["", f"🔴 {esc(t('nodes-revoke-sure'))}"]
        sure = button(
            t, "button-revoke-sure", "nodes.revoke", style=Style.BAD, single=True,
            name=name, sure=True,
        )  # fmt: skip
        return card(lines, (button(t, "button-keep-node", "nodes.open", name=name),), (sure,))
    rename = button(t, "button-rename", "nodes.rename", name=name)
    revoke = button(t, "button-revoke-node", "nodes.revoke", style=Style.BAD, name=name)
    again = button(t, "button-refresh", "nodes.open", name=name)
    return card(lines, (rename, revoke), (again, button(t, "button-nodes", "nodes.list")))


def invitation(row: NoticeRow, t: Translator) -> Rendered:
    """A pairing string and what became of it. The message with the string is deleted when the next
    state is shown."""
    params = row.notice.params
    state = str(params.get("state"))
    if state == "open":
        return card(_invited(t, params))
    if state == "joined":
        return _replacing(card(_compared(t, params), *_choices(t, params)))
    lines = [esc(t(f"nodes-invitation-{state}", name=params.get("name")))]
    if state in {"trusted", "refused"}:
        return card(lines, (button(t, "button-nodes", "nodes.list"),))
    return _replacing(card(lines, (button(t, "button-invite", "nodes.invite"),)))


def waiting(row: NoticeRow, t: Translator) -> Rendered:
    """A run that waits for a machine that is away."""
    params = row.notice.params
    name, state = str(params.get("place_title") or params.get("place")), params.get("state")
    title = quote(clip(str(params.get("title") or t("jobs-untitled")), MOST_FACT))
    if state != "waits":
        key = "nodes-wait-cancelled" if state == "cancelled" else "nodes-wait-over"
        return card([esc(t(key, name=name)), title])
    seen = numbers.instant(params.get("last_seen"))
    head = f"⏸ {b(t('nodes-waiting', name=name))}"
    last = esc(t("nodes-never")) if seen is None else _last(t, params)
    lines = [head, last, title, esc(t("nodes-waiting-then"))]
    run_id = params.get("run_id")
    stop = button(t, "button-cancel-wait", "nodes.cancel", style=Style.BAD, run_id=run_id)
    if not params.get("can_home"):
        return card(lines, (stop,))
    here = button(t, "button-elsewhere", "nodes.elsewhere", single=True, run_id=run_id)
    return card(lines, (here, stop))


# -- inside --------------------------------------------------------------------------------------


def _replacing(rendered: Rendered) -> Rendered:
    return Rendered(rendered.parts, rendered.buttons, replaces=True)


def _sign(node: Params) -> str:
    if not node.get("online"):
        return AWAY
    return WARN if node.get("tampered") or _is_off(node) else ONLINE


def _title(node: Params) -> str:
    return clip(str(node.get("title") or node.get("name")), MOST_NAME)


def _seen(t: Translator, node: Params) -> str:
    if node.get("online"):
        return esc(t("nodes-online"))
    return _last(t, node) if node.get("last_seen") else esc(t("nodes-never"))


def _last(t: Translator, node: Params) -> str:
    """Relative, and written by the phone: it needs no edits."""
    return f"{esc(t('nodes-last-seen'))} {time(t, node.get('last_seen'))}"


def _facts(params: Params, name: str) -> Params:
    found = params.get(name)
    return dict(found) if isinstance(found, dict) else {}


def _words(value: Any) -> str:
    """A list of names that a machine told, as one line."""
    items = value if isinstance(value, list) else []
    return ", ".join(clip(str(item), MOST_FACT) for item in items[:MOST_FACTS])


def _abilities(t: Translator, node: Params, can: Params) -> list[str]:
    whose = t("nodes-mine" if node.get("is_mine") else "nodes-rented")
    system = " ".join(
        clip(str(can[name]), MOST_FACT) for name in ("system", "machine") if name in can
    )
    lines = [f"{whose} · {system}" if system else whose]
    if can.get("sandbox"):
        kind = clip(str(can["sandbox"]), MOST_FACT)
        known = "nodes-no-sandbox" if kind == "none" else "nodes-sandbox"
        lines.append(t(known, kind=kind))
    for name, key in (("roots", "nodes-roots"), ("models", "nodes-models")):
        if words := _words(can.get(name)):
            lines.append(t(key, names=words))
    return lines


def _load(t: Translator, load: Params) -> list[str]:
    lines = []
    if isinstance(load.get("busy"), int):
        lines.append(t("nodes-busy", count=load["busy"]))
    if isinstance(load.get("cpu_percent"), int):
        lines.append(t("nodes-load", percent=load["cpu_percent"]))
    return lines


def _is_off(node: Params) -> bool:
    offset = node.get("offset_s")
    return isinstance(offset, int) and abs(offset) > CLOCK_S


def _warnings(t: Translator, node: Params) -> list[str]:
    lines = []
    if _is_off(node):
        lines.append(t("nodes-clock", seconds=abs(int(node["offset_s"]))))
    if node.get("tampered"):
        lines.append(t("nodes-tampered"))
    return lines


def _invited(t: Translator, params: Params) -> list[str]:
    line = str(params.get("line") or "")
    lines = [f"🔑 {b(t('nodes-invite-title', name=params.get('name')))}"]
    if params.get("loopback"):
        lines += [f"{WARN} {esc(t('nodes-invite-loopback'))}"]
    lines += ["", esc(t("nodes-invite-how")), code(f"{COMMAND} {line}"), ""]
    return [*lines, f"{esc(t('nodes-invite-once'))} {time(t, params.get('expires_at'))}"]


def _compared(t: Translator, params: Params) -> list[str]:
    digits = str(params.get("digits") or "")
    whose = t("nodes-rented" if params.get("place") == "rented" else "nodes-mine")
    facts = " ".join(clip(str(params.get(name) or ""), MOST_FACT) for name in ("system", "machine"))
    return [
        f"🔢 {b(t('nodes-joined-title', name=params.get('name')))}",
        f"{esc(whose)} · {esc(facts.strip() or '—')}",
        "",
        code(f"{digits[:4]} {digits[4:]}"),
        "",
        esc(t("nodes-joined-text")),
        f"{esc(t('nodes-joined-until'))} {time(t, params.get('expires_at'))}",
    ]


def _choices(t: Translator, params: Params) -> tuple[Row, Row]:
    """The dangerous button is not where a hurried thumb is."""
    wanted = params.get("id")
    same = button(t, "button-same-digits", "nodes.trust", style=Style.GOOD, single=True, id=wanted)
    other = button(
        t, "button-other-digits", "nodes.distrust", style=Style.BAD, single=True, id=wanted
    )
    return (other,), (same,)
