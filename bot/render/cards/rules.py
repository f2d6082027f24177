"""/rules in words, and the choice of scopes for a new rule.

Decides how a policy and a rule read; every path and argument is spelled like on an approval card,
because it is what will run without asking.
"""

from __future__ import annotations

from bot.render.cards.approval_action import exact_code
from bot.render.cards.approval_spelling import spell
from bot.render.cards.pieces import Params, Row, button, card, pager, place, span, time
from bot.render.html import b, esc
from bot.render.model import Rendered, Style, Translator
from core.runs.notices import NoticeRow

MOST_ROWS, MOST_SCOPES, MOST_LINE = 5, 3, 200
CLASSES = (("auto", "🟢"), ("ask", "🟡"), ("twice", "🔴"), ("deny", "⛔"))
DAY_S = 86_400


def rules(row: NoticeRow, t: Translator) -> Rendered:
    """The policy in classes, then the owner's rules with their ends and uses."""
    params = row.notice.params
    number = t("rules-version", version=int(params.get("version") or 0))
    lines = [f"📜 {b(t('rules-title'))}"]
    lines += _broken(t, params["error"]) if params.get("error") else [esc(number)]
    classes: Params = params.get("classes") or {}
    for name, sign in CLASSES:
        if classes.get(name):
            kinds = [kind_word(t, kind) for kind in classes[name]]
            kinds += [t("rules-twice-too")] if name == "twice" else []
            said = " · ".join(dict.fromkeys(kinds))  # two kinds may have one name
            lines += ["", f"{sign} {b(t(f'rules-class-{name}'))}", esc(said)]
    lines += ["", f"🧱 {b(t('rules-class-floor'))}", esc(t("rules-floor"))]
    lines += ["", f"✍️ {b(t('rules-own', count=int(params.get('count') or 0)))}"]
    found: list[Params] = list(params.get("rows") or [])[:MOST_ROWS]
    if not found:
        lines.append(esc(t("rules-own-none")))
    first, page = int(params.get("first") or 1), int(params.get("page") or 0)
    for at, rule in enumerate(found, start=first):
        lines += [f"{esc(t.number(at))}. {_rule(t, rule)}", _use(t, rule)]
    revokers = [_revoker(t, at, rule, page) for at, rule in enumerate(found, start=first)]
    return card(lines, *revokers, pager(t, "rules.page", page, int(params.get("pages") or 1)))


def choice(row: NoticeRow, t: Translator) -> Rendered:
    """What need not be asked again, and for how long; or why that is not offered."""
    params = row.notice.params
    lines = [f"⏱ {b(t('rules-choice-title'))}", esc(kind_word(t, params.get("kind")))]
    lines.append(esc(t("rules-place", place=place(t, params.get("place")))))
    scopes: list[Params] = list(params.get("scopes") or [])[:MOST_SCOPES]
    if params.get("why") or not scopes:
        return card([*lines, "", esc(why(t, params.get("why")))])
    for number, scope in enumerate(scopes, start=1):
        lines += ["", f"{esc(t.number(number))}. {_scope(t, scope)}"]
    if params.get("state") == "asked":
        return card([*lines, "", esc(t("rules-choice-asked"))])
    rows = [
        _durations(t, params, number, str(scope.get("name")))
        for number, scope in enumerate(scopes, start=1)
    ]
    return card([*lines, "", esc(t("rules-choice-text"))], *rows)


def kind_word(t: Translator, kind: object) -> str:
    """A kind of action as approval cards name it; one without a name by its own."""
    key = f"approval-kind-{str(kind).replace('_', '-')}"
    return t(key) if t.has(key) else str(kind)


def why(t: Translator, key: object) -> str:
    """Why no rule is offered."""
    return t(str(key)) if key and t.has(str(key)) else t("rules-why-kind")


def _broken(t: Translator, error: Params) -> list[str]:
    """Where the mistake in the policy file is, and what that means."""
    what = f"rules-broken-{error.get('why')}"
    where = t("rules-broken-line", line=int(error.get("line") or 0))
    names = [str(error[name]) for name in ("file", "name") if error.get(name)]
    return [
        f"⚠️ {b(t('rules-broken'))}",
        f"{' · '.join(exact_code(spell(name)) for name in names)} · {esc(where)}",
        esc(t(what) if t.has(what) else t("rules-broken-value")),
        esc(t("rules-broken-means")),
    ]


def _rule(t: Translator, rule: Params) -> str:
    """What a rule lets run, and where."""
    where = esc(t("rules-place", place=place(t, rule.get("place"))))
    return f"{b(kind_word(t, rule.get('kind')))}\n{where}\n{_scope(t, rule)}"


def _scope(t: Translator, scope: Params) -> str:
    argv = [str(word) for word in scope.get("argv") or []]
    folder = str(scope.get("folder") or "")
    if argv:
        words = exact_code(_cut(" ".join(f"[{spell(word)}]" for word in argv)))
        return f"{esc(t('rules-scope-command'))} {words}\n📁 {exact_code(spell(folder))}"
    if not scope.get("root"):
        return esc(t("rules-scope-place"))
    path = exact_code(_cut(spell(f"{scope['root']}:/{folder}")))
    key = "rules-scope-file" if scope.get("name") == "file" else "rules-scope-folder"
    return f"{esc(t(key))} {path}"


def _cut(text: str) -> str:
    return text if len(text) <= MOST_LINE else text[: MOST_LINE - 1] + "…"


def _use(t: Translator, rule: Params) -> str:
    """When it ends, and where that is known here, how often it was used."""
    ends = f"{esc(t('rules-until'))} {time(t, rule.get('expires_at'))}"
    uses = rule.get("uses")
    return ends if uses is None else f"{ends} · {esc(t('rules-uses', count=int(uses)))}"


def _revoker(t: Translator, number: int, rule: Params, page: int) -> Row:
    return (
        button(
            t,
            "button-rules-revoke",
            "rules.revoke",
            style=Style.BAD,
            single=True,
            values={"number": number},
            id=rule.get("id"),
            page=page,
        ),
    )


def _durations(t: Translator, params: Params, number: int, scope: str) -> Row:
    return tuple(
        button(
            t,
            "button-rules-days",
            "rules.add",
            single=True,
            values={"number": number, "span": span(t, int(days) * DAY_S)},
            id=params.get("id"),
            scope=scope,
            days=int(days),
        )
        for days in params.get("days") or []
    )
