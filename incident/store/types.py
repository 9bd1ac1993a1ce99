"""How values lie in the columns: the same on SQLite and PostgreSQL, exact, and in an order that an index can use."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import BigInteger, Column, ColumnElement, Dialect, Integer, MetaData, Text, type_coerce
from sqlalchemy.types import TypeDecorator

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def micros(at: datetime) -> int:
    """Microseconds since 1970 in UTC: an exact integer. Raises TypeError for a time without a zone."""
    return (at - EPOCH) // _MICROSECOND


def instant(value: int) -> datetime:
    """The time that `micros` gave."""
    return EPOCH + timedelta(microseconds=value)


OFF: Final = timedelta(days=36_525)
"""How far off is put what is held: a century, so that it can be let go exactly as it was."""


def moved(column: Column[datetime], by: timedelta) -> ColumnElement[int]:
    """The time in a column, so much later."""
    return type_coerce(column, BigInteger) + by // _MICROSECOND


class Instant(TypeDecorator[datetime]):
    """An aware time as microseconds since 1970. SQLite keeps no zones, and its text does not sort against others'."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else (value - EPOCH) // _MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else EPOCH + timedelta(microseconds=value)


class Json(TypeDecorator[dict[str, object]]):
    """A small JSON object as text. What is large or hot is encoded once by its owner and kept in a Text column."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: dict[str, object] | None, dialect: Dialect) -> str | None:
        return None if value is None else json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    def process_result_value(self, value: str | None, dialect: Dialect) -> dict[str, object] | None:
        if value is None:
            return None
        found: dict[str, object] = json.loads(value)
        return found


Big: Final = BigInteger().with_variant(Integer(), "sqlite")
"""64 bits on both; SQLite makes only a plain INTEGER primary key its row id."""

metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)
