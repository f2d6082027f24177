"""Models on the owner's machines: places, one place, one model, and what became of a wish."""

from __future__ import annotations

from bot.render.cards.models import MOST_LABEL, MOST_NAME
from bot.render.cards.pieces import Params, Row, button, card, place, size
from bot.render.html import b, clip, code, esc
from bot.render.model import Button, Rendered, Style, Translator
from core.runs.notices import NoticeRow

SIGNS = {"running": "🟢", "starting": "🟡", "down": "🔴", "absent": "⚪"}
MOST_MODELS, MOST_ABILITIES = 20, 8


def places(row: NoticeRow, t: Translator) -> Rendered:
    """Where model servers are."""
    found: list[Params] = list(row.notice.params.get("places") or [])[:MOST_MODELS]
    lines = [f"💻 {b(t('models-places-title'))}"]
    if not found:
        lines += ["", esc(t("models-places-none"))]
    rows: list[Row] = []
    for each in found:
        lines.append(f"{_sign(each)} {esc(place(t, each.get('place')))} · {esc(_state(t, each))}")
        label = clip(place(t, each.get("place")), MOST_LABEL)
        rows.append((Button(label, "models.here", {"place": each.get("place")}),))
    return card(lines, *rows, (_back(t),))


def one_place(row: NoticeRow, t: Translator) -> Rendered:
    """A server: its models, and what can be wished for."""
    params = row.notice.params
    where = params.get("place")
    lines = [f"{_sign(params)} {b(t('models-place-title', place=place(t, where)))}"]
    facts = [_state(t, params)]
    if params.get("version"):
        facts.append(f"Ollama {clip(str(params['version']), MOST_NAME)}")
    if params.get("memory"):
        facts.append(t("models-memory", size=size(t, params["memory"])))
    lines.append(esc(" · ".join(facts)))
    if params.get("note") and params.get("state") == "down":
        lines.append(esc(clip(str(params["note"]), 120)))
    found: list[Params] = list(params.get("models") or [])[:MOST_MODELS]
    openers: list[Button] = []
    for number, model in enumerate(found, start=1):
        lines += ["", *_model(t, number, model)]
        label = clip(f"{t.number(number)}. {model.get('model')}", MOST_LABEL)
        about = {"place": where, "model": model.get("model")}
        openers.append(Button(label, "models.installed", about))
    for full, smaller in (params.get("smaller") or {}).items():
        lines += ["", f"🪫 {esc(t('models-smaller', model=full, smaller=smaller))}"]
    pairs = [tuple(openers[at : at + 2]) for at in range(0, len(openers), 2)]
    return card(lines, *pairs, *_wishes(t, params))


def _wishes(t: Translator, params: Params) -> list[Row]:
    where = params.get("place")
    rows: list[Row] = [
        (
            Button(
                clip(t("models-back-to", role=t(f"models-role-{each.get('role')}")), MOST_LABEL),
                "models.former",
                {"version": each.get("id")},
                single=True,
            ),
        )
        for each in params.get("former") or []
    ]
    if params.get("state") == "running":
        pull = button(t, "button-pull-model", "models.pull", style=Style.GOOD, place=where)
        rows.append((pull, button(t, "button-look-updates", "models.updates", place=where)))
    else:
        serve = button(t, "button-start-server", "models.serve", style=Style.GOOD, place=where)
        rows.append((serve,))
    rows.append((button(t, "button-refresh", "models.here", place=where), _back(t)))
    return rows


