"""The schema, step by step. `migrate` brings a database to the newest step; two processes may do it at once.

A release only adds (tables, nullable columns, indexes), so that the release before it can run beside it.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, Engine, inspect, text

from incident.store.engine import MIGRATION_LOCK, BadDatabaseUrl, changing, is_postgresql, reading

if TYPE_CHECKING:  # alembic takes a quarter of a second to import: only who migrates waits for it
    from alembic.config import Config

_HERE: Final = str(files(__package__))
_STANDING: Final = "alembic_version"
"""Alembic's own table, of one row."""


def config_for(connection: Connection | None = None) -> Config:
    """Alembic's configuration, without a file: the scripts lie in this package."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", _HERE.replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def migrate(engine: Engine) -> str:
    """Bring the database to the newest step, all or nothing, and return that step. Done already, it changes nothing.

    Raises BadDatabaseUrl for a PostgreSQL that does not keep text in UTF-8: it could not hold a Chinese word.
    """
    with changing(engine) as connection:
        if is_postgresql(engine):
            encoding = connection.scalar(text("SHOW server_encoding"))
            if encoding != "UTF8":
                raise BadDatabaseUrl(
                    f"a database in {encoding}: expected UTF8 (CREATE DATABASE ... ENCODING 'UTF8' TEMPLATE template0)"
                )
            for limit in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"):
                connection.execute(text(f"SET LOCAL {limit} = 0"))
            connection.execute(text(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"))
        if standing(connection) != newest():
            bring(connection)
    return newest()


def bring(connection: Connection, step: str = "head") -> None:
    """Take the migrations up to a step inside the caller's own transaction."""
    from alembic import command

    command.upgrade(config_for(connection), step)


def steps() -> tuple[str, ...]:
    """Every step of this release, first to last. A step's file is named by its number, which counts up: asking alembic
    would load a tenth of a process's memory, and each process asks at its start."""
    return tuple(sorted(file.name.partition("_")[0] for file in Path(_HERE, "versions").glob("[0-9]*.py")))


def knows(step: str) -> bool:
    """Whether this release has that step; it has not when a newer release made it."""
    return step in steps()


def newest() -> str:
    """The step that this release wants."""
    return steps()[-1]


def lags(engine: Engine) -> bool:
    """Whether the database must be migrated before this release can work on it. One that a newer release has brought
    further will do: nothing that this one knows was taken away."""
    step = current(engine)
    return step is None or (knows(step) and step != newest())


def current(engine: Engine) -> str | None:
    """The step that the database is at, None for an empty one."""
    with reading(engine) as connection:
        return standing(connection)


def standing(connection: Connection) -> str | None:
    """The same inside the caller's own transaction."""
    if not inspect(connection).has_table(_STANDING):
        return None
    step: str | None = connection.scalar(text(f"SELECT version_num FROM {_STANDING}"))  # noqa: S608  (a constant)
    return step
