"""One database, opened so that nothing is lost: SQLite in WAL with `synchronous=FULL`, or PostgreSQL.

SQLAlchemy's default on SQLite begins no transaction before the first write, so that two who read and then write lose
one of the writes without an error. Here every transaction says at its begin what it is for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from sqlite3 import SQLITE_BUSY, OperationalError
from typing import Any, Final

from sqlalchemy import Connection, Engine, TextClause, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DatabaseError as DatabaseFault
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import OperationalError as OperationalFault

from incident.clock import monotonic, pause
from incident.errors import IncidentError

LOG_LOCK: Final = 0x1C1D_0001
"""The advisory lock under which positions are given out. Its holder commits before the next one numbers anything."""
MIGRATION_LOCK: Final = 0x1C1D_0002
DRILL_LOCK: Final = 0x1C1D_0003
"""The advisory lock under which a live drill is started: whoever starts the next one sees it."""

BUSY_S: Final = 5
"""How long one waits for a lock before the answer is that the store is busy."""

SILENT_S: Final = 4
"""How long a PostgreSQL transaction that writes may say nothing before the server takes it back. Whoever is frozen or
cut off while it holds the log's lock stops everybody; they wait `BUSY_S` for it, and must outlast it."""

DEAF_S: Final = 5
"""How long the other end of a connection may be silent when it should have answered: then the connection is dead."""
PEN_S: Final = 0.0003
PEN_MOST_S: Final = 0.001
"""How often one that wants to write into SQLite looks whether it may, at first and later: about as long as the pause
between two transactions of a busy writer."""

WAL_PAGES: Final = 8000
"""SQLite's own figure is 1000: then every thousandth page of a storm waits until the commits before it are moved into
the database's file. The watch moves them every second (`fold`); this many, 32 MB, is for when there is no watch."""

_WRITES: Final = "incident_writes"
_NEVER_SILENT: Final = f"set_config('idle_in_transaction_session_timeout', '{SILENT_S * 1000}', true)"
_CHANGE: Final = text(f"SELECT {_NEVER_SILENT}")
_CHANGE_THE_LOG: Final = text(f"SELECT {_NEVER_SILENT}, pg_advisory_xact_lock({LOG_LOCK})")

_NOTICE_THE_DEAD: Final = {
    "keepalives_idle": DEAF_S,
    "keepalives_interval": 1,
    "keepalives_count": 3,
    "tcp_user_timeout": DEAF_S * 1000,
}
"""Of libpq. Without these a node whose cable was pulled waits for the kernel, which gives up after a quarter hour."""


class BadDatabaseUrl(IncidentError):
    """A database that this program cannot use; it speaks `sqlite:///path/to/file.db` and `postgresql://...`."""


def open_engine(url: str | URL, *, pool_size: int = 8) -> Engine:
    """A pool of connections to the database. Nothing is connected yet; open it after any fork.

    Raises BadDatabaseUrl for another kind of database, and for SQLite in memory, which threads cannot share.
    """
    parsed = make_url(url)
    match parsed.get_backend_name():
        case "sqlite":
            return _sqlite(parsed, pool_size)
        case "postgresql":
            return _postgresql(parsed, pool_size)
        case other:
            raise BadDatabaseUrl(f"{other}: expected sqlite or postgresql")


def cause(error: Exception) -> str:
    """What a database's error comes from, in a line for whoever runs the program: the driver's own words where they
    speak of the connection or the file. The words of others may show what was stored: only their name is given."""
    found = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(error, OperationalFault | OperationalError) or type(error) is DatabaseFault:
        return str(found).partition("\n")[0][:300] or type(error).__name__
    return type(error).__name__


def is_postgresql(engine: Engine) -> bool:
    return engine.dialect.name == "postgresql"


