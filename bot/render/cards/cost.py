"""/cost: what was spent, what will be, and the budgets; and the picture of it."""

from __future__ import annotations

from bot.render.cards.models import MOST_NAME, money
from bot.render.cards.pieces import Params, Row, button, card, time
from bot.render.html import b, bar, clip, code, esc
from bot.render.model import Button, Part, Rendered, Style, Translator
from core.runs.notices import NoticeRow

MOST_ROWS = 8
SPANS = ("day", "month", "run")
#: Dollars that are offered as buttons for each budget.
AMOUNTS = {"day": ("2", "5", "10", "25"), "month": ("20", "50", "100", "250"),
           "run": ("0.10", "0.50", "1", "5")}  # fmt: skip
HUNDRED = 100


def cost(row: NoticeRow, t: Translator) -> Rendered:
    """Today, this month, by model and by kind of run, what it will be, what was saved."""
    params = row.notice.params
    today, month = _part(params, "today"), _part(params, "month")
    lines = [f"💰 {b(t('cost-title'))}"]
    lines.append(_line(t, "cost-today", money(today.get("micros")), today))
    lines.append(_line(t, "cost-month", money(month.get("micros")), month))
    lines.append(f"{b(t('cost-forecast'))}: {esc(money(params.get('month_end')))}")
    if params.get("saved") is not None:
        lines.append(f"{b(t('cost-saved'))}: {esc(money(params['saved']))}")
    if month.get("unsure"):
        lines.append(esc(t("cost-unsure", amount=money(month["unsure"]))))
    lines += _table(t, "cost-by-model", params.get("by_model"))
    if params.get("more_models"):
        lines.append(esc(t("models-more", count=int(params["more_models"]))))
    lines += _table(t, "cost-by-kind", params.get("by_workflow"))
    budgets = {str(each.get("span")): each for each in params.get("budgets") or []}
    lines += ["", b(t("cost-budgets"))]
    lines += [_budget(t, budgets.get(span, {"span": span})) for span in SPANS]
    ways: Row = (button(t, "button-raise-today", "cost.raise", style=Style.GOOD),)
    if budgets.get("day", {}).get("raised"):
        ways = (*ways, button(t, "button-unraise", "cost.unraise"))
    chart = button(t, "button-chart", "cost.chart")
    spans = tuple(button(t, f"button-budget-{span}", "cost.budget", span=span) for span in SPANS)
    again = button(t, "button-refresh", "cost.open")
    return card(lines, ways, spans, (chart, again))


def budget(row: NoticeRow, t: Translator) -> Rendered:
    """How large one budget is to be."""
    params = row.notice.params
    span = str(params.get("span"))
    span = span if span in SPANS else "day"
    lines = [f"💰 {b(t(f'cost-budget-{span}'))}", _budget(t, params), "", esc(t("cost-ask"))]
    amounts = [
        Button(f"${amount}", "cost.set", {"span": span, "amount": amount})
        for amount in AMOUNTS[span]
    ]
    off = button(t, "button-no-limit", "cost.set", span=span, amount="off")
    usual = button(t, "button-usual-limit", "cost.set", span=span, amount="usual")
    return card(lines, tuple(amounts), (off, usual), (button(t, "button-back", "cost.open"),))


def chart(row: NoticeRow, t: Translator) -> Rendered:
    """The picture, with its words."""
    params = row.notice.params
    lines = [
        f"📊 {b(t('cost-chart', days=int(params.get('days') or 0)))}",
        esc(
            t("cost-chart-text", spent=money(params.get("spent")), month=money(params.get("month")))
        ),
    ]
    if params.get("has_line"):
        lines.append(esc(t("cost-chart-line")))
    picture = Part(
        "\n".join(lines), html=True, file_name="cost.png", blob=params.get("blob"), is_photo=True
    )
    rows: tuple[Row, ...] = ((button(t, "button-cost", "cost.open"),),)
    return Rendered((picture,), rows)


# -- inside --------------------------------------------------------------------------------------


def _part(params: Params, name: str) -> Params:
    return dict(params.get(name) or {})


def _line(t: Translator, key: str, amount: str, each: Params) -> str:
    calls, tokens = int(each.get("calls") or 0), int(each.get("tokens") or 0)
    words = t("cost-calls", calls=calls, tokens=tokens)
    return f"{b(t(key))}: {esc(amount)} · {esc(words)}"


def _table(t: Translator, key: str, rows: object) -> list[str]:
    found: list[Params] = list(rows)[:MOST_ROWS] if isinstance(rows, list) else []
    if not found:
        return []
    lines = ["", b(t(key))]
    for each in found:
        name = str(each.get("name") or "")
        kind = f"cost-kind-{name}"
        told = esc(t(kind)) if t.has(kind) else code(clip(name or "—", MOST_NAME))
        calls = esc(t("cost-answers", count=int(each.get("answered") or 0)))
        lines.append(f"• {told} — {esc(money(each.get('micros')))} · {calls}")
    return lines


def _budget(t: Translator, each: Params) -> str:
    span = str(each.get("span"))
    name = esc(t(f"cost-budget-{span}" if span in SPANS else "cost-budget-day"))
    limit = each.get("limit")
    if limit is None:
        return f"▫️ {name}: {esc(t('cost-no-limit'))}"
    if span == "run":
        return f"▫️ {name}: {esc(money(limit))}"
    spent, percent = money(each.get("spent")), int(each.get("percent") or 0)
    line = f"{bar(percent / HUNDRED)} {name}: {esc(t('cost-of', spent=spent, limit=money(limit)))}"
    if each.get("raised"):
        line += f" ({esc(t('cost-raised-by', amount=money(each['raised'])))})"
    return (
        f"{line} · {esc(t('cost-new-at'))} {time(t, each['until'])}" if each.get("until") else line
    )
