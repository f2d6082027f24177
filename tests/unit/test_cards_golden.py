"""Every state of a question as its card looks in each language, to the letter.

The golden files are written by `MASK_GOLDEN=write pytest tests/unit/test_cards_golden.py` and read
by a person before they are kept.
"""

from __future__ import annotations

import os
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from bot.render.html import strip
from bot.render.registry import render
from bot.render.translate import LANGUAGES, translator
from bot.render.writer import units
from core.approvals.model import State
from tests.unit.card_samples import command, deletion, drawn, every_state, outcome, params, row

GOLDEN = Path(__file__).parent / "golden"
IS_WRITING = os.environ.get("MASK_GOLDEN") == "write"
STATES = every_state()


def card(facts: dict[str, Any], language: str = "en") -> str:
    return drawn(render(row(facts), translator(language)))


def verbs(facts: dict[str, Any]) -> list[list[str]]:
    return [[b.verb for b in line] for line in render(row(facts), translator("en")).buttons]


class Checked(HTMLParser):
    """Only tags that Telegram knows, closed in order."""

    known = frozenset({"b", "i", "code", "pre", "blockquote", "tg-time"})

    def __init__(self) -> None:
        super().__init__()
        self.stack: list[str] = []
        self.count = 0

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        assert tag in self.known, tag
        self.stack.append(tag)
        self.count += 1

    def handle_endtag(self, tag: str) -> None:
        assert self.stack.pop() == tag


def check(text: str) -> None:
    """Telegram takes it, and shows all of it."""
    checked = Checked()
    checked.feed(text)
    checked.close()
    assert checked.stack == []
    assert checked.count <= 100
    assert 0 < units(strip(text)) <= 4096


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_state_looks_as_it_did(language: str) -> None:
    shown = "\n".join(f"=== {name}\n{card(facts, language)}" for name, facts in STATES.items())
    file = GOLDEN / f"cards_{language}.txt"
    if IS_WRITING:
        file.write_text(shown + "\n", encoding="utf-8")
    assert shown + "\n" == file.read_text(encoding="utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", STATES)
def test_telegram_takes_every_card(name: str, language: str) -> None:
    rendered = render(row(STATES[name]), translator(language))
    check(rendered.parts[0].text)
    for button in (button for line in rendered.buttons for button in line):
        assert 0 < len(button.label) <= 18


def test_each_state_has_a_sample() -> None:
    assert {facts["state"] for facts in STATES.values()} == {state.value for state in State}


def test_only_what_waits_for_a_yes_has_a_button_that_says_yes() -> None:
    yes = {"approval.approve", "approval.confirm"}
    with_yes = {
        name for name, facts in STATES.items() if yes & {v for line in verbs(facts) for v in line}
    }
    assert with_yes == {
        "open", "open-unsafe", "open-script", "open-delete", "open-edit", "open-long-read",
        "confirm", "open-rule", "open-sensitive",
    }  # fmt: skip


def test_the_second_yes_is_where_no_yes_was() -> None:
    first, second = verbs(STATES["open-delete"]), verbs(STATES["confirm"])
    at_first = [n for n, line in enumerate(first) if "approval.approve" in line]
    at_second = [n for n, line in enumerate(second) if "approval.confirm" in line]
    assert at_first == [0]
    assert at_second == [2]
    assert second[0] == ["approval.back"]


def test_the_main_button_has_a_row_of_its_own() -> None:
    assert verbs(STATES["open"])[0] == ["approval.approve"]


def test_buttons_go_when_it_is_over_but_for_undo_and_asking_again() -> None:
    left = {name: verbs(facts) for name, facts in STATES.items()}
    assert left["done"] == left["denied"] == left["withdrawn"] == left["failed"] == []
    assert left["done-undo"] == [["undo.do"]]
    assert left["expired"] == left["refused"] == [["approval.again"]]
    assert left["unknown"] == [["approval.happened"], ["approval.happened"]]


def test_what_failed_after_it_began_is_not_offered_again() -> None:
    again = params(command("ls"), state="failed", outcome=outcome("failed"))
    assert verbs(again) == [["approval.again"]]
    assert verbs({**again, "began_at": "2026-11-20T14:05:00+00:00"}) == []


def test_facts_that_are_missing_count_as_the_worst() -> None:
    action = command("ls")
    for name in ("network", "sandbox", "secrets_reachable", "privilege", "undo"):
        del action[name]
    shown = card(params(action))
    for words in ("NOT SANDBOXED", "SECRETS REACHABLE", "ADMINISTRATOR", "Can use the network"):
        assert words in shown
    assert "CANNOT BE UNDONE" in shown


