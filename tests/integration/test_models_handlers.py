"""/models and /cost in the chat: what is shown, what is changed, and that a key is nowhere."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from core.clock import ManualClock
from core.llm.credential_rows import DEAD, READY, TRIAL
from core.llm.ledger_calls import Call, Settlement
from core.llm.model import Failure, Usage
from core.llm.ollama_facts import Installed, Memory, ServerFacts, ServerState
from core.llm.ollama_offers import announce
from core.llm.ports import ModelFailed
from core.monitor.local_models import FACTS
from core.monitor.probe import FOUND
from core.runs.intake import SCRUBBED
from core.runs.tables import intake, notices
from tests.integration.handlers_house import OWNER, Chat

KEY = "gsk_canary_0123456789abcdef"
GPT = "groq/gpt-oss-120b"
QWEN = Installed("qwen3:14b", 9_000_000_000, "ab" * 32, abilities=("completion",))


@pytest.fixture
def chat(sqlite_database, clock: ManualClock) -> Chat:
    return Chat(sqlite_database, clock)


def newest(chat, kind):
    return chat.notices(kind)[-1].notice.params


def do(chat, method, *args, **named):
    with chat.house.db.write() as tx:
        return method(tx, *args, **named)


def keyed(chat, service="groq"):
    key_id = do(chat, chat.house.models.keys.add, service, KEY)
    return do(chat, chat.house.models.rows.get, GPT), key_id


def spent(chat, endpoint, micros, workflow="chat_turn"):
    """A call that has cost so much."""
    paid = replace(endpoint, price=replace(endpoint.price, prompt=1_000_000))
    call = Call(paid, micros, 0, None, workflow)
    held = chat.house.models.looking.reserve(call)
    chat.house.models.looking.settle(held, Settlement("answered", Usage(micros, 0), 300, 900))


def texts_of(database):
    """Everything that handlers keep as text."""
    with database.read() as tx:
        raw = [str(row.raw) for row in tx.execute(sa.select(intake))]
        said = [json.dumps(row.params) for row in tx.execute(sa.select(notices))]
        kept = [
            str(row)
            for table in ("preferences", "runs", "audit", "messages")
            for row in tx.execute(sa.text(f"SELECT * FROM {table}"))
        ]
    return "\n".join([*raw, *said, *kept])


def is_scrubbed(chat, said):
    """Is nothing left of what the update said?"""
    with chat.house.db.read() as tx:
        query = sa.select(intake.c.raw).where(intake.c.seq == said.row.seq)
        return tx.execute(query).scalar_one() == SCRUBBED


# -- the list ------------------------------------------------------------------------------------


def test_models_lists_those_with_a_key_first_and_looks_at_them(chat):
    keyed(chat)
    chat.say("/models")
    shown = newest(chat, "models")
    assert shown["rows"][0]["state"] == "ready"
    assert shown["total"] > len(shown["rows"])
    assert [run.workflow for run in chat.runs()] == ["probe_models"]


def test_every_page_is_another_and_the_last_ones_lack_a_key(chat):
    keyed(chat)
    chat.say("/models")
    pages = newest(chat, "models")["pages"]
    names = []
    for page in range(pages):
        chat.tap("models.page", card_key="screen:x", page=page)
        names += [row["name"] for row in newest(chat, "models")["rows"]]
    assert len(names) == len(set(names)) == newest(chat, "models")["total"]
    assert newest(chat, "models")["rows"][-1]["state"] == "keyless"


def test_a_word_opens_the_model_that_is_meant(chat):
    keyed(chat)
    chat.say("/models gpt-oss-120b")
    chat.say(f"/models {GPT}")
    assert newest(chat, "model")["name"] == GPT
    chat.say("/models nobody-has-this")
    assert chat.texts()[-1] == "err-endpoint-unknown"


def test_states_come_from_standings_limits_keys_and_the_last_probe(chat, clock):
    endpoint, key_id = keyed(chat)

    def state():
        clock.advance(1.1)  # what was read of standings is believed for a second
        chat.tap("models.open", card_key="screen:x", name=GPT)
        return newest(chat, "model")["state"]

    assert state() == "ready"
    held = chat.house.models.looking.reserve(Call(endpoint, 10, 10, None, "chat_turn"))
    assert state() == "busy"
    chat.house.models.looking.settle(held, Settlement("answered", Usage(1, 1)))
    found = {"name": GPT, "is_up": False, "detail": "unreachable: x"}
    at = clock.now().isoformat()
    do(chat, chat.house.preferences.set, FOUND, {"at": at, "models": [found]})
    assert state() == "unreachable"
    clock.advance(700)
    assert state() == "ready"
    failed = ModelFailed(Failure.LIMITED, retry_after=60)
    chat.house.models.standings.failed(endpoint, failed, clock.now())
    assert state() == "used-up"
    assert newest(chat, "model")["until"] > clock.now().isoformat()
    chat.tap("models.pause", card_key="screen:x", name=GPT, on=True)
    assert newest(chat, "model")["state"] == "paused"
    chat.tap("models.pause", card_key="screen:x", name=GPT, on=False)
    do(chat, chat.house.models.keys.dead, key_id, "401")
    assert state() == "refused"


def test_left_cost_share_and_latency_are_of_this_month(chat, clock):
    endpoint, _ = keyed(chat)
    spent(chat, endpoint, 2_000)
    clock.advance(1.1)
    chat.tap("models.open", card_key="screen:x", name=GPT)
    shown = newest(chat, "model")
    assert (shown["micros"], shown["share"], shown["first_ms"]) == (2_000, 100, 300)
    assert any(each["left"] == each["most"] - 1 for each in shown["left"])


# -- changes -------------------------------------------------------------------------------------


def test_what_is_changed_are_rows_that_the_next_answer_reads(chat):
    keyed(chat)
    rows = chat.house.models.rows
    assert GPT in chat.tap("models.pause", card_key="screen:x", name=GPT, on=True)
    assert {each.name: each.is_paused for each in rows.current()}[GPT]
    chat.tap("models.prefer", card_key="screen:x", name=GPT, on=True)
    assert do(chat, rows.preference) == (GPT,)
    chat.tap("models.prefer", card_key="screen:x", name=GPT, on=False)
    assert do(chat, rows.preference) == ()


def test_pinning_is_for_the_thread_the_chat_is_in(chat):
    keyed(chat)
    chat.tap("models.pin", card_key="screen:x", name=GPT, on=True)
    assert newest(chat, "model")["pinned"]
    with chat.house.db.read() as tx:
        thread = chat.house.threads.current(tx, OWNER)
        assert chat.house.models.rows.pinned(tx, thread.id) == GPT
    chat.say("/threads new other")
    chat.tap("models.open", card_key="screen:x", name=GPT)
    assert not newest(chat, "model")["pinned"]


def test_removing_takes_two_taps_and_can_be_taken_back(chat):
    keyed(chat)
    chat.tap("models.remove", card_key="screen:x", name=GPT)
    assert newest(chat, "model")["sure"]
    assert GPT in {each.name for each in chat.house.models.rows.current()}
    chat.tap("models.remove", card_key="screen:x", name=GPT, sure=True)
    assert GPT not in {each.name for each in chat.house.models.rows.current()}
    chat.tap("models.removed", card_key="screen:x")
    assert newest(chat, "models-removed") == {"names": [GPT]}
    chat.tap("models.restore", card_key="screen:x", name=GPT)
    assert GPT in {each.name for each in chat.house.models.rows.current()}


def test_a_check_of_all_is_a_run_of_its_own_and_started_once_per_message(chat):
    said = chat.say("/models test")
    chat.replay(said)
    assert [run.workflow for run in chat.runs()] == ["check_all_models"]
    assert chat.texts() == ["models-test-begun"]


# -- keys ----------------------------------------------------------------------------------------


def test_a_key_is_tried_by_a_worker_and_is_nowhere_as_text(chat, sqlite_database):
    chat.tap("models.add", card_key="screen:x")
    assert {"name": "groq", "title": "Groq"} in newest(chat, "models-add")["services"]
    chat.tap("models.service", card_key="screen:x", service="groq")
    assert newest(chat, "models-ask")["needs"] == "key"
    said = chat.say(KEY)
    (key,) = do(chat, chat.house.models.keys.of, "groq")
    assert key.state == TRIAL
    assert [run.workflow for run in chat.runs()] == ["add_model"]
    assert chat.texts()[-1] == "models-key-taken"
    assert KEY not in texts_of(sqlite_database)
    assert is_scrubbed(chat, said)
    assert do(chat, chat.house.preferences.starting_with, "unsay:") == {
        f"unsay:{OWNER}:{said.message_id}": True
    }


def test_a_key_that_is_none_is_gone_as_well_and_asked_for_anew(chat, sqlite_database):
    chat.tap("models.service", card_key="screen:x", service="groq")
    wrong = "this is no key but a secret sentence"
    assert is_scrubbed(chat, chat.say(wrong))
    assert chat.texts()[-1] == "err-key-shape"
    assert wrong not in texts_of(sqlite_database)
    chat.say(KEY)
    assert chat.texts()[-1] == "models-key-taken"


def test_a_key_behind_the_command_is_gone_also_when_the_service_is_unknown(chat, sqlite_database):
    assert is_scrubbed(chat, chat.say(f"/models add nobody {KEY}"))
    assert chat.texts()[-1] == "err-endpoint-service"
    assert is_scrubbed(chat, chat.say(f"/models add groq {KEY}"))
    assert chat.texts()[-1] == "models-key-taken"
    assert KEY not in texts_of(sqlite_database)


def test_a_key_that_comes_by_editing_a_message_is_taken_and_nowhere_as_text(chat, sqlite_database):
    older = chat.say("first").message_id
    chat.say("second")
    chat.tap("models.service", card_key="screen:x", service="groq")
    said = chat.edit(older, f" {KEY}\n")
    assert chat.texts()[-1] == "models-key-taken"
    assert is_scrubbed(chat, said)
    assert f"unsay:{OWNER}:{older}" in do(chat, chat.house.preferences.starting_with, "unsay:")
    assert KEY not in texts_of(sqlite_database)


def test_a_key_that_is_put_into_the_last_message_begins_no_turn(chat, sqlite_database):
    last = chat.say("hello")
    chat.tap("models.service", card_key="screen:x", service="groq")
    assert is_scrubbed(chat, chat.edit(last.message_id, f"my key is {KEY}"))
    assert chat.texts()[-1] == "err-key-shape"
    assert [run.workflow for run in chat.runs()] == ["chat_turn"]
    assert KEY not in texts_of(sqlite_database)


def test_a_key_that_is_put_behind_the_command_is_taken(chat, sqlite_database):
    said = chat.say("/models add groq")
    assert is_scrubbed(chat, chat.edit(said.message_id, f"/models add groq {KEY}"))
    assert chat.texts()[-1] == "models-key-taken"
    assert KEY not in texts_of(sqlite_database)


@pytest.mark.parametrize("text", ["https://models.example.org/v1", "what is a key for"])
def test_an_edit_that_is_no_key_is_not_taken_as_one(chat, text):
    older = chat.say("first").message_id
    chat.say("second")
    chat.tap("models.service", card_key="screen:x", service="groq")
    assert not is_scrubbed(chat, chat.edit(older, text))
    assert chat.texts()[-1] == "reply-edited"
    chat.say(KEY)
    assert chat.texts()[-1] == "models-key-taken"


def test_a_command_ends_the_question_for_a_key(chat):
    chat.tap("models.service", card_key="screen:x", service="groq")
    chat.say("/jobs")
    chat.say("hello there")
    assert [run.workflow for run in chat.runs()] == ["chat_turn"]


def test_an_address_is_asked_for_its_model_and_then_for_its_key(chat):
    chat.tap("models.address", card_key="screen:x")
    chat.say("https://models.example.org/v1")
    assert newest(chat, "models-ask")["needs"] == "model"
    chat.say("big-one")
    assert newest(chat, "models-ask")["needs"] == "key"
    chat.say(KEY)
    (run,) = chat.runs()
    assert run.workflow == "add_model"


def test_what_could_not_be_tried_is_kept_or_dropped_by_a_tap(chat):
    chat.tap("models.service", card_key="screen:x", service="groq")
    chat.say(KEY)
    (key,) = do(chat, chat.house.models.keys.of, "groq")
    wanted = newest(chat, "models-ask")["wanted"]
    chat.tap("models.anyway", wanted=wanted, credential=key.id)
    assert [each.state for each in do(chat, chat.house.models.keys.of, "groq")] == [READY]


def test_a_key_is_removed_by_a_second_tap_only(chat):
    _, key_id = keyed(chat)
    chat.tap("models.keys", card_key="screen:x", service="groq")
    assert [each["hint"] for each in newest(chat, "models-keys")["keys"]] == [KEY[-4:]]
    chat.tap("models.key_remove", card_key="screen:x", service="groq", id=key_id, sure=False)
    assert newest(chat, "models-keys")["sure"] == key_id
    assert do(chat, chat.house.models.keys.services) == frozenset({"groq"})
    chat.tap("models.key_remove", card_key="screen:x", service="groq", id=key_id, sure=True)
    assert do(chat, chat.house.models.keys.services) == frozenset()
    do(chat, chat.house.models.keys.dead, key_id, DEAD)


# -- local ones ----------------------------------------------------------------------------------


def local(chat, **more):
    facts = ServerFacts("home", ServerState.RUNNING, "0.12", models=(QWEN,), memory=Memory(2**35))
    do(chat, chat.house.preferences.set, FACTS, announce(replace(facts, **more)))


def test_local_models_are_shown_with_what_they_serve(chat):
    local(chat)
    chat.say("/models local")
    shown = newest(chat, "models-place")
    assert (shown["state"], shown["models"][0]["model"]) == ("running", "qwen3:14b")
    assert "chat" in shown["models"][0]["roles"]


@pytest.mark.parametrize(
    ("verb", "params", "workflow"),
    [
        ("models.use", {"place": "home", "model": "qwen3:14b", "role": "code"}, "switch_model"),
        ("models.fetch", {"place": "home", "model": "qwen3:14b"}, "pull_model"),
        ("models.updates", {"place": "home"}, "check_models"),
        ("models.serve", {"place": "home"}, "serve_models"),
    ],
)
def test_each_wish_about_a_local_model_is_a_run(chat, verb, params, workflow):
    local(chat)
    chat.tap(verb, card_key="screen:x", **params)
    assert [run.workflow for run in chat.runs()] == [workflow]


def test_a_model_is_fetched_by_name_and_a_wrong_name_is_told(chat):
    chat.say("/models pull qwen3:14b")
    (run,) = chat.runs()
    assert (run.workflow, run.args["model"]) == ("pull_model", "qwen3:14b")
    chat.say("/models pull ../../etc/passwd")
    assert chat.texts()[-1] == "err-model-name"
    chat.say("/models pull")
    chat.say("llama3.2:3b")
    assert {each.args["model"] for each in chat.runs()} == {"qwen3:14b", "llama3.2:3b"}


def test_a_role_goes_back_to_what_served_it_before(chat):
    local(chat)
    from core.llm.model import Role

    versions = chat.house.models.versions
    do(chat, versions.switch, "home", Role.CODE, "qwen3:14b")
    do(chat, versions.switch, "home", Role.CODE, "other:7b")
    chat.say("/models local")
    (former,) = [each for each in newest(chat, "models-place")["former"] if each["role"] == "code"]
    assert former["model"] == "qwen3:14b"
    chat.tap("models.former", card_key="screen:x", version=former["id"])
    assert [run.workflow for run in chat.runs()] == ["roll_back_model"]


# -- costs ---------------------------------------------------------------------------------------


def test_cost_tells_sums_and_has_the_picture_drawn(chat, clock):
    endpoint, _ = keyed(chat)
    spent(chat, endpoint, 2_000)
    clock.advance(60)
    chat.say("/cost")
    shown = newest(chat, "cost")
    assert shown["today"]["micros"] == shown["month"]["micros"] == 2_000
    assert shown["by_model"][0]["name"] == GPT
    assert shown["by_workflow"][0]["name"] == "chat_turn"
    assert [each["span"] for each in shown["budgets"]] == ["day", "month", "run"]
    assert [run.workflow for run in chat.runs()] == ["cost_chart"]


def test_no_picture_is_drawn_where_nothing_was_spent_unless_it_is_wished_for(chat):
    endpoint, _ = keyed(chat)
    assert chat.tap("cost.chart", card_key="screen:x")
    chat.say("/cost")
    assert chat.runs() == []
    held = chat.house.models.looking.reserve(Call(endpoint, 1, 1, None, "chat_turn"))
    chat.house.models.looking.settle(held, Settlement("answered", Usage(1, 1)))
    chat.tap("cost.chart", card_key="screen:x")
    assert [run.workflow for run in chat.runs()] == ["cost_chart"]


@pytest.mark.parametrize(
    ("typed", "micros"),
    [("5", 5_000_000), ("২.৫", 2_500_000), ("٣٫٥", 3_500_000), ("$1,5", 1_500_000)],
)
def test_a_budget_is_typed_in_any_script(chat, typed, micros):
    chat.tap("cost.budget", card_key="screen:x", span="day")
    chat.say(typed)
    assert newest(chat, "cost")["budgets"][0]["limit"] == micros


def test_what_is_no_sum_changes_nothing_and_is_asked_again(chat):
    chat.tap("cost.budget", card_key="screen:x", span="month")
    for typed in ("much", "-1", "nan", "1e9"):
        chat.say(typed)
        assert chat.texts()[-1] == "err-budget-not-a-sum"
    chat.say("20")
    assert newest(chat, "cost")["budgets"][1]["limit"] == 20_000_000


def test_budgets_are_set_and_taken_off_by_taps_and_words(chat):
    chat.tap("cost.set", card_key="screen:x", span="run", amount="0.50")
    assert newest(chat, "cost")["budgets"][2]["limit"] == 500_000
    chat.say("/cost day off")
    assert newest(chat, "cost")["budgets"][0]["limit"] is None
    chat.say("/cost day usual")
    assert newest(chat, "cost")["budgets"][0]["limit"] == 10_000_000


def test_one_tap_raises_today_alone_and_an_alert_stays_where_it_is(chat, clock):
    word = chat.tap("cost.raise", card_key="alert:budget:budget-near")
    assert "15.00" in word
    assert chat.notices("cost") == []
    chat.say("/cost raise 2")
    assert newest(chat, "cost")["budgets"][0]["limit"] == 17_000_000
    clock.advance(timedelta(days=1).total_seconds())
    chat.say("/cost")
    assert newest(chat, "cost")["budgets"][0]["limit"] == 10_000_000


def test_what_a_slip_of_the_thumb_has_raised_is_taken_back(chat):
    for _ in range(2):
        chat.tap("cost.raise", card_key="screen:x")
    assert newest(chat, "cost")["budgets"][0]["limit"] == 20_000_000
    chat.tap("cost.unraise", card_key="screen:x")
    day, month = newest(chat, "cost")["budgets"][:2]
    assert (day["limit"], day["raised"], month["raised"]) == (10_000_000, 0, 0)
    chat.tap("cost.unraise", card_key="screen:x")
    assert newest(chat, "cost")["budgets"][0]["limit"] == 10_000_000


def test_the_budget_is_told_of_at_eighty_per_cent_in_the_mailbox(chat):
    endpoint, _ = keyed(chat)
    do(chat, chat.house.models.budgets.set, "day", 1_000)
    spent(chat, endpoint, 850)
    assert newest(chat, "alert")["code"] == "budget-near"
