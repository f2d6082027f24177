"""Whom to ask, in which order, and why."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.llm.model import Endpoint, Message, Readiness, Request, RequestFacts, Standing, Tool
from core.llm.router import facts_of, route
from core.runs.model import Label

CLOUD = Endpoint("groq/a", "groq", "a", context=1000, max_output=100)
SECOND = Endpoint("groq/b", "groq", "b", context=100_000, max_output=100, tools=False)
LOCAL = Endpoint("ollama/c", "ollama", "c", is_mine=True, context=1000, max_output=100)
SCRIPT = Endpoint("scripted", "scripted", "practice", is_mine=True, context=1_000_000)
ALL = (CLOUD, SECOND, LOCAL, SCRIPT)

OPEN = RequestFacts(prompt_tokens=10)
COOLING = Standing(Readiness.COOLING, retry_after_s=11.2)


def names(found):
    return [candidate.endpoint for candidate in found.candidates]


def reasons(found):
    return {candidate.endpoint: candidate.reason for candidate in found.ruled_out}


def test_the_catalogs_order_holds_where_the_owner_has_none():
    assert names(route(OPEN, ALL, {})) == ["groq/a", "groq/b", "ollama/c"]


def test_the_owners_order_comes_first():
    found = route(OPEN, ALL, {}, ("ollama/c", "unknown", "groq/b"))
    assert names(found) == ["ollama/c", "groq/b", "groq/a"]
    assert [candidate.reason for candidate in found.candidates] == [
        "preferred",
        "preferred",
        "listed",
    ]


def test_private_text_goes_only_to_the_owners_machines():
    found = route(RequestFacts(label=Label.PRIVATE), ALL, {})
    assert names(found) == ["ollama/c"]
    assert reasons(found)["groq/a"] == "private"


def test_the_script_never_stands_in_for_a_model_that_is_set_up():
    dead = {LOCAL.name: Standing(Readiness.DEAD), CLOUD.name: Standing(Readiness.DEAD)}
    found = route(OPEN, (CLOUD, LOCAL, SCRIPT), dead)
    assert names(found) == []
    assert reasons(found)["scripted"] == "practice"


def test_the_script_answers_where_nothing_is_set_up():
    bare = Endpoint("groq/a", "groq", "a", missing="GROQ_API_KEY")
    found = route(OPEN, (bare, LOCAL, SCRIPT), {LOCAL.name: Standing(Readiness.ABSENT)})
    assert names(found) == ["scripted"]
    assert reasons(found) == {"groq/a": "not-set-up: GROQ_API_KEY", "ollama/c": "not-there"}


def test_a_prompt_that_does_not_fit_is_not_sent_to_be_cut():
    found = route(RequestFacts(prompt_tokens=901), ALL, {})
    assert names(found) == ["groq/b"]
    assert reasons(found)["ollama/c"] == "context: 1000"


def test_tools_need_a_model_that_calls_them():
    found = route(RequestFacts(needs_tools=True), ALL, {})
    assert names(found) == ["groq/a", "ollama/c"]
    assert reasons(found)["groq/b"] == "no-tools"


def test_a_refused_key_rules_out():
    found = route(OPEN, ALL, {CLOUD.name: Standing(Readiness.DEAD)})
    assert reasons(found)["groq/a"] == "key-refused"


def test_who_cools_down_is_asked_last():
    found = route(OPEN, ALL, {CLOUD.name: COOLING}, ("groq/a",))
    assert names(found) == ["groq/b", "ollama/c", "groq/a"]
    assert found.candidates[-1].reason == "cooling: 12"


def test_facts_are_an_upper_estimate_in_every_script():
    def tokens(text):
        return facts_of(Request(messages=(Message("user", text),))).prompt_tokens

    assert tokens("hello world") >= 3
    assert tokens("আমার সোনার বাংলা") >= 16
    tool = Tool("weather", "The weather", {"type": "object"})
    request = Request(messages=(Message("user", "x"),), tools=(tool,), label=Label.PRIVATE)
    assert facts_of(request).needs_tools
    assert facts_of(request).label is Label.PRIVATE


standings = st.dictionaries(
    st.sampled_from([endpoint.name for endpoint in ALL]),
    st.builds(Standing, st.sampled_from(Readiness), st.floats(0, 1000)),
)
facts = st.builds(
    RequestFacts,
    st.sampled_from(Label),
    st.integers(0, 200_000),
    st.integers(1, 5000),
    st.booleans(),
)
orders = st.lists(st.sampled_from([endpoint.name for endpoint in ALL]), unique=True)


@given(facts, standings, orders)
def test_everybody_is_either_a_candidate_or_ruled_out_with_a_reason(request, known, order):
    found = route(request, ALL, known, order)
    listed = [*names(found), *reasons(found)]
    assert sorted(listed) == sorted(endpoint.name for endpoint in ALL)
    assert all(candidate.reason for candidate in found.candidates + found.ruled_out)


@given(standings, orders)
def test_private_text_never_leaves_whatever_fails_and_whoever_is_preferred(known, order):
    found = route(RequestFacts(label=Label.PRIVATE), ALL, known, order)
    assert set(names(found)) <= {LOCAL.name, SCRIPT.name}
