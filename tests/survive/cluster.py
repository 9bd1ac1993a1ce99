"""A PostgreSQL of a test's own that may be stopped, started again, copied into a standby, and outlived by it."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import psycopg

from incident.clock import monotonic
from incident.running import lifeline
from tests.servers import SERVER, USER, unprivileged

COMMITS_COUNT = {
    **SERVER,
    "synchronous_commit": "on",
    "wal_retrieve_retry_interval": "100ms",
    "log_min_messages": "panic",
}
"""Its commits wait for the standby once there is one. The disk itself is still not waited for: machines do not fail in
these tests, servers do."""


@dataclass
class Cluster:
    """Data and socket lie in `folder`."""

    folder: Path
    binaries: Path
    server: subprocess.Popen[bytes] | None = field(default=None)

    @property
    def door(self) -> str:
        """The socket that a Forwarder leads to."""
        return f"{self.folder}/.s.PGSQL.5432"

    def url(self, database: str) -> str:
        return f"postgresql://{USER}@/{database}?host={quote(str(self.folder), safe='')}"

    def start(self) -> None:
        options = [part for name, value in COMMITS_COUNT.items() for part in ("-c", f"{name}={value}")]
        command = [str(self.binaries / "postgres"), "-D", str(self.folder / "data"), "-k", str(self.folder), *options]
        self.server = lifeline.start(command, _env(), cwd=self.folder, user=unprivileged())
        until = monotonic() + 20
        while not self.answers():
            assert monotonic() < until, "postgres did not come up"
            with contextlib.suppress(subprocess.TimeoutExpired):
                raise AssertionError(f"postgres ended with {self.server.wait(timeout=0.02)}")

    def answers(self) -> bool:
        try:
            psycopg.connect(self.url("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """SIGINT is the fast shutdown; SIGQUIT drops everything where it stands, as a crash does."""
        if self.server is not None:
            self.server.send_signal(how)
            self.server.wait(20)
            self.server = None

    def does(self, *statements: str) -> object:
        """The answer of the last statement."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            for statement in statements[:-1]:
                connection.execute(statement.encode())
            row = connection.execute(statements[-1].encode()).fetchone()
        return row[0] if row else None

    @contextmanager
    def standby(self) -> Iterator[Cluster]:
        """A running copy that follows. From now on a commit here waits until it is there too."""
        with _folder() as folder:
            copy = Cluster(folder, self.binaries)
            command = [str(self.binaries / "pg_basebackup"), "-D", str(folder / "data"), "-R", "-X", "stream"]
            _run([*command, "-c", "fast", "-h", str(self.folder), "-U", USER], folder)
            copy.start()
            try:
                self.does("ALTER SYSTEM SET synchronous_standby_names = '*'", "SELECT pg_reload_conf()")
                yield copy
            finally:
                copy.stop()


@contextmanager
def started(binaries: Path) -> Iterator[Cluster]:
    """A new one, with a database `incident`; it is stopped and removed afterwards."""
    with _folder() as folder:
        cluster = Cluster(folder, binaries)
        _run(
            [str(binaries / "initdb"), "-D", str(folder / "data"), "-U", USER, "-A", "trust", "-E", "UTF8", "-N"],
            folder,
        )
        cluster.start()
        try:
            with psycopg.connect(cluster.url("postgres"), autocommit=True) as connection:
                connection.execute("CREATE DATABASE incident")
            yield cluster
        finally:
            cluster.stop()


@contextmanager
def _folder() -> Iterator[Path]:
    """A short path: a socket's name may not be long."""
    folder, user = Path(tempfile.mkdtemp(prefix="pg-")), unprivileged()
    if user is not None:
        os.chown(folder, user, user)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def _run(command: list[str], folder: Path) -> None:
    user = unprivileged()
    subprocess.run(command, check=True, user=user, group=user, env=_env(), cwd=folder, stdout=subprocess.DEVNULL)


def _env() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"}
