"""The picture of /cost: the last days and the models, drawn by a worker.

The text of /cost needs no worker and comes at once; this follows it. Nothing is sent when nothing
has ever been asked: there would be nothing to see. Money is micro-dollars.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.clock import Clock
from core.db import Database
from core.llm.budget import Span
from core.llm.spending import Spending
from core.monitor import pictures
from core.runs.blobs import Blobs
from core.runs.model import Done, Kind, Label, WorkflowBody, workflow
from core.runs.notices import Notice
from core.runs.ports import StepContext
from core.runs.steps import step

MEDIA = "image/png"
KIND = "cost-chart"
#: The budget is drawn once a day has spent this part of it; else the line would flatten the bars.
LINE_FROM = 5


@dataclass(frozen=True)
class ChartAsked:
    """The chart, for this chat."""

    chat_id: int | None = None


@dataclass(frozen=True)
class Chart:
    """A drawn chart, by its blob; empty when there was nothing to draw."""

    blob: str = ""
    days: int = 0
    spent: int = 0  # micro-dollars in those days
    month: int = 0
    has_line: bool = False  # the day's budget is in the picture


@dataclass(frozen=True)
class ChartRoom:
    """What drawing needs."""

    db: Database
    clock: Clock
    blobs: Blobs
    spending: Spending


@step("cost.draw", kind=Kind.READ, timeout_s=60, retries=1)
def draw_costs(room: ChartRoom, _ctx: StepContext, _asked: ChartAsked) -> Chart:
    """Read, draw, keep by content."""
    with room.db.read() as tx:
        cost = room.spending.cost(tx, room.clock.now())
    if not cost.by_model:
        return Chart()
    day = next((each.limit for each in cost.budgets if each.span is Span.DAY), None)
    line = day if day and max(micros for _, micros in cost.days) * LINE_FROM >= day else None
    content = pictures.costs(cost.days, [(each.name, each.micros) for each in cost.by_model], line)
    with room.db.write() as tx:
        ref = room.blobs.keep(tx, content, Label.OPEN, MEDIA)
    spent = sum(micros for _, micros in cost.days)
    return Chart(ref.sha256, len(cost.days), spent, cost.month.micros, line is not None)


@workflow("cost_chart", version=1, args=ChartAsked)
def cost_chart(asked: ChartAsked) -> WorkflowBody:
    """Draw, then send."""
    chart: Chart = yield draw_costs(asked)
    if not chart.blob:
        return Done()
    told = Notice(KIND, dict(vars(chart)), chat_id=asked.chat_id, silent=True)
    return Done(None, [told])
