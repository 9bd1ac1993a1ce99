"""What a person's answer by phone brings: whose number it is, which incident is meant, the command, and the words.

The choice is pure and strict: what is not certain is asked back, once. The answer is given after the commit. Shared by
the provider's webhooks and the simulated phones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final, Protocol, assert_never

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from incident.clock import Clock
from incident.commands import Acknowledge, Command
from incident.commands import Decline as DeclineCommand
from incident.commands import Resolve as ResolveCommand
from incident.desk.requests import Act, Idempotency, OpenReport, Outcome
from incident.errors import BadInput, Refused
from incident.events import Paged
from incident.intake.sms import reported
from incident.intake.wording import without_controls
from incident.levels import Level
from incident.marks import is_drill, is_test
from incident.notify import answers, way_news
from incident.notify.capabilities import capabilities
from incident.notify.messages import PageFacts
from incident.notify.replies import Ack, Decline, Help, OptIn, OptOut, Reply, Resolve, Unknown, Wish, parse
from incident.organisation import Organisation, Person
from incident.store import board, meta, pages, talk
from incident.store.engine import changing, reading
from incident.words import words_for

_log = structlog.get_logger(__name__)

QUIET: Final = timedelta(hours=1)
"""After one helpful answer to what nobody understood: two machines must not talk to each other all night."""

_BY_CARRIER: Final[Mapping[str, Reply]] = {"STOP": OptOut(), "START": OptIn(), "HELP": Help()}


@dataclass(frozen=True, slots=True)
class OpenPage:
    """An incident that a person may mean. `waiting`: it rings; `mine`: this person commands it; `asked`: they were
    asked whether they still have it; `over`: resolved, and also `closed` or not; `into`: what it was merged into."""

    incident: str
    facts: PageFacts
    waiting: bool
    mine: bool
    over: bool
    asked: bool = False
    closed: bool = False
    into: str | None = None


@dataclass(frozen=True, slots=True)
class Meant:
    page: OpenPage


@dataclass(frozen=True, slots=True)
class AskWhich:
    pages: tuple[OpenPage, ...]


@dataclass(frozen=True, slots=True)
class NoSuchCode:
    code: str


@dataclass(frozen=True, slots=True)
class NothingOpen:
    pass


Choice = Meant | AskWhich | NoSuchCode | NothingOpen

DIGITS: Final[Mapping[type[Wish], int]] = {Ack: 1, Decline: 2, Resolve: 3}
"""What one writes for each wish."""


def choose(wish: Wish, found: Sequence[OpenPage]) -> Choice:
    """Which incident a wish is about. With a code it is that one, even if it is over: then the answer says so.

    Without a code: to take or pass on, what waits for this person or asked whether they still have it, and if there is
    none of these, the only other one that is open; to resolve, what this person commands, else the only one that waits:
    never by a slip what a colleague has (3 lies beside 2). A test page is meant only where nothing real is.
    """
    if wish.code is not None:
        named = next((page for page in found if page.facts.code == wish.code), None)
        return Meant(named) if named else NoSuchCode(wish.code)
    open_ones = [page for page in found if not page.over]
    first = [page for page in open_ones if (page.mine if isinstance(wish, Resolve) else page.waiting or page.asked)]
    candidates = first or open_ones
    candidates = [page for page in candidates if not page.facts.test] or candidates
    taken = isinstance(wish, Resolve) and not any(page.mine or page.waiting or page.facts.test for page in candidates)
    if len(candidates) == 1 and not taken:
        return Meant(candidates[0])
    return AskWhich(tuple(candidates)) if candidates else NothingOpen()


def command_of(wish: Wish, person: str, via: str) -> Command:
    match wish:
        case Ack():
            return Acknowledge(person, via)
        case Decline():
            return DeclineCommand(person, via)
        case Resolve():
            return ResolveCommand(person, via)
    assert_never(wish)


class Desk(Protocol):
    """What an answer asks of the desk."""

    def submit(self, request: Act | OpenReport, /) -> Future[Outcome]: ...


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said back, None for silence, and about which incident."""

    text: str | None
    incident: str | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """One message from a person: `number` by which phone, `message_id` the provider's, by which a repeat is known;
    `by_carrier`: the carrier says that it has acted on it."""

    person: Person
    number: str
    via: str
    message_id: str | None
    by_carrier: bool = False


SILENCE: Final = Answer(None)


