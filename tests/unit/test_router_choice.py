"""The choice: hard constraints, the seeds' rules, the owner's order, limits, money, turns."""

from __future__ import annotations

import random
import time
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Refused
from core.llm.choice import PATIENCE_S, choose
from core.llm.model import (
    Endpoint,
    Limits,
    Message,
    Price,
    Readiness,
    Request,
    RequestFacts,
    Role,
    Standing,
    Wish,
)
from core.llm.paces import Paces
from core.llm.router import facts_of, may_have_tools
from core.llm.score import Weights
from core.llm.sight import Field, Left, Pace, Sight
from core.runs.model import Label

CLOUD_7B = Endpoint("cloud_7b", "openai", "7b", service="render", strength=30)
GROQ_70B = Endpoint("groq_70b", "groq", "70b", strength=70)
LOCAL_14B = Endpoint("local_14b", "ollama", "14b", is_mine=True, strength=45)
SEED = (CLOUD_7B, GROQ_70B, LOCAL_14B)
PAID = Endpoint("paid", "openai", "p", service="openai", price=Price(2_000_000, 8_000_000))
SMALL = RequestFacts(prompt_tokens=10, characters=10)


def names(found):
    return [each.endpoint for each in found.candidates]


def reasons(found):
    return {each.endpoint: each.reason for each in (*found.ruled_out, *found.candidates)}


def decide(facts, endpoints=SEED, sights=None, **more):
    weights = more.pop("weights", None)
    return choose(facts, Field(tuple(endpoints), sights or {}, **more), weights)


# -- the seeds' rules ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "first"),
    [
        (SMALL, "cloud_7b"),
        (replace(SMALL, characters=1000), "cloud_7b"),
        (replace(SMALL, characters=1001), "local_14b"),
        (replace(SMALL, is_sensitive=True), "local_14b"),
        (replace(SMALL, urgency="high"), "groq_70b"),
        (replace(SMALL, label=Label.PRIVATE, urgency="high"), "local_14b"),
    ],
)
def test_size_sensitivity_and_urgency_choose_as_the_seed_says(facts, first):
    assert names(decide(facts))[0] == first


def test_sensitive_text_never_leaves_but_large_text_may_when_the_machine_is_off():
    off = {"local_14b": Sight(Standing(Readiness.ABSENT))}
    large = decide(replace(SMALL, characters=5000), sights=off)
    assert names(large) == ["cloud_7b", "groq_70b"]
    sensitive = decide(replace(SMALL, is_sensitive=True), sights=off)
    assert names(sensitive) == []
    assert reasons(sensitive)["cloud_7b"] == "private"


def test_thirty_calls_at_three_equal_endpoints_are_ten_each_and_one_that_is_down_is_skipped():
    equal = [Endpoint(f"e{n}", "openai", f"m{n}", service="s") for n in range(3)]

    def turns(sights):
        paces, got = Paces(), Counter()
        for _ in range(30):
            seen = {
                each.name: replace(sights.get(each.name, Sight()), pace=paces.pace(each.name))
                for each in equal
            }
            first = names(decide(SMALL, equal, seen, turns=paces.turns))[0]
            paces.chosen(first)
            got[first] += 1
        return got

    assert turns({}) == {"e0": 10, "e1": 10, "e2": 10}
    down = {"e1": Sight(Standing(Readiness.COOLING, 30.0))}
    assert turns(down) == {"e0": 15, "e2": 15}


# -- hard constraints ------------------------------------------------------------------------------

BARE = Endpoint("x", "openai", "x", context=1000, max_output=100, tools=False)


