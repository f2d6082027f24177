"""What surrounds the exact text of a question: the headline, effects, undo, what was read before.

Everything here is our own words about canonical fields; names that come from outside stand in code,
spelled. A preview (names, counts, a diff) is marked by its place: under the effects.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.render import numbers
from bot.render.cards.approval_action import MODEL_PULL, TYPES, diff_lines, exact_code
from bot.render.cards.approval_output import readable
from bot.render.cards.approval_spelling import spell
from bot.render.cards.pieces import Params, place, size, span
from bot.render.html import FIRST_STRONG_ISOLATE, POP_ISOLATE, b, clip, esc, i, moment, quote
from bot.render.model import Translator
from core.runs.model import Label

RISKS = {"low": "🟢", "medium": "🟡", "high": "🟠", "highest": "🔴"}
#: Names of files or sources that a card lists; the rest is counted.
MOST_NAMES = 5
MOST_NAME, MOST_TITLE, MOST_EXCERPT = 40, 40, 300
#: Ways to hold a process that keep it from neither files nor the network.
HELD_ONLY = frozenset({"", "none", "job", "session"})
UNDONE = "none"
#: In what was read: how many more there are, as the name.
MORE = "more"
LEAST_KB = 1024
DELETES = frozenset({"delete", "delete_file"})
#: Signs that no text holds: they keep places for HTML while a sentence is made and escaped.
_PLACES = ("\ue000", "\ue001")


def woven(t: Translator, key: str, html: dict[str, str]) -> str:
    """The sentence `key`, escaped, with HTML where its variables of these names stand."""
    slots = dict(zip(html, _PLACES, strict=False))
    said = esc(t(key, **slots))
    for name, slot in slots.items():
        said = said.replace(slot, html[name])
    return said


def time_sentence(t: Translator, key: str, value: object) -> str:
    """A sentence with a `$when` that the phone writes itself."""
    at = numbers.instant(value)
    return woven(t, key, {"when": moment(at, t.day(at)) if at else "—"})


def amount(t: Translator, size_bytes: object) -> str:
    """A size; below 1 KB in bytes."""
    number = size_bytes if isinstance(size_bytes, int) else None
    is_small = number is not None and number < LEAST_KB
    return t("approval-bytes", count=number) if is_small else size(t, size_bytes)


def headline(t: Translator, params: Params) -> list[str]:
    """Risk in one word with its colour, what it is, and where."""
    risk = str(params.get("risk") or "high")
    sign = RISKS.get(risk, RISKS["high"])
    word = t(f"approval-risk-{risk if risk in RISKS else 'high'}")
    asks = f"{sign} {b(t('approval-asks'))} · {esc(t('approval-risk', risk=word))}"
    return [asks, *subject(t, params)]


def subject(t: Translator, params: Params) -> list[str]:
    """What kind of thing at which place; the two lines that stay when the question is closed."""
    title = clip(str(params.get("place_title") or place(t, params.get("place"))), MOST_TITLE)
    where = f"{FIRST_STRONG_ISOLATE}{b(title)}{POP_ISOLATE}"
    return [kind_line(t, params), f"📍 {esc(t('approval-where'))} {where}"]


def kind_line(t: Translator, params: Params) -> str:
    """What it is, in words of this version, or by its name."""
    kind = str(params.get("kind") or "")
    key = f"approval-kind-{kind.replace('_', '-')}"
    words = b(t(key)) if t.has(key) else f"{b(t('approval-kind-other'))} {_name(kind)}"
    is_script = (params.get("action") or {}).get("script") is not None
    return f"{words} · ⚠️ {b(t('approval-shell-script'))}" if is_script else words


def effects(t: Translator, params: Params) -> list[str]:
    """What it changes: how much, whether it reaches out, how it is held, how it is undone."""
    action, preview = params.get("action") or {}, params.get("preview") or {}
    lines = [*_command(t, action)] if "argv" in action else [*_amount(t, action, preview)]
    if preview.get("left_at_node"):
        lines.append(esc(t("approval-left-at-node")))
    return [*lines, *_sensitive(t, action, preview), *_rule(t, action), undo(t, action)]


def _amount(t: Translator, action: Params, preview: Params) -> Iterator[str]:
    if action.get("type") in TYPES:
        yield esc(t(f"approval-type-{action['type']}"))
    count = action.get("entries", preview.get("count"))
    size_bytes = action.get("size", preview.get("size_bytes"))
    if count is not None:
        words = t("approval-entries", count=int(count), size=amount(t, size_bytes))
        yield f"📦 {esc(words)}"
    elif size_bytes is not None:
        yield f"📦 {esc(t('approval-size', size=amount(t, size_bytes)))}"
    if action.get("kind") == MODEL_PULL:
        yield from _pull(t, action, preview)
    if action.get("kind") in DELETES and action.get("is_workspace") is not True:
        yield f"⚠️ {b(t('approval-outside'))}"
    if action.get("exact", True) is not True:
        yield f"⚠️ {esc(t('approval-inexact'))}"
    if action.get("conflict", False) is not False:
        yield f"⚠️ {b(t('approval-conflict'))}"
    first = [str(name) for name in preview.get("first_names") or []]
    if first:
        left = max(int(count or len(first)), len(first)) - len(first[:MOST_NAMES])
        yield esc(t("approval-first-names"))
        yield from (f"• {_name(name)}" for name in first[:MOST_NAMES])
        if left > 0:
            yield f"• {esc(t('approval-names-more', count=left))}"


def _pull(t: Translator, action: Params, preview: Params) -> Iterator[str]:
    """Whether there is room for a model, on the disk and in memory."""
    free = preview.get("free_bytes")
    if free is not None:
        words = t("models-pull-free", size=amount(t, free))
        is_tight = int(free) < int(action.get("size") or 0)
        yield f"⚠️ {b(words)}" if is_tight else f"💽 {esc(words)}"
    if preview.get("fits") is False:
        memory = amount(t, preview.get("memory_bytes"))
        yield f"⚠️ {esc(t('models-pull-tight', size=memory))}"
    if action.get("replaces"):
        yield f"🔁 {esc(t('models-pull-replaces'))}"


def _command(t: Translator, action: Params) -> Iterator[str]:
    if action.get("privilege") is not False:
        yield f"🔴 {b(t('approval-privilege'))}"
    sandbox = str(action.get("sandbox") or "")
    is_held = sandbox not in HELD_ONLY
    yield f"🛡 {esc(t('approval-sandboxed'))}" if is_held else f"⚠️ {b(t('approval-unsandboxed'))}"
    if action.get("secrets_reachable") is not False:
        yield f"⚠️ {b(t('approval-secrets'))}"
    network = "no" if action.get("network") is False else "yes"
    yield f"🌐 {esc(t(f'approval-network-{network}'))}"
    if action.get("stdin"):
        yield f"⌨️ {esc(t('approval-stdin'))} {exact_code(str(action['stdin'])[:8])}"
    if action.get("timeout_s"):
        yield f"⏱ {esc(t('approval-most-time', most=span(t, action['timeout_s'])))}"


def _sensitive(t: Translator, action: Params, preview: Params) -> Iterator[str]:
    if action.get("characters") is not None:
        yield f"☁️ {esc(t('approval-leaves', count=int(action['characters'])))}"
    excerpt = readable(str(preview.get("excerpt") or "")).strip()
    if excerpt:
        yield quote(clip(excerpt, MOST_EXCERPT), expandable=True)


def _rule(t: Translator, action: Params) -> Iterator[str]:
    """What a rule would mean from then on."""
    rule = action.get("rule")
    if isinstance(rule, dict):
        kind = kind_line(t, {"kind": rule.get("kind")})
        at = numbers.instant(rule.get("expires_at"))
        until = moment(at, t.day(at)) if at else "—"
        yield f"📜 {woven(t, 'approval-rule-means', {'name': kind, 'when': until})}"


def undo(t: Translator, action: Params) -> str:
    """How it is taken back, or that it is not."""
    how = str(action.get("undo") or UNDONE)
    key = f"approval-undo-{how}"
    if how == UNDONE or not t.has(key):
        return f"⛔ {b(t('approval-undo-none'))}"
    copied = action.get("snapshot_bytes")
    return f"↩️ {esc(t(key, size=amount(t, copied)))}"


def change(t: Translator, params: Params, *, is_cut: bool) -> list[str]:
    """The diff of an edit in an expandable quote; where it does not fit it is in the document."""
    lines = diff_lines(params.get("preview") or {})
    if not lines:
        return []
    if is_cut:
        return [i(t("approval-diff-in-file", count=len(lines)))]
    quoted = "\n".join(f"\u200e{esc(line)}" for line in lines)
    return [b(t("approval-diff")), f"<blockquote expandable>{quoted}</blockquote>"]


def circumstances(t: Translator, params: Params) -> list[str]:
    """What the model had read, the label, the digest, how many requests stand behind this card."""
    label = Label.PRIVATE if params.get("label") == Label.PRIVATE else Label.OPEN
    lines = [*_read(t, params.get("read") or [])]
    digest = exact_code(str(params.get("digest8") or "—")[:8])
    lines.append(
        f"{esc(t(f'approval-label-{label.value}'))} · {esc(t('approval-digest'))} {digest}"
    )
    count, behind = int(params.get("count") or 1), int(params.get("behind") or 0)
    if count > 1:
        lines.append(f"🔁 {esc(t('approval-count', count=count))}")
    if behind > 0:
        lines.append(f"⏸ {esc(t('approval-behind', count=behind))}")
    return lines


def _read(t: Translator, read: list[Params]) -> list[str]:
    """Only what came from outside can have told the model to ask for this."""
    if not read:
        return []
    more = [source for source in read if source.get("what") == MORE]
    named = [source for source in read if source.get("what") != MORE]
    told = [_source(t, source) for source in named[:MOST_NAMES]]
    left = len(named) - len(told) + sum(int(source.get("name") or 0) for source in more)
    rest = f" {esc(t('approval-names-more', count=left))}" if left else ""
    return [f"👁 {esc(t('approval-read'))} {', '.join(told)}{rest}"]


def _source(t: Translator, source: Params) -> str:
    what = str(source.get("what") or "other")
    key = f"approval-read-{what.replace('_', '-').replace('.', '-')}"
    words = t(key) if t.has(key) else t("approval-read-other")
    return f"{esc(words)} {_name(str(source.get('name') or what))}"


def _name(name: str) -> str:
    """A name from outside, spelled; the cut of a long one is outside the code."""
    shown = spell(name)
    return exact_code(shown) if len(shown) <= MOST_NAME else exact_code(shown[:MOST_NAME]) + "…"
