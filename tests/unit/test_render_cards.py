"""Every kind of notice becomes messages and buttons in each language."""

from __future__ import annotations

from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import pytest

from bot.handlers.buttons import VERBS
from bot.render.cards.pieces import error
from bot.render.html import strip
from bot.render.model import Rendered, Style
from bot.render.registry import RENDERERS, render
from bot.render.translate import LANGUAGES, Texts, translator
from bot.render.writer import units
from core.errors import Broken
from core.runs.model import RunState, Waiting
from core.runs.notices import Form, Level, Notice, NoticeRow, NoticeState
from tests.unit.card_samples import notices as about_approvals
from tests.unit.hands_samples import HANDS
from tests.unit.memory_samples import MEMORY
from tests.unit.models_samples import MODELS
from tests.unit.nodes_samples import NODES
from tests.unit.rules_samples import RULES

NOW = datetime(2026, 11, 20, 14, 5, tzinfo=UTC).isoformat()
EVIL = '<b>&"bold" <a href="x">নাম</a> @you /stop'

JOBS = [
    {"id": f"r{n}", "title": EVIL, "state": state.value, "waiting": Waiting.PLACE.value,
     "waiting_for": "pc", "started_at": NOW, "error": {"code": "no-such-code", "params": {}}}
    for n, state in enumerate(RunState)
]  # fmt: skip
FACTS = {
    "bot": {"mode": "polling", "up_s": 4000, "polled_s": 2},
    "workers": {"echo_s": 30, "going": 1, "waiting": 2, "failed": 3, "stale": 0},
    "queue": {"length": 4},
    "models": [
        {"name": EVIL, "is_up": False, "detail": "missing-model: ollama pull x"},
        {"name": "groq/x", "is_up": True, "detail": ""},
    ],
    "nodes": [{"name": "pc", "hello_s": None}],
    "database": {"bytes": 123_456_789, "schema": "1", "checked_s": 90_000, "is_sound": True},
}
ROUTE = {
    "candidates": [{"endpoint": EVIL, "place": "home", "reason": "preferred"}],
    "ruled_out": [{"endpoint": "b", "place": "pc", "reason": "context: 8192"}],
}
TRIED = [{"endpoint": EVIL, "failure": "timeout"}]
REPLY = {"endpoint": "groq/x", "place": "home", "usage": {"prompt": 12_000, "completion": 3}}
THREAD = {"id": "t", "name": EVIL, "count": 3, "changed_at": NOW, "current": True}

SAMPLES: list[tuple[str, dict[str, Any]]] = [
    ("answer", {"text": f"# ক\n{EVIL}", "endpoint": "groq/x", "place": "pc", "finish": "stop"}),
    ("answer", {"text": "", "endpoint": "groq/x", "place": "home", "finish": "stopped"}),
    ("answer", {"text": "x", "finish": "length", "practice": True, "endpoint": "scripted/x"}),
    ("text", {"key": "reply-voice", "values": {}}),
    ("private", {"thread": EVIL, "on": True, "kinds": {"key": True, "phone": False}}),
    ("private", {}),
    ("text", {"key": "reply-unknown-command", "values": {"command": EVIL}}),
    ("text", {"key": "no-such-text"}),
    ("failed", {"error": {"code": "all-models-failed", "params": {}, "retry_after": 65}}),
    ("failed", {"error": {"code": EVIL, "params": {"a": EVIL}}, "run_id": "r"}),
    ("alert", {"level": "problem", "component": EVIL, "code": "step-crashed",
               "values": {"step": EVIL}, "count": 7, "first_at": NOW, "last_at": NOW}),
    ("alert", {"level": "critical", "component": "redis", "code": EVIL, "values": {}}),
    ("alert", {"level": "resolved", "component": "echo", "code": "many-alerts", "values": {}}),
    ("stale", {"run_id": "r", "title": EVIL}),
    ("pending", {"what": "owner", "run_id": "r", "title": EVIL}),
    ("pending", {"what": "place", "run_id": "r", "title": None}),
    *[("start", {"name": EVIL, "step": step}) for step in range(5)],
    ("help", {}),
    ("language", {"current": "ar"}),
    ("jobs", {"rows": JOBS, "page": 1, "pages": 3}),
    ("jobs", {"rows": [], "page": 0, "pages": 0}),
    ("status", {"facts": FACTS}),
    ("status", {}),
    ("why", {"route": ROUTE, "reply": REPLY, "attempts": TRIED}),
    ("why", {}),
    ("settings", {"values": {"language": "bn", "streaming": True, "rich": False, EVIL: EVIL}}),
    ("threads", {"rows": [THREAD, {**THREAD, "name": None}] * 5, "page": 0, "pages": 2}),
    ("threads", {"rows": []}),
    ("thread", {"id": "t", "name": EVIL, "summary": EVIL * 40,
                "last": [{"role": role, "text": EVIL} for role in ("owner", "assistant") * 9]}),
    ("thread", {"id": "t", "name": None, "summary": None, "last": []}),
    *HANDS,
    *MEMORY,
    *NODES,
    *MODELS,
    *RULES,
    *about_approvals(),
]  # fmt: skip


