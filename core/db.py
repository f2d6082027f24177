"""The one door to the database of this place: engine, transactions, column types.

Tables are SQLAlchemy Core tables in `metadata`, declared in each room's `store.py`; there is no
ORM session (a run engine moves rows, and the unit of work is the transaction). SQLite is opened
through sqlcipher3 only: the standard `sqlite3` is forbidden elsewhere, because two SQLite
libraries in one process lose each other's locks, and the system's has the WAL-reset bug.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, overload

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.pool import QueuePool

from core.connecting import Patience, is_damage, is_foreign
from core.prepared import Prepared, Rows, value
from core.sqlite_file import Opens, Ring, connector
from core.writer import WriteLock

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

#: 64-bit integer that SQLite can autoincrement.
BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


class Instant(sa.types.TypeDecorator[datetime]):
    """Aware UTC datetimes, stored as microseconds since 1970: they sort alike in both dialects."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> int | None:  # noqa: ARG002
        return None if value is None else (value - EPOCH) // MICROSECOND

    def process_result_value(self, value: int | None, dialect: Any) -> datetime | None:  # noqa: ARG002
        return None if value is None else EPOCH + value * MICROSECOND


class Json(sa.types.TypeDecorator[Any]):
    """JSON values as text: the same bytes in both dialects, keys sorted, UTF-8 unescaped."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Any) -> str | None:  # noqa: ARG002
        return None if value is None else canonical(value)

    def process_result_value(self, value: str | None, dialect: Any) -> Any:  # noqa: ARG002
        return None if value is None else json.loads(value)


def canonical(value: Any) -> str:
    """The one spelling of a JSON value that is stored, compared and hashed."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


