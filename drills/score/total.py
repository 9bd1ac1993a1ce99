"""The score: a pure function of what was expected, the log, the observations and the profile.

    score(expected, entries, observations, profile, cast) -> Score

Not observed is not zero: it drops out and the rest is weighed anew. When too much has dropped out there is no total.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial

from drills.measures import DIMENSION, Dimension, Item, Measure
from drills.score import control, handling, recovery, response
from drills.score.expected import Expected
from drills.score.facts import Facts
from drills.score.gates import Gate, gates
from drills.score.judged import judged
from drills.score.objectives import Rated, rated
from drills.score.observations import Observations
from drills.score.profile import Profile
from drills.score.seal import Copy
from drills.score.sheet import Mark, Rating, line
from incident.events import Entry
from incident.posts import Tier


@dataclass(frozen=True, slots=True)
class Sum:
    """One dimension: points of its items, of the weight that was observed. None where nothing of it was seen."""

    dimension: Dimension
    points: float | None
    of: float
    weight: float
    unable: bool = False


@dataclass(frozen=True, slots=True)
class Score:
    """`total` is of 100, None without enough evidence or when the score is void. `dropped` is the share not observed.

    `rating` follows the rules; `given` is the evaluator's, where one was given, with its reason and name.
    """

    profile: str
    profile_digest: str
    total: float | None
    dropped: float
    rating: Rating | None
    marks: tuple[Mark, ...]
    sums: tuple[Sum, ...]
    objectives: tuple[Rated, ...]
    gates: tuple[Gate, ...]
    void: bool = False
    given: Rating | None = None
    given_why: str | None = None
    given_by: str | None = None

    def mark(self, item: Item) -> Mark:
        return next(mark for mark in self.marks if mark.item is item)

    @property
    def stands(self) -> Rating | None:
        """The rating that counts: the evaluator's, else the rules'. None of a void score."""
        return None if self.void else self.given or self.rating


NOTHING_SEEN = Observations()


def score(
    expected: Expected,
    entries: Iterable[Entry],
    observations: Observations = NOTHING_SEEN,
    *,
    profile: Profile,
    cast: Mapping[str, Tier],
    copy: Copy | None = None,
) -> Score:
    """Score one log. `cast` says at which tier each person stands, as it was when the drill was played; `copy` what is
    known of a log that was kept."""
    facts = Facts(entries, observations, cast, drill=expected.drill)
    at_the_table = bool(observations.judged)
    marks = (judged if at_the_table else _marks)(facts, expected, profile, observations)
    by_item = {mark.item: mark for mark in marks}
    answered = None if at_the_table else by_item[Item.ACKNOWLEDGE]
    closed = gates(facts, expected, profile, observations, answered, copy=copy)
    judge = partial(rated, facts=facts, expected=expected, profile=profile, observations=observations)
    objectives = tuple(judge(o, by_item) for o in expected.objectives)
    void = any(gate.void for gate in closed)
    total, dropped = _total(marks, profile)
    override = next((o for o in observations.overrides if o.of == "overall"), None)
    return Score(
        profile=profile.id,
        profile_digest=profile.digest,
        total=None if void else total,
        dropped=dropped,
        rating=None if void else _overall([o.rating for o in objectives if o.objective.must], closed),
        marks=marks,
        sums=tuple(_sum(dimension, marks, closed) for dimension in Dimension),
        objectives=objectives,
        gates=closed,
        void=void,
        given=override.rating if override else _carried(objectives, closed, void=void),
        given_why=override.reason if override else None,
        given_by=override.by if override else None,
    )


def _marks(facts: Facts, expected: Expected, profile: Profile, observations: Observations) -> tuple[Mark, ...]:
    helped = {help_.measure: help_ for help_ in observations.helps}

    def parts(item: Item) -> frozenset[str]:
        return frozenset(measure.part for measure in helped if measure.item is item and measure.part)

    found = (
        response.acknowledge(facts, expected, profile),
        response.command(facts, expected, profile),
        response.posts(facts, expected, profile, parts(Item.POSTS)),
        handling.steps(facts, expected, profile, parts(Item.STEPS)),
        handling.order(facts, expected, profile),
        handling.grading(facts, expected, profile),
        handling.remedy(facts, expected, profile, observations),
        control.escalation(facts, expected, profile, parts(Item.ESCALATION)),
        control.containment(facts, expected, profile),
        control.the_word(facts, expected, profile, observations),
        recovery.restore(facts, expected, profile),
        recovery.closeout(facts, expected, profile),
        recovery.satisfaction(facts, expected, profile, observations),
    )
    by_position = {entry.position: entry for entry in facts.entries}
    marks = []
    for mark in found:
        aid = helped.get(Measure(mark.item))
        if aid is not None and mark.ratio is not None:
            shown = line(by_position.get(aid.position, facts.last), "helped", inject=aid.inject)
            mark = replace(mark, ratio=min(mark.ratio, profile.helped), helped=True, lines=(*mark.lines, shown))  # noqa: PLW2901
        marks.append(mark.unseen() if Measure(mark.item) in observations.unseen else mark)
    return tuple(marks)


def _total(marks: tuple[Mark, ...], profile: Profile) -> tuple[float | None, float]:
    whole = sum(mark.weight for mark in marks)
    seen = sum(mark.weight for mark in marks if mark.ratio is not None)
    dropped = (whole - seen) / whole
    if seen <= 0 or dropped > profile.most_dropped + 1e-9:
        return None, dropped
    return 100 * sum(mark.points or 0.0 for mark in marks) / seen, dropped


def _sum(dimension: Dimension, marks: tuple[Mark, ...], closed: tuple[Gate, ...]) -> Sum:
    own = [mark for mark in marks if DIMENSION[mark.item] is dimension]
    seen = [mark for mark in own if mark.ratio is not None]
    points = sum(mark.points or 0.0 for mark in seen) if seen else None
    unable = any(gate.unable is dimension for gate in closed)
    return Sum(dimension, points, sum(m.weight for m in seen), sum(m.weight for m in own), unable)


def _overall(ratings: list[Rating | None], closed: tuple[Gate, ...]) -> Rating | None:
    """The worst of the must objectives that were observed, then the gates: they only lower."""
    known = [rating for rating in ratings if rating is not None]
    if not known:
        return None
    worst = max(known, key=lambda rating: rating.rank)
    for gate in closed:
        if gate.at_best is not None:
            worst = worst.at_best(gate.at_best)
    return worst


def _carried(objectives: tuple[Rated, ...], closed: tuple[Gate, ...], *, void: bool) -> Rating | None:
    """What the evaluator's ratings of objectives come to; None where there are none."""
    if void or all(objective.given is None for objective in objectives):
        return None
    return _overall([o.stands for o in objectives if o.objective.must], closed)
