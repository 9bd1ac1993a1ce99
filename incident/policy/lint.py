"""What is wrong with a policy that its shape does not show. A grave finding keeps the policy from being used."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Final

from incident.calendars import CalendarKind
from incident.errors import Reason, why
from incident.levels import Degree, Level
from incident.policy.figures import ClockName, Figure, Span, Target
from incident.policy.model import Policy
from incident.source import Pointer

FLOORS: Final = {
    "system_outage": Level.HIGH,
    "data_loss": Level.HIGH,
    "platform_down": Level.HIGH,
    "major_fault": Level.HIGH,
    "fire_or_shock": Level.CRITICAL,
    "gas_leak": Level.CRITICAL,
    "injury": Level.CRITICAL,
}
"""What no policy may grade lower: major faults, crashes and lost data; danger to people."""

_GRAVEST_FIRST: Final = tuple(sorted(Level, key=lambda level: -level.rank))
_DEGREES: Final = tuple(Degree)
_EARLY: Final = (ClockName.ACKNOWLEDGE, ClockName.FIRST_CONTACT)


@dataclass(frozen=True, slots=True)
class Finding:
    """`pointer` is the place in the policy's file. `grave` would fail in the middle of an incident."""

    policy: str
    pointer: Pointer
    reason: Reason
    grave: bool = False


def lint(policies: Iterable[Policy]) -> tuple[Finding, ...]:
    """Every finding, policy by policy. Nothing found means fit for use."""
    return tuple(finding for policy in policies for finding in _all(policy))


def _all(policy: Policy) -> Iterator[Finding]:
    yield from _matrix(policy)
    yield from _floors(policy)
    yield from _response(policy)
    yield from _order_of_clocks(policy)
    yield from _slower(policy)
    yield from _word_and_steps(policy)
    yield from _quiet(policy)
    yield from _calendar(policy)
    yield from _origin(policy)


def _matrix(policy: Policy) -> Iterator[Finding]:
    for impact in Degree:
        for urgency in Degree:
            if urgency not in policy.matrix.get(impact, {}):
                reason = why("policy.lint.cell_missing", impact=impact, urgency=urgency)
                yield Finding(policy.id, ("matrix", impact, urgency), reason, grave=True)
    for higher, lower in pairwise(_DEGREES):
        for other in Degree:
            yield from _cells(policy, (higher, other), (lower, other))
            yield from _cells(policy, (other, higher), (other, lower))


def _cells(policy: Policy, above: tuple[Degree, Degree], below: tuple[Degree, Degree]) -> Iterator[Finding]:
    """A higher impact or urgency must not give a lesser level."""
    one, two = (policy.matrix.get(impact, {}).get(urgency) for impact, urgency in (above, below))
    if one is not None and two is not None and one.rank < two.rank:
        reason = why("policy.lint.cell_inverted", impact=above[0], urgency=above[1], level=one)
        yield Finding(policy.id, ("matrix", *above), reason)


def _floors(policy: Policy) -> Iterator[Finding]:
    for mark, level in FLOORS.items():
        set_to = policy.floors.get(mark)
        if set_to is None or set_to.rank < level.rank:
            yield Finding(policy.id, ("floors", mark), why("policy.lint.floor_low", mark=mark, level=level))


def _response(policy: Policy) -> Iterator[Finding]:
    targets = policy.clocks.get(ClockName.RESPONSE, {})
    for level in Level:
        if level not in targets:
            pointer = ("clocks", ClockName.RESPONSE, level)
            yield Finding(policy.id, pointer, why("policy.lint.no_response", level=level), grave=True)


def _order_of_clocks(policy: Policy) -> Iterator[Finding]:
    """Nobody can respond before the report was acknowledged."""
    response = policy.clocks.get(ClockName.RESPONSE, {})
    for clock in _EARLY:
        for level, target in policy.clocks.get(clock, {}).items():
            if level in response and target.length > response[level].length:
                reason = why("policy.lint.after_response", clock=clock, level=level)
                yield Finding(policy.id, ("clocks", clock, level), reason)


