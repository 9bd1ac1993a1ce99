"""A small organisation, a plan and a policy for the tests of the core, and a story that is told to it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache
from types import MappingProxyType
from typing import Self, TypeVar

import pytest

from incident.commands import Acknowledge, Command, Moment, Open, Tick
from incident.deadlines import wake_at
from incident.decide import decide
from incident.errors import Refused
from incident.events import KINDS, Entry, Event
from incident.evolve import evolve, replay
from incident.levels import Kind, Level
from incident.maintenance import NO_WINDOWS
from incident.organisation import Organisation
from incident.playbooks.model import Playbook
from incident.playbooks.reader import load_library
from incident.policy.model import Policy
from incident.policy.reader import load_policies
from incident.report import Report
from incident.state import Incident, Phase

START = datetime(2026, 11, 23, 2, 12, tzinfo=UTC)
E = TypeVar("E", bound=Event)
DAYS = {"timezone": "UTC", "start": date(2026, 11, 1), "handover": "08:00", "period_days": 7}


def person(name: str, unit: str, number: str) -> dict[str, object]:
    ways = [{"kind": "sms", "address": number}, {"kind": "voice", "address": number, "delay_s": 120}]
    return {"id": name, "name": name.title(), "timezone": "UTC", "unit": unit, "ways": ways}


def text(words: str) -> dict[str, str]:
    return {"en": words, "zh": words}


@cache
def organisation(*absent: str) -> Organisation:
    """alice and bob in the field, charlie in the region, dora and erik at headquarters; `absent` rosters are empty."""
    rosters = {"field": ["alice", "bob"], "region": ["charlie"], "hq": ["dora", "erik"]}
    return Organisation.model_validate(
        {
            "units": [
                {"id": "hq", "name": text("HQ"), "tier": "hq", "timezone": "UTC"},
                {"id": "region", "name": text("Region"), "tier": "region", "parent": "hq", "timezone": "UTC"},
                {
                    "id": "field",
                    "name": text("Field"),
                    "tier": "field",
                    "parent": "region",
                    "timezone": "UTC",
                    "products": ["cloud"],
                },
            ],
            "people": [
                person("alice", "field", "+12025550101"),
                person("bob", "field", "+12025550102"),
                person("charlie", "region", "+12025550103"),
                person("dora", "hq", "+12025550104"),
                person("erik", "hq", "+12025550105"),
                person("walk-in", "hq", "+12025550106"),
                *(person(f"helper-{n}", "field", f"+12025550{110 + n}") for n in range(10)),
            ],
            "rosters": [
                {"id": f"{u}-response", "name": text(u), "unit": u, **DAYS, "rotation": [] if u in absent else people}
                for u, people in rosters.items()
            ],
        }
    )


@cache
def policies() -> dict[str, Policy]:
    return load_policies()


@cache
def playbooks() -> tuple[Playbook, ...]:
    return load_library()


class Shelf:
    """The library of the shipped playbooks and policies, or of a house's own."""

    def __init__(self, own: Mapping[str, Policy] = MappingProxyType({})) -> None:
        self._policies = {**policies(), **own}

    def policy(self, name: str | None) -> Policy:
        return self._policies[name or "it-emergency"]

    def pinned_policy(self, digest: str) -> Policy:
        return next(p for p in self._policies.values() if p.digest == digest)

    def playbooks(self) -> tuple[Playbook, ...]:
        return playbooks()

    def pinned_playbook(self, digest: str) -> Playbook:
        return next(p for p in playbooks() if p.digest == digest)


class Story:
    """One incident, told step by step: open it, let time pass, act, and look at what was written."""

    def __init__(self, *absent: str, policies: Mapping[str, Policy] | None = None) -> None:
        self.library = Shelf(policies or {})
        self.windows, self.by = NO_WINDOWS, "system"
        self.drill: str | None = None
        self.organisation = organisation(*absent)
        self.now = START
        self.log: list[Entry] = []
        self.state: Incident | None = None
        self.last: tuple[Event, ...] = ()

    def opened(self, level: Level = Level.CRITICAL, kind: Kind = Kind.SYSTEM_OUTAGE, **fields: object) -> Self:
        report = Report(title="data centre down", kind=kind, level=level, product="cloud", **fields)  # type: ignore[arg-type]
        return self.does(Open(report, "C7", drill=self.drill), self.by)

    def later(self, minutes: float = 0, seconds: float = 0) -> Self:
        """Time passes, and the watch looks at every moment at which something is due."""
        until = self.now + timedelta(minutes=minutes, seconds=seconds)
        while (at := wake_at(self.incident)) is not None and at <= until:
            self.now = max(self.now, at)
            self.does(Tick())
        self.now = until
        return self

    def outage(self, minutes: float) -> Self:
        """Time passes and nobody looks; then the watch looks once."""
        self.now += timedelta(minutes=minutes)
        return self.does(Tick())

    def does(self, command: Command, by: str = "system") -> Self:
        moment = Moment(self.now, by, self.organisation, self.library, self.windows)
        self.last = decide(self.state, command, moment)
        for event in self.last:
            entry = Entry(len(self.log) + 1, "i1", len(self.log) + 1, self.now, by, event)
            self.log.append(entry)
            self.state = evolve(self.state, entry)
        return self

    def taken(self, name: str = "alice") -> Self:
        return self.does(Acknowledge(name, "sms"))

    def wrote(self, *kinds: str) -> Self:
        """What the last command wrote, in order."""
        assert [KINDS[type(event)] for event in self.last] == list(kinds)
        return self

    def refuses(self, command: Command, key: str) -> Self:
        before = list(self.log)
        with pytest.raises(Refused) as refused:
            self.does(command)
        assert refused.value.reason.key == key
        assert self.log == before
        return self

    def is_in(self, phase: Phase) -> Self:
        assert self.incident.phase is phase
        return self

    @property
    def incident(self) -> Incident:
        assert self.state is not None
        return self.state

    def kinds(self) -> list[str]:
        return [entry.kind for entry in self.log]

    def all_of(self, kind: type[E]) -> list[E]:
        return [entry.event for entry in self.log if isinstance(entry.event, kind)]

    def replays(self) -> Self:
        """The law: the state is the fold of its log, from nothing and from any point."""
        assert replay(self.log) == self.state
        half = len(self.log) // 2
        assert replay(self.log[half:], replay(self.log[:half])) == self.state
        return self
