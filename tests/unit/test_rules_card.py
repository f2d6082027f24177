"""The words of /rules and of the choice, in three languages."""

from __future__ import annotations

from typing import Any

import pytest

from bot.render.cards.rules import choice, kind_word, rules
from bot.render.html import strip
from bot.render.model import Rendered
from bot.render.translate import LANGUAGES, translator
from core.approvals import policy_file, unruled
from core.approvals.floor import NAMES
from core.approvals.policy import Policy
from core.runs.notices import Form, Notice, NoticeRow, NoticeState
from tests.unit.rules_samples import CHOICE, ERROR, NOW, SCREEN


def drawn(draw: Any, params: dict[str, Any], language: str) -> Rendered:
    notice = Notice("rules", params, key="screen:1")
    row = NoticeRow(
        id=1, notice=notice, form=Form.SHOW, revision=1, state=NoticeState.READY, attempts=0,
        parts_sent=0, maybe_sent=False, not_before=None, created_at=NOW,
    )  # fmt: skip
    found: Rendered = draw(row, translator(language))
    return found


def text(draw: Any, params: dict[str, Any], language: str = "en") -> str:
    return drawn(draw, params, language).parts[0].text


@pytest.mark.parametrize("language", LANGUAGES)
def test_rules_fit_on_one_message_and_hide_nothing(language: str) -> None:
    said = text(rules, SCREEN, language)

    assert len(strip(said)) < 4000
    assert "\u202e" not in said
    assert "\\u202e" in said
    assert "<b>x</b>" not in said
    assert "{" not in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_two_kinds_of_one_name_are_named_once(language: str) -> None:
    classes = {"ask": ["delete", "delete_file"]}
    said = text(rules, {**SCREEN, "classes": classes}, language)

    assert said.count(kind_word(translator(language), "delete")) == 1


def test_each_rule_has_a_button_that_revokes_it() -> None:
    buttons = [button for row in drawn(rules, SCREEN, "en").buttons for button in row]

    revokers = [button for button in buttons if button.verb == "rules.revoke"]
    assert [button.params for button in revokers] == [{"id": "r1", "page": 1}] * 5
    assert revokers[0].label.endswith("6")
    assert [button.params for button in buttons if button.verb == "rules.page"] == [
        {"page": 0}, {"page": 2},
    ]  # fmt: skip


def test_without_rules_it_says_how_to_make_one() -> None:
    assert "None yet" in text(rules, {**SCREEN, "rows": [], "count": 0})


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("why", sorted(policy_file.WHYS))
def test_a_broken_file_is_told_with_line_key_and_reason(language: str, why: str) -> None:
    said = text(rules, {**SCREEN, "version": 0, "error": {**ERROR, "why": why}}, language)

    t = translator(language)
    assert "policy.yaml" in said
    assert "actions.cmd.gate" in said
    assert t.number(12) in said
    assert t(f"rules-broken-{why}") in strip(said)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_choice_gives_each_scope_its_times(language: str) -> None:
    found = drawn(choice, CHOICE, language)

    assert [[(b.params["scope"], b.params["days"]) for b in row] for row in found.buttons] == [
        [("file", 1), ("file", 7), ("file", 30)],
        [("folder", 1), ("folder", 7), ("folder", 30)],
    ]
    assert all(len(button.label) <= 18 for row in found.buttons for button in row)


def test_once_asked_the_choice_has_no_buttons() -> None:
    assert drawn(choice, {**CHOICE, "state": "asked"}, "en").buttons == ()


def reasons() -> set[str]:
    """Every reason that the code can give."""
    import inspect
    import re

    from core.approvals import policy

    source = inspect.getsource(unruled) + inspect.getsource(policy)
    return set(re.findall(r"\"(rules-why-[a-z]+)\"", source))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_and_every_floor_has_words(language: str) -> None:
    t = translator(language)

    assert len(reasons()) >= 12
    assert [key for key in reasons() if not t.has(key)] == []
    assert [name for name in NAMES if not t.has(f"err-floor-{name}")] == []
    for why in reasons():
        said = text(choice, {**CHOICE, "why": why, "scopes": []}, language)
        assert t(why) in strip(said)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_shipped_kind_has_a_name(language: str) -> None:
    unnamed = [
        kind for kind in Policy.load().entries if kind_word(translator(language), kind) == kind
    ]

    assert unnamed == []
