"""The models as wiring puts them together, at home and at a node, over servers that speak."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
import sqlalchemy as sa

from core import config, seal, wiring
from core.approvals.audit import Audit
from core.approvals.tables import audit
from core.clock import SystemClock
from core.errors import Unavailable
from core.llm import steps as llm_steps
from core.llm.driving import context
from core.llm.model import Generate, Message, Reply, Request, RequestFacts, Role
from core.llm.ollama_offers import FIELD, announce
from core.llm.tables import calls
from core.runs.exchange_nodes import HOME, Nodes
from core.runs.model import Label
from core.runs.ports import NoWake
from core.runs.tables import nodes as node_rows
from core.runs.tables import notices
from core.seal import Identity
from core.wiring.hands import Place
from core.wiring.home_models import MOST_WINDOW, NO_WINDOW, open_home_models
from core.wiring.node_models import open_node_models
from ops.emulator.models.server import ThreadedModelServer

ASKED = Request(messages=(Message("user", "hello"),), max_output=64)
GROQ = {"GROQ_API_KEY": "gsk_wiring_0000"}


@pytest.fixture(scope="module")
def server():
    server = ThreadedModelServer()
    yield server
    server.stop()


@pytest.fixture
def fresh(server):
    server.reset()
    yield server
    server.reset()


@pytest.fixture
def settings_of(tmp_path, monkeypatch, fresh):
    for field in config.Settings.model_fields.values():
        monkeypatch.delenv(field.validation_alias.choices[0], raising=False)

    def made(**given):
        return config.Settings(_env_file=None, MASK_HOME=tmp_path, OWNER_ID=1, **given)

    return made


@pytest.fixture
def home(sqlite_database, settings_of, fresh):
    opened = []

    def at(**given):
        settings = settings_of(GROQ_BASE_URL=fresh.url, **{"OLLAMA_PORT": 9, **given})
        base = wiring.house_over(
            sqlite_database, settings, seal.Master(b"m" * 32), NoWake(), SystemClock()
        )
        place = Place(HOME, settings, settings.home, base.db, base.clock, base.master, base.redact)
        opened.append(open_home_models(base, Nodes(base.db, base.clock), place, redis_url=None))
        return opened[-1]

    yield at
    for each in opened:
        each.stop()
        each.close()


def do(models, name, args, label=Label.OPEN):
    bound = next(each for each in models.bound() if each.spec.name == name)
    return bound.run(context(bound, label), args)


def ask(models, label=Label.OPEN):
    found = do(models, "llm.route", RequestFacts(label=label), label)
    names = tuple(each.endpoint for each in found.candidates if each.place == HOME)
    reply: Reply = do(models, "llm.generate", Generate(ASKED, names), label)
    return found, reply


def rows(models, table):
    with models.base.db.read() as tx:
        return tx.execute(sa.select(table)).all()


def test_a_call_is_in_the_ledger_with_its_endpoint_and_the_run(home):
    models = home(**GROQ)
    _, reply = ask(models)
    (row,) = rows(models, calls)
    assert (row.endpoint, row.state, row.outcome) == (reply.endpoint, "settled", "answered")
    assert row.prompt_tokens == reply.usage.prompt > 0
    assert row.run_id


def test_homes_own_server_takes_the_place_of_the_guess_about_it(home, fresh):
    models = home(OLLAMA_HOST=fresh.url)
    models.local.keeper.look()
    names = {each.name for each in models.pool.endpoints() if each.provider == "ollama"}
    assert names == {"ollama/qwen3:14b", "ollama/llama3.2:latest"}
    found, reply = ask(models, Label.PRIVATE)
    assert reply.endpoint == "ollama/qwen3:14b"
    assert all(each.endpoint.startswith("ollama/") for each in found.candidates)


def test_a_refused_key_is_told_once_and_put_into_the_audit(home, fresh):
    fresh.keys("another")
    models = home(**GROQ)
    for name in ("groq/gpt-oss-120b", "groq/gpt-oss-20b"):
        with pytest.raises(Unavailable, match="models-failed"):
            do(models, "llm.generate", Generate(ASKED, (name,)))
    told = [row for row in rows(models, notices) if "key-revoked" in str(row.params)]
    kinds = [row.kind for row in rows(models, audit)]
    assert (len(told), kinds.count("key-refused")) == (1, 1)


def test_a_present_nodes_models_are_candidates_there(home, fresh):
    fresh.models(ollama=["qwen3:14b"])
    pc = home(OLLAMA_HOST=fresh.url)
    pc.local.keeper.look()
    facts = pc.local.keeper.facts()
    models = home()
    public = Identity(b"n" * 32, b"N" * 32).public
    with models.base.db.write() as tx:
        models.nodes.register(tx, "pc", public.sign, public.seal, is_mine=True)
        row = sa.update(node_rows).where(node_rows.c.name == "pc")
        told = {FIELD: announce(replace(facts, place="pc"))}
        tx.execute(row.values(last_hello_at=models.base.clock.now(), can=told, load={}))
    found = do(models, "llm.route", RequestFacts(label=Label.PRIVATE), Label.PRIVATE)
    assert ("ollama/qwen3:14b@pc", "pc") in {(c.endpoint, c.place) for c in found.candidates}
    assert models.window(Label.PRIVATE) > NO_WINDOW / 2


def test_a_prompt_never_takes_the_whole_of_a_very_long_window(home):
    models = home(**GROQ)
    assert max(each.context for each in models.pool.endpoints()) > MOST_WINDOW
    assert models.window(Label.OPEN) == MOST_WINDOW
    assert models.window(Label.PRIVATE) == NO_WINDOW


def test_what_is_pinned_for_a_thread_is_asked_first(home):
    models = home(**GROQ)
    names = [each.endpoint for each in do(models, "llm.route", RequestFacts()).candidates]
    with models.base.db.write() as tx:
        models.base.models.rows.pin(tx, "thread-1", names[-1])
    bound = next(each for each in models.bound() if each.spec.name == "llm.route")
    ctx = context(bound, Label.OPEN)
    pinned = replace(ctx, run=replace(ctx.run, thread_id="thread-1"))
    assert bound.run(pinned, RequestFacts()).candidates[0].endpoint == names[-1]


def test_its_threads_end_with_it(home):
    models = home(**GROQ)
    before = set(threading.enumerate())
    models.start()
    models.stop()
    models.close()
    assert {each.name for each in set(threading.enumerate()) - before} == set()


def test_a_node_answers_with_its_own_models_and_tells_of_them(sqlite_database, settings_of, fresh):
    settings = settings_of(OLLAMA_HOST=fresh.url, MASK_PLACE="mine")
    clock, master = SystemClock(), seal.Master(b"m" * 32)
    redact = wiring.redaction_of(settings)
    place = Place("pc", settings, settings.home, sqlite_database, clock, master, redact)
    node = open_node_models(place, Audit(clock))
    try:
        node.local.keeper.look()
        bound = {each.spec.name: each for each in node.bound()}
        assert {"llm.generate", "models.check"} <= bound.keys()
        assert not {"llm.route", "llm.generate_released", "llm.book"} & bound.keys()
        step = bound[llm_steps.generate.spec.name]
        reply = step.run(context(step, Label.PRIVATE), Generate(ASKED, ("ollama/qwen3:14b@pc",)))
        assert (reply.endpoint, reply.place) == ("ollama/qwen3:14b@pc", "pc")
        assert node.can()[FIELD]["state"] == "running"
        chat = [each for each in node.pool.endpoints() if Role.CHAT in each.roles]
        assert [each.name for each in chat] == ["ollama/qwen3:14b@pc"]
    finally:
        node.stop()
