"""The steps of summarising: what is due, its words for a model, judging and keeping what it wrote.

`summaries.keep` is where a summary is judged: key facts that are missing or invented make a second
try, after that it is refused, and the owner is told which. Runs carry ids; words are read by id.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from core.clock import Clock
from core.db import Database, Transaction
from core.llm.model import Message, Request, Role, Wish
from core.memory import key_facts, points
from core.memory.archives import Archives
from core.memory.measure import tokens_of
from core.memory.old_summaries import OldSummaries
from core.memory.preferences import Preferences
from core.memory.search_model import ItemKind
from core.memory.summary_model import (
    MONTH_DAYS,
    Batch,
    Checked,
    Draft,
    KeyFact,
    LastRun,
    Original,
    Summary,
    SummaryState,
)
from core.runs.model import Kind, Label
from core.runs.notices import Level, Notice, alert
from core.runs.ports import StepContext
from core.runs.runs import Runs
from core.runs.steps import step
from core.upkeep import archiving, summary_cards
from core.upkeep.model import Chosen, SummariseOld, SummaryWritten
from core.upkeep.old_talk_model import (
    AGAIN,
    GONE,
    MOST_SHOWN,
    UNANSWERED,
    Choice,
    Gathered,
    GatherSummary,
    Judged,
)
from core.upkeep.prompts import prompt

#: Batches of one round: with two tries and failing models some 200 steps, of 500.
MOST_IN_ROUND = 10
#: Tokens of an answer: 500 words of Bengali, at the guess of `memory.measure`.
MOST_OUTPUT = 1600
#: Least tokens of material, however small the window.
LEAST_MATERIAL = 512
#: Tokens that a line's number, date and speaker take, at most; and the prompt's frame.
LINE_TOKENS, FRAME_TOKENS = 16, 64
#: A summary is written down, not made up.
TEMPERATURE = 0.2
#: Missing facts that are named: to a model, and in an alert.
MOST_NAMED, MOST_TOLD = 60, 12
#: The owner looks at each summary before its originals are archived, unless this is off.
REVIEW = "summary-review"
SCRIPTS = (("bn", "\u0980", "\u09ff"), ("ar", "\u0600", "\u06ff"))
SPEAKER = {ItemKind.MESSAGE: "owner", ItemKind.ANSWER: "assistant"}


@dataclass(frozen=True)
class OldTalkRoom:
    """What the steps need. `months`: SUMMARY_AGE_MONTHS; `window`: tokens that the model which will
    probably answer can hold, question and answer together, for a run of some label."""

    db: Database
    clock: Clock
    summaries: OldSummaries
    archives: Archives
    preferences: Preferences
    runs: Runs
    window: Callable[[Label], int]
    months: int = 6

    def before(self) -> datetime:
        """What is older than this is old; a month is 30 days."""
        return self.clock.now() - timedelta(days=self.months * MONTH_DAYS)


@step("summaries.choose", kind=Kind.READ)
def choose(room: OldTalkRoom, ctx: StepContext, args: SummariseOld) -> Choice:
    """The next batches of one label, open ones first; whoever asked by hand sees how far it is."""
    with room.db.read() as tx:
        for label in (Label.OPEN, Label.PRIVATE):
            if label in args.passed:
                continue
            found = room.summaries.due(tx, room.before(), MOST_IN_ROUND, label)
            if found:
                ctx.label = Label.highest(ctx.label, label)
                budget = material_budget(room, ctx.label)
                chosen = tuple(_chosen(fitting(batch, budget)) for batch in found)
                if args.chat_id is not None:
                    left = room.summaries.count_due(tx, room.before())
                    ctx.notices.append(summary_cards.progress(args, ctx.run, left))
                return Choice(chosen, label)
    return Choice(())


@step("summaries.gather", kind=Kind.READ)
def gather(room: OldTalkRoom, ctx: StepContext, args: GatherSummary) -> Gathered | None:
    """The prompt for one batch; None when nothing of it is left."""
    with room.db.read() as tx:
        originals = room.summaries.originals(tx, _sources(args.batch))
    if not originals:
        return None
    ctx.label = Label.highest(ctx.label, args.batch.label, *(each.label for each in originals))
    language = language_of(originals)
    budget = material_budget(room, ctx.label)
    slices = portions(originals, budget)
    messages = [
        Message("system", prompt("old_talk", language)),
        Message("user", slices[min(args.portion, len(slices) - 1)]),
    ]
    if args.missing or args.invented:
        messages.append(Message("user", _again(args.missing, args.invented, language)))
    request = Request(
        messages=tuple(messages),
        label=ctx.label,
        max_output=MOST_OUTPUT,
        temperature=TEMPERATURE,
        wish=Wish(role=Role.SUMMARISE, language=language, is_sensitive=ctx.label is Label.PRIVATE),
    )
    left = tuple((each.kind.value, each.id) for each in originals)
    return Gathered(request, replace(args.batch, originals=left, label=ctx.label), len(slices))


@step("summaries.keep", kind=Kind.LOCAL)
def keep(room: OldTalkRoom, ctx: StepContext, written: SummaryWritten) -> Judged:
    """Judge what a model wrote; store it, or say what a second try has to mend."""
    tx = ctx.transaction
    assert tx is not None, "a LOCAL step has a transaction"
    originals = room.summaries.originals(tx, _sources(written.batch))
    if len(originals) != len(written.batch.originals):
        # Something was withdrawn meanwhile: what is left of the batch is asked about anew.
        return Judged(ending=AGAIN if written.attempt == 1 else GONE)
    found = points.parsed(written.text, originals)
    checked = key_facts.checked(originals, points.text_of(found))
    if written.attempt == 1 and (not found or not checked.is_good):
        return Judged(ending=AGAIN, missing=checked.missing, invented=checked.invented)
    if not found:
        return Judged(ending=UNANSWERED)
    draft = Draft(
        batch=_batch(written.batch, originals),
        state=_state(room, tx, checked),
        text=points.text_of(found),
        points=found,
        checked=checked,
        label=Label.highest(ctx.label, written.batch.label, *(each.label for each in originals)),
        language=language_of(originals),
        endpoint=written.endpoint,
        run_id=ctx.run.id,
    )
    summary = room.summaries.keep(tx, draft)
    if summary.state is SummaryState.REFUSED:
        ctx.notices.append(_refused(summary, checked))
    if summary.state.has_taken_over:
        archiving.start(room.runs, tx, summary)
    return Judged(summary.id, summary.state, missing=checked.missing, invented=checked.invented)


@step("summaries.note", kind=Kind.LOCAL)
def note(room: OldTalkRoom, ctx: StepContext, args: SummariseOld) -> None:
    """The run is over: keep what came of it, and tell whoever asked, or has something to review."""
    tx = ctx.transaction
    assert tx is not None, "a LOCAL step has a transaction"
    left = room.summaries.count_due(tx, room.before()) if args.passed else 0
    ended = LastRun(room.clock.now(), args.originals, args.summaries, args.refused, left)
    room.summaries.note(tx, ended)
    shown = [room.summaries.get(tx, each, Label.PRIVATE) for each in args.kept]
    ctx.notices += summary_cards.outcome(args, ctx.run, ended, room.months)
    if len(shown) <= MOST_SHOWN:
        waiting = [each for each in shown if each.state is SummaryState.REVIEW]
        ctx.notices += [summary_cards.review(each, args.chat_id) for each in waiting]


def material_budget(room: OldTalkRoom, label: Label) -> int:
    """Tokens of originals in one request."""
    taken = MOST_OUTPUT + tokens_of(prompt("old_talk", "bn")) + FRAME_TOKENS
    return max(room.window(label) * 9 // 10 - taken, LEAST_MATERIAL)


def fitting(batch: Batch, budget: int) -> Batch:
    """The beginning of a batch that fits one request, one original at least; the rest stays due."""
    left, many = budget, 0
    for each in batch.originals:
        left -= tokens_of(each.text) + LINE_TOKENS
        if left < 0 and many:
            break
        many += 1
    return replace(batch, originals=batch.originals[:many])


def portions(originals: Sequence[Original], budget: int) -> list[str]:
    """The material of one request; of one original that is longer than that, of several."""
    if len(originals) == 1 and tokens_of(originals[0].text) + LINE_TOKENS > budget:
        head = _head(1, originals[0])
        room = budget - LINE_TOKENS
        return [f"{head} {part}" for part in _cut(originals[0].text, room)]
    return ["\n".join(f"{_head(at, each)} {each.text}" for at, each in enumerate(originals, 1))]


def language_of(originals: Sequence[Original]) -> str:
    """The language that most of the letters are of, by script; Bengali where there are none."""
    text = "".join(each.text for each in originals)
    counts = {code: sum(first <= sign <= last for sign in text) for code, first, last in SCRIPTS}
    counts["en"] = sum(sign.isascii() and sign.isalpha() for sign in text)
    return max(counts, key=lambda code: counts[code])


def _cut(text: str, budget: int) -> list[str]:
    """`text` in parts of at most `budget` tokens, at white space where there is some."""
    parts = []
    while tokens_of(text) > budget:
        low, high = 1, len(text)
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if tokens_of(text[:middle]) <= budget else (low, middle - 1)
        space = max(text.rfind(" ", low // 2, low), text.rfind("\n", low // 2, low))
        end = space + 1 if space > 0 else low
        parts.append(text[:end].strip())
        text = text[end:]
    return [*parts, text.strip()] if text.strip() else parts


def _head(number: int, original: Original) -> str:
    speaker = SPEAKER.get(original.kind, original.category)
    return f"[{number}] {original.at:%Y-%m-%d} {speaker}:"


def _again(missing: Sequence[KeyFact], invented: Sequence[KeyFact], language: str) -> str:
    lines = [prompt("old_talk_again", language)]
    for told, facts in (("Missing", missing), ("Said nowhere, leave out", invented)):
        if facts:
            lines.append(f"{told}: " + "; ".join(each.value for each in facts[:MOST_NAMED]))
    return "\n".join(lines)


def _state(room: OldTalkRoom, tx: Transaction, checked: Checked) -> SummaryState:
    if not checked.is_good:
        return SummaryState.REFUSED
    has_review = room.preferences.get(tx, REVIEW, default=True)
    return SummaryState.REVIEW if has_review else SummaryState.KEPT


def _refused(summary: Summary, checked: Checked) -> Notice:
    values = [each.value for each in (*checked.missing, *checked.invented)]
    return alert(
        Level.NOTICE,
        "memory",
        "summary-refused",
        label=summary.label,
        originals=summary.original_count,
        missing=len(checked.missing),
        invented=len(checked.invented),
        facts=", ".join(values[:MOST_TOLD]),
    )


def _chosen(batch: Batch) -> Chosen:
    ids = tuple((each.kind.value, each.id) for each in batch.originals)
    return Chosen(batch.category, batch.thread_id, ids, batch.label)


def _sources(batch: Chosen) -> list[tuple[ItemKind, str]]:
    return [(ItemKind(kind), each) for kind, each in batch.originals]


def _batch(chosen: Chosen, originals: tuple[Original, ...]) -> Batch:
    return Batch(chosen.category, chosen.thread_id, originals, chosen.label)
