"""The owner's rules as rows: narrow, with an end, and revoked for ever."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from core.approvals.model import Rule, Scope
from core.approvals.rules import MOST_RULES, Rules, until
from core.approvals.tables import audit, rules
from core.clock import ManualClock
from core.db import Database
from core.errors import Refused

NOTES = Scope(root="sandbox", folder="notes")
LS = Scope(argv=("ls", "-l"), folder="/srv/box", exe="ab" * 32)


class Book:
    def __init__(self, db: Database, clock: ManualClock) -> None:
        self.db, self.clock, self.rules = db, clock, Rules(clock, "home")

    def add(self, kind: str = "edit", scope: Scope = NOTES, **more: Any) -> Rule:
        values = {"place": "pc", "by": "telegram:1", "can_rule": True, **more}
        values.setdefault("expires_at", until(self.clock.now(), 7))
        with self.db.write() as tx:
            return self.rules.add(tx, kind=kind, scope=scope, **values)

    def list(self) -> list[Rule]:
        with self.db.read() as tx:
            return self.rules.list(tx)

    def revoke(self, rule: Rule) -> Rule | None:
        with self.db.write() as tx:
            return self.rules.revoke(tx, rule.id, "telegram:1")


@pytest.fixture
def book(database: Database, clock: ManualClock) -> Book:
    return Book(database, clock)


def test_a_rule_comes_back_as_it_was_added_the_newest_first(book: Book) -> None:
    first = book.add()
    book.clock.advance(1)
    second = book.add("cmd", LS)

    assert book.list() == [second, first]
    assert second.scope == LS


def test_a_rule_ends_by_itself(book: Book) -> None:
    book.add(expires_at=until(book.clock.now(), 1))

    book.clock.advance(86_400 - 1)
    assert len(book.list()) == 1
    book.clock.advance(1)
    assert book.list() == []


def test_revoked_trust_never_returns(book: Book) -> None:
    """Repeats openclaw#78225: revoked trust returned."""
    rule = book.add()
    assert book.revoke(rule) is not None

    with pytest.raises(Refused, match="rule-revoked"):
        book.add(rule_id=rule.id, expires_at=rule.expires_at)
    with book.db.write() as tx:
        book.rules.used(tx, rule.id)

    assert book.list() == []
    assert book.revoke(rule) is None
    with book.db.read() as tx:
        found = book.rules.get(tx, rule.id)
    assert found is not None
    assert found.revoked_at == book.clock.now()


def test_a_second_revocation_does_not_move_the_first(book: Book) -> None:
    rule = book.add()
    book.revoke(rule)
    first = book.clock.now()
    book.clock.advance(60)
    book.revoke(rule)

    with book.db.read() as tx:
        found = book.rules.get(tx, rule.id)
    assert found is not None
    assert found.revoked_at == first


def test_the_same_rule_noted_twice_is_one_and_another_under_its_id_is_refused(book: Book) -> None:
    rule = book.add()

    assert book.add(rule_id=rule.id, expires_at=rule.expires_at) == rule
    with pytest.raises(Refused, match="rule-not-allowed"):
        book.add(rule_id=rule.id, scope=Scope(root="sandbox"), expires_at=rule.expires_at)


def test_uses_are_counted(book: Book) -> None:
    rule = book.add()
    with book.db.write() as tx:
        book.rules.used(tx, rule.id)
        book.rules.used(tx, rule.id)

    assert book.list()[0].uses == 2


def test_a_node_that_is_trusted_no_more_loses_its_rules(book: Book) -> None:
    book.add(place="pc")
    kept = book.add(place="laptop")
    with book.db.write() as tx:
        assert book.rules.revoke_place(tx, "pc", "telegram:1") == 1

    assert book.list() == [kept]


def test_what_is_added_and_revoked_is_in_the_audit(book: Book) -> None:
    book.revoke(book.add())

    with book.db.read() as tx:
        kinds = tx.execute(sa.select(audit.c.kind).order_by(audit.c.seq)).scalars().all()
    assert kinds == ["rule-added", "rule-revoked"]


@pytest.mark.parametrize(
    ("kind", "scope", "code"),
    [
        ("delete_file", NOTES, "rule-not-allowed"),
        ("delete", NOTES, "rule-not-allowed"),
        ("payment", Scope(), "rule-not-allowed"),
        ("message", Scope(), "rule-not-allowed"),
        ("sensitive", Scope(), "rule-not-allowed"),
        ("upgrade_code", Scope(), "rule-not-allowed"),
        ("rule", Scope(), "rule-not-allowed"),
        ("edit", Scope(), "rule-too-wide"),
        ("edit", Scope(folder="notes"), "rule-too-wide"),
        ("edit", Scope(root="sandbox", folder="a/../.."), "rule-too-wide"),
        ("edit", Scope(root="sandbox", folder="/"), "rule-too-wide"),
        ("edit", Scope(root="sandbox", label="any"), "rule-too-wide"),
        ("cmd", Scope(), "rule-too-wide"),
        ("cmd", Scope(argv=("ls",)), "rule-too-wide"),
        ("cmd", Scope(argv=("ls",), folder="/srv/box"), "rule-too-wide"),
        ("cmd", Scope(argv=("/bin/zsh",), folder="/x", exe="ab" * 32), "rule-too-wide"),
        ("cmd", Scope(argv=("env", "ls"), folder="/x", exe="ab" * 32), "rule-too-wide"),
        ("cmd", Scope(argv=("python3", "a.py"), folder="/x", exe="ab" * 32), "rule-too-wide"),
        ("teleport", Scope(), "rule-too-wide"),
    ],
)
def test_a_rule_that_would_cover_too_much_is_not_stored(
    book: Book, kind: str, scope: Scope, code: str
) -> None:
    with pytest.raises(Refused, match=code):
        book.add(kind, scope)

    assert book.list() == []


def test_what_the_policy_does_not_let_a_rule_cover_is_not_stored(book: Book) -> None:
    with pytest.raises(Refused, match="rule-not-allowed"):
        book.add(can_rule=False)


@pytest.mark.parametrize("days", [-1, 0, 92, 10_000])
def test_a_rule_without_a_near_end_is_not_stored(book: Book, days: int) -> None:
    with pytest.raises(Refused, match="rule-time"):
        book.add(expires_at=book.clock.now() + timedelta(days=days))


def test_there_is_a_bound_to_how_many_rules_there_are(
    sqlite_database: Database, clock: ManualClock
) -> None:
    book = Book(sqlite_database, clock)
    ends: datetime = until(clock.now(), 7)
    one = book.add()
    with sqlite_database.write() as tx:
        row = tx.execute(sa.select(rules).where(rules.c.id == one.id)).mappings().one()
        more = [{**row, "id": f"r{n}", "expires_at": ends} for n in range(MOST_RULES - 1)]
        tx.execute(sa.insert(rules), more)

    with pytest.raises(Refused, match="rule-too-many"):
        book.add()
