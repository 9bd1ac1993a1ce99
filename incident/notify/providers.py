"""Who carries which way, who of them is up, and who has delivered how well: what the choice is made from.

All of it lies in memory and is looked at without asking anybody, so that choosing delays no page. What changes in it
(somebody is down, or up again) is written down for the other workers and for whoever watches; what others have written
is read every few seconds. Who is down is asked again without a message, after 5 s, 10 s ... 5 min.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Lock
from typing import Final

import structlog
from sqlalchemy import Connection

from incident.clock import Clock
from incident.errors import Reason
from incident.notify.capabilities import country
from incident.notify.channels import Channel, Probed, Templated
from incident.notify.choice import Candidate, Figures, choose, choose_in
from incident.notify.measuring import figures
from incident.notify.retries import OUTAGES, Outcome
from incident.organisation import Organisation
from incident.organisation.people import WayKind
from incident.store import providers as kept

FIRST_PROBE: Final = timedelta(seconds=5)
LONGEST_PROBE: Final = timedelta(minutes=5)
IN_A_ROW: Final = 2
"""So many sends must fail by the provider's fault before it counts as down, unless one of them says it outright."""

Carriers = Mapping[WayKind, Channel | Sequence[Channel]]
Key = tuple[str, WayKind]

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Health:
    """`faults` in a row; `since` is when it went up or down; it is asked again at `probe_at`, and `wait` after that."""

    up: bool = True
    since: datetime | None = None
    reason: Reason | None = None
    faults: int = 0
    probe_at: datetime | None = None
    wait: timedelta = FIRST_PROBE


_WELL: Final = Health()


class Providers:
    """`channels` are the one or the several that carry a way, in the order of the settings. Asked and told by several
    threads."""

    def __init__(self, channels: Carriers, clock: Clock, *, jitter: Callable[[], float]) -> None:
        self._channels = {
            way: {one.provider: one for one in (found if isinstance(found, Sequence) else (found,))}
            for way, found in channels.items()
        }
        # Asked once: whether somebody is of a protocol costs more than everything else about a choice.
        self._says = {(way, name): _says(one) for way, found in self._channels.items() for name, one in found.items()}
        self._clock, self._jitter = clock, jitter
        self._health: dict[Key, Health] = {}
        self._unwritten: dict[Key, Health] = {}
        self._figures: Figures = {}
        self._standing: dict[tuple[WayKind, str], tuple[str, ...]] = {}
        self._lock = Lock()

    @property
    def all(self) -> set[Channel]:
        return {channel for found in self._channels.values() for channel in found.values()}

    @property
    def several(self) -> bool:
        """Whether there is anything to choose."""
        return any(len(found) > 1 for found in self._channels.values())

    def order(self, way: WayKind, address: str, purpose: str) -> list[Channel]:
        """Who is to carry a message, the first one first; empty when nobody can."""
        found = self._channels.get(way, {})
        candidates = [
            Candidate(name, not self._health.get((name, way), _WELL).up, self._says[way, name]) for name in found
        ]
        standing = self._standing.get((way, country(address)), ()) if len(found) > 1 else ()
        names = choose(candidates, address, purpose, self._figures, way=way, standing=standing)
        return [found[name] for name in names]

    def went(self, provider: str, way: WayKind) -> None:
        """It took a message, or said that it would."""
        with self._lock:
            health = self._health.get((provider, way), _WELL)
            if not health.up:
                self._change((provider, way), Health(since=self._clock.now()))
                log.warning("provider.up", provider=provider, way=way)
            elif health.faults:
                self._health[provider, way] = replace(health, faults=0)

    def failed(self, provider: str, way: WayKind, outcome: Outcome) -> None:
        """It did not take one. Only what says something about the provider counts."""
        if outcome.reason.key not in OUTAGES or not isinstance(self._channels[way].get(provider), Probed):
            return
        with self._lock:
            health = self._health.get((provider, way), _WELL)
            faults = health.faults + 1
            if health.up and (outcome.alarm or faults >= IN_A_ROW):
                now = self._clock.now()
                down = Health(False, now, outcome.reason, faults, now + self._spread(FIRST_PROBE), FIRST_PROBE * 2)
                self._change((provider, way), down)
                log.error("provider.down", provider=provider, way=way, reason=outcome.reason.key)
            else:
                self._health[provider, way] = replace(health, faults=faults)

    def to_probe(self) -> list[tuple[Probed, WayKind]]:
        """Whom to ask now whether they are up again; each is put off by twice as long as last time."""
        found, now = [], self._clock.now()
        with self._lock:
            for (name, way), health in self._health.items():
                channel = self._channels.get(way, {}).get(name)
                if health.probe_at is None or health.probe_at > now or not isinstance(channel, Probed):
                    continue
                found.append((channel, way))
                later = now + self._spread(health.wait)
                self._health[name, way] = replace(health, probe_at=later, wait=min(health.wait * 2, LONGEST_PROBE))
        return found

    def changed(self) -> dict[Key, Health]:
        """What the others do not know yet."""
        with self._lock:
            return dict(self._unwritten)

    def write(self, connection: Connection, changed: Mapping[Key, Health]) -> None:
        """Tell the others. Only once that is committed it is `written`."""
        for (name, way), health in changed.items():
            if health.since is not None:
                kept.put(connection, kept.State(name, way, health.up, health.since, health.reason))

    def written(self, changed: Mapping[Key, Health]) -> None:
        with self._lock:
            self._unwritten = {key: now for key, now in self._unwritten.items() if now is not changed.get(key)}

    def read(self, connection: Connection) -> None:
        """Believe what others have found out since we did."""
        states = kept.every(connection)
        with self._lock:
            for state in states:
                key = (state.provider, WayKind(state.way))
                mine = self._health.get(key, _WELL)
                if mine.since is not None and mine.since >= state.since:
                    continue
                if state.up:
                    self._health[key] = Health(since=state.since)
                elif mine.up:
                    probe = self._clock.now() + self._spread(FIRST_PROBE)
                    self._health[key] = Health(False, state.since, state.reason, IN_A_ROW, probe, FIRST_PROBE * 2)

    def measure(self, connection: Connection, organisation: Organisation) -> None:
        """Figures anew, and the order that follows from them for each country that has any."""
        self._figures = figures(kept.recent(connection, self._clock.now()), organisation)
        for way, land in {(way, land) for _, way, land in self._figures}:
            found = [Candidate(name) for name in self._channels.get(way, {})]
            before = self._standing.get((way, land), ())
            after = choose_in(land, found, "", self._figures, way=way, standing=before)
            self._standing[way, land] = after
            if before and after != before:
                log.warning("provider.order", way=way, country=land, order=list(after))

    def _change(self, key: Key, health: Health) -> None:
        self._health[key] = self._unwritten[key] = health

    def _spread(self, wait: timedelta) -> timedelta:
        return wait * (0.75 + 0.5 * self._jitter())


def _says(channel: Channel) -> Callable[[str], bool]:
    return channel.templates.says if isinstance(channel, Templated) else lambda purpose: True
