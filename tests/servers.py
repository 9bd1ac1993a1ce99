"""A throw-away PostgreSQL cluster, run by an unprivileged user because postgres refuses to run as root."""

from __future__ import annotations

import contextlib
import itertools
import os
import pwd
import shutil
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

USER = "tester"
SERVER = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "32MB",
    "max_connections": "60",
    "autovacuum": "off",
    "log_min_messages": "fatal",
}


def find_postgres() -> Path | None:
    """The folder with `initdb` and `postgres`, the newest of Debian's when several are installed."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    on_path = shutil.which("postgres")
    for folder in [Path(on_path).resolve().parent, *folders] if on_path else folders:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    return None


def unprivileged() -> int | None:
    """The id of a user that may run postgres; None when this process is not root and may run it itself."""
    if os.getuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_uid
        except KeyError:
            continue
    return 65534


KEEP = """
DO $$ DECLARE t record; filled boolean; BEGIN
  CREATE SCHEMA kept;
  FOR t IN SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' LOOP
    EXECUTE format('SELECT EXISTS (SELECT 1 FROM public.%I)', t.name) INTO filled;
    IF filled THEN EXECUTE format('CREATE TABLE kept.%I AS TABLE public.%I', t.name, t.name); END IF;
  END LOOP;
END $$
"""
RESET = """
DO $$ DECLARE t record; filled boolean; used text[] := '{}'; BEGIN
  PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid();
  FOR t IN SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' LOOP
    EXECUTE format('SELECT EXISTS (SELECT 1 FROM public.%I)', t.name) INTO filled;
    IF filled THEN used := used || quote_ident(t.name); END IF;
  END LOOP;
  IF used <> '{}' THEN EXECUTE 'TRUNCATE ' || array_to_string(used, ', '); END IF;
  FOR t IN SELECT sequencename AS name FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL LOOP
    EXECUTE format('ALTER SEQUENCE public.%I RESTART', t.name);
  END LOOP;
  FOR t IN SELECT tablename AS name FROM pg_tables WHERE schemaname = 'kept' LOOP
    EXECUTE format('INSERT INTO public.%I OVERRIDING SYSTEM VALUE SELECT * FROM kept.%I', t.name, t.name);
  END LOOP;
END $$
"""


@dataclass(frozen=True)
class Reused:
    """A database that each test finds as it was made. To make and drop one takes a tenth of a second of the kernel's,
    and hundreds of tests ask for one. Whoever changes the schema takes one of their own."""

    url: str

    def keep(self) -> None:
        """As it is now it shall be found from now on."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(KEEP)

    def reset(self) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(RESET)


@dataclass
class Postgres:
    """A running cluster. `database()` gives a fresh database for the length of a `with` block."""

    folder: Path
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def url(self, database: str) -> str:
        return f"postgresql://{USER}@/{database}?host={quote(str(self.folder), safe='')}"

    @contextmanager
    def database(self, more: str = "") -> Iterator[str]:
        name = f"test_{next(self._numbers)}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}" {more}')
            yield self.url(name)
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')

    @classmethod
    @contextmanager
    def started(cls, binaries: Path) -> Iterator[Postgres]:
        """Make a cluster in a short folder under the temporary one, start it, and remove it afterwards."""
        user = unprivileged()
        folder = Path(tempfile.mkdtemp(prefix="pg-"))
        if user is not None:
            os.chown(folder, user, user)
        env = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"}
        data = folder / "data"
        command = [str(binaries / "initdb"), "-D", str(data), "-U", USER, "-A", "trust", "-E", "UTF8", "-N"]
        subprocess.run(command, check=True, user=user, group=user, env=env, cwd=folder, stdout=subprocess.DEVNULL)
        options = [part for name, value in SERVER.items() for part in ("-c", f"{name}={value}")]
        command = [str(binaries / "postgres"), "-D", str(data), "-k", str(folder), *options]
        child = lifeline.start(command, env, cwd=folder, user=user)
        try:
            server = cls(folder)
            server._wait(child)
            yield server
        finally:
            child.send_signal(2)  # SIGINT: the fast shutdown, which waits for no client
            child.wait(timeout=20)
            shutil.rmtree(folder)

    def _wait(self, child: subprocess.Popen[bytes]) -> None:
        until = monotonic() + 20
        while True:
            try:
                psycopg.connect(self.url("postgres"), connect_timeout=2).close()
            except psycopg.OperationalError:
                assert monotonic() < until, "postgres did not come up"
                with contextlib.suppress(subprocess.TimeoutExpired):
                    raise AssertionError(f"postgres ended with {child.wait(timeout=0.02)}") from None
            else:
                return
