"""A key given in the chat is text once: afterwards it is nowhere in the open.

Planted keys go the whole way (given, tried, refused, used, exported, logged), then every row of the
database, the files beside it, notices, errors, logs and exports are searched for them.
"""

from __future__ import annotations

import base64
import logging
import shutil
import traceback

import pytest
import structlog

from core import logs
from core.clock import ManualClock
from core.config import Settings
from core.db import open_sqlite
from core.errors import Refused
from core.llm import adding
from core.llm.adding import AddingRoom, AddModel, Wanted
from core.llm.adding_desk import AddingDesk
from core.llm.catalog_toml import write
from core.llm.credentials import Credentials
from core.llm.model import Failure, Reply
from core.llm.ports import ModelFailed
from core.redaction import Redaction
from core.runs.cancel import CancelToken
from core.runs.model import Label, RunRow, RunState
from core.runs.ports import StepContext
from core.runs.runs import Runs
from core.runs.steps import bind
from tests.integration.catalog_world import SUBKEY, CatalogWorld

#: No prefix gives them away: nothing but being known hides them.
KEYS = ("plaincanarykeynumberone0001", "plaincanarykeynumbertwo0002", "envcanarykeyofthehouse0003")
FORMS = [
    form
    for key in KEYS
    for form in (key, base64.b64encode(key.encode()).decode()[:20], key.encode().hex(), key[:16])
]


class Quiet:
    def run(self, _run_id):
        pass


@pytest.fixture(autouse=True)
def _clean(monkeypatch):
    for field in Settings.model_fields.values():
        monkeypatch.delenv(field.validation_alias.choices[0], raising=False)


def found_in(text):
    return [form for form in FORMS if form.lower() in text.lower()]


def lived_through(db):
    """A world in which keys were given, refused, used and removed, and everything it said."""
    world = CatalogWorld(db, MISTRAL_API_KEY=KEYS[2])
    desk = AddingDesk(world.clock, Runs(world.clock, Quiet()), world.rows, world.keys)
    said = []

    def chat(endpoint, _request, _cancel):
        key = world.keys.key_of(endpoint)
        if key == KEYS[1]:
            raise ModelFailed(Failure.UNAUTHORISED, detail=f"401: Incorrect API key: {key[:8]}***")
        return Reply("Hello!", endpoint.name, endpoint.place)

    room = AddingRoom(db, world.clock, world.rows, world.keys, chat)
    steps = {each.spec.name: each for each in bind(adding, room)}
    run = RunRow("r", 1, "w", 1, None, RunState.RUNNING, Label.OPEN, world.clock.now(), None)
    for service, key in (("groq", KEYS[0]), ("gemini", KEYS[1])):
        with db.write() as tx:
            wanted = desk.start(tx, service)
            desk.key_given(tx, wanted, f" {key} ", 1)
            credential = world.keys.of(tx, service)[-1].id
        context = StepContext(run, "0", CancelToken(), 60.0)
        what = AddModel(Wanted(service), credential)
        tried = steps["models.try"].run(context, what)
        with db.write() as tx:
            context.transaction = tx
            steps["models.settle"].run(context, adding.Settle(what, tried))
        said += context.notices
    with db.write() as tx:
        said += [world.keys.pick(tx, each) for each in ("groq", "mistral")]
        said += world.keys.of(tx)
        said.append(write(world.rows.rows(tx)))
    return world, said


def dump(db):
    """Every value of every table, as text and as hex."""
    parts = []
    with db.engine.connect() as connection:
        from ops import metadata

        for table in metadata.whole().sorted_tables:
            for row in connection.execute(table.select()):
                for value in row:
                    parts.append(value.hex() if isinstance(value, bytes) else repr(value))
                    if isinstance(value, bytes):
                        parts.append(repr(value))
    return "\n".join(parts)


def test_the_search_finds_a_key_that_lies_open(database):
    world = CatalogWorld(database)
    with world.db.write() as tx:
        world.values.set(tx, "careless", KEYS[0])
    assert found_in(dump(database))


def test_no_row_notice_or_export_holds_a_key(database):
    _, said = lived_through(database)
    assert found_in(dump(database)) == []
    assert found_in(repr(said)) == []


def test_no_file_of_the_database_holds_a_key(sqlite_database, tmp_path):
    lived_through(sqlite_database)
    for file in tmp_path.iterdir():
        content = file.read_bytes()
        assert not [key for key in KEYS if key.encode() in content], file.name


def test_no_error_and_no_traceback_repeats_a_key(database):
    world, _ = lived_through(database)
    for text in (KEYS[0], f"{KEYS[0]} {KEYS[0]}", f"{KEYS[0]}\N{SNOWMAN}"):
        with pytest.raises(Refused) as raised:
            world.do(world.keys.add, "groq", text)
        refused = raised.value
        assert found_in(str(refused) + repr(refused.to_json())) == []
        assert found_in("".join(traceback.format_exception(refused))) == []


def test_what_this_process_has_opened_is_kept_out_of_what_it_writes(database, capsys):
    lived_through(database)
    redact = Redaction()
    keys = Credentials(database, ManualClock(), SUBKEY, learn=redact.learn)
    with database.write() as tx:
        assert keys.pick(tx, "groq").key == KEYS[0]
    assert redact(f"the key is {KEYS[0]}!") == "the key is [hidden]!"
    logs.set_up("INFO", redact)
    structlog.get_logger().warning("refused", detail=f"with {KEYS[0]}")
    logging.getLogger("httpx").warning("sent %s", KEYS[0])
    captured = capsys.readouterr()
    assert KEYS[0] not in captured.err + captured.out
    structlog.reset_defaults()


def test_a_copied_database_without_the_master_key_gives_no_key(sqlite_database, tmp_path):
    lived_through(sqlite_database)
    sqlite_database.close()
    shutil.copy(tmp_path / "memory.db", tmp_path / "stolen.db")
    stolen = open_sqlite(tmp_path / "stolen.db", bytes(range(48)))
    with stolen.read() as tx:
        assert Credentials(stolen, ManualClock(), SUBKEY).candidates(tx, "groq")
        assert Credentials(stolen, ManualClock(), bytes(32)).candidates(tx, "groq") == ()
    stolen.close()