def test_a_job_object_alone_is_no_sandbox() -> None:
    assert "NOT SANDBOXED" in card(params(command("ls", sandbox="job")))


def test_a_field_that_this_version_does_not_know_is_on_the_card() -> None:
    action = {**command("ls"), "aa_new": {"x": ["\u202e"]}}
    assert "aa_new = {&quot;x&quot;:[&quot;\\u202e&quot;]}" in card(params(action))


def test_a_kind_that_this_version_does_not_know_is_named() -> None:
    shown = card(params({**command("ls"), "kind": "teleport"}))
    assert "no words for" in shown
    assert "teleport" in shown


def test_a_cut_always_says_how_much_is_missing() -> None:
    shown = card(params(command("x", "y" * 500, *["z"] * 200)))
    assert "340 more characters" in shown
    assert "more lines" in shown
    assert verbs(params(command("x" * 5000)))[0] == ["approval.details"]


def test_what_runs_shows_its_newest_lines_unfolded() -> None:
    live = "\n".join(f"line {n}" for n in range(100))
    shown = card({**STATES["running"], "live": live})
    assert "<blockquote>line 92\n" in shown
    assert "line 99</blockquote>" in shown


def test_what_was_cut_short_or_failed_is_not_simply_done() -> None:
    assert "You stopped it" in card(STATES["done-stopped"])
    assert "✅" not in card(STATES["done-stopped"])
    assert "reports an error" in card(STATES["done-error"])


def test_what_a_step_tells_the_model_is_not_on_the_owners_card() -> None:
    told = outcome("done", text="Deleted 12 entries.", summary={"entries": 12})
    assert "Deleted 12" not in card(params(deletion(), state="done", outcome=told))


def test_stopping_what_had_begun_does_not_claim_that_it_never_ran() -> None:
    began = {**STATES["withdrawn"], "began_at": "2026-11-20T14:05:00+00:00"}
    assert "did not run" in card(STATES["withdrawn"])
    assert "did not run" not in card(began)
    assert "what it had done by then stays" in card(began)


def test_every_code_line_of_an_arabic_card_is_isolated_left_to_right() -> None:
    for facts in STATES.values():
        text = render(row(facts), translator("ar")).parts[0].text
        assert text.count("<code>") == len(re.findall("\u2066<code>[^<]*</code>\u2069", text))
        assert all(
            line.startswith("\u200e") for line in text.splitlines() if re.match(r"\W*\d+\. ", line)
        )


def test_an_arabic_line_begins_with_arabic_or_with_code() -> None:
    for facts in STATES.values():
        text = render(row(facts), translator("ar")).parts[0].text
        ours = re.sub("<blockquote.*?</blockquote>", "", text, flags=re.DOTALL)
        for line in strip(ours).splitlines():
            first = re.search(r"[A-Za-z\u0600-\u06ff]", re.split("[\u2066\u2068]", line)[0])
            assert first is None or "\u0600" <= first[0] <= "\u06ff", line


def test_the_document_holds_everything_and_is_the_same_in_every_language() -> None:
    facts = {**params(command("tool", "x" * 9000, "a\u202eb")), "digest": "d" * 64}
    papers = [render(row(facts, "approval-text"), translator(each)).parts[0] for each in LANGUAGES]
    assert len({paper.file_bytes for paper in papers}) == 1
    text = (papers[0].file_bytes or b"").decode()
    assert "2. " + "x" * 9000 in text
    assert "3. a\\u202eb" in text
    for name in facts["action"]:
        assert f"[{name}]" in text
    for paper in papers:
        check(paper.text)


def test_details_tell_whole_digests_and_why_no_rule_is_offered() -> None:
    facts = params(deletion(), why_no_rule="approval-outside", digest="d" * 64)
    text = render(row(facts, "approval-details"), translator("en")).parts[0].text
    check(text)
    assert "d" * 64 in text
    assert "Deletes outside the workspace" in text


def test_waiting_runs_are_listed_with_their_ways_out() -> None:
    run = {"id": "r", "title": "<b>x", "place": "pc", "seen_s": 7200, "can_cloud": True}
    facts = {"asked": 2, "queued": 1, "runs": [run, {**run, "can_cloud": False, "seen_s": None}]}
    for language in LANGUAGES:
        rendered = render(row(facts, "approval-pending"), translator(language))
        check(rendered.parts[0].text)
        assert [[b.verb for b in line] for line in rendered.buttons] == [
            ["approval.cancel", "approval.cloud"],
            ["approval.cancel"],
        ]
    assert "Nothing waits" in card_of({"asked": 0, "queued": 0, "runs": []})


def card_of(facts: dict[str, Any]) -> str:
    return drawn(render(row(facts, "approval-pending"), translator("en")))
