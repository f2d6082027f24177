"""Wishes about local models, the whole way: card, bytes, trial, switch, and back."""

from __future__ import annotations

import pytest

from core.approvals.model import State
from core.approvals.policy import Policy
from core.approvals.policy_file import SHIPPED
from core.clock import ManualClock
from core.llm import ollama_work
from core.llm.model import Role
from core.llm.ollama_facts import Installed, ServerState
from core.llm.ollama_offers import Choice, offers
from core.llm.ollama_ports import Progress
from core.llm.ollama_steps import Shown
from core.llm.ollama_work import BackAsked, Card, PlaceAsked, PullAsked, SwitchAsked
from core.runs import actions
from core.runs.model import RunState, Waiting
from tests.integration.gate_world import HOME, NODE
from tests.integration.ollama_world import BIG, CODER, GENERAL, VECTORS, OllamaWorld

NEW, SIZE = "mistral:7b", 4_100_000_000
CARD = Card(42, "models")


@pytest.fixture
def world(tmp_path):
    folder = tmp_path / "world"
    folder.mkdir()
    found = OllamaWorld(folder)
    found.store.publish(NEW, SIZE)
    yield found
    found.close()


# -- pulling


@pytest.mark.parametrize("place", [HOME, NODE])
def test_a_pull_waits_for_a_card_with_its_size_and_digest(world: OllamaWorld, place) -> None:
    run_id = world.wish(ollama_work.pull_model, PullAsked(NEW, place, CARD))
    world.settle()
    assert world.run(run_id).waiting is Waiting.OWNER
    assert NEW not in world.servers[place].models
    (approval,) = world.waiting()
    shown = world.mailbox.params(approval)
    digest = world.store.models[NEW].digest
    action = {name: shown["action"][name] for name in ("model", "size", "digest", "replaces")}
    assert (shown["kind"], shown["place"]) == ("model_pull", place)
    assert action == {"model": NEW, "size": SIZE, "digest": digest, "replaces": None}
    assert shown["preview"]["fits"] is True
    world.tap()
    world.settle()
    assert world.run(run_id).state is RunState.DONE
    assert world.servers[place].models[NEW].digest == digest
    assert world.asked()[0].state is State.DONE
    (told,) = [each for each in world.notices if each.kind == "models-local"]
    assert told.key == "models"
    assert told.params == {
        "event": "pulled", "model": NEW, "place": place, "size": SIZE, "kept": "",
    }  # fmt: skip


def test_a_no_fetches_nothing_and_is_told_by_its_card_alone(world: OllamaWorld) -> None:
    world.wish(ollama_work.pull_model, PullAsked(NEW))
    world.settle()
    world.say_no()
    world.settle()
    assert NEW not in world.servers[HOME].models
    assert world.failures() == []


@pytest.mark.parametrize(
    ("model", "code"),
    [
        ("nobody:1b", "model-unknown"),
        ("../../etc:1b", "model-name"),
        ("10.0.0.1/library/x", "model-name"),
        ("gpt-oss:120b-cloud", "model-in-cloud"),
    ],
)
def test_what_cannot_be_fetched_never_becomes_a_question(world: OllamaWorld, model, code) -> None:
    world.wish(ollama_work.pull_model, PullAsked(model))
    world.settle()
    assert world.asked() == []
    assert world.failures() == [code]


def test_a_model_that_changes_behind_the_card_is_not_fetched(world: OllamaWorld) -> None:
    run_id = world.wish(ollama_work.pull_model, PullAsked(NEW))
    world.settle()
    world.store.publish(NEW, SIZE, 2)
    world.tap()
    world.settle()
    assert NEW not in world.servers[HOME].models
    assert world.run(run_id).state is RunState.FAILED


def test_bytes_that_are_not_those_of_the_card_are_told(world: OllamaWorld) -> None:
    run_id = world.wish(ollama_work.pull_model, PullAsked(NEW))
    world.settle()
    server = world.servers[HOME]
    server.pull = lambda model, _told, _cancel: server.models.update(
        {model: Installed(model, SIZE, "e" * 64)}
    )
    world.tap()
    world.settle()
    assert world.rows(run_id)["0"].error["code"] == "model-changed"


def test_a_stop_in_the_middle_leaves_no_model(world: OllamaWorld) -> None:
    run_id = world.wish(ollama_work.pull_model, PullAsked(NEW))
    world.settle()
    pieces: list[int] = []

    def stop_at_the_second() -> None:
        pieces.append(1)
        if len(pieces) == 2:
            world.cancel(run_id)
            world.keeper.look()

    world.servers[HOME].during = stop_at_the_second
    world.tap()
    world.settle()
    assert NEW not in world.servers[HOME].models
    assert len(pieces) == 2
    assert world.run(run_id).state is RunState.CANCELLED