class Inbound:
    """Answers texts and key presses. Everything here blocks until the commit: call it on a worker thread."""

    def __init__(self, *, engine: Engine, desk: Desk, clock: Clock, provider: str, wait_s: float = 10.0) -> None:
        self._engine, self._desk, self._clock = engine, desk, clock
        self._provider, self._wait_s = provider, wait_s

    def text(
        self, organisation: Organisation, number: str, body: str, message_id: str | None = None, *, carrier: str = ""
    ) -> Answer:
        """The answer to a text from a number. Raises StoreDown: then the provider asks again.

        The same message again does nothing more and is answered in the same words. A stranger gets no answer: it
        would only tell them that somebody listens here. `carrier` is what the provider has taken the text for, where
        it acts on such words itself (Twilio's OptOutType: STOP, START, HELP): then that counts, not our reading.
        """
        person = organisation.by_number(number)
        if person is None:
            return SILENCE
        acted = _BY_CARRIER.get(carrier.upper())
        said, body = Said(person, number, "sms", message_id, by_carrier=acted is not None), without_controls(body)
        answer = self._read(organisation, said, acted or parse(body), body)
        self._hear(said, body, answer)
        return answer

    def _read(self, organisation: Organisation, said: Said, reply: Reply, body: str) -> Answer:
        person = said.person
        match reply:
            case Ack() | Decline() | Resolve():
                return self._wish(organisation, said, reply)
            case OptOut() | OptIn():
                kept = self._keep(organisation, said, stop=isinstance(reply, OptOut))
                if kept or said.by_carrier:
                    return SILENCE  # the carrier has answered for itself
                return self._helped(person)  # a YES that opts in to nothing is somebody's answer to a page
            case Help():
                return Answer(answers.helped(person.locale))
            case Unknown():
                return self._report(said, body) or self._helped(person)
        assert_never(reply)

    def key(self, organisation: Organisation, said: Said, incident: str, wish: Wish) -> Answer:
        """What a key pressed in a call about an incident brought, to be spoken. Raises StoreDown."""
        page = next((p for p in self._pages(said.person, incident=incident) if p.incident == incident), None)
        if page is None:
            return Answer(answers.nothing_open(said.person.locale))
        answer = self._act(organisation, said, wish, page)
        self._hear(said, type(wish).__name__, answer)
        return answer

    def _keep(self, organisation: Organisation, said: Said, *, stop: bool) -> bool:
        """STOP and START are the person's to say, and are obeyed: no text goes to a number that was stopped.

        False for a START where nothing was stopped."""
        with changing(self._engine) as connection:
            if not stop:
                return way_news.start(connection, said.person, said.number)
            way_news.stop(connection, organisation, said.person, said.number, self._clock.now())
            return True

    def _hear(self, said: Said, body: str, answer: Answer) -> None:
        """After the commit: what was said and answered, for the log of talk. A repeat by the provider stands twice."""
        try:
            with changing(self._engine) as connection:
                talk.hear(
                    connection,
                    incident=answer.incident,
                    person=said.person.id,
                    via=said.via,
                    at=self._clock.now(),
                    body=body,
                    answer=answer.text,
                )
        except SQLAlchemyError:  # what the person asked for is done: they must hear so all the same
            _log.exception("inbound.not_kept", person=said.person.id)

    def _wish(self, organisation: Organisation, said: Said, wish: Wish) -> Answer:
        locale = said.person.locale
        choice = choose(wish, self._pages(said.person, code=wish.code))
        match choice:
            case Meant():
                return self._act(organisation, said, wish, choice.page)
            case AskWhich():
                return Answer(answers.which_code([page.facts for page in choice.pages], locale, DIGITS[type(wish)]))
            case NoSuchCode():
                return Answer(answers.no_such_code(choice.code, locale))
            case NothingOpen():
                return Answer(answers.nothing_open(locale))
        assert_never(choice)

    def _act(self, organisation: Organisation, said: Said, wish: Wish, page: OpenPage) -> Answer:
        person = said.person
        command = command_of(wish, person.id, said.via)
        once = _once(said.message_id, wish) if said.message_id else None
        request = Act(page.incident, command, f"person:{person.id}", idempotency=once)
        try:
            outcome = self._desk.submit(request).result(self._wait_s)
        except Refused as refused:
            text = answers.refused(page.facts, refused.reason, person.locale)
            return Answer(self._ended(page, person.locale) if page.over else text, page.incident)
        if outcome.replayed and outcome.state is not None and outcome.row is not None:
            page = open_page(outcome.state.id, outcome.row, person.id)
        return Answer(self._done(organisation, said, wish, page, outcome), page.incident)

    def _ended(self, page: OpenPage, locale: str) -> str:
        """Too late: over, or handled elsewhere; whoever commands what is only resolved has still something to do."""
        if page.into is not None:
            with reading(self._engine) as connection:
                other = board.get(connection, page.into)
            return answers.merged(page.facts, str(other.as_dict()["code"]) if other else page.into, locale)
        if page.mine and not page.closed:
            return answers.resolved(page.facts, locale)
        return answers.over(page.facts, locale)

    def _done(self, organisation: Organisation, said: Said, wish: Wish, page: OpenPage, outcome: Outcome) -> str:
        person = said.person
        match wish:
            case Ack():
                commander = outcome.state.commander if outcome.state else None
                if commander is not None and commander != person.id:
                    other = organisation.person(commander)
                    offered = outcome.state is not None and outcome.state.offered_to == person.id
                    say = answers.accept_there if offered else answers.already_taken
                    return say(page.facts, other.name if other else commander, person.locale)
                able = capabilities(self._provider, said.number)
                return answers.taken(page.facts, person.name, person.locale, able)
            case Decline():
                next_paged = any(isinstance(entry.event, Paged) for entry in outcome.entries)
                later = outcome.state is not None and outcome.state.paused_at is not None
                return answers.declined(page.facts, person.locale, next_paged=next_paged, later=later)
            case Resolve():
                return answers.resolved(page.facts, person.locale)
        assert_never(wish)

    def _report(self, said: Said, body: str) -> Answer | None:
        """`REPORT smoke in hall 3` from somebody of the house opens an incident. None when the text is no report."""
        person, words = said.person, words_for(said.person.locale)
        name = said.message_id or f"{said.number} {body}"
        try:
            report = reported(body, number=said.number, at=self._clock.now(), message_id=name, person=person.id)
        except BadInput as bad:
            return Answer(words.reason(bad.faults[0].reason))
        if report is None:
            return None
        request = OpenReport(report.model_copy(update={"unit": person.unit}), f"person:{person.id}")
        outcome = self._desk.submit(request).result(self._wait_s)
        assert outcome.state is not None
        code = outcome.state.report.code
        return Answer(words.t("api.sms_reported", code=code, level=outcome.state.level), outcome.state.id)

    def _pages(self, person: Person, *, code: str | None = None, incident: str | None = None) -> list[OpenPage]:
        """The incidents that this person was paged for, the newest first: all open ones and the last that ended."""
        with reading(self._engine) as connection:
            found = pages.paged_for(connection, person.id, code=code, incident=incident)
        return [open_page(incident, row, person.id) for incident, row in found]

    def _helped(self, person: Person) -> Answer:
        """One helpful answer, then silence for an hour, also when another process gave it."""
        now, name = self._clock.now(), f"helped:{person.id}"
        with changing(self._engine) as connection:
            before = meta.get(connection, name)
            if before is not None and now - datetime.fromisoformat(before) < QUIET:
                return SILENCE
            meta.put(connection, name, now.isoformat())
        return Answer(answers.unknown_word(person.locale))


def open_page(incident: str, row: Mapping[str, object], person: str) -> OpenPage:
    """An incident's board row, as the answering person sees it."""
    place, mark = row.get("place"), row.get("drill")
    mark = str(mark) if mark else None
    facts = PageFacts(
        code=str(row["code"]),
        level=Level(str(row["level"])),
        title=str(row["title"]),
        place=str(place) if place else None,
        drill=is_drill(mark),
        test=is_test(mark),
    )
    resolved = row.get("resolved_at") is not None or row.get("closed_at") is not None or bool(row.get("merged_into"))
    return OpenPage(
        incident=incident,
        facts=facts,
        waiting=bool(row["ringing"]),
        mine=row.get("commander") == person,
        over=resolved,
        asked=row.get("commander") == person and bool(row.get("asked")),
        closed=row.get("closed_at") is not None,
        into=str(row["merged_into"]) if row.get("merged_into") else None,
    )


def _once(message_id: str, wish: Wish) -> Idempotency:
    return Idempotency("phone", message_id, sha256(f"{message_id}\n{type(wish).__name__}".encode()).hexdigest())