def row(kind: str, params: dict[str, Any], **more: Any) -> NoticeRow:
    key = more.pop("key", f"{kind}:1" if kind != "answer" else None)
    values = {
        "id": 1,
        "notice": Notice(kind, params, key=key, run_id="r1"),
        "form": Form.SHOW if key else Form.SAY,
        "revision": 1,
        "state": NoticeState.READY,
        "attempts": 0,
        "parts_sent": 0,
        "maybe_sent": False,
        "not_before": None,
        "created_at": datetime.now(UTC),
    }
    return NoticeRow(**{**values, **more})


def drawn(kind: str, params: dict[str, Any], language: str = "en", **more: Any) -> Rendered:
    return render(row(kind, params, **more), translator(language))


class _Checked(HTMLParser):
    """Only tags that Telegram knows, closed in order."""

    known = frozenset({"b", "i", "code", "pre", "blockquote", "tg-time"})

    def __init__(self) -> None:
        super().__init__()
        self.stack: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        assert tag in self.known, tag
        self.stack.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.stack.pop() == tag


def assert_html(text: str) -> None:
    checked = _Checked()
    checked.feed(text)
    checked.close()
    assert checked.stack == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("kind", "params"), SAMPLES)
def test_every_notice_is_drawn_as_telegram_takes_it(
    kind: str, params: dict[str, Any], language: str
) -> None:
    rendered = drawn(kind, params, language)
    assert rendered.parts
    for part in rendered.parts:
        assert part.text.strip()
        assert units(strip(part.text) if part.html else part.text) <= 4096
        if part.html:
            assert_html(part.text)
            assert "<a href" not in part.text
            assert not part.entities
    for button in (button for line in rendered.buttons for button in line):
        assert 0 < len(button.label) <= 18, button.label
        assert button.verb in VERBS
    assert all(rendered.buttons)


def test_each_kind_has_a_sample() -> None:
    assert {kind for kind, _ in SAMPLES} == set(RENDERERS)


def test_an_unknown_kind_is_broken() -> None:
    with pytest.raises(Broken, match="notice-kind-unknown"):
        drawn("nonsense", {})


def test_an_answer_ends_with_a_small_line_that_names_model_and_place() -> None:
    params = {"text": "**yes**", "endpoint": "ollama/qwen", "place": "pc", "finish": "stop"}
    (part,) = drawn("answer", params).parts
    assert part.text == "yes\n\n· ollama/qwen on pc"
    assert [(e.type, e.offset, e.length) for e in part.entities] == [
        ("bold", 0, 3),
        ("italic", 5, 19),
    ]


def test_a_practice_answer_says_so() -> None:
    params = {"text": "x", "endpoint": "scripted/practice", "practice": True}
    assert "no real model" in drawn("answer", params).parts[0].text


def test_a_stopped_answer_shows_what_had_arrived_and_can_be_asked_again() -> None:
    rendered = drawn("answer", {"text": "half", "finish": "stopped", "run_id": "r7"})
    assert rendered.parts[0].text.startswith("half\n\n⏹")
    assert [(b.verb, b.params) for b in rendered.buttons[0]] == [("turn.retry", {"run_id": "r7"})]


