"""The index holds exactly the words of what is stored, can be checked, and is built anew."""

import pytest

from core.errors import Broken
from core.memory import normalise_tables, search_index
from core.memory.search_model import Item, ItemKind
from core.runs.model import Label
from core.upkeep.indexing import is_due
from tests.integration.search_world import OWNER, World

RECORD = ItemKind.RECORD


@pytest.fixture
def world(database, clock):
    return World(database, clock)


def item(world, text, source=1, **more):
    values = {"label": Label.OPEN, "category": "note", "origin": "home", "importance": 50}
    return Item(RECORD, source, text, at=world.clock.now(), **{**values, **more})


def words(world):
    with world.db.read() as tx:
        rows = tx.connection.exec_driver_sql("SELECT word FROM search_vocabulary")
        return {row[0] for row in rows}


def test_a_text_enters_and_leaves_with_its_words(world):
    with world.db.write() as tx:
        world.index.put(tx, item(world, "green apples"))
        world.index.put(tx, item(world, "green pears", source=2))
    assert words(world) == {"green", "apples", "pears"}

    with world.db.write() as tx:
        world.index.drop(tx, RECORD, 1, "green apples")
    assert words(world) == {"green", "pears"}

    with world.db.write() as tx:
        world.index.put(tx, item(world, "!?", source=2), former="green pears")
    assert words(world) == set()
    with world.db.write() as tx:
        assert world.rebuild.check(tx) == ()


def test_a_wrong_former_text_changes_nothing(world):
    with world.db.write() as tx:
        world.index.put(tx, item(world, "green apples"))
    for former in ("red apples", None):
        with pytest.raises(Broken, match="index-former"), world.db.write() as tx:
            world.index.put(tx, item(world, "pears"), former=former)
    with pytest.raises(Broken, match="index-former"), world.db.write() as tx:
        world.index.drop(tx, RECORD, 1, "red apples")

    assert words(world) == {"green", "apples"}


def test_what_is_not_there_is_dropped_in_peace(world):
    with world.db.write() as tx:
        world.index.drop(tx, RECORD, 99, "whatever")
        world.index.refile(tx, item(world, "whatever", source=99))

    assert words(world) == set()


def test_a_new_label_needs_no_words(world):
    stored = world.remember("the code of the safe")
    with world.db.write() as tx:
        row = item(world, "", source=stored.record.seq, label=Label.PRIVATE)
        world.index.refile(tx, row)

    assert world.texts("safe") == []
    assert world.texts("safe", reader=Label.PRIVATE) == ["the code of the safe"]


def test_a_rolled_back_write_leaves_no_words(world):
    def fail():
        with world.db.write() as tx:
            world.index.put(tx, item(world, "never said"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert words(world) == set()


def test_the_index_is_built_anew_in_portions(world):
    for number in range(7):
        world.remember(f"note number {number}")
        world.say(f"message number {number}")
    retired = world.remember("retired note")
    with world.db.write() as tx:
        world.records.retire(tx, retired.record.id, OWNER)
        assert is_due(world.rebuild, tx)

    after, portions = 0, 0
    while after is not None:
        with world.db.write() as tx:
            after = world.rebuild.rebuild(tx, after, 5)
        portions += 1

    assert portions >= 3
    assert world.find("number", limit=20).total == 14
    assert world.find("retired").total == 0
    with world.db.write() as tx:
        assert world.rebuild.is_current(tx)
        assert world.rebuild.check(tx) == ()


def test_what_is_written_meanwhile_is_in_once(world):
    for number in range(6):
        world.remember(f"note {number}")
    with world.db.write() as tx:
        after = world.rebuild.rebuild(tx, 0, 2)
    world.remember("note while it is built")
    while after is not None:
        with world.db.write() as tx:
            after = world.rebuild.rebuild(tx, after, 2)

    assert world.find("note", limit=20).total == 7


def test_another_normal_form_makes_it_due_and_texts_can_change_meanwhile(world, monkeypatch):
    stored = world.remember("the old wording")
    with world.db.write() as tx:
        assert world.rebuild.rebuild(tx, 0, 100) is None
        assert world.rebuild.is_current(tx)
    monkeypatch.setattr(normalise_tables, "VERSION", 999)
    monkeypatch.setattr(search_index, "digest", lambda words: len(words) + 12345)

    with world.db.write() as tx:
        assert not world.rebuild.is_current(tx)
        world.records.edit(tx, stored.record.id, OWNER, text="the new wording of it")
    with world.db.write() as tx:
        world.rebuild.rebuild(tx, 0, 100)

    assert words(world) == {"the", "new", "wording", "of", "it"}


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM search_items WHERE seq = (SELECT max(seq) FROM search_items)",
        "UPDATE search_items SET source = 1000 WHERE seq = (SELECT max(seq) FROM search_items)",
        "UPDATE search_items SET digest = 7 WHERE seq = (SELECT max(seq) FROM search_items)",
    ],
)
def test_damage_is_noticed_and_mended(world, damage):
    for number in range(5):
        world.remember(f"note number {number}")
    with world.db.write() as tx:
        world.rebuild.rebuild(tx, 0, 100)
        assert world.rebuild.check(tx) == ()
        tx.connection.exec_driver_sql(damage)
        if "DELETE" in damage and tx.connection.dialect.name == "postgresql":
            return  # its words go with the row: nothing is left to be wrong
        assert world.rebuild.check(tx) != ()

    with world.db.write() as tx:
        assert world.rebuild.rebuild(tx, 0, 100) is None
        assert world.rebuild.check(tx) == ()
    assert world.find("note").total == 5


def test_words_that_are_missing_from_the_index_are_noticed(world):
    world.remember("green apples")
    with world.db.write() as tx:
        search_index.words_in(tx).remove(tx, 1, ["green", "apples"])
        search_index.words_in(tx).add(tx, 1, ["red", "apples"])

        assert world.rebuild.check(tx) == ("1 of 1 sampled items have other words",)


def test_the_parts_are_told_with_their_sizes(world):
    for number in range(20):
        world.remember(f"a note about something, number {number}")
    with world.db.read() as tx:
        sizes = {part.name: part.size for part in world.search.sizes(tx)}

    assert sizes["texts"] == sum(len(f"a note about something, number {n}") for n in range(20))
    assert sizes["database"] > sizes["records"] > sizes["texts"]
    assert sizes["search_vocabulary"] > 0
