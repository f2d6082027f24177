"""What is said is found: in three languages, as it was meant, and only by who may."""

import pytest

from core.memory.search_model import ItemKind, Way
from core.runs.model import Label
from tests.integration.search_world import World


@pytest.fixture
def world(database, clock):
    return World(database, clock)


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("The car insurance costs 12,500 a year", "car insurance"),
        ("The car insurance costs 12,500 a year", "12500"),
        ("The car insurance costs 12,500 a year", "১২৫০০"),
        ("We compared two insurances", "insurance"),
        ("He bought a house in Dhaka", "buy house"),
        ("Meeting at the Café Müller", "cafe muller"),
        ("গাড়ির বীমা শেষ হবে ১২ মার্চ", "গাড়ি বিমা"),
        ("গাড়ির বীমা শেষ হবে ১২ মার্চ", "গাড়িটার বীমা"),
        ("আমি নতুন বাড়ী কিনেছিলাম", "বাড়ি কিনব"),
        ("বইগুলো টেবিলে রাখা", "বই টেবিল"),
        ("সংগীত শিখতে চাই", "সঙ্গীত"),
        ("اشتريت السيارة الجديدة", "سيارة"),
        ("اشتريت السيارة الجديدة", "سيارتي"),
        ("قرأتُ الكِتَابَ أمس", "الكتاب"),
        ("موعد في ٢٠٢٥", "2025"),
    ],
)
def test_a_word_is_found_in_another_form(world, said, asked):
    world.remember(said)
    world.remember("something else entirely")
    world.remember("অন্য কিছু")

    assert world.texts(asked)[:1] == [said]


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("The car insurance is due", "insur"),
        ("The car insurance is due", "suranc"),
        ("The car insurance is due", "insurence"),
        ("The car insurance is due", "inusrance"),
        ("অ্যাপার্টমেন্টের চাবি", "পার্টমেন্ট"),
        ("বিশ্ববিদ্যালয়ের ফি দিতে হবে", "বিশ্ববিদ্দালয়"),
        ("موعد المستشفى غدا", "المستشقى"),
        ("موعد المستشفى غدا", "مستش"),
    ],
)
def test_parts_and_mistaken_words_are_found_and_said_to_be_such(world, said, asked):
    world.remember(said)
    world.remember("nothing of the kind")

    found = world.find(asked)

    assert [hit.text for hit in found.hits] == [said]
    assert found.hits[0].way is Way.PART


def test_an_open_reader_finds_and_counts_nothing_private(world):
    world.remember("the secret recipe of the bakery", label=Label.PRIVATE)
    world.remember("the recipe of the day")

    assert world.texts("secret recipe") == ["the recipe of the day"]
    assert world.find("recipe").total == 1
    assert world.find("secret").total == 0
    assert world.find().total == 1
    assert world.find("recipe", reader=Label.PRIVATE).total == 2


def test_all_words_come_before_some(world):
    world.remember("the blue bicycle of my brother")
    world.remember("the blue sky")
    world.remember("a bicycle lane")

    found = world.find("blue bicycle")

    assert found.hits[0].text == "the blue bicycle of my brother"
    assert [hit.way for hit in found.hits] == [Way.ALL, Way.ANY, Way.ANY]


def test_a_phrase_is_found_as_it_stands(world):
    world.remember("the bank by the river")
    world.remember("river bank")

    assert world.texts('"river bank"')[0] == "river bank"
    assert world.find('"river bank"').hits[0].way is Way.ALL


def test_newer_and_more_important_come_first_among_equals(world):
    world.remember("dentist visit alpha", days=700)
    world.remember("dentist visit beta", days=1)
    world.remember("dentist visit gamma", days=700, importance=100)

    assert [t.split()[-1] for t in world.texts("dentist visit")] == ["beta", "gamma", "alpha"]


def test_what_is_withdrawn_or_retired_is_not_found(world):
    stored = world.remember("the old address in Sylhet")
    said = world.say("the address of the office in Sylhet")
    with world.db.write() as tx:
        world.records.retire(tx, stored.record.id, stored_by())
        world.threads.withdraw(tx, said.id)

    assert world.texts("address Sylhet") == []
    assert vocabulary(world) == set()


def test_an_edited_text_is_found_by_its_new_words_only(world):
    stored = world.remember("my doctor is Rahman")
    with world.db.write() as tx:
        world.records.edit(tx, stored.record.id, stored_by(), text="my doctor is Karim")

    assert world.texts("Karim") == ["my doctor is Karim"]
    assert world.texts("Rahman") == []
    assert "rahman" not in vocabulary(world)


def test_the_other_fields_choose(world):
    world.remember("rent of May", days=40, category="task")
    world.remember("rent of June", days=3)
    talk = world.say("rent is too high", name="Money")
    now = world.clock.now()

    assert world.texts("rent", categories=("task",)) == ["rent of May"]
    assert world.texts("rent", since=now.replace(month=now.month)) == ["rent is too high"]
    assert world.texts("rent", thread_id=talk.thread_id) == ["rent is too high"]
    assert world.texts("rent", kinds=(ItemKind.MESSAGE,)) == ["rent is too high"]
    assert world.texts("rent", categories=("interaction",)) == ["rent is too high"]
    assert world.texts("rent", origin="pc") == []
    assert world.find("rent").total == 3


def test_without_words_everything_is_listed_newest_first_in_pages(world):
    for number in range(5):
        world.remember(f"note {number}", days=number)

    found = world.find(limit=2, offset=2)

    assert [hit.text for hit in found.hits] == ["note 2", "note 3"]
    assert found.total == 5
    assert found.hits[0].way is Way.LISTED


def test_a_hit_names_its_row_and_where_it_was_said(world):
    said = world.say("the boiler was repaired")

    hit = world.find("boiler").hits[0]

    assert (hit.id, hit.message_id, hit.chat_id) == (said.id, said.id, 1001)
    assert hit.snippet.text[hit.snippet.marks[0].start : hit.snippet.marks[0].end] == "boiler"


def test_what_is_like_an_item_is_found_without_the_item_itself(world):
    stored = world.remember("the boiler in the kitchen was repaired by Selim")
    world.remember("Selim repaired the kitchen tap")
    world.remember("private boiler kitchen code", label=Label.PRIVATE)
    world.remember("holiday in Nepal")

    with world.db.read() as tx:
        found = world.search.similar(tx, (ItemKind.RECORD, stored.record.seq), Label.OPEN)

    assert [hit.text for hit in found.hits] == ["Selim repaired the kitchen tap"]


def test_an_open_reader_is_not_told_what_is_like_a_private_item(world):
    stored = world.remember("the boiler code of the kitchen", label=Label.PRIVATE)
    world.remember("the boiler of the kitchen")

    with world.db.read() as tx:
        item = (ItemKind.RECORD, stored.record.seq)
        assert world.search.similar(tx, item, Label.OPEN).hits == ()
        assert len(world.search.similar(tx, item, Label.PRIVATE).hits) == 1


@pytest.mark.parametrize("words", ['"', "AND OR NOT", "a*b^c:d", "()", "\x00\ud800", "🎉", "'; --"])
def test_nothing_that_is_typed_is_an_error(world, words):
    world.remember("a quiet note")

    world.find(words)


def stored_by():
    from tests.integration.search_world import OWNER

    return OWNER


def vocabulary(world):
    with world.db.read() as tx:
        rows = tx.connection.exec_driver_sql("SELECT word FROM search_vocabulary")
        return {row[0] for row in rows} & {"address", "sylhet", "rahman", "karim", "office"}