def test_an_answer_of_invisible_characters_is_not_sent_empty() -> None:
    for text in ("", " \n", "\u200b\u200d", "\u2800"[:0]):
        assert "empty answer" in drawn("answer", {"text": text}).parts[0].text


def test_the_part_that_may_have_arrived_already_is_marked_and_only_that() -> None:
    params = {"text": "**b** " + "word " * 1500, "endpoint": "m", "place": "home"}
    clean = drawn("answer", params).parts
    marked = drawn("answer", params, maybe_sent=True, parts_sent=1).parts
    assert len(clean) == len(marked) == 2
    assert marked[0] == clean[0]
    assert marked[1].text.startswith("↻")
    assert marked[1].text.endswith(clean[1].text)
    first = drawn("answer", params, maybe_sent=True).parts[0]
    mark = units(first.text) - units(clean[0].text)
    assert [e.offset for e in first.entities if e.type == "bold"] == [mark]


def test_three_messages_are_sent_and_four_become_a_beginning_and_a_file() -> None:
    three = drawn("answer", {"text": "word " * 2300, "endpoint": "m"}).parts
    assert len(three) == 3
    assert all(part.file_bytes is None for part in three)
    text = "**কথা** " * 4000
    beginning, file = drawn("answer", {"text": text, "endpoint": "m", "place": "home"}).parts
    assert file.file_name == "answer.md"
    assert file.file_bytes is not None
    assert file.file_bytes.decode() == text
    assert beginning.text.startswith("কথা কথা")
    assert "· m on" in beginning.text
    assert units(beginning.text) <= 4096


def test_a_note_that_does_not_exist_is_left_out() -> None:
    assert drawn("answer", {"text": "x", "note": "no-such-note"}).parts[0].text == "x"


def test_a_failure_names_cause_and_wait_and_offers_another_try() -> None:
    params = {"error": {"code": "model-limited", "params": {"detail": "429"}, "retry_after": 130}}
    rendered = drawn("failed", params)
    assert "Wait 2 minutes" in rendered.parts[0].text
    (button,) = rendered.buttons[0]
    assert (button.verb, button.params, button.style) == (
        "turn.retry",
        {"run_id": "r1"},
        Style.GOOD,
    )


def test_an_unknown_code_is_still_told() -> None:
    assert "(brand-new)" in error(translator("en"), {"code": "brand-new"})
    assert "(unknown)" in error(translator("en"), None)


def test_a_repeated_alert_tells_count_and_times() -> None:
    params = {"level": "notice", "component": "redis", "code": "step-crashed", "values": {},
              "count": 7, "first_at": NOW, "last_at": NOW}  # fmt: skip
    text = drawn("alert", params, "bn").parts[0].text
    assert text.startswith("🟡")
    assert "৭ বার" in text
    assert text.count("<tg-time") == 2


def test_a_resolved_alert_is_green_and_has_no_buttons() -> None:
    for level in Level:
        params = {"level": level.value, "component": "redis", "code": "x", "values": {}}
        rendered = drawn("alert", params, key="alert:redis:x")
        buttons = [(b.verb, b.params) for line in rendered.buttons for b in line]
        if level is Level.RESOLVED:
            assert rendered.parts[0].text.startswith("🟢")
            assert buttons == []
        else:
            assert buttons == [
                ("alert.seen", {"key": "alert:redis:x"}),
                ("alert.snooze", {"key": "alert:redis:x", "minutes": 60}),
            ]


def test_jobs_offer_only_what_their_state_allows() -> None:
    offered = {}
    for job in JOBS:
        lines = drawn("jobs", {"rows": [job]}).buttons[:-1]
        offered[job["state"]] = [button.verb for line in lines for button in line]
    again = ["jobs.retry", "jobs.drop"]
    assert offered == {
        "ready": ["jobs.stop"], "running": ["jobs.stop"], "waiting": ["jobs.stop"], "done": [],
        "failed": again, "cancelled": again, "stale": again,
    }  # fmt: skip


def test_pages_have_earlier_and_later_only_where_they_exist() -> None:
    def turns(page: int) -> list[int]:
        lines = drawn("threads", {"rows": [THREAD], "page": page, "pages": 3}).buttons
        return [b.params["page"] for line in lines for b in line if b.verb == "threads.page"]

    assert [turns(page) for page in range(3)] == [[1], [0, 2], [1]]


