"""/rules on the phone: what it shows, paging, revoking, and a rule from a card."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from core.approvals.model import Approval, Scope, State
from core.approvals.policy import Policy
from core.approvals.rules import until
from core.approvals.store import insert
from core.clock import ManualClock
from core.db import Database
from core.runs import actions
from core.runs.model import Gate, Label
from core.runs.ports import Judgement, Risk
from tests.integration.handlers_house import Chat

NOTES = Scope(root="sandbox", folder="notes")


@pytest.fixture
def chat(sqlite_database: Database, clock: ManualClock) -> Chat:
    return Chat(sqlite_database, clock)


def shown(chat: Chat, kind: str = "rules") -> dict[str, Any]:
    return chat.notices(kind)[-1].notice.params


def key(chat: Chat, kind: str = "rules") -> str:
    return str(chat.notices(kind)[-1].notice.key)


def add(chat: Chat, place: str = "home", scope: Scope = NOTES) -> str:
    house = chat.house
    with house.db.write() as tx:
        return house.rules.add(
            tx, kind="edit", place=place, scope=scope, can_rule=True, by="telegram:1",
            expires_at=until(house.clock.now(), 7),
        ).id  # fmt: skip


def asked(chat: Chat, kind: str = "edit", place: str = "home", **fields: Any) -> Approval:
    """A question whose card is open."""
    given = {"root": "sandbox", "path": "notes/a.txt", "before": None, "after": "a", **fields}
    undo = given.pop("undo", "version")
    action = actions.make(kind, place, undo=undo, preview={}, **given)
    judgement = Judgement(Gate.ASK, f"policy:{kind}", Risk.MEDIUM)
    approval = Approval(
        id="a" * 32, seq=1, run_id="r" * 32, position="0", step="files.edit", inputs={},
        place=place, kind=kind, digest=action.digest, canonical=action.canonical, preview={},
        judgement=judgement, read=[], label=Label.PRIVATE, state=State.OPEN,
        asked_at=chat.house.clock.now(),
    )  # fmt: skip
    with chat.house.db.write() as tx:
        insert(tx, approval)
    return approval


def test_rules_shows_version_classes_and_the_owners_rules(chat: Chat) -> None:
    add(chat, "pc")
    chat.say("/rules")

    params = shown(chat)
    assert params["version"] == chat.house.policy.version
    assert "read_file" in params["classes"]["auto"]
    assert "edit" in params["classes"]["ask"]
    assert set(params["classes"]["twice"]) == {"rule", "upgrade_code"}
    assert params["error"] is None
    assert [row["place"] for row in params["rows"]] == ["pc"]
    assert params["rows"][0]["uses"] is None  # the node counts them


def test_a_broken_policy_file_is_told_with_its_line(chat: Chat, tmp_path: Any) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text("version: 1\nactions: {}\nmore: 1\n", encoding="utf-8")
    chat.house = replace(chat.house, policy=Policy.load(path))
    chat.say("/rules")

    assert shown(chat)["error"] == {
        "file": "policy.yaml", "line": 3, "name": "more", "why": "key",
    }  # fmt: skip


def test_twelve_rules_come_in_three_pages(chat: Chat) -> None:
    for _ in range(12):
        add(chat)
        chat.house.clock.advance(1)
    chat.say("/rules")
    assert (len(shown(chat)["rows"]), shown(chat)["pages"], shown(chat)["count"]) == (5, 3, 12)

    chat.tap("rules.page", key(chat), page=2)

    assert (len(shown(chat)["rows"]), shown(chat)["page"], shown(chat)["first"]) == (2, 2, 11)


def test_revoking_holds_at_once_and_is_carried_to_the_rules_place(chat: Chat) -> None:
    rule_id = add(chat, "pc")
    chat.say("/rules")

    chat.tap("rules.revoke", key(chat), id=rule_id, page=0)
    chat.tap("rules.revoke", key(chat), id=rule_id, page=0)

    assert shown(chat)["rows"] == []
    (run,) = chat.runs(workflows=["drop_rule"])
    assert run.args["rule_id"] == rule_id
    assert run.args["place"] == "pc"


def test_a_rule_of_home_needs_no_run_to_end(chat: Chat) -> None:
    rule_id = add(chat)
    chat.tap("rules.revoke", None, id=rule_id, page=0)

    assert chat.runs() == []
    assert shown(chat)["rows"] == []


def test_a_card_offers_narrow_scopes_and_short_times(chat: Chat) -> None:
    asked(chat)
    chat.tap("approval.rule", "approval:x", id="a" * 32)

    params = shown(chat, "rule-choice")
    assert [scope["name"] for scope in params["scopes"]] == ["file", "folder"]
    assert params["days"] == [1, 7, 30]
    assert params["why"] is None


def test_what_no_rule_may_cover_says_why_and_cannot_be_added(chat: Chat) -> None:
    asked(chat, "delete_file", undo="trash", entries=1, tree="t", is_workspace=True)
    chat.tap("approval.rule", "approval:x", id="a" * 32)

    assert shown(chat, "rule-choice")["why"] == "rules-why-delete"
    assert shown(chat, "rule-choice")["scopes"] == []
    chat.tap("rules.add", key(chat, "rule-choice"), id="a" * 32, scope="file", days=7)
    assert chat.runs() == []


def test_choosing_asks_for_the_rule_in_a_run_of_its_own(chat: Chat) -> None:
    asked(chat, place="pc")
    chat.tap("approval.rule", "approval:x", id="a" * 32)
    word = chat.tap("rules.add", key(chat, "rule-choice"), id="a" * 32, scope="folder", days=7)

    (run,) = chat.runs()
    assert run.workflow == "keep_rule"
    assert run.args["kind"] == "edit"
    assert run.args["place"] == "pc"
    assert run.args["scope"]["folder"] == "notes"
    assert run.label is Label.PRIVATE
    assert word
    assert shown(chat, "rule-choice")["state"] == "asked"
    with chat.house.db.read() as tx:
        assert chat.house.rules.list(tx) == []


@pytest.mark.parametrize(
    "params",
    [
        {"scope": "root", "days": 7},
        {"scope": "everything", "days": 7},
        {"scope": "folder", "days": 365},
        {"scope": "folder", "days": "7"},
    ],
)
def test_a_scope_or_time_that_was_not_offered_starts_nothing(chat: Chat, params: dict) -> None:
    asked(chat)
    chat.tap("rules.add", None, id="a" * 32, **params)

    assert chat.runs() == []


def test_a_question_that_is_not_there_offers_nothing(chat: Chat) -> None:
    chat.tap("approval.rule", None, id="b" * 32)

    assert chat.notices("rule-choice") == []
