"""Statements of the hot path, put into words once for each kind of database, with values as they lie in the columns.

SQLAlchemy looks each statement up by its parts, converts every value by itself and writes a list of ids anew for each
length; for what a worker asks of every handful of messages that was most of the asking. Everything else goes the usual
way.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import BindParameter, ColumnElement, Connection, Dialect, Text, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import ClauseElement
from sqlalchemy.sql.functions import FunctionElement

from incident.store import driver


class _Among(FunctionElement[Any]):
    """A column and a parameter, which is JSON of the values that the column may have. It has no type: SQLite has no
    booleans, and `... = 1` behind it would have the whole table read."""

    inherit_cache = True


@compiles(_Among, "sqlite")
def _to_sqlite(element: _Among, compiler: SQLCompiler, **more: Any) -> str:
    column, given = (compiler.process(one, **more) for one in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({given}))"  # noqa: S608 (marks of ours)


@compiles(_Among, "postgresql")
def _to_postgresql(element: _Among, compiler: SQLCompiler, **more: Any) -> str:
    """As an array, which PostgreSQL looks up one by one in an index; a list of unknown length it may hold against the
    whole table."""
    which, _ = element.clauses
    kind = which.type.compile(dialect=compiler.dialect)
    column, given = (compiler.process(one, **more) for one in element.clauses)
    array = f"SELECT CAST(x AS {kind}) FROM json_array_elements_text(CAST({given} AS json)) AS x"  # noqa: S608
    return f"{column} = ANY(ARRAY({array}))"


def among(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """The column, of numbers or text, is one of those that `listed` made the parameter of. However many they are, the
    statement is the same."""
    given: BindParameter[str] = bindparam(name, type_=Text())
    return _Among(column, given)


def listed(values: Iterable[int] | Iterable[str]) -> str:
    return json.dumps(list(values))


class Prepared:
    """`parameters` are those that are given each time, in the order in which they are; what else is bound in the
    statement stays as it is. Times are given and come as `types.micros`, JSON as text, several by `listed`."""

    def __init__(self, statement: ClauseElement, *parameters: str) -> None:
        self._statement: Final = statement
        self._parameters: Final = parameters
        self._kinds: dict[str, _Words] = {}

    def rows(self, connection: Connection, *values: Any) -> Sequence[Any]:
        """Ask, and give all rows."""
        words = self._words(connection.dialect)
        return driver.rows(connection, words.sql, words.given(values))

    def run(self, connection: Connection, *values: Any) -> None:
        words = self._words(connection.dialect)
        driver.run(connection, words.sql, words.given(values))

    def each(self, connection: Connection, rows: Sequence[Sequence[Any]]) -> None:
        """Run it for each of the rows, in one call to the driver. None at all is no statement."""
        if rows:
            words = self._words(connection.dialect)
            driver.run(connection, words.sql, [words.given(row) for row in rows])

    def _words(self, dialect: Dialect) -> _Words:
        found = self._kinds.get(dialect.name)
        if found is None:
            found = self._kinds[dialect.name] = _Words(self._statement, dialect, self._parameters)
        return found


class _Words:
    """A statement in the words of one database. `given` puts values into the form that its driver wants."""

    def __init__(self, statement: ClauseElement, dialect: Dialect, parameters: Sequence[str]) -> None:
        compiled: Any = statement.compile(dialect=dialect)
        self.sql: Final = str(compiled)
        self._names: Final = tuple(parameters)
        self._constant: Final = {name: v for name, v in compiled.params.items() if name not in parameters}
        self._check(compiled)
        order: Sequence[str] | None = compiled.positiontup
        self._template: Final = None if order is None else [self._constant.get(name) for name in order]
        self._places: Final = [
            (place, parameters.index(name)) for place, name in enumerate(order or ()) if name in parameters
        ]

    def _check(self, compiled: Any) -> None:
        """Raises ValueError for a statement that could not be asked, or not so."""
        missing = set(self._names) - compiled.params.keys()
        if missing:
            raise ValueError(f"no parameter {', '.join(sorted(missing))} in {self.sql}")
        if "POSTCOMPILE" in self.sql:
            raise ValueError(f"a list that is written anew each time, where `among` was wanted: {self.sql}")
        wanted = {bind.key for bind in compiled.binds.values() if bind.required} - set(self._names)
        if wanted:
            raise ValueError(f"nobody gives {', '.join(sorted(wanted))} of {self.sql}")

    def given(self, values: Sequence[Any]) -> Any:
        """Raises ValueError for one too many or too few."""
        if len(values) != len(self._names):
            raise ValueError(f"{len(values)} values for {', '.join(self._names)}")
        if self._template is None:
            return {**self._constant, **dict(zip(self._names, values, strict=True))}
        filled = self._template.copy()
        for place, which in self._places:
            filled[place] = values[which]
        return tuple(filled)
