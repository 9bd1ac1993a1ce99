"""A closed incident's report against today's rosters, playbooks and policies, for the site and the API.

It takes some tenths of a second of a worker thread, in small pieces with a rest after each, and one at a time in each
process: whatever pages people goes between. Nothing is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from threading import BoundedSemaphore
from typing import Final

import anyio
from anyio import from_thread
from starlette.requests import Request

from drills.against import Figure, figures, middle_run, refuse_other
from drills.measures import Item
from drills.replay import Beside, Replayed, replayed
from drills.score import profile
from drills.simulate.play import Played
from incident.errors import Unknown, why
from incident.events import Entry, Graded, Paged
from incident.evolve import replay
from incident.record.view import Reader
from incident.state import Incident
from web.auth import who
from web.drilling import room_of
from web.house import House, house_of
from web.playback import Tape, of_incident
from web.problems import Full
from web.reading import reader

REST_S: Final = 0.01
"""After each run, which takes about as long."""
WAIT_S: Final = 2.0
_DIGEST: Final = 6
"""Letters of a digest: what was changed under the same number shows, too."""
_one: Final = BoundedSemaphore(1)


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that stands in words on both sides, such as the policy by name and version."""

    name: str
    then: str
    today: str

    @property
    def same(self) -> bool:
        return self.then == self.today


@dataclass(frozen=True, slots=True)
class Against:
    """`today` is the run that is drawn: the one in the middle of all by its first answer. `items` are those of the
    score, by the share that each earned."""

    then: Tape
    today: Tape
    facts: tuple[Fact, ...]
    figures: tuple[Figure, ...]
    items: tuple[Beside, ...]
    total_then: float | None
    total_today: float | None
    runs: int


def against(request: Request) -> Against:
    """Blocks. Raises Unknown for what was never graded or whose playbook or policy is gone, Refused for what is no real
    incident that is closed, Full while others are at it."""
    tape, house = of_incident(request), house_of(request)
    refuse_other(tape.state)
    pinned = next((e.event.playbook_digest for e in tape.entries if isinstance(e.event, Graded)), None)
    if pinned is None:
        raise Unknown("grading", tape.state.id)
    playbook, outside = house.library.pinned_playbook(pinned), room_of(house).outside()
    if not _one.acquire(timeout=WAIT_S):
        raise Full(why("against.busy"), retry_after=WAIT_S)
    try:
        found = replayed(
            tape.entries,
            playbook,
            outside,
            profile(),
            who(request).locale,
            rest=partial(from_thread.run, anyio.sleep, REST_S),
        )
    finally:
        _one.release()
    return _compared(house, request, tape, found)


def _compared(house: House, request: Request, then: Tape, found: Replayed) -> Against:
    run = middle_run(found)
    today = _tape(run, reader(house, who(request).locale, run.playbook))
    return Against(
        then=then,
        today=today,
        facts=tuple(_facts(then, today)),
        figures=tuple(figures(found, then.entries, then.reader)),
        items=tuple(row for row in found.beside if row.item is not Item.CONTAINMENT),
        total_then=found.then.total,
        total_today=found.total_today,
        runs=len(found.runs),
    )


def _tape(run: Played, reads: Reader) -> Tape:
    state = replay(run.entries)
    assert state is not None
    return Tape("", run.entries, state, reads, "", run.script)


def _facts(then: Tape, today: Tape) -> list[Fact]:
    """Who was paged first, and by which rules: the same words where nothing has changed."""
    pairs = {
        "unit": (_unit(then), _unit(today)),
        "level": (str(then.state.level), str(today.state.level)),
        "policy": (_policy(then.state), _policy(today.state)),
        "playbook": (_playbook(then), _playbook(today)),
        "ladder": (_ladder(then), _ladder(today)),
        "first": (_first(then.entries, then.reader), _first(today.entries, today.reader)),
    }
    return [Fact(name, *both) for name, both in pairs.items()]


def _unit(tape: Tape) -> str:
    unit = tape.reader.organisation.unit(tape.state.report.unit)
    return unit.name.for_locale(tape.reader.words.locale) if unit else tape.state.report.unit


def _policy(state: Incident) -> str:
    pinned = state.pinned
    return f"{pinned.policy} v{pinned.policy_version} ({pinned.policy_digest[:_DIGEST]})" if pinned else ""


def _playbook(tape: Tape) -> str:
    pinned, playbook = tape.state.pinned, tape.playbook
    if pinned is None or playbook is None:
        return ""
    name = playbook.name.for_locale(tape.reader.words.locale)
    return f"{name} v{pinned.playbook_version} ({pinned.playbook_digest[:_DIGEST]})"


def _ladder(tape: Tape) -> str:
    """Each rung with how long it is waited for an answer before the next."""
    words = tape.reader.words
    rungs = tape.state.pinned.ladder if tape.state.pinned else ()
    said = (words.t("against.rung", tier=one.tier, minutes=f"{one.wait_s / 60:g}") for one in rungs)
    return " → ".join(said)


def _first(entries: Sequence[Entry], reads: Reader) -> str:
    people = next((e.event.people for e in entries if isinstance(e.event, Paged) and e.event.people), ())
    return reads.words.t("list.comma").join(reads.who(one.person).name for one in people)
