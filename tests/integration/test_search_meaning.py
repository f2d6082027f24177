"""Search by meaning: off unless set, private texts for the owner's own model only."""

import pytest

from core.errors import Unavailable
from core.llm.ollama_embedder import OllamaEmbedder
from core.memory.embedding import Meaning
from core.memory.search_fakes import FakeEmbedder
from core.memory.search_model import ItemKind, Query, Way
from core.runs.model import Label
from core.upkeep.embedding import EmbedRoom, embed
from core.upkeep.model import EmbedItems
from tests.integration.search_world import OWNER, World

SAME = (("lawyer", "attorney"), ("গাড়ি", "মোটরযান"))


@pytest.fixture
def embedder():
    return FakeEmbedder(SAME)


@pytest.fixture
def world(database, clock, embedder):
    return World(database, clock, Meaning(embedder, clock))


def embed_all(world):
    room = EmbedRoom(world.db, world.clock, world.loads, world.search._meaning)
    return embed.handler(room, None, EmbedItems())


def meant(world, words, **fields):
    vector = world.search.meant(words)
    with world.db.read() as tx:
        return world.search.find(tx, Query(words=words, **fields), vector)


def test_another_word_of_the_same_meaning_is_found_and_said_to_be_near(world):
    world.remember("my lawyer lives in Sylhet")
    world.remember("গাড়ি কিনব")
    world.remember("soup with rice")
    assert embed_all(world).count == 3

    found = meant(world, "attorney")

    assert [hit.text for hit in found.hits] == ["my lawyer lives in Sylhet"]
    assert found.hits[0].way is Way.MEANING
    assert meant(world, "মোটরযান").hits[0].text == "গাড়ি কিনব"
    assert world.texts("attorney") == []


def test_words_and_meaning_agree_on_the_first(world):
    world.remember("the attorney called")
    world.remember("my lawyer lives in Sylhet")
    embed_all(world)

    found = meant(world, "attorney")

    assert [hit.way for hit in found.hits] == [Way.ALL, Way.MEANING]


def test_an_open_reader_is_told_of_nothing_private_by_meaning_either(world):
    world.remember("my lawyer keeps the will", label=Label.PRIVATE)
    embed_all(world)

    assert meant(world, "attorney").total == 0
    assert meant(world, "attorney", reader=Label.PRIVATE).total == 1


def test_a_model_elsewhere_is_never_given_private_texts(database, clock):
    elsewhere = FakeEmbedder(SAME, is_mine=False)
    world = World(database, clock, Meaning(elsewhere, clock))
    world.remember("my lawyer keeps the will", label=Label.PRIVATE)
    world.remember("an open note")

    assert world.search.meant("attorney") is None
    with pytest.raises(Unavailable, match="no-embedder"):
        embed_all(world)

    assert elsewhere.given == []


def test_without_the_model_words_find(world, embedder):
    world.remember("my lawyer lives in Sylhet")
    embed_all(world)
    embedder.is_away = True

    assert world.search.meant("lawyer") is None
    assert meant(world, "lawyer").total == 1


def test_a_changed_text_loses_its_vector_and_gets_a_new_one(world):
    stored = world.remember("my lawyer lives in Sylhet")
    embed_all(world)
    with world.db.write() as tx:
        world.records.edit(tx, stored.record.id, OWNER, text="soup with rice")

    assert meant(world, "attorney").total == 0
    assert embed_all(world).count == 1
    assert embed_all(world).count == 0


def test_vectors_of_another_model_are_made_anew(world, embedder, monkeypatch):
    world.remember("my lawyer lives in Sylhet")
    embed_all(world)
    monkeypatch.setattr(FakeEmbedder, "model", "another-embedder")

    assert meant(world, "attorney").total == 0
    assert embed_all(world).count == 1
    assert meant(world, "attorney").total == 1


def test_what_is_near_an_item_is_found_by_its_vector(world):
    stored = world.remember("the attorney called")
    world.remember("my lawyer")
    world.remember("soup with rice")
    embed_all(world)

    with world.db.read() as tx:
        found = world.search.similar(tx, (ItemKind.RECORD, stored.record.seq), Label.OPEN)

    assert [hit.text for hit in found.hits] == ["my lawyer"]


def test_an_answer_of_the_server_is_made_a_unit_vector_or_refused():
    class Server:
        rows = ((3.0, 4.0),)

        def vectors(self, model, texts):
            return self.rows

    embedder = OllamaEmbedder(Server(), "bge-m3", is_mine=True)
    assert embedder.embed(["x"]) == [[0.6, 0.8]]

    for rows in ((), ((0.0, 0.0),), ((float("nan"), 1.0),)):
        Server.rows = rows
        with pytest.raises(Unavailable, match="no-embedder"):
            embedder.embed(["x"])