class Transaction:
    """One open transaction: execute statements, and say what to do once it is committed."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._after_commit: list[Callable[[], None]] = []

    @overload
    def execute(self, statement: Prepared, values: Any = None) -> Rows: ...

    @overload
    def execute(self, statement: sa.Executable, values: Any = None) -> sa.CursorResult[Any]: ...

    def execute(
        self, statement: Prepared | sa.Executable, values: Any = None
    ) -> Rows | sa.CursorResult[Any]:
        """A SQLAlchemy statement, or a `Prepared` one; what it found (`Rows` of a prepared one)."""
        if isinstance(statement, Prepared):
            return statement.run(self.connection, values or {})
        return self.connection.execute(statement, values)

    def after_commit(self, action: Callable[[], None]) -> None:
        """Run `action` after a successful commit; it must not raise and must not be needed."""
        self._after_commit.append(action)

    def run_after_commit(self) -> None:
        for action in self._after_commit:
            action()


class Database:
    """Opens transactions. Safe to share between threads, not between processes.

    A connect that fails is tried again as `patience` says. When the file has another key by now
    (`core.database_keys`), transactions begin anew with that one, once; nothing was read or
    written by then.
    """

    def __init__(
        self,
        engine: Engine,
        writer: AbstractContextManager[Any] | None = None,
        patience: Patience | None = None,
    ) -> None:
        """`writer` is held by the one thread that writes, where the database has one writer."""
        self.engine = engine
        self.patience = patience or Patience()
        self._writer = writer or nullcontext()
        self._is_sqlite = engine.dialect.name == "sqlite"

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """A transaction that holds the write lock from its start (SQLite: BEGIN IMMEDIATE)."""
        with self._writer, self._begun("BEGIN IMMEDIATE") as connection:
            transaction = Transaction(connection)
            try:
                yield transaction
                connection.commit()
            except BaseException as error:
                connection.rollback()
                self._look_at(error, connection)
                raise
        transaction.run_after_commit()

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """A consistent view from now on; whatever is written in it is rolled back."""
        with self._begun("BEGIN", PIN) as connection:
            try:
                yield Transaction(connection)
            except BaseException as error:
                self._look_at(error, connection)
                raise
            finally:
                connection.rollback()

    @contextmanager
    def alone(self) -> Iterator[Connection]:
        """SQLite's connection in no transaction, while nobody of this house writes: for what makes
        transactions of its own (a new key, emptying the WAL)."""
        with self._writer, self._begun(PIN) as connection:
            yield connection

    def empty_wal(self, patience_s: float = 1.0) -> bool:
        """Bring everything into the file and cut the WAL to nothing; False while a reader still
        needs it after `patience_s`. Writers wait meanwhile. PostgreSQL: there is none."""
        if not self._is_sqlite:
            return True
        with self.alone() as connection:
            (usual,) = connection.exec_driver_sql("PRAGMA busy_timeout").one()
            connection.exec_driver_sql(f"PRAGMA busy_timeout = {round(patience_s * 1000)}")
            try:
                is_busy, *_ = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
            finally:
                connection.exec_driver_sql(f"PRAGMA busy_timeout = {usual}")
        return not is_busy

    def close(self) -> None:
        """Close every connection that is not in use. The last one of all processes brings the WAL
        into the file and removes it."""
        self.engine.dispose()

    def _look_at(self, error: BaseException, connection: Connection) -> None:
        """A page that cannot be read: SQLCipher answers nothing more on that connection."""
        if is_damage(error):
            connection.invalidate()
            self.patience.damaged()

    def _begun(self, *words: str) -> Connection:
        """A connection on which these words were said; they begin a transaction, or look."""
        try:
            return self._said(words)
        except sa.exc.DBAPIError as error:
            if not is_foreign(error):
                raise
        self.engine.dispose()  # those connections have the former key
        return self._said(words)

    def _said(self, words: tuple[str, ...]) -> Connection:
        try:
            connection = self.engine.connect()
        except sa.exc.DBAPIError as error:
            connection = self.patience.again(self.engine.connect, error)
        try:
            # Begin at once: prepared statements pass SQLAlchemy by, so it would not by itself.
            connection.begin()
            if self._is_sqlite:  # its driver begins nothing (isolation_level None)
                _say(connection, words)
        except BaseException:
            connection.close()
            raise
        return connection


#: Makes SQLite take its snapshot, which BEGIN alone does not: a key that is not the file's any
#: more is noticed before anything was found.
PIN = "SELECT 1 FROM sqlite_schema LIMIT 1"


def _say(connection: Connection, words: tuple[str, ...]) -> None:
    """On the driver itself, which takes a third of the time; its errors rise wrapped."""
    driver = connection.connection.driver_connection
    assert driver is not None, "a connection that was just taken"
    try:
        for statement in words:
            driver.execute(statement).fetchall()
    except connection.dialect.loaded_dbapi.Error as error:
        raise sa.exc.DBAPIError.instance(
            " ".join(words),
            None,
            error,
            connection.dialect.loaded_dbapi.Error,
            dialect=connection.dialect,
        ) from error


def open_sqlite(path: Path, key: bytes | Opens, *, busy_s: float = 15.0) -> Database:
    """The encrypted SQLite file at `path`; made when absent, under the first key.

    A key is 32 bytes of key and 16 of salt, given raw so that no derivation runs per connection
    (SQLCipher 4, https://www.zetetic.net/sqlcipher/sqlcipher-api/#key).
    """
    from sqlcipher3 import dbapi2

    path.parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(
        "sqlite+pysqlite://",
        module=dbapi2,
        creator=connector(path, Ring(key), busy_s),
        poolclass=QueuePool,
        pool_size=20,
        pool_use_lifo=True,  # few connections work, so few hold a page cache (2 MB each)
        pool_reset_on_return=None,  # every transaction here ends by itself
        hide_parameters=True,  # errors are logged, and parameters are the owner's words
    )
    lock = WriteLock(path.with_name(path.name + ".lock"))
    return Database(engine, lock, Patience(path))


def open_url(url: str) -> Database:
    """Another database by SQLAlchemy URL; PostgreSQL is the one that is tested."""
    if url.startswith(("postgresql://", "postgres://")):
        url = "postgresql+psycopg://" + url.split("://", 1)[1]
    return Database(sa.create_engine(url, pool_size=20, pool_pre_ping=True, hide_parameters=True))


def insert_or_ignore(transaction: Transaction, table: sa.Table, values: dict[str, Any]) -> bool:
    """Insert a row unless one with its unique key is there; True when it was inserted."""
    statement = _insertion(transaction.connection.dialect.name, table, tuple(values))
    return transaction.execute(statement, values).rowcount == 1


@cache
def _insertion(dialect: str, table: sa.Table, names: tuple[str, ...]) -> Prepared:
    if dialect == "postgresql":
        from sqlalchemy.dialects import postgresql

        insert: Any = postgresql.insert(table)
    else:
        from sqlalchemy.dialects import sqlite

        insert = sqlite.insert(table)
    # Inline: no implicit RETURNING of a serial key, which would hide the count.
    given = {name: value(table.c[name]) for name in names}
    return Prepared(insert.values(given).on_conflict_do_nothing().inline())
