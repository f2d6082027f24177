"""Everything that can hold words is in the registry of forgetting."""

from __future__ import annotations

import sqlalchemy as sa

from core.db import Json
from core.memory import forget_registry
from core.memory.forget_model import How
from ops import metadata


def with_table(*columns: sa.Column) -> sa.MetaData:
    """All tables, and one more."""
    whole = sa.MetaData()
    for table in metadata.whole().sorted_tables:
        table.to_metadata(whole)
    sa.Table("letters", whole, sa.Column("id", sa.String(32), primary_key=True), *columns)
    return whole


def test_every_column_that_can_hold_words_is_named():
    assert forget_registry.unnamed(metadata.whole()) == []


def test_no_holder_names_what_is_not_there_or_twice():
    assert forget_registry.superfluous(metadata.whole()) == []


def test_a_new_column_that_can_hold_words_is_noticed():
    for kind in (sa.Text, Json, sa.LargeBinary, sa.String(64), sa.String, sa.JSON):
        assert forget_registry.unnamed(with_table(sa.Column("body", kind))) == ["letters.body"]


def test_a_new_column_of_an_old_table_is_noticed():
    whole = with_table()
    whole.tables["messages"].append_column(sa.Column("translation", sa.Text))
    assert forget_registry.unnamed(whole) == ["messages.translation"]


def test_a_column_too_short_for_words_needs_no_name():
    assert forget_registry.unnamed(with_table(sa.Column("state", sa.String(16)))) == []


def test_a_holder_of_a_column_that_went_is_noticed():
    whole = with_table()
    whole.remove(whole.tables["proposals"])
    assert forget_registry.superfluous(whole) == ["proposals.text", "proposals.origin"]


def test_what_holds_no_words_says_why():
    for each in forget_registry.HOLDERS:
        assert bool(each.why) == (each.how is How.WORDLESS), each


def test_a_kind_of_file_that_nobody_named_is_noticed(tmp_path):
    for name in ("memory.db", "memory.db-wal", "node/trash/0a/0", "keys/master", "worker.log.1"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert forget_registry.unnamed_files(tmp_path) == []
    (tmp_path / "drafts").mkdir()
    (tmp_path / "drafts" / "letter.txt").touch()
    assert forget_registry.unnamed_files(tmp_path) == ["drafts/letter.txt"]
