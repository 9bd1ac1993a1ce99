"""What is struck: the program under one of two set-ups, and everything that it stands on."""

from __future__ import annotations

import struct
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from signal import SIGCONT, SIGKILL, SIGSTOP
from typing import Final

import redis

from bench.chaos.disk import Disk, small
from bench.chaos.kept import Kept, strike
from bench.chaos.plan import Trick
from bench.processes import plain_environment
from incident.ids import hashed, new_key
from incident.organisation.reader import parse_organisation
from incident.playbooks.reader import read_playbook
from incident.running import lifeline
from incident.settings import Settings
from incident.store import keys
from incident.store.engine import changing, open_engine
from incident.store.migrations import migrate
from incident.wiring import open_house

PUBLIC_URL: Final = "https://ic.example"
TOKEN: Final = "chaos"
HERE: Final = Path(__file__).parent
INCIDENT: Final = (sys.executable, "-m", "incident.cli")
_LOGGED: Final = ("/bin/sh", "-c", 'exec "$@" >>"$0" 2>&1')


class Town:
    """One installation in a folder. A subclass says which processes there are and how they are struck."""

    name: str
    tricks: Sequence[Trick]
    key: str

    def __init__(self, folder: Path, provider: int, rate: float) -> None:
        self.folder, self.rate = folder, rate
        self.stack = ExitStack()
        self.disk: Disk = self.stack.enter_context(small(folder / "disk"))
        self.data = folder / "disk" / "data"
        self.data.mkdir(mode=0o700)
        self._clock = folder / "clock"
        self.base = datetime.now(UTC)
        self.set_clock(0.0)
        self.ports: list[int] = []
        self.kept: dict[str, Kept] = {}
        self.env: dict[str, str] = {
            **plain_environment(),
            "PYTHONPATH": f"{HERE / 'clock'}:{Path.cwd()}",
            "CHAOS_CLOCK": str(self._clock),
            "INCIDENT_DATA": str(self.data),
            "INCIDENT_LOG": "json",
            "INCIDENT_PUBLIC_URL": PUBLIC_URL,
            "INCIDENT_TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
            "INCIDENT_TWILIO_AUTH_TOKEN": TOKEN,
            "INCIDENT_TWILIO_FROM": "+15005550006",
            "INCIDENT_TWILIO_BASE_URL": f"http://127.0.0.1:{provider}",
            "INCIDENT_LIMIT_SMS": "off",  # what is proved here is of each page by itself
            "INCIDENT_LIMIT_VOICE": "off",
            "INCIDENT_CLOCK_BASE": self.base.isoformat(),
            "INCIDENT_CLOCK_RATE": str(rate),
        }

    @property
    def log(self) -> Path:
        return self.folder / "processes.log"

    def start(self) -> None:
        raise NotImplementedError

    def pid(self, name: str) -> int | None:
        """The id of a process by its name in the plan."""
        kept = self.kept.get(name)
        return kept.process.pid if kept is not None and kept.process.poll() is None else None

    def redis_url(self) -> str:
        raise NotImplementedError

    def look(self) -> None:
        """Start again what has ended, as whoever runs it in production would."""
        for kept in self.kept.values():
            kept.look()

    def strike(self, name: str) -> bool:
        """kill -9. False when it has just ended by itself."""
        return self._signal(name, SIGKILL)

    def freeze(self, name: str) -> int | None:
        """Stop it where it stands; the id of what was stopped, to be let go again by `thaw`."""
        pid = self.pid(name)
        if pid is not None:
            strike(pid, SIGSTOP)
        return pid

    def thaw(self, pid: int) -> None:
        strike(pid, SIGCONT)

    def _signal(self, name: str, number: int) -> bool:
        pid = self.pid(name)
        if pid is not None:
            strike(pid, number)  # type: ignore[arg-type]
        return pid is not None

    def flush(self) -> None:
        with redis.Redis.from_url(self.redis_url(), socket_timeout=2) as client:
            client.flushall()

    def postgres(self, how: str) -> None:
        raise NotImplementedError

    def set_clock(self, wrong_by_s: float) -> None:
        """Of all processes at once, in the machine's seconds. Written in place: they have it mapped."""
        with self._clock.open("r+b" if self._clock.exists() else "wb", buffering=0) as file:
            file.write(struct.pack("d", wrong_by_s))

    def prepared(self) -> str:
        """Load who is paged and how; the answer is an admin's key."""
        settings = Settings.load(self.env, self.data)
        engine = open_engine(settings.database_url.get_secret_value())
        migrate(engine)
        engine.dispose()
        house = open_house(settings)
        try:
            organisation = parse_organisation((HERE / "organisation.yaml").read_text(encoding="utf-8"), "chaos")
            playbook = read_playbook((HERE / "playbook.yaml").read_text(encoding="utf-8"), "chaos").playbook
            house.directory.load(organisation, [playbook], [], "system")
            key = new_key()
            with changing(house.engine) as connection:
                keys.add(connection, hashed=hashed(key), name="chaos", role="admin", now=house.clock.now())
            return key
        finally:
            house.close()

    def running(self, name: str, command: Sequence[str], env: Mapping[str, str], *, user: int | None = None) -> Kept:
        """A process that is kept running, its output in the log."""
        kept = Kept(name, lambda: lifeline.start([*_LOGGED, str(self.log), *command], env, user=user))
        self.kept[name] = kept
        return kept

    def close(self) -> None:
        for kept in reversed(list(self.kept.values())):
            kept.stop()
        self.stack.close()
