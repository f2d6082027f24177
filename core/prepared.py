"""Statements that are compiled once and then run on the driver's cursor.

SQLAlchemy builds, checks and translates a statement at every execution; on the hot path of a
message (some forty statements) that took half of the time. A `Prepared` is the same statement,
written in SQLAlchemy, compiled by it once per dialect, with its types' conversions. It knows no
transaction: `core.db.Transaction.execute` takes it like any other statement.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Dialect

Convert = Callable[[Any], Any]


def value(column: sa.Column[Any], name: str | None = None) -> sa.BindParameter[Any]:
    """A value to be given by name at each run, of a column's type."""
    return sa.bindparam(name or column.name, value=None, type_=column.type)


class Rows:
    """What a prepared statement found: named tuples, all of them fetched."""

    __slots__ = ("_rows", "rowcount")

    def __init__(self, rows: list[Any], rowcount: int) -> None:
        self._rows = rows
        self.rowcount = rowcount

    def __iter__(self) -> Iterator[Any]:
        return iter(self._rows)

    def all(self) -> list[Any]:
        return self._rows

    def one(self) -> Any:
        """The one row; ValueError when there is not exactly one."""
        (row,) = self._rows
        return row

    def one_or_none(self) -> Any:
        """The row, None when there is none; ValueError when there are more."""
        return self.one() if self._rows else None

    def first(self) -> Any:
        return self._rows[0] if self._rows else None

    def scalar_one(self) -> Any:
        """The first column of the one row; ValueError when there is not exactly one."""
        return self.one()[0]

    def scalar_one_or_none(self) -> Any:
        """The first column of the row, None when there is none; ValueError when there are more."""
        if not self._rows:
            return None
        return self.scalar_one()


class _Compiled(NamedTuple):
    """A statement in one dialect's words."""

    sql: str
    needed: frozenset[str]
    defaults: dict[str, Any]
    order: tuple[str, ...] | None  # names in order of the placeholders; None: by name
    binds: dict[str, Convert]
    results: tuple[tuple[int, Convert], ...]
    row: Callable[[Any], Any] | None  # None: nothing is selected


class Prepared:
    """A statement that runs often. Values are given by the names of its `bindparam`s."""

    def __init__(self, statement: Any) -> None:
        self._statement = statement
        self._compiled: dict[str, _Compiled] = {}

    def run(self, connection: Connection, values: Mapping[str, Any]) -> Rows:
        """Execute in the connection's open transaction; the driver's errors rise wrapped as
        SQLAlchemy's, as they do everywhere else."""
        dialect = connection.dialect
        compiled = self._compiled.get(dialect.name)
        if compiled is None:
            compiled = self._compiled[dialect.name] = _compile(self._statement, dialect)
        if not compiled.needed <= values.keys():
            raise KeyError(f"values missing: {sorted(compiled.needed - values.keys())}")
        parameters = {**compiled.defaults, **values}
        for name, convert in compiled.binds.items():
            parameters[name] = convert(parameters[name])
        order = compiled.order
        given: Any = parameters if order is None else [parameters[name] for name in order]
        cursor = connection.connection.cursor()
        try:
            cursor.execute(compiled.sql, given)
            return _rows(compiled, cursor)
        except dialect.loaded_dbapi.Error as error:
            raise sa.exc.DBAPIError.instance(
                compiled.sql, None, error, dialect.loaded_dbapi.Error, dialect=dialect
            ) from error
        finally:
            cursor.close()


def _rows(compiled: _Compiled, cursor: Any) -> Rows:
    if compiled.row is None:
        return Rows([], cursor.rowcount)
    found = cursor.fetchall()
    if compiled.results:
        found = [_converted(row, compiled.results) for row in found]
    return Rows([compiled.row(row) for row in found], len(found))


def _converted(row: Any, results: tuple[tuple[int, Convert], ...]) -> list[Any]:
    values = list(row)
    for at, convert in results:
        values[at] = convert(values[at])
    return values


def _compile(statement: Any, dialect: Dialect) -> _Compiled:
    words = statement.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
    binds = {
        name: convert
        for bind, name in words.bind_names.items()
        if (convert := bind.type.dialect_impl(dialect).bind_processor(dialect))
    }
    columns = list(statement.exported_columns)
    results = tuple(
        (at, convert)
        for at, column in enumerate(columns)
        if (convert := column.type.dialect_impl(dialect).result_processor(dialect, None))
    )
    names = [str(column.key) for column in columns]  # an expression without a label: "None"
    row: Any = namedtuple("row", names, rename=True) if columns else None  # noqa: PYI024
    named = {name for bind, name in words.bind_names.items() if not bind.unique}
    # A table's own scalar defaults; SQLAlchemy fills them in at each execution.
    own = {
        column.key: column.default.arg
        for column in getattr(words, "insert_prefetch", ())
        if column.default is not None and column.default.is_scalar
    }
    return _Compiled(
        sql=words.string,
        needed=frozenset(named - own.keys()),
        defaults={**words.params, **own},
        order=tuple(words.positiontup) if words.positiontup is not None else None,
        binds=binds,
        results=results,
        row=row._make if row else None,
    )
