"""The end of the story: what happened when, the clocks, and how long the live stream took."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from datetime import datetime

from bench.demo.follower import Seen
from bench.demo.screen import Screen
from bench.demo.story import Lag, Story


def show(screen: Screen, story: Story) -> None:
    """Three tables, the last one of measurements."""
    view = story.centre.incident(story.incident)
    screen.act(f"{view['code']} {view['title']}")
    entries = [one for one in story.follower.seen if one.incident == story.incident]
    start = datetime.fromisoformat(entries[0].at)
    rows = [(_after(start, one.at), what, who) for one, what, who in _milestones(entries)]
    screen.table("What happened when", ("at", "what", "who"), rows)
    clocks = [
        (clock["name"], _after(start, clock["due"]), _after(start, clock["met_at"]), clock["verdict"])
        for clock in view["clocks"]
    ]
    screen.table("Its clocks", ("clock", "due", "met", "verdict"), clocks)
    screen.table(
        "From a request to its entry on the live stream", ("what", "n", "median ms", "slowest ms"), _lags(story)
    )


def _milestones(entries: Sequence[Seen]) -> Iterator[tuple[Seen, str, str]]:
    """The turns of the story: every page, and the first entry of each other kind that is one."""
    told: set[str] = set()
    for one in entries:
        fields = one.entry["fields"]
        if one.kind == "paged":
            names = ", ".join(person["person_name"] for person in fields["people"])
            yield one, f"rung {fields['rung'] + 1} paged", names
        elif one.kind == "clock_breached":
            yield one, f"the {fields['clock']} clock is missed", ""
        elif one.kind in _TURNS and one.kind not in told:
            told.add(one.kind)
            yield one, _TURNS[one.kind], str(fields.get("person_name") or one.entry["by_name"] or "")


_TURNS = {
    "reported": "the alert is an incident",
    "acknowledged": "taken",
    "updated": "first update",
    "step_finished": "first step done",
    "alert_recovered": "the alert recovered",
    "restored": "service restored",
    "resolved": "resolved",
    "verified": "verified",
    "closed": "closed",
}


def _after(start: datetime, at: str | None) -> str:
    if at is None:
        return ""
    minutes, seconds = divmod(int((datetime.fromisoformat(at) - start).total_seconds()), 60)
    return f"+{minutes}:{seconds:02d}"


def _lags(story: Story) -> list[tuple[str, ...]]:
    """Our own commands by name; what came through the monitor carries the monitor's own time as well."""
    groups: dict[str, list[Lag]] = {}
    for lag in story.lags:
        groups.setdefault(lag.what, []).append(lag)
    rows = [_row(what, lags) for what, lags in groups.items()]
    commands = [lag for lag in story.lags if lag.what.startswith("POST")]
    return [*rows, _row("all commands", commands)]


def _row(what: str, lags: Sequence[Lag]) -> tuple[str, ...]:
    ms = [lag.seconds * 1000 for lag in lags]
    return what, str(len(ms)), f"{statistics.median(ms):.0f}", f"{max(ms):.0f}"