def test_what_is_here_in_its_newest_version_is_not_fetched_again(world: OllamaWorld) -> None:
    world.granted(ollama_work.pull_model, PullAsked(NEW))
    world.wish(ollama_work.pull_model, PullAsked(NEW))
    world.settle()
    assert world.waiting() == []
    assert world.failures() == ["model-is-here"]


def test_a_newer_version_keeps_the_former_under_a_second_name(world: OllamaWorld) -> None:
    world.granted(ollama_work.pull_model, PullAsked(NEW))
    old = world.servers[HOME].models[NEW].digest
    world.store.publish(NEW, SIZE + 1, 2)
    run = world.granted(ollama_work.pull_model, PullAsked(NEW))
    kept = run.result["kept"]
    assert kept == f"{NEW}-{old[:8]}"
    assert world.servers[HOME].models[kept].digest == old
    undo = sorted(actions.read(each.canonical)["undo"] for each in world.asked())
    assert undo == ["none", "version"]
    switched = world.granted(ollama_work.switch_model, SwitchAsked(kept, Role.CHAT))
    assert switched.result["model"] == kept


def test_progress_reads_the_same_in_every_language() -> None:
    shown, clock = [], ManualClock()
    bar = Shown(shown.append, clock, NEW, 4_000_000_000)
    for second in range(5):
        bar.told(Progress(second * 10**9, 4_000_000_000))
        bar.told(Progress(second * 10**9, 4_000_000_000))
        clock.advance(1)
    assert len(shown) == 5
    assert shown[0] == f"{NEW}\n▱▱▱▱▱▱▱▱▱▱▱▱ 0 %\n0 MB / 4.0 GB"
    assert shown[2] == f"{NEW}\n▰▰▰▰▰▰▱▱▱▱▱▱ 50 %\n2.0 GB / 4.0 GB · 1000.0 MB/s · 0:00:02"
    assert "100 %" in shown[4]


# -- versions


def test_a_fresh_database_names_the_shipped_models(world: OllamaWorld) -> None:
    assert world.serving() == {Role.CHAT: "llama3.1:8b", Role.CODE: "qwen2.5-coder:7b-instruct"}


def test_a_switch_leaves_one_active_row_and_takes_effect_by_data(world: OllamaWorld) -> None:
    run = world.granted(ollama_work.switch_model, SwitchAsked(BIG.name, Role.CHAT, card=CARD))
    assert run.result["before"] == GENERAL.name
    world.granted(ollama_work.switch_model, SwitchAsked(BIG.name, Role.CHAT))
    rows = world.history(HOME, Role.CHAT)
    assert [(row.name, row.status) for row in rows] == [
        (BIG.name, "active"),
        (GENERAL.name, "inactive"),
    ]
    with world.home_db.read() as tx:
        choice = world.versions.choice(tx, HOME)
    first = offers(world.facts(), choice, is_mine=True)
    assert next(each.model for each in first if Role.CHAT in each.roles) == BIG.name
    assert world.notices[0].params["event"] == "switched"
    assert [kind for kind, _ in world.put_down] == ["model-switched"] * 2


def test_switching_coding_leaves_the_general_model_active(world: OllamaWorld) -> None:
    world.granted(ollama_work.switch_model, SwitchAsked(BIG.name, Role.CHAT))
    world.granted(ollama_work.switch_model, SwitchAsked(GENERAL.name, Role.CODE))
    serving = world.serving()
    assert (serving[Role.CHAT], serving[Role.CODE]) == (BIG.name, GENERAL.name)
    assert [row.name for row in world.history(HOME, Role.CODE)] == [GENERAL.name, CODER.name]


@pytest.mark.parametrize(
    ("model", "says", "code"),
    [
        ("gone:8b", "hello", "local-model-missing"),
        (BIG.name, "", "model-failed-trial"),
        (BIG.name, " \n…", "model-failed-trial"),
        (BIG.name, None, "model-failed-trial"),
    ],
)
def test_a_missing_or_silent_model_is_refused_and_the_old_one_stays(
    world: OllamaWorld, model, says, code
) -> None:
    world.talk.says[model] = says
    world.granted(ollama_work.switch_model, SwitchAsked(model, Role.CHAT))
    assert world.failures() == [code]
    assert world.serving()[Role.CHAT] == GENERAL.name
    assert world.history() == []


def test_a_model_that_makes_vectors_is_tried_by_a_vector_and_never_chats(world) -> None:
    run = world.granted(ollama_work.switch_model, SwitchAsked(VECTORS.name, Role.EMBED))
    assert run.state is RunState.DONE
    world.granted(ollama_work.switch_model, SwitchAsked(VECTORS.name, Role.CHAT))
    assert world.failures() == ["model-unfit"]
    assert world.talk.asked == []


