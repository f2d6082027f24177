"""Pairing: who becomes the owner, and who never does."""

import pytest
import sqlalchemy as sa

from core.approvals.owner import MOST_TRIES, Owner, Pairing
from core.approvals.tables import audit, pairings
from core.memory.preferences import Preferences

ADA, EVE = 42, 666


@pytest.fixture
def db(database):
    return database


@pytest.fixture
def owner(db, clock):
    return Owner(Preferences(db, clock), clock)


def test_the_right_code_makes_the_owner_and_only_its_hash_is_stored(db, owner):
    with db.write() as tx:
        code = owner.new_code(tx)
        stored = tx.execute(sa.select(pairings.c.code_hash)).scalar_one()
        assert code not in stored
        assert owner.pair(tx, ADA, code) is Pairing.PAIRED
        assert owner.is_owner(tx, ADA)
        assert not owner.is_owner(tx, EVE)


def test_only_the_first_use_of_a_code_counts(db, owner):
    with db.write() as tx:
        code = owner.new_code(tx)
        assert owner.pair(tx, ADA, code) is Pairing.PAIRED
        assert owner.pair(tx, EVE, code) is Pairing.TAKEN
        assert owner.owner_id(tx) == ADA


def test_a_used_code_is_wrong_even_when_the_owner_is_forgotten(db, owner, clock):
    with db.write() as tx:
        code = owner.new_code(tx)
        owner.pair(tx, ADA, code)
        Preferences(db, clock).forget(tx, "owner")
        assert owner.pair(tx, EVE, code) is Pairing.WRONG


def test_a_code_dies_after_ten_minutes(db, owner, clock):
    with db.write() as tx:
        code = owner.new_code(tx)
        clock.advance(600)
        assert owner.pair(tx, ADA, code) is Pairing.EXPIRED
        assert owner.owner_id(tx) is None


def test_a_new_code_kills_the_old_one(db, owner):
    with db.write() as tx:
        old = owner.new_code(tx)
        new = owner.new_code(tx)
        assert owner.pair(tx, ADA, old) is Pairing.WRONG
        assert owner.pair(tx, ADA, new) is Pairing.PAIRED


def test_after_five_wrong_tries_even_the_right_code_is_refused_to_that_person_only(db, owner):
    with db.write() as tx:
        code = owner.new_code(tx)
        for number in range(MOST_TRIES):
            assert owner.pair(tx, EVE, f"guess-{number}") is Pairing.WRONG
        assert owner.pair(tx, EVE, code) is Pairing.TOO_MANY
        assert owner.pair(tx, ADA, code) is Pairing.PAIRED


def test_a_code_holds_128_random_bits(db, owner):
    with db.write() as tx:
        codes = {owner.new_code(tx) for _ in range(20)}
    assert len(codes) == 20
    assert all(len(code) == 22 for code in codes)


def test_the_setting_beats_pairing(db, clock):
    owner = Owner(Preferences(db, clock), clock, configured=ADA)
    with db.write() as tx:
        code = owner.new_code(tx)
        assert owner.pair(tx, EVE, code) is Pairing.TAKEN
        assert owner.is_owner(tx, ADA)


def test_a_stranger_is_seen_once_and_leaves_an_audit_row_without_text(db, owner):
    with db.write() as tx:
        assert owner.stranger_seen(tx, EVE)
        assert not owner.stranger_seen(tx, EVE)
        rows = tx.execute(sa.select(audit.c.kind, audit.c.actor, audit.c.detail)).all()
    assert [tuple(row) for row in rows] == [("stranger", "telegram:666", {})]
