"""A log written by hand, minute by minute: what the scorer reads, without the engine that would have refused half of
it. Drills that were really played are in test_simulate."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from drills.measures import Item, Measure
from drills.score import Expected, Observations, Score, profile, score
from drills.score.expected import StepTarget
from drills.score.total import NOTHING_SEEN
from drills.script.model import Escalation, Objective, Task
from incident.errors import why
from incident.events import (
    Acknowledged,
    Cadence,
    Closed,
    CloseoutTicked,
    CommandTaken,
    Due,
    Entry,
    Event,
    Graded,
    Notified,
    Paged,
    PageDelivered,
    PlaybookStarted,
    PostFilled,
    Regraded,
    Reported,
    Resolved,
    Restored,
    StepFinished,
    StepPlan,
    StepStarted,
    Summoned,
    Updated,
    Verified,
)
from incident.levels import Kind, Level
from incident.posts import Post, Tier
from incident.report import Channel, Source
from incident.text import Text

START = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
CAST = {"li": Tier.FIELD, "wang": Tier.FIELD, "chen": Tier.REGION, "zhao": Tier.HQ}
NO = why("test")


def words(text: str) -> Text:
    return Text(en=text, zh=text)


def objective(name: str, *tasks: tuple[str, bool], must: bool = True) -> Objective:
    listed = tuple(Task(id=m.replace(".", "-"), text=words(m), measure=Measure.parse(m), must=t) for m, t in tasks)
    return Objective(id=name, text=words(name), capability=words(name), must=must, tasks=listed)


STEPS = (
    StepTarget("a", "critical"),
    StepTarget("b", "critical", ("a",)),
    StepTarget("c", "critical", ("a",)),
    StepTarget("d", "critical", ("b", "c")),
    StepTarget("e", "critical", ("d",)),
    StepTarget("f", "critical", ("d", "e")),
    StepTarget("g", "critical", ("f",)),
    StepTarget("h", "major", ("e", "f")),
    StepTarget("i", "minor", ("f",)),
    StepTarget("j", "minor"),
)
"""Weights come to 25; g, of weight 3, is the one that the vector leaves undone. Ten edges lie between the others."""

EXPECTED = Expected(
    level=Level.CRITICAL,
    acknowledge_min=15,
    command_min=10,
    posts=(("operations", 40.0),),
    steps=STEPS,
    cadence_min=30,
    escalations=(
        Escalation(to="hq", within_min=15),
        Escalation(to="customers", within_min=60),
        Escalation(to="authorities", within_min=120),
    ),
    containment=("b", "c"),
    containment_min=60,
    restore_min=240,
    closeout=("v", "w", "x", "y", "z"),
    hard_order=(("a", "d"),),
    objectives=(objective("all", ("acknowledge", True), ("steps", False), ("restore", True)),),
)


def the_level(level: Level) -> Graded:
    return Graded(
        level=level,
        reasons=(),
        policy="drill",
        policy_version=1,
        policy_digest="p",
        clocks=(Due("response", START + timedelta(minutes=15)),),
        cadence=Cadence(300, 300, 1800),
        playbook="plan",
        playbook_version=1,
        playbook_digest="d",
        playbook_reason=NO,
        ladder=(),
        closeout=EXPECTED.closeout,
    )


@dataclass
class Tale:
    """Entries by minute. `at(18, Acknowledged(...))` writes one; `score()` judges all of it."""

    log: list[Entry] = field(default_factory=list)
    expected: Expected = EXPECTED
    observations: Observations = NOTHING_SEEN

    def at(self, minute: float, *events: Event, by: str = "person:li") -> Self:
        for event in events:
            number = len(self.log) + 1
            self.log.append(Entry(number, "i1", number, START + timedelta(minutes=minute), by, event))
        return self

    def opened(self, level: Level = Level.CRITICAL, drill: str | None = "d1") -> Self:
        report = Reported(
            code="C7",
            title="down",
            kind=Kind.OTHER,
            happened_at=START,
            channel=Channel.PHONE,
            source=Source.SYSTEM,
            unit="field",
            routed=NO,
            drill=drill,
        )
        plan = tuple(StepPlan(s.id, Post.OPERATIONS, s.weight, None, s.after, s.life_safety) for s in STEPS)
        page = Paged(1, 0, 0, Tier.FIELD, (Summoned("li", NO),), NO, START + timedelta(minutes=5))
        self.at(0, report, the_level(level), PlaybookStarted("plan", 1, "d", plan), page, by="system")
        return self.at(0, PageDelivered(1, "li", "sms"), by="system")

    def taken(self, minute: float = 3, person: str = "li") -> Self:
        return self.at(minute, Acknowledged(person, "sms"), CommandTaken(person), by=f"person:{person}")

    def step(self, name: str, begun: float, ended: float) -> Self:
        return self.at(begun, StepStarted(name, "li")).at(ended, StepFinished(name, "li"))

    def seen(self, **more: Any) -> Self:
        self.observations = Observations.model_validate({**self.observations.model_dump(), **more})
        return self

    def expects(self, **more: Any) -> Self:
        self.expected = replace(self.expected, **more)
        return self

    def score(self, name: str = "standard") -> Score:
        return score(self.expected, self.log, self.observations, profile=profile(name), cast=CAST)

    def ratio(self, item: Item) -> float | None:
        return self.score().mark(item).ratio


def vector() -> Tale:
    """The specification's own case: a Critical answered at 18, rated S with 84.4687 points."""
    tale = Tale().opened()
    tale.at(0, Notified((Summoned("zhao", NO),), NO), by="system")
    tale.at(10, CommandTaken("li")).at(18, Acknowledged("li", "sms"))
    tale.step("a", 12, 20).step("b", 21, 50).step("c", 21, 70)
    tale.step("d", 71, 90).step("e", 91, 120).step("f", 121, 150).step("h", 151, 160)
    tale.step("i", 140, 165).step("j", 20, 30)
    for minute in (5, 35, 80, 110, 140):
        tale.at(minute, Updated("so far", None, "customers" if minute == 35 else "internal"))
    tale.at(50, PostFilled(Post.OPERATIONS, "wang"))
    tale.at(180, Restored(), Resolved("li"))
    tale.at(200, Verified("tried", True, "wang"))
    tale.at(205, *(CloseoutTicked(item) for item in "vwxy"))
    tale.at(210, Closed())
    wrong = {"kind": "wrong_act", "text": "restarted the wrong host", "by": "evaluator", "position": 20}
    return tale.seen(seen=[wrong], answers=[{"value": v} for v in (5, 4, 4, 4, 4)])


__all__ = ["CAST", "EXPECTED", "START", "STEPS", "Regraded", "Tale", "objective", "the_level", "vector"]