@pytest.mark.parametrize(
    ("endpoint", "facts", "sight", "reason"),
    [
        (replace(BARE, missing="KEY"), SMALL, Sight(), "not-set-up: KEY"),
        (BARE, SMALL, Sight(Standing(Readiness.ABSENT)), "not-there"),
        (BARE, SMALL, Sight(Standing(Readiness.DEAD)), "key-refused"),
        (BARE, SMALL, Sight(left=Left(has_key=False)), "key-refused"),
        (replace(BARE, is_paused=True), SMALL, Sight(), "paused"),
        (replace(BARE, place="pc"), SMALL, Sight(is_away=True), "away: pc"),
        (BARE, replace(SMALL, label=Label.PRIVATE), Sight(), "private"),
        (BARE, replace(SMALL, prompt_tokens=901), Sight(), "context: 1000"),
        (BARE, replace(SMALL, needs_tools=True), Sight(), "no-tools"),
        (BARE, replace(SMALL, needs_vision=True), Sight(), "no-vision"),
        (BARE, replace(SMALL, role=Role.EMBED), Sight(), "no-role: embed"),
        (replace(BARE, roles=(Role.EMBED,)), SMALL, Sight(), "no-role: chat"),
        (BARE, SMALL, Sight(left=Left(0.0, is_full=True, wait_s=3400)), "used-up: 3400"),
        (BARE, SMALL, Sight(left=Left(0.0, is_full=True, wait_s=None)), "over-limit"),
    ],
)
def test_what_is_not_met_rules_out_with_its_reason(endpoint, facts, sight, reason):
    found = decide(facts, [endpoint], {"x": sight})
    assert names(found) == []
    assert reasons(found)["x"] == reason


def test_a_key_given_in_the_chat_revives_what_the_settings_lack_or_had_refused():
    has_key = Left(has_key=True)
    bare = replace(BARE, missing="KEY")
    assert names(decide(SMALL, [bare], {"x": Sight(left=has_key)})) == ["x"]
    dead = Sight(Standing(Readiness.DEAD), has_key)
    assert names(decide(SMALL, [BARE], {"x": dead})) == ["x"]


def test_a_price_that_does_not_fit_stops_paid_models_only():
    facts = RequestFacts(prompt_tokens=100, max_output=100)
    found = decide(facts, (PAID, CLOUD_7B, LOCAL_14B), money=900)
    assert names(found) == ["cloud_7b", "local_14b"]
    assert reasons(found)["paid"] == "budget: 1000"
    assert "paid" in names(decide(facts, (PAID, CLOUD_7B), money=1000))


# -- tiers and order -------------------------------------------------------------------------------


def test_near_a_limit_others_are_asked_first_and_at_one_it_is_waited_for():
    sights = {
        "cloud_7b": Sight(left=Left(0.0, is_full=True, wait_s=PATIENCE_S)),
        "groq_70b": Sight(left=Left(0.08, is_near=True)),
    }
    found = decide(SMALL, sights=sights)
    assert names(found) == ["local_14b", "groq_70b", "cloud_7b"]
    assert [each.reason for each in found.candidates] == ["listed", "near-limit: 8", "at-limit: 15"]


def test_the_pin_comes_before_the_owners_order_and_that_before_size():
    large = replace(SMALL, characters=2000)
    assert names(decide(large, preference=("groq_70b",))) == ["groq_70b", "local_14b", "cloud_7b"]
    found = decide(large, preference=("groq_70b",), pinned="cloud_7b")
    assert names(found) == ["cloud_7b", "groq_70b", "local_14b"]
    assert [each.reason for each in found.candidates] == ["pinned", "preferred", "large: 1000"]


def test_of_private_words_it_is_told_that_they_stay():
    found = decide(replace(SMALL, label=Label.PRIVATE, characters=5000))
    assert reasons(found) == {"local_14b": "kept", "groq_70b": "private", "cloud_7b": "private"}


def test_a_pin_opens_no_door_for_private_text():
    found = decide(replace(SMALL, label=Label.PRIVATE), pinned="groq_70b")
    assert names(found) == ["local_14b"]


def test_free_comes_before_paid_and_paid_before_nobody():
    assert names(decide(SMALL, (PAID, LOCAL_14B, CLOUD_7B)))[-1] == "paid"
    assert names(decide(SMALL, (PAID,))) == ["paid"]


def test_urgent_work_goes_to_the_strongest_even_when_it_costs():
    strong = replace(PAID, strength=96)
    assert names(decide(replace(SMALL, urgency="high"), (*SEED, strong)))[0] == "paid"


