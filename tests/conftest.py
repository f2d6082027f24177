"""The floors' rules and the databases: network off, time owned, both dialects alike.

unit and contract may open no socket but a Unix one; the other floors reach this machine only.
"""

from __future__ import annotations

import itertools
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Generator, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import sqlalchemy as sa

from core.clock import ManualClock
from core.db import Database, open_sqlite, open_url
from ops import metadata

TESTS = Path(__file__).parent
#: Floors that may open no network connection at all.
CLOSED = ("unit", "contract")
#: Windows makes an event loop's own pair of sockets from loopback ones.
CAN_CLOSE = sys.platform != "win32"
LOOPBACK = ["127.0.0.1", "::1", "localhost"]
#: 32 bytes of key and 16 of salt for test databases.
TEST_KEY = bytes(range(48))
NO_POSTGRES = "this machine has no PostgreSQL programs (initdb, postgres)"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        floor = item.path.relative_to(TESTS).parts[0] if item.path.is_relative_to(TESTS) else ""
        closed = floor in CLOSED and "loopback" not in item.keywords and CAN_CLOSE
        item.add_marker(pytest.mark.disable_socket if closed else pytest.mark.allow_hosts(LOOPBACK))


@pytest.fixture
def clock() -> ManualClock:
    """Time that moves only when the test says so."""
    return ManualClock()


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with all tables, copied for each test: faster than making them."""
    path = tmp_path_factory.mktemp("template") / "template.db"
    db = open_sqlite(path, TEST_KEY)
    metadata.whole().create_all(db.engine)
    with db.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    return path


@pytest.fixture
def sqlite_database(_sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """An encrypted SQLite file with all tables."""
    path = tmp_path / "memory.db"
    shutil.copy(_sqlite_template, path)
    db = open_sqlite(path, TEST_KEY)
    yield db
    db.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[SimpleNamespace]:
    """A private PostgreSQL server: `.url(name)`, `.fresh()` (an empty database's URL) and its end,
    `.drop(url)`.

    Skipped only where the machine has no PostgreSQL programs. The server never runs as root.
    """
    programs = find_postgres()
    if programs is None:
        pytest.skip(NO_POSTGRES)
    folder = Path(tempfile.mkdtemp(prefix="mask-pg-"))
    server = start_postgres(programs, folder)
    try:
        yield server
    finally:
        server.process.terminate()
        server.process.wait(30)
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def _postgres_template(postgres: SimpleNamespace) -> str:
    """The name of a database with all tables, from which each test's is made."""
    db = open_url(postgres.fresh("template_mask"))
    metadata.whole().create_all(db.engine)
    db.close()
    return "template_mask"


@pytest.fixture
def postgres_database(postgres: SimpleNamespace, _postgres_template: str) -> Iterator[Database]:
    """A PostgreSQL database with all tables."""
    url = postgres.fresh(template=_postgres_template)
    db = open_url(url)
    yield db
    db.close()
    postgres.drop(url)


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> Database:
    """A database with all tables, once in each dialect."""
    found: Database = request.getfixturevalue(f"{request.param}_database")
    return found


@pytest.fixture(params=["sqlite", "postgres"])
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database without any table, once in each dialect."""
    if request.param == "sqlite":
        db = open_sqlite(tmp_path / "empty.db", TEST_KEY)
        yield db
        db.close()
        return
    server = request.getfixturevalue("postgres")
    url = server.fresh()
    db = open_url(url)
    yield db
    db.close()
    server.drop(url)


def find_postgres() -> Path | None:
    """The folder with initdb and postgres: on PATH, or where Debian keeps them."""
    places = [Path(found).parent for name in ("initdb",) if (found := shutil.which(name))]
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((place for place in places if (place / "postgres").exists()), None)


def start_postgres(programs: Path, folder: Path) -> SimpleNamespace:
    """A server on a free port, durable for no one: fsync off."""
    data = folder / "data"
    user = unprivileged_user()
    if user is not None:
        folder.chmod(0o755)
        shutil.chown(folder, user)
    run = {"user": user, "cwd": folder, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    made = subprocess.run(
        [programs / "initdb", "-D", data, "-U", "mask", "-A", "trust", "--no-sync", "-E", "UTF8"],
        text=True,
        check=False,
        **run,
    )
    assert made.returncode == 0, made.stdout
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = ["-c", "fsync=off", "-c", "max_connections=200", "-c", "unix_socket_directories="]
    command = [programs / "postgres", "-D", data, "-p", str(port), "-h", "127.0.0.1", *options]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, **{**run, "stdout": log})
    server = SimpleNamespace(process=process, port=port)
    server.url = lambda name: f"postgresql+psycopg://mask@127.0.0.1:{port}/{name}"
    admin = sa.create_engine(
        server.url("postgres"), isolation_level="AUTOCOMMIT", poolclass=sa.pool.NullPool
    )
    wait_for_postgres(admin, process, folder / "log")
    numbers = itertools.count(1)

    def fresh(name: str | None = None, *, template: str = "template0") -> str:
        name = name or f"test_{next(numbers)}"
        with admin.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {template}")
        return str(server.url(name))

    def drop(url: str) -> None:
        # Each is 300 files: a thousand of them take minutes to remove at the end.
        with admin.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {url.rpartition('/')[2]} WITH (FORCE)")

    server.fresh, server.drop = fresh, drop
    return server


def wait_for_postgres(admin: sa.Engine, process: subprocess.Popen[str], log: Path) -> None:
    """Returns when the server answers; fails with its log when it does not within 60 s."""
    give_up = time.monotonic() + 60
    pause = threading.Event()
    while True:
        try:
            with admin.connect() as connection:
                connection.execute(sa.select(1))
        except sa.exc.OperationalError:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < give_up, log.read_text()
            pause.wait(0.05)
        else:
            return


def unprivileged_user() -> str | None:
    """Whom to run PostgreSQL as; None: this user will do."""
    if sys.platform == "win32" or os.geteuid() != 0:
        return None
    import pwd

    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in known)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI a skip is a failure: it would hide a dependency that was not installed. Only a machine
    without PostgreSQL may skip."""
    report = yield
    if (
        report.skipped
        and os.environ.get("CI") == "true"
        and NO_POSTGRES not in str(report.longrepr)
    ):
        report.outcome = "failed"
        report.longrepr = f"skipped in CI: {report.longrepr}"
    return report
