"""Adding a model step by step: the key comes once, is tried, and stays or goes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from core.config import Settings
from core.errors import Refused, Unavailable
from core.llm import adding
from core.llm.adding import AddingRoom, AddModel, Wanted, add_model
from core.llm.adding_desk import AddingDesk
from core.llm.credential_rows import READY, REMOVED, TRIAL
from core.llm.model import Failure, Reply
from core.llm.ports import ModelFailed
from core.runs.cancel import CancelToken
from core.runs.codec import decode
from core.runs.model import Label, RunRow, RunState
from core.runs.ports import StepContext
from core.runs.runs import Runs
from core.runs.steps import bind
from core.runs.tables import runs
from tests.integration.catalog_world import GROQ, CatalogWorld

NOW = datetime(2026, 1, 1, tzinfo=UTC)
CHAT = 77


class Quiet:
    """A wake that nobody hears."""

    def run(self, _run_id):
        pass


class Desk(CatalogWorld):
    """The desk, a worker that runs its workflow, and a service that answers as it is told."""

    def __init__(self, db, **given):
        super().__init__(db, **given)
        self.desk = AddingDesk(self.clock, Runs(self.clock, Quiet()), self.rows, self.keys)
        self.asked = []
        self.notices = []
        self.fails = None
        self.put_down = []
        self.room = AddingRoom(
            db, self.clock, self.rows, self.keys, self._chat, record=self._put_down
        )

    def _put_down(self, tx, kind, actor, **detail):
        self.put_down.append((kind, actor, detail))

    def _chat(self, endpoint, request, _cancel):
        self.asked.append((endpoint, self.keys.key_of(endpoint), request))
        if self.fails is not None:
            raise self.fails
        self.clock.advance(0.25)
        return Reply("Hello!", endpoint.name, endpoint.place)

    def work(self, run_id):
        """What the engine does with the run, step by step."""
        with self.db.read() as tx:
            row = tx.execute(sa.select(runs).where(runs.c.id == run_id)).one()
        what = decode(AddModel, row.args)
        body, value = add_model.body(what), None
        while True:
            try:
                call = body.send(value)
            except StopIteration as ended:
                return ended.value.result
            value = self.step(call.name, call.args, row.chat_id)

    def step(self, name, args, chat_id=CHAT):
        (bound,) = (each for each in bind(adding, self.room) if each.spec.name == name)
        run = RunRow(
            "r", 1, "add_model", 1, None, RunState.RUNNING, Label.OPEN, NOW, NOW, chat_id=chat_id
        )
        with self.db.write() as tx:
            context = StepContext(run, "0", CancelToken(), 60.0, transaction=tx)
            if bound.spec.kind.value == "read":
                context.transaction = None
            value = bound.run(context, args)
        self.notices += context.notices
        return value

    def give(self, wanted, text=GROQ):
        return self.work(self.do(self.desk.key_given, wanted, text, CHAT))


@pytest.fixture(autouse=True)
def _clean(monkeypatch):
    for field in Settings.model_fields.values():
        monkeypatch.delenv(field.validation_alias.choices[0], raising=False)


@pytest.fixture
def desk(database):
    return Desk(database)


def test_a_key_that_answers_brings_its_services_models(desk):
    wanted = desk.do(desk.desk.start, "groq")
    assert desk.desk.needs(wanted) == "key"
    assert desk.give(wanted) == {"told": "added"}
    ((endpoint, key, request),) = desk.asked
    assert (endpoint.name, key) == ("groq/gpt-oss-120b", GROQ)
    assert request.max_output <= 256
    notice, over = desk.notices
    assert over.params["level"] == "resolved"  # of an alert about a refused key, where one is open
    assert (notice.kind, notice.chat_id) == ("models-added", CHAT)
    assert notice.params["took_ms"] == 250
    assert notice.params["names"] == ["groq/gpt-oss-120b", "groq/gpt-oss-20b"]
    assert [info.state for info in desk.do(desk.keys.of)] == [READY]
    assert not desk.offered()["groq/gpt-oss-120b"].missing
    ((kind, actor, detail),) = desk.put_down
    assert (kind, actor, detail["service"]) == ("model-added", "owner", "groq")
    assert GROQ not in str(detail)


def test_the_cheapest_model_of_a_service_is_tried(desk):
    desk.give(desk.do(desk.desk.start, "anthropic"), "sk-ant-canary-key")
    assert desk.asked[0][0].name == "anthropic/claude-haiku"


def test_a_refused_key_is_wiped_and_nothing_is_added(desk):
    desk.fails = ModelFailed(Failure.UNAUTHORISED, detail=f"401: {GROQ} is not a key")
    assert desk.give(desk.do(desk.desk.start, "groq")) == {"told": "refused"}
    (notice,) = desk.notices
    assert (notice.kind, notice.params["failure"]) == ("models-refused", "unauthorised")
    assert [info.state for info in desk.do(desk.keys.of)] == [REMOVED]
    assert [kind for kind, _, _ in desk.put_down] == ["key-refused"]
    assert desk.offered()["groq/gpt-oss-120b"].missing == "GROQ_API_KEY"


def test_a_key_that_is_refused_on_trial_is_no_revoked_one(desk):
    key_id = desk.do(desk.keys.add, "groq", GROQ, on_trial=True)
    assert desk.do(desk.keys.dead, key_id, "401") is None
    assert [info.state for info in desk.do(desk.keys.of)] == [TRIAL]


def test_an_own_address_takes_a_second_key_for_the_model_that_is_there(desk):
    wanted = desk.do(desk.desk.start, base_url="https://gpu.example/v1", model="big")
    assert desk.give(wanted) == {"told": "added"}
    more = desk.do(desk.desk.start, wanted.service)
    assert desk.desk.needs(more) == "key"
    assert desk.give(more, "another_canary_key") == {"told": "added"}
    assert desk.asked[-1][0].name == "gpu.example/big"
    assert [info.state for info in desk.do(desk.keys.of)] == [READY, READY]
    with pytest.raises(Refused, match="endpoint-service"):
        desk.do(desk.desk.start, "elsewhere.example:443")


def test_what_could_not_be_tried_waits_for_the_owner(desk):
    desk.fails = ModelFailed(Failure.UNREACHABLE, detail="no route")
    assert desk.give(desk.do(desk.desk.start, "groq")) == {"told": "untested"}
    params = desk.notices[0].params
    what = AddModel(Wanted(**params["wanted"]), params["credential"])
    assert [info.state for info in desk.do(desk.keys.of)] == [TRIAL]
    assert desk.do(desk.keys.pick, "groq") is None
    desk.fails = None
    assert desk.work(desk.do(desk.desk.again, what, CHAT)) == {"told": "added"}
    assert desk.do(desk.keys.pick, "groq").key == GROQ


def test_it_can_be_kept_untested_or_given_up(desk):
    desk.fails = ModelFailed(Failure.LIMITED, detail="later")
    desk.give(desk.do(desk.desk.start, "groq"))
    what = AddModel(Wanted("groq"), desk.notices[0].params["credential"])
    desk.do(desk.desk.anyway, what)
    assert desk.do(desk.keys.pick, "groq").key == GROQ
    desk.do(desk.desk.drop, what)
    assert desk.do(desk.keys.pick, "groq").key == GROQ, "what counts is no trial any more"
    desk.give(desk.do(desk.desk.start, "mistral"), "mistralcanarykey")
    given_up = AddModel(Wanted("mistral"), desk.notices[-1].params["credential"])
    desk.do(desk.desk.drop, given_up)
    with pytest.raises(Refused, match="key-missing"):
        desk.do(desk.desk.anyway, given_up)


def test_a_run_that_ends_early_leaves_no_key_behind(desk):
    run_id = desk.do(desk.desk.key_given, desk.do(desk.desk.start, "groq"), GROQ, CHAT)
    credential = desk.do(desk.keys.of)[0].id
    what = AddModel(Wanted("groq"), credential)
    error = Unavailable("budget-used-up")
    run = RunRow(run_id, 1, "add_model", 1, None, RunState.FAILED, Label.OPEN, NOW, NOW)
    farewell = adding.leave(run, what, RunState.FAILED, error, [])
    for call in farewell.calls:
        desk.step(call.name, call.args)
    assert [info.state for info in desk.do(desk.keys.of)] == [REMOVED]
    assert [notice.params["error"]["code"] for notice in farewell.notices] == ["budget-used-up"]


def test_an_address_of_the_owners_own_wants_a_model_then_a_key(desk):
    wanted = desk.do(desk.desk.start, base_url="https://gpu.example/v1/")
    assert desk.desk.needs(wanted) == "model"
    wanted = desk.do(desk.desk.with_model, wanted, "llama-70b")
    assert desk.desk.needs(wanted) == "key"
    assert not desk.desk.may_lack_key(wanted)
    assert desk.give(wanted) == {"told": "added"}
    assert desk.asked[0][1] == GROQ
    assert "gpu.example/llama-70b" in desk.names()
    with pytest.raises(Refused, match="endpoint-known"):
        desk.do(desk.desk.with_model, wanted, "llama-70b")


def test_an_address_nearby_may_do_without_a_key(desk):
    wanted = desk.do(desk.desk.start, base_url="http://127.0.0.1:8080/v1", model="qwen")
    assert desk.desk.may_lack_key(wanted)
    assert desk.work(desk.do(desk.desk.without_key, wanted, CHAT)) == {"told": "added"}
    assert desk.asked[0][1] is None
    assert not desk.offered()["127.0.0.1/qwen"].price.is_paid


def test_another_model_of_a_shipped_service_is_added_with_its_key(desk):
    wanted = desk.do(desk.desk.start, "mistral", model="magistral-medium-latest")
    desk.give(wanted, "mistralcanarykey")
    assert desk.asked[0][0].name == "mistral/magistral-medium-latest"
    assert desk.asked[0][0].base_url == "https://api.mistral.ai/v1"
    assert "mistral/magistral-medium-latest" in desk.names()


def test_a_key_on_a_paid_plan_costs_what_the_list_says(desk):
    desk.give(Wanted("groq", is_paid=True))
    assert desk.offered()["groq/gpt-oss-120b"].price.is_paid


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"service": "nobody"}, "endpoint-service"),
        ({"service": ""}, "endpoint-service"),
        ({"base_url": "http://gpu.example/v1"}, "endpoint-url-plain"),
        ({"base_url": "https://k:s@gpu.example"}, "endpoint-url"),
        ({"service": "groq", "model": "two words"}, "endpoint-name"),
    ],
)
def test_what_cannot_be_wanted_is_refused_at_the_start(desk, given, code):
    with pytest.raises(Refused) as refused:
        desk.do(desk.desk.start, **given)
    assert refused.value.code == code


def test_a_key_that_nobody_decided_about_is_forgotten(desk):
    desk.do(desk.desk.key_given, Wanted("groq"), GROQ, CHAT)
    desk.clock.advance(3601)
    desk.do(desk.desk.key_given, Wanted("mistral"), "mistralcanarykey", CHAT)
    assert [(info.service, info.state) for info in desk.do(desk.keys.of)] == [
        ("groq", REMOVED),
        ("mistral", TRIAL),
    ]


def test_only_services_that_take_a_key_are_offered(desk):
    names = [service.name for service in desk.desk.services()]
    assert names[:2] == ["groq", "gemini"]
    assert not {"ollama", "render"} & set(names)
