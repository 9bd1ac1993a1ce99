"""A house with a real store and desk, a clock that is moved, and a provider that does as it is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from threading import Lock

import pytest
from anyio import to_thread
from sqlalchemy import Engine

from incident.clock import MovedClock
from incident.commands import Command
from incident.desk.desk import Desk
from incident.desk.library import StoredLibrary
from incident.desk.requests import Act, Bell, OpenReport, Outcome
from incident.ids import new_id, new_token
from incident.levels import Kind, Level
from incident.notify.channels import Outgoing, SendFailed, Sent
from incident.notify.deliver import Delivery
from incident.notify.gate import Rules
from incident.notify.inbound import Inbound
from incident.notify.receiving import received
from incident.notify.retries import outcome
from incident.organisation import Fact, Organisation
from incident.organisation.people import WayKind
from incident.report import Report
from incident.store import board, directory, log, outbox, sends, ways
from incident.store.engine import changing, open_engine, reading
from incident.store.migrations import migrate
from tests.core.house import START, organisation, playbooks, policies
from tests.store.conftest import engine, store_url

__all__ = ["engine", "store_url"]


SECRET = "the house's own secret, long enough"


class Provider:
    """The edge of the world: takes every message, or does as `answers` says for a number."""

    provider = "twilio"

    def __init__(self) -> None:
        self.seen: list[Outgoing] = []
        self.answers: dict[str, list[int | BaseException | Callable[[], None]]] = {}
        self.poison = ""
        self._lock = Lock()

    async def send(self, message: Outgoing) -> Sent:
        if self.poison and self.poison in message.body and message.way == "sms":
            raise RuntimeError("cannot be made")
        with self._lock:
            self.seen.append(message)
            number = len(self.seen)
            answers = self.answers.get(message.to, [])
            answer = answers.pop(0) if answers else None
        if isinstance(answer, BaseException):
            raise answer
        if isinstance(answer, int):
            raise SendFailed(outcome(answer, 400), code=answer, status=400)
        if answer is not None:
            await to_thread.run_sync(answer)
        return Sent(f"SM{number:032}", "queued")

    async def close(self) -> None:
        pass

    def to(self, number: str) -> list[str]:
        return [message.way for message in self.seen if message.to == number]


class House:
    def __init__(self, engine: Engine) -> None:
        self.engine, self.clock, self.provider = engine, MovedClock(START), Provider()
        self.rung: list[Bell] = []
        with changing(engine) as connection:
            directory.save_organisation(connection, organisation(), expected=0, at=START, by="system")
        self.desk = Desk(
            engine,
            self.clock,
            StoredLibrary(engine, policies(), playbooks()),
            ring=self.rung.append,
            new_id=new_id,
            new_token=new_token,
        )
        self.delivery = self.worker("one")

    def organisation(self) -> Organisation:
        """With what is known of the ways now."""
        with reading(self.engine) as connection:
            return organisation().knowing(ways.facts(connection))

    def fact(self, person: str, kind: str = "sms") -> Fact:
        """What is known of somebody's way of that kind."""
        return next(one.fact for one in self.organisation().ways(person) if one.way.kind == kind)

    def text(self, number: str, body: str, **more: str) -> str | None:
        """A text comes in from a number; the answer."""
        inbound = Inbound(engine=self.engine, desk=self.desk, clock=self.clock, provider="twilio")
        return inbound.text(self.organisation(), number, body, **more).text

    def receipt(self, incident: str, person: str, status: str, code: int | None = None, way: str = "sms") -> None:
        """The provider says what became of somebody's newest message about an incident."""
        with changing(self.engine) as connection:
            every = [s for s in sends.of_incident(connection, incident) if (s.person, s.way) == (person, way)]
            acts = received(
                connection,
                self.organisation(),
                send=str(every[-1].id),
                provider_id=None,
                status=status,
                code=code,
                now=self.clock.now(),
            )
        for act in acts:
            self.desk.submit(act).result(timeout=30)

    def worker(self, name: str, rules: Rules | None = None, in_flight: int = 4) -> Delivery:
        return Delivery(
            engine=self.engine,
            desk=self.desk,
            directory=self,
            channels={WayKind.SMS: self.provider, WayKind.VOICE: self.provider},
            clock=self.clock,
            public_url="https://ic.example",
            name=name,
            jitter=lambda: 1.0,
            secret=SECRET,
            in_flight=in_flight,
            rules=rules,
        )

    def opened(self, level: Level = Level.CRITICAL, title: str = "data centre down", **fields: object) -> str:
        report = Report(title=title, kind=Kind.OTHER, level=level, product="cloud", **fields)  # type: ignore[arg-type]
        drill = fields.pop("drill", None)
        return self.outcome(OpenReport(report, "key:monitor", drill=drill)).state.id

    def does(self, incident: str, command: Command) -> Outcome:
        return self.outcome(Act(incident, command, "system"))

    def outcome(self, request: OpenReport | Act) -> Outcome:
        return self.desk.submit(request).result(timeout=30)

    def states(self, incident: str) -> list[tuple[str, str, str]]:
        """(person, way, state) of every send of an incident that asks for an answer."""
        with reading(self.engine) as connection:
            every = sends.of_incident(connection, incident)
        return [(s.person, s.way, str(s.state)) for s in every if s.purpose == "page"]

    def kinds(self, incident: str) -> list[str]:
        with reading(self.engine) as connection:
            return [entry.kind for entry in log.of(connection, incident)]

    def due(self, incident: str) -> datetime:
        """When the watch must look at it next."""
        with reading(self.engine) as connection:
            at = board.standings(connection, [incident])[incident].wake_at
        assert at is not None
        return at

    def oldest(self) -> object:
        with reading(self.engine) as connection:
            return outbox.oldest_unsent(connection, self.clock.now())


@pytest.fixture
def file_house(tmp_path: Path) -> Iterator[House]:
    """On SQLite alone, for what takes hundreds of incidents and asks nothing of the database that others do not."""
    engine = open_engine(f"sqlite:///{tmp_path / 'incident.db'}")
    migrate(engine)
    house = House(engine)
    yield house
    house.desk.close()
    engine.dispose()


@pytest.fixture
def house(engine: Engine) -> Iterator[House]:
    house = House(engine)
    yield house
    house.desk.close()
