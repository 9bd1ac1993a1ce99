"""A PostgreSQL cluster of the run's own, as careful as in production, that is stopped in every way there is."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from signal import SIGINT, SIGKILL, SIGQUIT
from typing import Final
from urllib.parse import quote

import psycopg

from bench.processes import Failed
from incident.running import lifeline
from tests.servers import USER, find_postgres, unprivileged

_SETTINGS: Final = {
    "listen_addresses": "",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "shared_buffers": "64MB",
    "max_connections": "250",
    "max_wal_size": "64MB",
    "min_wal_size": "32MB",
    "log_min_messages": "panic",
}
STOPS: Final = {"fast": SIGINT, "immediate": SIGQUIT, "kill": SIGKILL}


class Cluster:
    """`folder` is on the small disk. Postgres refuses to run as root, so it runs as nobody of importance."""

    def __init__(self, folder: Path) -> None:
        binaries = find_postgres()
        if binaries is None:
            raise Failed("PostgreSQL is not installed (Debian: apt-get install postgresql)")
        self.folder, self.user = folder, unprivileged()
        folder.mkdir(mode=0o755, exist_ok=True)
        if self.user is not None:
            os.chown(folder, self.user, self.user)
        self.env = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"}
        self.data = folder / "data"
        if not self.data.exists():
            self._init(binaries)
        options = [part for name, value in _SETTINGS.items() for part in ("-c", f"{name}={value}")]
        self.command = [str(binaries / "postgres"), "-D", str(self.data), "-k", str(folder), *options]

    def _init(self, binaries: Path) -> None:
        subprocess.run(
            [str(binaries / "initdb"), "-D", str(self.data), "-U", USER, "-A", "trust", "-E", "UTF8", "-N"],
            check=True,
            user=self.user,
            group=self.user,
            env=self.env,
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
        )

    def start(self) -> subprocess.Popen[bytes]:
        return lifeline.start(self.command, self.env, cwd=self.folder, user=self.user)

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://{USER}@/{database}?host={quote(str(self.folder), safe='')}"

    def answers(self) -> bool:
        try:
            psycopg.connect(self.url(), connect_timeout=2).close()
        except psycopg.Error:
            return False
        return True

    def a_backend(self) -> int | None:
        """The process id of some connection of the program's; killing one makes the whole server recover."""
        try:
            with psycopg.connect(self.url(), connect_timeout=2) as connection:
                query = "SELECT pid FROM pg_stat_activity WHERE application_name = 'incident' LIMIT 1"
                found = connection.execute(query).fetchone()
        except psycopg.Error:
            return None
        return int(found[0]) if found else None
