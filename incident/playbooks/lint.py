"""What in a playbook would hurt at 3 a.m., named with file, line and column.

Each rule is a small generator over one playbook; `lint` runs them all and adds what only the whole set shows
(duplicate ids, kinds and levels without a plan). An error stops a playbook from being loaded, a warning does not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Final

from incident.errors import Params, Reason, why
from incident.levels import Level
from incident.playbooks.coverage import gaps
from incident.playbooks.model import FALLBACK, Playbook
from incident.playbooks.reader import Shelved, merged, read_files, read_library
from incident.playbooks.rules import RULES, Crew, Found, Setting
from incident.posts import Tier
from incident.source import BadSource, Document, SourceFault

RESPONSE_MIN: Final[Mapping[Level, int]] = {Level.CRITICAL: 15, Level.HIGH: 60, Level.MEDIUM: 120, Level.LOW: 1440}
"""Response targets of the default policy profile, `it-emergency`; pass another profile's to `lint` where it holds."""


class Severity(StrEnum):
    """Whether a finding keeps the playbook out."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to repair. `rule` is its stable short name, `reason` the sentence for a person."""

    file: str
    line: int
    column: int
    rule: str
    reason: Reason
    severity: Severity

    @property
    def place(self) -> str:
        """`file:line:column`, as editors open it."""
        return f"{self.file}:{self.line}:{self.column}"

    @property
    def order(self) -> tuple[str, int, int, str, Params]:
        """Findings are listed as one reads the files."""
        return self.file, self.line, self.column, self.rule, self.reason.params


WARNINGS: Final = frozenset({"review_overdue"})


def lint(
    shelf: Iterable[Shelved],
    *,
    today: date,
    can_hold: Callable[[Tier, str], bool] | None = None,
    crew: Crew | None = None,
    response_min: Mapping[Level, int] = RESPONSE_MIN,
    beside: Iterable[Playbook] = (),
) -> tuple[Finding, ...]:
    """All findings, in the order of the files.

    `can_hold` says whether the organisation has anybody on the roster of a tier and function; None skips that rule.
    `crew` are the people, for rungs that name some or ask for a skill; None skips those rules too.
    `beside` are playbooks in force that are not being checked: they count for coverage and as the fallback.
    """
    shelved = tuple(shelf)
    setting = Setting(today, response_min, can_hold, crew)
    findings = {
        _finding(one.document, found) for one in shelved for rule in RULES for found in rule(one.playbook, setting)
    }
    findings |= set(_duplicates(shelved))
    findings |= set(_coverage(shelved, tuple(beside)))
    return tuple(sorted(findings, key=lambda finding: finding.order))


def check(
    paths: Iterable[Path],
    *,
    today: date,
    can_hold: Callable[[Tier, str], bool] | None = None,
    crew: Crew | None = None,
    response_min: Mapping[Level, int] = RESPONSE_MIN,
) -> tuple[Finding, ...]:
    """Lint the files over the shipped library, or the library itself when there are none. Raises OSError.

    Files that cannot be read as playbooks give a finding for each fault instead of raising.
    """
    listed = tuple(paths)
    library = read_library()
    if not listed:
        return lint(library, today=today, can_hold=can_hold, crew=crew, response_min=response_min)
    own: list[Shelved] = []
    broken: list[Finding] = []
    for path in listed:
        try:
            own += read_files([path])
        except BadSource as bad:
            broken += [of_source(fault) for fault in bad.faults]
    beside = merged((one.playbook for one in library), ())
    found = (
        lint(own, today=today, can_hold=can_hold, crew=crew, response_min=response_min, beside=beside) if own else ()
    )
    return tuple(sorted((*broken, *found), key=lambda finding: finding.order))


def of_source(fault: SourceFault) -> Finding:
    """A fault of reading, as a finding."""
    reason = why("playbook.lint.unreadable", message=fault.message)
    return Finding(fault.path, fault.line, fault.column, "unreadable", reason, Severity.ERROR)


def _finding(document: Document, found: Found) -> Finding:
    line, column = document.key_place(found.pointer) if found.at_key else document.place(found.pointer)
    rule = found.reason.key.removeprefix("playbook.lint.")
    return Finding(
        document.name, line, column, rule, found.reason, Severity.WARNING if rule in WARNINGS else Severity.ERROR
    )


def _duplicates(shelved: tuple[Shelved, ...]) -> Iterator[Finding]:
    first: dict[str, str] = {}
    for one in shelved:
        playbook_id = one.playbook.id
        if playbook_id in first:
            reason = why("playbook.lint.duplicate_playbook", playbook=playbook_id, file=first[playbook_id])
            yield _finding(one.document, Found(("id",), reason))
        first.setdefault(playbook_id, one.document.name)


def _coverage(shelved: tuple[Shelved, ...], beside: tuple[Playbook, ...]) -> Iterator[Finding]:
    """Gaps have no line of their own: they are named where a plan says what it is for, the fallback's if it is here."""
    if not shelved:
        return
    known = merged(beside, (one.playbook for one in shelved))
    home = next((one for one in shelved if one.playbook.id == FALLBACK), shelved[0]).document
    if all(playbook.id != FALLBACK for playbook in known):
        yield _finding(home, Found(("id",), why("playbook.lint.no_fallback", playbook=FALLBACK)))
    for kind, level in gaps(known):
        near = next((one.document for one in shelved if kind in one.playbook.matches.kinds), home)
        yield _finding(near, Found(("matches",), why("playbook.lint.uncovered", kind=kind, level=level), at_key=True))
