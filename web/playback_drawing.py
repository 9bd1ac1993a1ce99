"""An incident's whole log as a picture: its phases, its entries, who was paged and what they said, its deadlines.

Places are in per cent of the width and heights in pixels, so that its words are as large on a phone as on a desk. The
template draws it; `static/playback.js` moves a line over it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from incident.deadlines import verdict
from incident.events import Entry
from incident.record.why import PageWhy
from incident.state import Incident
from web.pages.timeline import Said
from web.say import Reader
from web.time_scale import Scale, scale

FLAG: Final = 20
"""Height of a row of flags; those that would touch each other on a phone stand in rows of their own."""
APART: Final = 6.5
"""Per cent between two flags in one row: what one is wide on a phone."""
BAND: Final = 24
MARKS: Final = 18
LANE: Final = 34
MOST_LANES: Final = 12
TICKS: Final = (1.0, 25.0, 50.0, 75.0, 99.0)
AXIS: Final = 36
SPACE: Final = 12.0
"""Per cent that the words of a cut take."""


@dataclass(frozen=True, slots=True)
class Band:
    """A phase from `x` on, `width` wide; `kind` is nobody while it rang and nobody had it."""

    x: float
    width: float
    phase: str
    kind: str
    says: str


@dataclass(frozen=True, slots=True)
class Mark:
    x: float
    kind: str
    says: str


@dataclass(frozen=True, slots=True)
class Bar:
    """From being paged to the answer, or to the end of the ringing; `end` is how it ended."""

    x: float
    width: float
    end: str
    says: str


@dataclass(frozen=True, slots=True)
class Lane:
    y: int
    name: str
    says: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Flag:
    """A deadline. `letter` stands at the line and in the list beneath; `x` is None after the last entry."""

    letter: str
    name: str
    due: datetime
    met_at: datetime | None
    verdict: str
    x: float | None
    y: int


@dataclass(frozen=True, slots=True)
class Tick:
    x: float
    anchor: str
    clock: str
    after: str


@dataclass(frozen=True, slots=True)
class Sliced:
    """Where a silence was cut; without `says` there is no room for its length."""

    x: float
    says: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """The heights at which its rows stand, from the top: flags, band, marks, lanes, axis."""

    height: int
    band_y: int
    marks_y: int
    axis_y: int
    bands: tuple[Band, ...]
    marks: tuple[Mark, ...]
    lanes: tuple[Lane, ...]
    flags: tuple[Flag, ...]
    ticks: tuple[Tick, ...]
    cuts: tuple[Sliced, ...]
    unlisted: int
    scale: Scale


def drawing(
    steps: Sequence[tuple[Entry, Incident]],
    pages: Sequence[PageWhy],
    lines: Iterable[Said],
    reader: Reader,
    places: Scale | None = None,
) -> Drawing:
    """`steps` are all entries with the states after them, `lines` the same entries in words. Two that share `places`
    stand on one scale."""
    places = places or scale(entry.at for entry, _ in steps)
    flags = _flags(steps[-1][1], places)
    top = FLAG * (1 + max((flag.y for flag in flags if flag.x is not None), default=-1)) + 4
    lanes, unlisted = _lanes(steps, pages, places, top + BAND + MARKS + 6, reader)
    axis = top + BAND + MARKS + 6 + LANE * len(lanes)
    return Drawing(
        height=axis + AXIS,
        band_y=top,
        marks_y=top + BAND,
        axis_y=axis,
        bands=tuple(_bands(steps, places, reader)),
        marks=tuple(_marks(lines, places)),
        lanes=lanes,
        flags=flags,
        ticks=tuple(_ticks(places, reader)),
        cuts=tuple(_cuts(places, reader)),
        unlisted=unlisted,
        scale=places,
    )


def _bands(steps: Sequence[tuple[Entry, Incident]], places: Scale, reader: Reader) -> Iterator[Band]:
    """One for as long as phase and whether anybody has it stay the same; what lasted no time is not drawn."""
    since, kind = steps[0][0].at, _kind(steps[0][1])
    phase = str(steps[0][1].phase)
    for entry, state in [*steps[1:], (steps[-1][0], None)]:
        if state is not None and (str(state.phase), _kind(state)) == (phase, kind):
            continue
        width = round(places.x(entry.at) - places.x(since), 3)
        if width > 0:
            word = reader.words.t("wall.nobody") if kind == "nobody" else reader.words.t(f"phase.{phase}")
            says = f"{word} · {reader.clock(since)} – {reader.clock(entry.at)}"
            yield Band(places.x(since), width, word, kind, says)
        if state is not None:
            since, phase, kind = entry.at, str(state.phase), _kind(state)


def _kind(state: Incident) -> str:
    if state.alarm.ringing:
        return "nobody"
    return {"handling": "handled", "recovering": "back"}.get(str(state.phase), "calm")


def _marks(lines: Iterable[Said], places: Scale) -> Iterator[Mark]:
    """One for each entry; of those of a kind at one place only the first, so that a long log stays a picture."""
    seen: set[tuple[float, str]] = set()
    for line in lines:
        kind = "loud" if line.loud else line.group
        x = round(places.x(line.at), 1)
        if (x, kind) not in seen:
            seen.add((x, kind))
            yield Mark(x, kind, f"{line.who} {line.sentence}" if line.who else line.sentence)


def _lanes(
    steps: Sequence[tuple[Entry, Incident]], pages: Sequence[PageWhy], places: Scale, top: int, reader: Reader
) -> tuple[tuple[Lane, ...], int]:
    """One for each person in the order in which they were first paged, and how many more there were."""
    silent = [*(entry.at for entry, state in steps if not state.alarm.ringing), steps[-1][0].at]
    people = list(dict.fromkeys(page.person for page in pages))
    lanes = []
    for place, person in enumerate(people[:MOST_LANES]):
        theirs = [page for page in pages if page.person == person]
        rungs = reader.words.t("list.comma").join(str(n) for n in dict.fromkeys(page.rung for page in theirs))
        lanes.append(
            Lane(
                top + LANE * place,
                theirs[0].name,
                f"{reader.words.t('playback.rung', n=rungs)} · {_heard(theirs[-1], reader)}",
                tuple(_bar(page, silent, places, reader) for page in theirs),
            )
        )
    return tuple(lanes), len(people) - len(lanes)


def _bar(page: PageWhy, silent: Sequence[datetime], places: Scale, reader: Reader) -> Bar:
    stopped = next((at for at in silent if at > page.at), silent[-1])
    heard = page.heard
    end = stopped if heard.at is None or heard.answer == "expired" else heard.at
    said = f"{reader.words.t('fact.paged_at', at=reader.clock(page.at))} · {_heard(page, reader)}"
    x = places.x(page.at)
    return Bar(x, max(0.0, round(places.x(end) - x, 3)), heard.answer, f"{page.name} · {said}")


def _heard(page: PageWhy, reader: Reader) -> str:
    at = page.heard.at
    return reader.words.t(f"why.heard.{page.heard.answer}", **({"at": reader.clock(at)} if at else {}))


def _flags(state: Incident, places: Scale) -> tuple[Flag, ...]:
    """The level's deadlines in the order in which they fell due."""
    ordered = sorted(state.clocks.items(), key=lambda pair: (pair[1].due, pair[0]))
    ends: list[float] = []
    found = []
    for place, (name, clock) in enumerate(ordered):
        x, row = (places.x(clock.due), 0) if places.holds(clock.due) else (None, 0)
        if x is not None:
            row = next((n for n, end in enumerate(ends) if x - end >= APART), len(ends))
            ends[row : row + 1] = [x]
        found.append(Flag(_letter(place), name, clock.due, clock.met_at, verdict(state, name, state.at), x, row))
    return tuple(found)


def _letter(place: int) -> str:
    return "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[place % 26]


def _ticks(places: Scale, reader: Reader) -> Iterator[Tick]:
    start = places.times[0]
    for n, x in enumerate(TICKS):
        at = places.at(x)
        anchor = "start" if n == 0 else "end" if n == len(TICKS) - 1 else "middle"
        yield Tick(x, anchor, f"{at.astimezone(reader.zone):%H:%M:%S}", f"+{reader.span((at - start).total_seconds())}")


def _cuts(places: Scale, reader: Reader) -> Iterator[Sliced]:
    last = -SPACE
    for cut in places.cuts:
        says = reader.span(cut.lasted.total_seconds()) if cut.x - last >= SPACE else ""
        last = cut.x if says else last
        yield Sliced(cut.x, says)