def test_the_status_headline_is_the_worst_line() -> None:
    assert "<b>All is well" not in drawn("status", {"facts": FACTS}).parts[0].text
    well = {**FACTS, "models": FACTS["models"][1:], "nodes": []}  # type: ignore[index]
    well["workers"] = {"echo_s": 30, "going": 0, "waiting": 0, "failed": 0, "stale": 0}
    assert drawn("status", {"facts": well}).parts[0].text.startswith("🟢 <b>All is well")
    deaf = {**well, "workers": {"echo_s": 1000}}
    assert drawn("status", {"facts": deaf}).parts[0].text.startswith("🔴")
    assert "not answering" in drawn("status", {"facts": {**well, "queue": {}}}).parts[0].text


def test_a_switch_turns_its_setting_over() -> None:
    rendered = drawn("settings", {"values": {"streaming": True, "rich": False}})
    switches = [b.params for line in rendered.buttons for b in line if b.verb == "settings.set"]
    assert switches == [{"name": "rich", "value": True}, {"name": "streaming", "value": False}]


def test_the_tour_begins_with_languages_and_ends_with_help() -> None:
    first = [b.verb for line in drawn("start", {"step": 0}).buttons for b in line]
    last = [b.verb for line in drawn("start", {"step": 3}).buttons for b in line]
    assert first == ["lang.set"] * 3 + ["start.tour"]
    assert last == ["start.tour", "help.open"]


def test_an_arabic_help_line_begins_with_arabic() -> None:
    lines = strip(drawn("help", {}, "ar").parts[0].text).splitlines()
    assert [line for line in lines if line.startswith("/")] == []


def test_model_text_in_a_card_is_quoted() -> None:
    params = {
        "id": "t",
        "name": "n",
        "summary": "*s*",
        "last": [{"role": "assistant", "text": "m"}],
    }
    text = drawn("thread", params).parts[0].text
    assert "<blockquote expandable>*s*</blockquote>" in text
    assert "<blockquote expandable>I: m</blockquote>" in text


def test_numbers_in_bengali_prose_have_bengali_digits() -> None:
    texts = translator("bn")
    assert texts.number(1_234_567) == "১২,৩৪,৫৬৭"
    assert texts.number(2026) == "২০২৬"
    assert texts("threads-count", count=12) == "১২টি বার্তা"
    assert "12" in texts("why-reason-context", detail="12")


def test_numbers_choose_the_plural() -> None:
    english, arabic = translator("en"), translator("ar")
    assert [english("span-days", count=n) for n in (1, 2)] == ["1 day", "2 days"]
    assert [arabic("span-hours", count=n) for n in (1, 2, 3, 11)] == [
        "ساعة واحدة",
        "ساعتان",
        "3 ساعات",
        "11 ساعة",
    ]


def test_foreign_names_are_isolated_in_arabic_only() -> None:
    assert translator("ar")("threads-switched", name="notes") == "🧵 نتابع في: \u2068notes\u2069"
    assert translator("ar")("threads-switched", name="أسفار") == "🧵 نتابع في: أسفار"
    assert translator("bn")("threads-switched", name="notes").endswith(": notes")


def test_a_missing_key_raises_and_a_missing_value_is_a_dash() -> None:
    with pytest.raises(KeyError):
        translator("bn")("no-such-key")
    with pytest.raises(KeyError):
        Texts("fr")
    assert translator("en")("threads-switched") == "🧵 We go on with: —"


def test_values_are_cut_and_kept_on_one_line() -> None:
    shown = translator("en")("threads-switched", name="a\n\n" + "b" * 1000)
    assert "\n" not in shown
    assert len(shown) < 450


def test_models_that_nobody_looked_at_yet_are_not_called_missing() -> None:
    facts = {"bot": {}, "workers": {}, "database": {}, "queue": {"length": 0}, "models": None}
    before = render(row("status", {"facts": facts}), translator("en")).parts[0].text
    after = (
        render(row("status", {"facts": {**facts, "models": []}}), translator("en")).parts[0].text
    )
    assert "Models" not in before
    assert "Models" in after