def test_hard_work_goes_to_the_strongest_but_after_the_owners_order_and_large_stays_at_home():
    hard = replace(SMALL, is_hard=True)
    found = decide(hard)
    assert names(found)[0] == "groq_70b"
    assert found.candidates[0].reason == "hard"
    strong = replace(PAID, strength=95)
    assert names(decide(hard, (strong, GROQ_70B)))[0] == "paid"
    assert names(decide(SMALL, (strong, GROQ_70B)))[0] == "groq_70b"
    assert names(decide(hard, preference=("cloud_7b",)))[0] == "cloud_7b"
    assert names(decide(replace(hard, characters=1001)))[0] == "local_14b"


def test_code_goes_to_a_model_made_for_it_and_bengali_to_one_that_speaks_it():
    coder = Endpoint("coder", "openai", "c", service="c", roles=(Role.CODE,), strength=65)
    assert names(decide(replace(SMALL, role=Role.CODE), (*SEED, coder)))[0] == "coder"
    assert names(decide(SMALL, (*SEED, coder)))[-1] == "coder"
    bengali = replace(GROQ_70B, name="bn", languages=("bn",))
    arabic = replace(GROQ_70B, name="ar", languages=("ar",))
    found = decide(replace(SMALL, language="bn"), (arabic, CLOUD_7B, bengali))
    assert names(found) == ["bn", "cloud_7b", "ar"]


def test_who_has_failed_is_asked_again_by_ordinary_work_and_not_by_urgent_work():
    a, b = (replace(CLOUD_7B, name=name, service=name) for name in "ab")
    failed = {"a": Sight(Standing(in_a_row=2))}
    assert names(decide(SMALL, (a, b), failed)) == ["a", "b"]
    assert names(decide(replace(SMALL, urgency="high"), (a, b), failed)) == ["b", "a"]


def test_slow_and_busy_ones_come_later():
    a, b = (replace(CLOUD_7B, name=name, service=name) for name in "ab")
    for worse in (
        Sight(pace=Pace(first_token_s=4.0)),
        Sight(pace=Pace(busy=3)),
        Sight(left=Left(0.12)),
    ):
        assert names(decide(SMALL, (a, b), {"a": worse})) == ["b", "a"]


def test_who_was_not_asked_for_long_gets_one_turn_unless_it_costs():
    weak = replace(CLOUD_7B, name="weak", service="w", strength=1)
    sights = {"cloud_7b": Sight(pace=Pace(turn=40)), "paid": Sight()}
    found = decide(SMALL, (CLOUD_7B, weak, PAID), sights, turns=40)
    assert names(found) == ["weak", "cloud_7b", "paid"]
    assert reasons(found)["weak"] == "rested"
    sights["weak"] = Sight(pace=Pace(turn=41))
    assert names(decide(SMALL, (CLOUD_7B, weak, PAID), sights, turns=41))[0] == "cloud_7b"


def test_notes_tell_cost_quota_speed_and_health():
    sight = Sight(
        Standing(in_a_row=2), Left(0.5, runs_out_s=11.2), Pace(first_token_s=0.44, busy=1)
    )
    facts = RequestFacts(prompt_tokens=100, max_output=100)
    (chosen,) = decide(facts, [PAID], {"paid": sight}).candidates
    assert chosen.notes == (
        "cost: 1000", "left: 50", "runs-out: 12", "first-token: 0.4", "failed: 2", "busy: 1",
    )  # fmt: skip
    assert decide(SMALL, [CLOUD_7B]).candidates[0].notes == ("free",)


def test_the_weights_are_a_setting():
    weights = Weights.of("cost=0; strength=5; enough=100")
    assert names(decide(SMALL, (*SEED, replace(PAID, strength=96)), weights=weights))[0] == "paid"
    assert Weights.of("") == Weights()


@pytest.mark.parametrize("text", ["price=1", "cost", "cost=much", "cost=-1", "cost=nan"])
def test_a_weight_that_is_none_is_named(text):
    with pytest.raises(Refused) as caught:
        Weights.of(text)
    assert caught.value.params["part"] == text


