"""The findings of the doctor for the page and the API: worked out at most once a minute, or when somebody has saved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Final

from incident.organisation import Organisation
from incident.readiness import Finding, Site, Weight, findings
from incident.store import proofs, signs
from incident.store.engine import reading
from web.house import House

FRESH: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found at `at`, of which organisation."""

    at: datetime
    organisation: Organisation
    found: tuple[Finding, ...]

    @property
    def blocked(self) -> bool:
        return any(one.weight is Weight.BLOCKS for one in self.found)

    def count(self, weight: Weight) -> int:
        return sum(one.weight is weight for one in self.found)


class Doctor:
    """One for each process. `look` blocks: some tenths of a second where nothing is kept, on a worker thread."""

    def __init__(self, house: House) -> None:
        self._house, self._lock = house, Lock()
        self._last: Looked | None = None

    def forget(self) -> None:
        """Something was done about it: look anew."""
        self._last = None

    def look(self) -> Looked:
        house, now = self._house, self._house.clock.now()
        organisation = house.directory.organisation()
        with self._lock:
            last = self._last
            if last is not None and last.organisation is organisation and now - last.at < FRESH:
                return last
            self._last = Looked(now, organisation, self._found(organisation, now))
            return self._last

    def _found(self, organisation: Organisation, now: datetime) -> tuple[Finding, ...]:
        house = self._house
        with reading(house.engine) as connection:
            proved = {name: proof.at for name, proof in proofs.last_answered(connection).items() if proof.at}
            ping = signs.last_ping(connection)
        settings = house.settings
        deadman = settings.deadman_url is not None
        site = Site(settings.simulated, settings.public_url, deadman, ping.problem if ping else "")
        return findings(organisation, house.library, site, proved, now)