def _slower(policy: Policy) -> Iterator[Finding]:
    """A graver level is never slower, and never without a clock that a lesser one has, unless waived in writing."""
    waived = {(waiver.clock, waiver.level) for waiver in policy.waivers}
    used = set()
    for clock, targets in policy.clocks.items():
        for graver, lesser in combinations(_GRAVEST_FIRST, 2):
            if not _is_slower(targets, graver, lesser):
                continue
            if (clock, graver) in waived:
                used.add((clock, graver))
                continue
            reason = why("policy.lint.slower", clock=clock, level=graver, level_=lesser)
            yield Finding(policy.id, ("clocks", clock, graver), reason)
    for index, waiver in enumerate(policy.waivers):
        if (waiver.clock, waiver.level) not in used:
            reason = why("policy.lint.idle_waiver", clock=waiver.clock, level=waiver.level)
            yield Finding(policy.id, ("waivers", index), reason)


def _is_slower(targets: Mapping[Level, Target], graver: Level, lesser: Level) -> bool:
    if lesser not in targets:
        return False
    return graver not in targets or targets[graver].length > targets[lesser].length


def _word_and_steps(policy: Policy) -> Iterator[Finding]:
    for graver, lesser in pairwise(_GRAVEST_FIRST):
        word = policy.cadence[graver], policy.cadence[lesser]
        if any(getattr(word[0], name) > getattr(word[1], name) for name in ("first_min", "scope_min", "every_min")):
            yield Finding(policy.id, ("cadence", graver), why("policy.lint.slower_word", level=graver, level_=lesser))
        if policy.escalation_step(graver) > policy.escalation_step(lesser):
            reason = why("policy.lint.slower_step", level=graver, level_=lesser)
            yield Finding(policy.id, ("escalation_step_min", graver), reason)


def _quiet(policy: Policy) -> Iterator[Finding]:
    """An answer to what is graver never holds longer, and never for ever where a lesser one expires."""
    holds = policy.quiet_min
    for graver, lesser in combinations(_GRAVEST_FIRST, 2):
        if lesser in holds and (graver not in holds or holds[graver].minutes > holds[lesser].minutes):
            yield Finding(policy.id, ("quiet_min", graver), why("policy.lint.quiet", level=graver, level_=lesser))


def _calendar(policy: Policy) -> Iterator[Finding]:
    calendar = policy.calendar
    if not calendar.known:
        reason = why("policy.lint.unknown_calendar", country=calendar.country)
        yield Finding(policy.id, ("calendar", "country"), reason, grave=True)
    if calendar.kind is CalendarKind.BUSINESS:
        return
    for clock, targets in policy.clocks.items():
        for level, target in targets.items():
            if target.unit is Span.WORKDAY:
                reason = why("policy.lint.no_workdays", clock=clock, level=level)
                yield Finding(policy.id, ("clocks", clock, level), reason)


def _origin(policy: Policy) -> Iterator[Finding]:
    """Every figure is either demanded or marked assumed, never both."""
    for pointer, figure in _figures(policy):
        if figure.assumed == (figure.demanded is not None):
            key = "policy.lint.both" if figure.assumed else "policy.lint.neither"
            yield Finding(policy.id, pointer, why(key, figure=".".join(map(str, pointer))))


def _figures(policy: Policy) -> Iterator[tuple[Pointer, Figure]]:
    for clock, targets in policy.clocks.items():
        yield from ((("clocks", clock, level), target) for level, target in targets.items())
    yield from ((("cadence", level), cadence) for level, cadence in policy.cadence.items())
    yield from ((("escalation_step_min", level), step) for level, step in policy.escalation_step_min.items())
    yield from ((("quiet_min", level), step) for level, step in policy.quiet_min.items())
    yield from ((("targets", name), goal) for name, goal in policy.targets.items())