def test_tools_are_offered_unless_nobody_who_may_have_the_text_can_use_them():
    plain = replace(LOCAL_14B, tools=False)
    able = replace(LOCAL_14B, name="able")
    assert may_have_tools(Label.OPEN, (GROQ_70B, plain))
    assert not may_have_tools(Label.PRIVATE, (GROQ_70B, plain))
    assert may_have_tools(Label.PRIVATE, (GROQ_70B, plain, able))
    assert not may_have_tools(Label.PRIVATE, (plain, replace(able, is_paused=True)))
    assert may_have_tools(Label.PRIVATE, (GROQ_70B,))  # who lets it leave has tools there
    assert may_have_tools(Label.OPEN, ())


def test_facts_carry_the_wishes_and_the_size_of_the_owners_last_words():
    wish = Wish("high", Role.CODE, "bn", needs_vision=True, is_sensitive=True, pinned="x")
    said = (Message("user", "a" * 2000), Message("assistant", "b"), Message("user", "c" * 7))
    facts = facts_of(Request(said, wish=wish))
    assert (facts.characters, facts.urgency, facts.role, facts.language) == (
        7,
        "high",
        "code",
        "bn",
    )
    assert (facts.needs_vision, facts.is_sensitive, facts.pinned) == (True, True, "x")


# -- for every field -------------------------------------------------------------------------------

SIGHTS = st.builds(
    Sight,
    st.builds(Standing, st.sampled_from(Readiness), st.floats(0, 600)),
    st.builds(
        Left, st.floats(0, 1), st.booleans(), st.booleans(), st.floats(0, 600) | st.none(),
        st.none() | st.floats(0, 60), st.sampled_from((None, True, False)),
    ),
    st.builds(Pace, st.none() | st.floats(0, 60), st.integers(0, 9), st.integers(0, 99)),
    st.booleans(),
)  # fmt: skip
FACTS = st.builds(
    RequestFacts,
    label=st.sampled_from(Label),
    prompt_tokens=st.integers(0, 200_000),
    urgency=st.sampled_from(("normal", "high")),
    characters=st.integers(0, 3000),
    is_sensitive=st.booleans(),
    needs_tools=st.booleans(),
)
ALL = (*SEED, PAID, replace(LOCAL_14B, name="pc", place="pc"))


@given(FACTS, st.fixed_dictionaries({each.name: SIGHTS for each in ALL}), st.data())
def test_whatever_is_seen_private_text_stays_and_everybody_has_one_reason(facts, sights, data):
    everybody = [each.name for each in ALL]
    order = data.draw(st.lists(st.sampled_from(everybody), unique=True))
    pinned, money = data.draw(st.sampled_from(["", *everybody])), data.draw(st.integers(0, 9000))
    field = Field(ALL, sights, order, money, data.draw(st.integers(0, 99)), pinned)
    found = choose(facts, field)
    listed = [*names(found), *(each.endpoint for each in found.ruled_out)]
    assert sorted(listed) == sorted(everybody)
    assert all(each.reason for each in (*found.candidates, *found.ruled_out))
    if facts.label is Label.PRIVATE or facts.is_sensitive:
        assert set(names(found)) <= {"local_14b", "pc"}
    assert choose(facts, field) == found


def test_a_decision_among_fifty_takes_less_than_two_milliseconds():
    """Time of this thread alone, so that a busy machine does not count; the bench has the rest."""
    dice = random.Random(1)
    fifty = tuple(
        Endpoint(
            f"e{n}", "openai", f"m{n}", service=f"s{n % 8}", strength=dice.randrange(100),
            price=Price(dice.choice((0, 100_000)), dice.choice((0, 300_000))),
            limits=Limits(60, 1000),
        )
        for n in range(50)
    )  # fmt: skip
    sights = {
        each.name: Sight(
            Standing(dice.choice((Readiness.READY, Readiness.COOLING)), 3.0, "x", 1),
            Left(dice.random()),
            Pace(dice.random(), dice.randrange(3), dice.randrange(9)),
        )
        for each in fifty
    }
    field, took = Field(fifty, sights, ("e3", "e9"), 100_000, 10), []
    for _ in range(300):
        begun = time.thread_time()
        choose(SMALL, field)
        took.append(time.thread_time() - begun)
    assert sorted(took)[296] < 0.002