def installed(row: NoticeRow, t: Translator) -> Rendered:
    """One model: switched on for a role only after a trial."""
    params = row.notice.params
    where, name = params.get("place"), params.get("model")
    lines = [f"🧠 {code(clip(str(name), MOST_NAME))} · {esc(place(t, where))}"]
    facts = [size(t, params.get("size")), str(params.get("parameters") or "")]
    facts += [t("models-window", tokens=int(params["context"]))] if params.get("context") else []
    facts += [t("models-loaded")] if params.get("loaded") else []
    lines.append(esc(" · ".join(filter(None, facts))))
    if params.get("in_cloud"):
        lines.append(f"⚠️ {esc(t('models-passed-on'))}")
    abilities = [clip(str(each), MOST_LABEL) for each in params.get("abilities") or []]
    if abilities:
        lines.append(esc(t("models-can", what=", ".join(abilities[:MOST_ABILITIES]))))
    serving = set(params.get("roles") or [])
    lines += [esc(t("models-serves", role=t(f"models-role-{role}"))) for role in sorted(serving)]
    lines += ["", esc(t("models-trial-text"))]
    openers = [
        Button(
            clip(t("models-use-for", role=t(f"models-role-{role}")), MOST_LABEL),
            "models.use",
            {"place": where, "model": name, "role": role},
        )
        for role in params.get("can") or []
        if role not in serving
    ]
    pairs = [tuple(openers[at : at + 2]) for at in range(0, len(openers), 2)]
    return card(lines, *pairs, (_place(t, where),))


def event(row: NoticeRow, t: Translator) -> Rendered:
    """What became of a wish (`core.llm.ollama_work`)."""
    params = row.notice.params
    what, where = str(params.get("event")), params.get("place")
    if what == "checked":
        return _checked(t, params)
    key = f"models-event-{what}"
    values = {
        "model": params.get("model"),
        "place": place(t, where),
        "size": size(t, params.get("size")),
        "before": params.get("before"),
        "role": t(f"models-role-{params['role']}") if params.get("role") else None,
        "version": params.get("version"),
    }
    lines = [f"✅ {esc(t(key, **values) if t.has(key) else what)}"]
    if params.get("kept"):
        lines.append(esc(t("models-event-kept", name=params["kept"])))
    if params.get("notes"):
        lines.append(esc(t("models-event-trial", notes=params["notes"])))
    rows: list[Row] = []
    if what == "pulled":
        about: Params = {"place": where, "model": params.get("model")}
        rows.append((button(t, "button-choose-model", "models.installed", **about),))
    return card(lines, *rows, (_place(t, where),))


def _checked(t: Translator, params: Params) -> Rendered:
    """What is new, and what could be fetched anew."""
    where = params.get("place")
    lines = [f"🔎 {b(t('models-event-checked', place=place(t, where)))}"]
    for key in ("new", "updates"):
        for each in (params.get(key) or [])[:MOST_MODELS]:
            name = code(clip(str(each.get("model")), MOST_NAME))
            lines.append(f"• {name} · {esc(size(t, each.get('size')))} · {esc(t(f'models-{key}'))}")
    lines += [
        f"• {code(clip(str(name), MOST_NAME))} · {esc(t('models-update-unknown'))}"
        for name in (params.get("unknown") or [])[:MOST_MODELS]
    ]
    if len(lines) == 1:
        lines.append(esc(t("models-all-new")))
    rows: list[Row] = [
        (
            Button(
                clip(f"📥 {each.get('model')}", MOST_LABEL),
                "models.fetch",
                {"place": where, "model": each.get("model")},
                single=True,
            ),
        )
        for each in (params.get("updates") or [])[:MOST_ABILITIES]
    ]
    return card(lines, *rows, (_place(t, where),))


# -- inside --------------------------------------------------------------------------------------


def _sign(params: Params) -> str:
    return SIGNS.get(str(params.get("state")), "⚪")


def _state(t: Translator, params: Params) -> str:
    key = f"models-server-{params.get('state')}"
    return t(key) if t.has(key) else str(params.get("state"))


def _model(t: Translator, number: int, model: Params) -> list[str]:
    name = code(clip(str(model.get("model")), MOST_NAME))
    facts = [size(t, model.get("size"))]
    facts += [t("models-loaded")] if model.get("loaded") else []
    roles = [t(f"models-role-{role}") for role in model.get("roles") or []]
    facts += [t("models-serves", role=", ".join(roles))] if roles else []
    return [f"{esc(t.number(number))}. {name}", esc(" · ".join(facts))]


def _place(t: Translator, where: object) -> Button:
    return button(t, "button-local-models", "models.here", place=where or "home")


def _back(t: Translator) -> Button:
    return button(t, "button-models", "models.page", page=0)