def test_the_trial_asks_in_the_owners_languages_and_notes_what_is_missing(world) -> None:
    world.talk.says[BIG.name] = "Hello! 42."
    run = world.granted(ollama_work.switch_model, SwitchAsked(BIG.name, Role.CHAT))
    assert len(world.talk.asked) == 4
    assert run.result["notes"].startswith("2/4")
    assert world.history()[0].notes.endswith("without: bengali, arabic")


def test_back_to_an_earlier_version_works_twice(world: OllamaWorld) -> None:
    world.granted(ollama_work.switch_model, SwitchAsked(BIG.name, Role.CHAT))
    with world.home_db.read() as tx:
        former = world.versions.former(tx, HOME, Role.CHAT)
    assert former.name == GENERAL.name
    for _ in range(2):
        run = world.granted(ollama_work.roll_back_model, BackAsked(former.id, CARD))
        assert run.result["model"] == GENERAL.name
        assert world.serving()[Role.CHAT] == GENERAL.name
        world.granted(ollama_work.switch_model, SwitchAsked(BIG.name, Role.CHAT))
    assert len(world.history(HOME, Role.CHAT)) == 2


def test_an_unknown_version_and_one_that_is_gone_are_refused(world: OllamaWorld) -> None:
    world.granted(ollama_work.roll_back_model, BackAsked("f" * 32))
    world.granted(ollama_work.switch_model, SwitchAsked(BIG.name, Role.CHAT))
    with world.home_db.read() as tx:
        former = world.versions.former(tx, HOME, Role.CHAT)
    del world.servers[HOME].models[GENERAL.name]
    world.granted(ollama_work.roll_back_model, BackAsked(former.id))
    assert world.failures() == ["version-unknown", "local-model-missing"]
    assert world.serving()[Role.CHAT] == BIG.name


def test_a_switch_at_a_node_concerns_the_node_alone(world: OllamaWorld) -> None:
    run = world.granted(ollama_work.switch_model, SwitchAsked(BIG.name, Role.CHAT, NODE))
    assert run.state is RunState.DONE
    assert world.serving(NODE)[Role.CHAT] == BIG.name
    assert world.serving(HOME)[Role.CHAT] == GENERAL.name


def test_running_a_model_asks_where_the_rules_say_so(world: OllamaWorld, tmp_path) -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    path = tmp_path / "policy.yaml"
    path.write_text(
        text.replace("local_exec: {gate: auto", "local_exec: {gate: ask"), encoding="utf-8"
    )
    world.policy = Policy.load(path)
    run_id = world.wish(ollama_work.switch_model, SwitchAsked(BIG.name, Role.CHAT))
    world.settle()
    assert world.run(run_id).waiting is Waiting.OWNER
    assert world.talk.asked == []
    assert world.mailbox.params(world.waiting()[0])["action"]["words"] == ["run", BIG.name]
    world.tap()
    world.settle()
    assert world.run(run_id).state is RunState.DONE


# -- what is new


def test_known_models_are_not_listed_a_new_one_is_with_its_size(world: OllamaWorld) -> None:
    first = world.granted(ollama_work.check_models, PlaceAsked()).result
    assert {each["model"] for each in first["new"]} == {
        BIG.name, GENERAL.name, CODER.name, VECTORS.name,
    }  # fmt: skip
    assert world.granted(ollama_work.check_models, PlaceAsked()).result["new"] == []
    world.servers[HOME].models["fresh:3b"] = Installed("fresh:3b", 123_456_789)
    again = world.granted(ollama_work.check_models, PlaceAsked(card=CARD)).result
    assert again["new"] == [{"model": "fresh:3b", "size": 123_456_789}]


def test_what_was_only_found_never_counts_as_the_former_version(world: OllamaWorld) -> None:
    world.granted(ollama_work.check_models, PlaceAsked())
    with world.home_db.read() as tx:
        assert world.versions.former(tx, HOME, Role.CHAT) is None


def test_an_update_is_another_digest_in_the_registry(world: OllamaWorld) -> None:
    world.granted(ollama_work.pull_model, PullAsked(NEW))
    found = world.granted(ollama_work.check_models, PlaceAsked()).result
    assert found["updates"] == []
    world.store.publish(NEW, SIZE + 5, 2)
    found = world.granted(ollama_work.check_models, PlaceAsked()).result
    assert found["updates"] == [{"model": NEW, "size": SIZE + 5}]
    assert BIG.name in found["unknown"]


def test_a_server_that_is_away_is_told_and_lists_nothing(world: OllamaWorld) -> None:
    world.servers[HOME].is_up = False
    for _ in range(3):
        world.facts()
    assert world.facts().state is ServerState.DOWN
    assert world.facts().models == ()
    world.wish(ollama_work.check_models, PlaceAsked())
    world.settle(40)
    assert world.failures() == ["local-server-away"]
    assert offers(world.facts(), Choice(), is_mine=True) == ()
