"""What stands in the way of the next page, as a value."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from incident.errors import Reason


class Weight(StrEnum):
    """How bad it is: a Critical could not be answered; it could, but hangs on less than it should; it will be so."""

    BLOCKS = "blocks"
    WEAK = "weak"
    SOON = "soon"

    @property
    def rank(self) -> int:
        """0 for what blocks: the worst comes first."""
        return list(Weight).index(self)


class About(StrEnum):
    """What a finding is about; `name` is then its id."""

    UNIT = "unit"
    ROSTER = "roster"
    PERSON = "person"
    PLAYBOOK = "playbook"
    SITE = "site"


@dataclass(frozen=True, slots=True)
class Finding:
    """`rule` names the kind of finding and is what a program looks for; `because` is the log's own reason where there
    is one; `do` says what puts it right."""

    rule: str
    weight: Weight
    about: About
    name: str
    said: Reason
    do: Reason
    because: Reason | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """The same finding of several: what a person reads once, with everybody's name beside it."""

    first: Finding
    names: tuple[str, ...]


def grouped(findings: Iterable[Finding]) -> tuple[Group, ...]:
    """In the order of the first of each."""
    found: dict[tuple[object, ...], list[Finding]] = {}
    for one in findings:
        found.setdefault((one.rule, one.weight, one.about, one.said, one.because), []).append(one)
    return tuple(Group(several[0], tuple(one.name for one in several)) for several in found.values())
