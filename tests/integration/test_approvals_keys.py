"""The keys of grants: one trusted from the start, two during a rotation, none by surprise."""

from __future__ import annotations

from pathlib import Path

import pytest

from core import seal
from core.approvals.audit import Audit
from core.approvals.keys import GrantKeys, KeyKeeper
from core.clock import ManualClock
from core.db import Database
from core.errors import Refused
from core.memory.preferences import Preferences

DAY = 24 * 3600


@pytest.fixture
def keeper(database: Database, clock: ManualClock, tmp_path: Path) -> KeyKeeper:
    return keeper_of(database, clock, tmp_path)


def keeper_of(db: Database, clock: ManualClock, home: Path) -> KeyKeeper:
    keys = GrantKeys(clock, Audit(clock))
    return KeyKeeper(db, Preferences(db, clock), keys, home, seal.open_master(home))


def valid(db: Database, clock: ManualClock) -> frozenset[str]:
    with db.read() as tx:
        return GrantKeys(clock, Audit(clock)).valid(tx)


def test_the_first_start_makes_a_key_that_stays(keeper, database, clock, tmp_path) -> None:
    first = keeper.signer()
    assert valid(database, clock) == {first.public}
    assert keeper_of(database, clock, tmp_path).signer().public == first.public
    assert (tmp_path / "keys" / "grant").stat().st_size > 32  # sealed


def test_a_key_file_of_another_master_key_is_not_opened(tmp_path: Path) -> None:
    seal.open_grant_signer(tmp_path, seal.Master(b"a" * 32))
    with pytest.raises(Refused, match="key-damaged"):
        seal.open_grant_signer(tmp_path, seal.Master(b"b" * 32))


def test_during_a_rotation_two_keys_count_for_a_day(keeper, database, clock) -> None:
    old = keeper.signer().public
    new = keeper.rotate().public
    assert valid(database, clock) == {old, new}
    assert keeper.signer().public == new
    clock.advance(DAY - 1)
    assert valid(database, clock) == {old, new}
    clock.advance(1)
    assert valid(database, clock) == {new}


def node_keys(sqlite_database: Database, clock: ManualClock, first: str) -> GrantKeys:
    keys = GrantKeys(clock, Audit(clock))
    with sqlite_database.write() as tx:
        keys.trust(tx, first)
    return keys


def rotations(keeper: KeyKeeper, db: Database) -> list:
    with db.read() as tx:
        return keeper.rotations(tx)


@pytest.fixture
def node(empty_node: Database) -> Database:
    return empty_node


@pytest.fixture
def empty_node(tmp_path: Path):
    from core.db import open_sqlite
    from ops import metadata

    db = open_sqlite(tmp_path / "node.db", bytes(48))
    metadata.whole().create_all(db.engine)
    yield db
    db.close()


def test_a_node_that_was_away_follows_one_rotation_after_the_other(
    keeper, database, clock, node
) -> None:
    keys = node_keys(node, clock, keeper.signer().public)
    keeper.rotate()
    clock.advance(2 * DAY)
    last = keeper.rotate().public
    with node.write() as tx:
        for message in rotations(keeper, database):
            assert keys.take(tx, message)
            assert not keys.take(tx, message)
        assert last in keys.valid(tx)


def test_nobody_else_can_name_a_new_key(keeper, database, clock, node) -> None:
    first = keeper.signer().public
    keys = node_keys(node, clock, first)
    keeper.rotate()
    (message,) = rotations(keeper, database)
    stranger = seal.GrantSigner(b"x" * 32)
    for forged in (
        {**message, "new": stranger.public},
        {**message, "old": stranger.public},
        {**message, "sig": "0" * 128},
        {**message, "v": 2},
        {**message, "v": True},
        {**message, "more": 1},
        {**message, "new": message["new"].upper()},
        None,
        [],
    ):
        with node.write() as tx, pytest.raises(Refused):
            keys.take(tx, forged)
    assert valid(node, clock) == {first}


def test_a_key_that_was_followed_cannot_name_another(keeper, database, clock, node) -> None:
    """Stolen within its last day, the old key may not start a line of its own."""
    from core.approvals.keys import Rotation

    old = keeper.signer()
    keys = node_keys(node, clock, old.public)
    keeper.rotate()
    with node.write() as tx:
        keys.take(tx, rotations(keeper, database)[0])
    thief = seal.GrantSigner(b"x" * 32).public
    unsigned = Rotation(1, old.public, thief, "")
    signature = old.sign(seal.Context.GRANT_KEYS, unsigned.signed).hex()
    with node.write() as tx, pytest.raises(Refused, match="rotation-unknown-key"):
        keys.take(tx, {"v": 1, "old": old.public, "new": thief, "sig": signature})


def test_a_first_key_is_not_replaced_by_pairing_words(node, clock) -> None:
    keys = node_keys(node, clock, "a" * 64)
    with node.write() as tx:
        keys.trust(tx, "a" * 64)
        with pytest.raises(Refused, match="grant-keys-set"):
            keys.trust(tx, "b" * 64)
        keys.forget(tx)
        keys.trust(tx, "b" * 64)


def test_a_rotation_cut_off_after_its_commit_is_finished_at_the_next_start(
    database, clock, tmp_path, monkeypatch
) -> None:
    keeper = keeper_of(database, clock, tmp_path)
    old = keeper.signer().public

    def killed(_self: KeyKeeper) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(KeyKeeper, "_promote", killed)
    with pytest.raises(KeyboardInterrupt):
        keeper.rotate()
    monkeypatch.undo()
    fresh = keeper_of(database, clock, tmp_path).signer().public
    assert fresh != old
    assert valid(database, clock) == {old, fresh}


def test_a_rotation_cut_off_before_its_commit_changes_nothing(database, clock, tmp_path) -> None:
    keeper = keeper_of(database, clock, tmp_path)
    old = keeper.signer().public
    seal.open_grant_signer(tmp_path, seal.open_master(tmp_path), coming=True)
    assert keeper_of(database, clock, tmp_path).signer().public == old
    assert valid(database, clock) == {old}


def test_a_lost_key_file_is_told_and_not_replaced_in_silence(keeper, database, tmp_path) -> None:
    keeper.signer()
    (tmp_path / "keys" / "grant").unlink()
    with pytest.raises(Refused, match="grant-key-lost"):
        keeper.signer()
