"""Rosters as hypothesis draws them: near a night on which clocks or rules change."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from hypothesis import strategies as st

from incident.roster import Layer, Override, Restriction, Roster, Swap, TimeOff, Weekday
from incident.text import Text
from tests.roster.oracle import STEP

# By an hour, by half an hour, at midnight, by a change of the zone's rules, and none for comparison.
NIGHTS: list[tuple[str, date]] = [
    ("Europe/Berlin", date(2026, 3, 29)),
    ("Europe/Berlin", date(2026, 10, 25)),
    ("America/New_York", date(2026, 3, 8)),
    ("America/New_York", date(2026, 11, 1)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),
    ("Australia/Lord_Howe", date(2026, 10, 4)),
    ("America/Santiago", date(2026, 9, 6)),
    ("Africa/Cairo", date(2026, 4, 24)),
    ("Africa/Cairo", date(2026, 10, 29)),
    ("Pacific/Chatham", date(2026, 4, 5)),
    ("Asia/Shanghai", date(2026, 4, 5)),
    ("America/Caracas", date(2016, 5, 1)),  # half an hour on, for good
    ("Asia/Pyongyang", date(2015, 8, 15)),  # half an hour back, for good
    ("Europe/Volgograd", date(2020, 12, 27)),  # an hour back, for good
]
ZONES = [zone for zone, _ in NIGHTS]
PEOPLE = ("li", "chen", "brandt", "wang")

quarter_hours = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 45]))
people = st.sampled_from(PEOPLE)


@st.composite
def spans(draw: st.DrawFn, middle: datetime) -> dict[str, datetime]:
    start = middle + draw(st.integers(-6 * 96, 6 * 96)) * STEP
    return {"start": start, "end": start + draw(st.integers(1, 5 * 96)) * STEP}


@st.composite
def restrictions(draw: st.DrawFn) -> Restriction:
    start, end = draw(quarter_hours), draw(quarter_hours)
    days = tuple(draw(st.lists(st.sampled_from(list(Weekday)), unique=True, max_size=5)))
    return Restriction(days=days) if start == end else Restriction(days=days, start=start, end=end)


@st.composite
def layers(draw: st.DrawFn, number: int, night: date) -> Layer:
    weekday = draw(st.none() | st.sampled_from(list(Weekday)))
    minutes = None if weekday else draw(st.none() | st.sampled_from([30, 90, 480, 720]))
    days = draw(st.sampled_from([7, 14] if weekday else [1, 2, 7])) if minutes is None else 7
    return Layer(
        id=f"layer-{number}",
        rotation=tuple(draw(st.lists(people, max_size=4))),
        start=night - timedelta(days=draw(st.integers(0, 15 if minutes is None else 6))),
        handover=draw(quarter_hours),
        handover_weekday=weekday,
        period_days=days,
        period_minutes=minutes,
        timezone=draw(st.none() | st.sampled_from(ZONES)),
        restrictions=tuple(draw(st.lists(restrictions(), max_size=2))),
    )


@st.composite
def rosters(draw: st.DrawFn, *, exceptions: bool = True) -> tuple[Roster, datetime]:
    """A roster, and the midnight around which its clock changes. `exceptions` are overrides and swaps."""
    zone, night = draw(st.sampled_from(NIGHTS))
    middle = datetime.combine(night, time(), UTC)
    overrides = [
        Override(**draw(spans(middle)), person=draw(people), reason="ill")
        for _ in range(draw(st.integers(0, 2)) if exceptions else 0)
    ]
    swaps = []
    for _ in range(draw(st.integers(0, 2)) if exceptions else 0):
        giver, taker = draw(st.permutations(PEOPLE))[:2]
        state = draw(st.sampled_from(["accepted", "accepted", "offered", "declined"]))
        swaps.append(Swap(**draw(spans(middle)), giver=giver, taker=taker, state=state))
    roster = Roster(
        id="field",
        name=Text(en="Field", zh="现场"),
        unit="field",
        timezone=zone,
        layers=tuple(draw(layers(number, night)) for number in range(draw(st.integers(1, 3)))),
        overrides=tuple(overrides),
        swaps=tuple(swaps),
    )
    return roster, middle


@st.composite
def time_off(draw: st.DrawFn, middle: datetime) -> dict[str, tuple[TimeOff, ...]]:
    found: dict[str, tuple[TimeOff, ...]] = {}
    for _ in range(draw(st.integers(0, 4))):
        name = draw(people)
        found[name] = (*found.get(name, ()), TimeOff(**draw(spans(middle))))
    return found
