"""Keys are sealed, taken in turn, and dead once they are refused."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from core.errors import Refused
from core.llm.credential_rows import DEAD, READY, REMOVED
from core.llm.model import Endpoint
from core.llm.rotation import Strategy
from core.llm.tables import credentials
from tests.integration.catalog_world import GROQ, MISTRAL, SECOND, CatalogWorld

ENDPOINT = Endpoint("groq/a", "groq", "a", service="groq")


@pytest.fixture(autouse=True)
def _clean(monkeypatch):
    for name in ("GROQ_API_KEY", "MISTRAL_API_KEY", "OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def world(database):
    return CatalogWorld(database)


def picked(world, many, **named):
    return [world.do(world.keys.pick, "groq", **named).id for _ in range(many)]


def three(world):
    ids = []
    for number in range(3):
        ids.append(world.do(world.keys.add, "groq", f"gsk_canary_number_{number}"))
        world.clock.advance(1)
    return ids


def test_a_key_is_kept_sealed_and_comes_back_as_it_was(world):
    key_id = world.do(world.keys.add, "groq", f"  {GROQ}\n")
    with world.db.read() as tx:
        row = tx.execute(sa.select(credentials)).one()
    assert GROQ.encode() not in row.sealed
    assert row.hint == GROQ[-4:]
    again = CatalogWorld(world.db)
    assert again.do(again.keys.pick, "groq").key == GROQ
    assert again.keys.key_of(replace(ENDPOINT, credential=key_id)) == GROQ
    assert again.learned == [GROQ]


def test_a_sealed_key_is_nothing_in_another_row(world):
    key_id = world.do(world.keys.add, "groq", GROQ)
    other = world.do(world.keys.add, "mistral", MISTRAL)
    with world.db.write() as tx:
        stolen = tx.execute(sa.select(credentials.c.sealed).where(credentials.c.id == key_id))
        tx.execute(
            sa.update(credentials)
            .where(credentials.c.id == other)
            .values(sealed=stolen.scalar_one())
        )
    again = CatalogWorld(world.db)
    assert again.do(again.keys.pick, "mistral") is None
    info = again.do(again.keys.of, "mistral")[0]
    assert (info.state, info.why) == (DEAD, "unreadable")


def test_the_first_key_is_filled_before_the_second_is_begun(world):
    first, second, _ = three(world)
    assert picked(world, 3) == [first] * 3
    assert picked(world, 1, without={first}) == [second]


def test_keys_take_turns(database):
    world = CatalogWorld(database, Strategy.ROUND_ROBIN)
    ids = three(world)
    turns = []
    for _ in range(6):
        turns.append(world.do(world.keys.pick, "groq").id)
        world.clock.advance(1)
    assert turns == ids * 2


def test_the_least_used_key_is_next_and_a_new_one_takes_no_more_than_its_turn(database):
    world = CatalogWorld(database, Strategy.LEAST_USED)
    three(world)
    assert sorted(picked(world, 6)) == sorted(picked(world, 6))
    uses = {info.uses for info in world.do(world.keys.of)}
    assert uses == {4}
    new = world.do(world.keys.add, "groq", "gsk_canary_number_new")
    assert picked(world, 4).count(new) == 1


def test_keys_of_an_organisation_without_room_are_passed_over(world):
    first, second, third = three(world)
    for key_id in (first, second):
        world.do(world.keys.grouped, key_id, "org_one")
    assert picked(world, 1, without={"org_one"}) == [third]


def test_a_refused_key_is_dead_and_told_of_once(world):
    first, second, _ = three(world)
    told = world.do(world.keys.dead, first, "401: invalid api key")
    assert (told.id, told.hint, told.why) == (first, "er_0", "401: invalid api key")
    assert world.do(world.keys.dead, first, "401: invalid api key") is None
    assert picked(world, 1) == [second]
    world.do(world.keys.accept, first)
    assert picked(world, 1) == [first]


def test_a_removed_key_is_gone_and_its_history_is_kept(world):
    key_id = world.do(world.keys.add, "groq", GROQ)
    world.do(world.keys.remove, key_id)
    with world.db.read() as tx:
        assert tx.execute(sa.select(credentials.c.sealed)).scalar_one() == b""
    assert world.do(world.keys.pick, "groq") is None
    assert world.keys.key_of(replace(ENDPOINT, credential=key_id)) is None
    assert [info.state for info in world.do(world.keys.of)] == [REMOVED]
    with pytest.raises(Refused, match="key-missing"):
        world.do(world.keys.accept, key_id)
    world.do(world.keys.add, "groq", GROQ)


def test_a_key_on_trial_is_used_by_the_test_call_alone(world):
    key_id = world.do(world.keys.add, "groq", GROQ, on_trial=True)
    assert world.do(world.keys.pick, "groq") is None
    assert world.do(world.keys.services) == frozenset()
    assert world.keys.key_of(replace(ENDPOINT, credential=key_id)) == GROQ
    world.do(world.keys.accept, key_id)
    assert world.do(world.keys.pick, "groq").id == key_id


def test_the_environments_key_is_the_default_and_stands_first(database):
    world = CatalogWorld(database, GROQ_API_KEY=GROQ)
    own = world.do(world.keys.pick, "groq")
    assert own.key == GROQ
    added = world.do(world.keys.add, "groq", SECOND)
    assert picked(world, 1) == [own.id]
    assert world.do(world.keys.dead, own.id, "401") is not None
    assert picked(world, 1) == [added]
    with pytest.raises(Refused, match="key-environment"):
        world.do(world.keys.remove, own.id)
    infos = world.do(world.keys.of)
    assert [(info.from_environment, info.state) for info in infos] == [(True, DEAD), (False, READY)]
    assert infos[0].uses == 2


def test_a_dead_key_of_the_environment_stays_dead_until_another_takes_its_place(database):
    world = CatalogWorld(database, GROQ_API_KEY=GROQ)
    world.do(world.keys.dead, world.do(world.keys.pick, "groq").id, "401")
    assert world.do(world.keys.services) == frozenset()
    restarted = CatalogWorld(database, GROQ_API_KEY=GROQ)
    assert restarted.do(restarted.keys.pick, "groq") is None
    renewed = CatalogWorld(database, GROQ_API_KEY=SECOND)
    assert renewed.do(renewed.keys.pick, "groq").key == SECOND
    assert renewed.do(renewed.keys.services) == {"groq"}


def test_the_environments_key_is_never_in_the_database(database):
    world = CatalogWorld(database, GROQ_API_KEY=GROQ)
    world.do(world.keys.pick, "groq")
    with world.db.read() as tx:
        row = tx.execute(sa.select(credentials)).one()
    assert row.sealed == b""
    assert GROQ not in str(tuple(row))


@pytest.mark.parametrize(
    "text", ["", "short", "two words of it", "k" * 600, "gsk_বাংলা_key_here", "gsk_with\x00nul_in_it"]
)
def test_what_is_no_key_is_refused_and_never_repeated(world, text):
    with pytest.raises(Refused, match="key-shape") as refused:
        world.do(world.keys.add, "groq", text)
    assert refused.value.params == {}


def test_the_same_key_twice_is_refused(database):
    world = CatalogWorld(database, GROQ_API_KEY=GROQ)
    with pytest.raises(Refused, match="key-known"):
        world.do(world.keys.add, "groq", GROQ)
    world.do(world.keys.add, "groq", SECOND)
    with pytest.raises(Refused, match="key-known") as refused:
        world.do(world.keys.add, "groq", SECOND)
    assert refused.value.params == {"hint": SECOND[-4:]}


def test_a_key_shows_itself_in_no_representation(world):
    key_id = world.do(world.keys.add, "groq", GROQ)
    shown = repr(world.do(world.keys.pick, "groq")) + repr(world.do(world.keys.of))
    assert key_id in shown
    assert GROQ not in shown