def _sqlite(url: URL, pool_size: int) -> Engine:
    if not url.database or url.database == ":memory:":
        raise BadDatabaseUrl("sqlite in memory: expected a file")
    Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=BUSY_S,
        hide_parameters=True,  # an error is logged with its statement: what was written holds links and contacts
        connect_args={"timeout": BUSY_S},
    )

    @event.listens_for(engine, "connect")
    def _connect(dbapi: Any, _record: object) -> None:
        dbapi.isolation_level = None  # the driver begins nothing by itself; `_begin` says what is begun
        dbapi.execute(f"PRAGMA busy_timeout={BUSY_S * 1000}")
        # On a new file SQLite does not wait for others who change it as well: it says at once that they do.
        _patiently(lambda: dbapi.execute("PRAGMA journal_mode=WAL"))
        for pragma in ("synchronous=FULL", "foreign_keys=ON", "temp_store=MEMORY", f"wal_autocheckpoint={WAL_PAGES}"):
            dbapi.execute(f"PRAGMA {pragma}")

    # SQLAlchemy's own place for a driver that begins nothing by itself; an event would be asked for by every statement.
    engine.dialect.do_begin = _begin  # type: ignore[assignment, method-assign]
    return engine


def _begin(connection: Any) -> None:
    if connection.info.pop(_WRITES, False):
        _take_the_pen(connection)
    else:
        connection.dbapi_connection.execute("BEGIN")


def fold(engine: Engine) -> None:
    """Move what SQLite has committed from its write-ahead log into its file, without holding up anybody who reads or
    writes. PostgreSQL does that by itself."""
    if not is_postgresql(engine):
        with engine.connect() as connection:
            driver: Any = connection.connection.dbapi_connection
            driver.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()


def _take_the_pen(connection: Any) -> None:
    """Begin to write, as soon as nobody else does. Raises the database's `locked` after BUSY_S.

    SQLite's own waiting asks after 1, 2, 5, 10, 15 ... 100 ms: where another process writes all the time, one that
    waits so seldom looks at the right moment, and pages wait with it.
    """
    driver = connection.dbapi_connection
    driver.execute("PRAGMA busy_timeout=0")
    try:
        _patiently(lambda: driver.execute("BEGIN IMMEDIATE"))
    finally:
        driver.execute(f"PRAGMA busy_timeout={BUSY_S * 1000}")


def _patiently(ask: Callable[[], object]) -> None:
    """Ask SQLite again while it is busy, for at most BUSY_S."""
    until, rest = monotonic() + BUSY_S, PEN_S
    while True:
        try:
            ask()
        except OperationalError as busy:
            if busy.sqlite_errorcode & 0xFF != SQLITE_BUSY or monotonic() > until:
                raise
            pause(rest)
            rest = min(rest * 1.2, PEN_MOST_S)
        else:
            return


def _postgresql(url: URL, pool_size: int) -> Engine:
    limits = (
        f"-c statement_timeout=15000 -c lock_timeout={BUSY_S * 1000} -c idle_in_transaction_session_timeout=60000"
        " -c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3"  # the server's own end
    )
    return create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=BUSY_S,
        hide_parameters=True,
        pool_pre_ping=True,  # after a restart of the server the first user gets a fresh connection, not an error
        connect_args={
            "connect_timeout": BUSY_S,
            **_NOTICE_THE_DEAD,
            "application_name": "incident",
            "client_encoding": "utf8",  # where the server keeps bytes without an encoding, text would come as bytes
            "options": f"{limits} -c timezone=UTC {url.query.get('options', '')}".strip(),
        },
    )


_LOST_A_RACE: Final = frozenset({"40P01", "40001"})
"""PostgreSQL's deadlock and serialisation failure: it took this transaction back to let another one through."""


def lost_a_race(error: BaseException) -> bool:
    """Whether the same transaction, begun anew, will most likely pass."""
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in _LOST_A_RACE


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that may append to the log. There is one at a time, in all processes.

    Commits at the end, or rolls everything back when an exception leaves the block.
    """
    with _begun(engine, _CHANGE_THE_LOG) as connection:
        yield connection


@contextmanager
def changing(engine: Engine) -> Iterator[Connection]:
    """A transaction that writes anything but the log. PostgreSQL lets many run at once, SQLite one."""
    with _begun(engine, _CHANGE) as connection:
        yield connection


@contextmanager
def _begun(engine: Engine, first: TextClause) -> Iterator[Connection]:
    """A transaction that writes. `first` is PostgreSQL's; SQLite says all of it in its BEGIN."""
    with engine.connect() as connection:
        if not is_postgresql(engine):
            connection.info[_WRITES] = True
        with connection.begin():
            if is_postgresql(engine):
                connection.execute(first)
            yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that reads: all its statements see the same moment, and it never waits for a writer."""
    with engine.connect() as connection:
        if is_postgresql(engine):
            connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with connection.begin():
            yield connection
