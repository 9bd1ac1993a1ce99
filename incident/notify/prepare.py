"""From messages that were claimed to messages that go out: who, where, in which words; and the last look.

A batch costs two reads however large it is. The last look comes after all the work and right before the sending: an
answer that came in the meantime is seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple, Protocol

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from incident.clock import Clock
from incident.errors import NoOrganisation, Reason, why
from incident.notify import guard
from incident.notify.channels import Channel
from incident.notify.compose import address, compose
from incident.notify.providers import Providers
from incident.notify.retries import OPTED_OUT
from incident.notify.sending import Job, Step, poison
from incident.notify.settle import Tried
from incident.notify.way_news import AT
from incident.orders import TO
from incident.organisation import Organisation, Person
from incident.organisation.people import WayKind
from incident.store import holding, live, outbox, pages
from incident.store.engine import reading
from incident.store.outbox import SendState


class Directory(Protocol):
    def organisation(self) -> Organisation: ...


class Route(NamedTuple):
    """Whom a message goes to, at which address, and who is to carry it, the first one first."""

    person: Person
    to: str
    channels: Sequence[Channel]


class Ended(NamedTuple):
    """A message that goes no way at all."""

    state: SendState
    reason: Reason


class Preparation:
    """`name` is in whose name the leases were taken."""

    def __init__(
        self,
        *,
        engine: Engine,
        directory: Directory,
        providers: Providers,
        clock: Clock,
        public_url: str,
        name: str,
        secret: str,
    ) -> None:
        self._engine, self._directory, self._providers, self._clock = engine, directory, providers, clock
        self._public_url, self._name, self._secret = public_url, name, secret
        self._routes: dict[tuple[object, ...], Route | Ended] = {}
        """What is true of one message of a batch is true of all that go the same way to the same person."""

    def ready(self, claimed: Sequence[outbox.Outgoing]) -> tuple[list[Job], list[Tried]]:
        """What goes out now, and what has come to its end before it could. Raises the database's errors only."""
        self._routes.clear()
        jobs: list[Job] = []
        ended: list[Tried] = []
        leads = [send for send in claimed if send.leads]
        with reading(self._engine) as connection:
            others = {p: pages.open_pages(connection, p, limit=3) for p in {send.person for send in claimed}}
        for send in claimed:
            if not send.leads:
                found = self._tried(send, others[send.person])
                jobs.append(found) if isinstance(found, Job) else ended.append(found)
        if jobs or leads:
            looked = [*(job.send for job in jobs), *leads]
            with reading(self._engine) as connection:
                wanted = outbox.still_wanted(connection, [send.id for send in looked], self._name)
                carried = {lead.id: holding.carried(connection, lead.id, self._name) for lead in leads}
            ended += [Tried(send, at=self._clock.now()) for send in looked if send.id not in wanted]
            jobs = [job for job in jobs if job.send.id in wanted]
        for lead in leads:  # made after the look: whatever was answered meanwhile is not counted
            if lead.id in wanted:
                found = self._tried(lead, others[lead.person], carried[lead.id])
                jobs.append(found) if isinstance(found, Job) else ended.append(found)
        return jobs, ended

    def _runs(self, drill: str) -> bool:
        """Whether a live drill runs now. Hand-made pauses do not hold what its ladder has ordered."""
        with reading(self._engine) as connection:
            return live.state_of(connection, drill) in (live.RUNNING, live.PAUSED)

    def _tried(self, send: outbox.Outgoing, others: Sequence[str], carried: int = 1) -> Job | Tried:
        try:
            return self._composed(send, others, carried)
        except (SQLAlchemyError, NoOrganisation):  # the database's fault is no fault of this message
            raise
        except Exception as problem:  # whatever it is about this message, the others go out
            return poison(send, problem, self._clock)

    def _composed(self, send: outbox.Outgoing, others: Sequence[str], carried: int) -> Job | Tried:
        now = self._clock.now()
        if now > send.expires_at:
            return Tried(send, at=now, ended=SendState.EXPIRED, reason=why("page.failed.too_old"))
        key = (send.person, send.way, send.facts.get(TO), send.purpose, send.drill)
        route = self._routes.get(key)
        if route is None:
            route = self._routes[key] = self._route(send)
        if isinstance(route, Ended):
            return Tried(send, at=now, ended=route.state, reason=route.reason)
        person, to, channels = route
        besides = len([incident for incident in others if incident != send.incident][:2])
        words = partial(
            compose,
            send,
            person,
            to,
            public_url=self._public_url,
            others_open=besides,
            carried=carried,
            now=now,
            secret=self._secret,
        )
        return Job(send, tuple([Step(words(by=channel), channel) for channel in channels]))

    def _route(self, send: outbox.Outgoing) -> Route | Ended:
        organisation, way = self._directory.organisation(), WayKind(send.way)
        person = organisation.person(send.person)
        to = str(send.facts[AT]) if AT in send.facts else address(person, way, send.facts.get(TO))
        if person is None or to is None:
            return Ended(SendState.FAILED, why("page.failed.no_way"))
        channels = self._providers.order(way, to, send.purpose)
        if not channels:
            return Ended(SendState.FAILED, why("page.failed.no_provider"))
        if way is WayKind.SMS and organisation.has_stopped(person.id, way, to):
            return Ended(SendState.FAILED, OPTED_OUT.reason)
        barred = [guard.barred(send.drill, one.provider, self._runs) for one in channels]
        reason = next(filter(None, barred), None)
        return Ended(SendState.SET_ASIDE, reason) if reason else Route(person, to, channels)
