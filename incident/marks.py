"""The mark of entries, rows and messages that are about no real emergency: a drill's, or a test page's.

One column holds both: whatever leaves drills out (figures, counts, the order of the wall) leaves out test pages, too.
What tells them apart is asked here and nowhere else.
"""

from __future__ import annotations

from typing import Final

TEST: Final = "test/"
"""What the mark of a test page begins with; the person who is tested follows. No drill's mark begins so."""
TESTS_END: Final = "test0"
"""The first text after all marks of test pages, in the order of their bytes."""


LIVE: Final = "live/"
"""What the mark of a drill begins with that may ring real phones, because somebody said so when it was started."""


TABLE: Final = "table/"
"""What the mark of a tabletop in the browser begins with: it has acts like a live drill, and pages nobody."""


PRACTICE: Final = "practice/"
"""What the mark of a practice begins with: a drill of one person alone. Who practises, the unit whose incident it is,
and its name follow. Nobody is paged for it."""
APART: Final = (TEST, PRACTICE)
"""What stands in no list of incidents: it is found at its person. Its twin is in `web/static/wall_rows.js`."""


def is_live(mark: str | None) -> bool:
    return mark is not None and mark.startswith(LIVE)


def mark_of(person: str) -> str:
    """The mark of a page that only asks whether this person can be reached."""
    return TEST + person


def is_test(mark: str | None) -> bool:
    return mark is not None and mark.startswith(TEST)


def tested(mark: str) -> str:
    """The person whom a test page is for."""
    return mark.removeprefix(TEST)


def practice_of(person: str, unit: str, name: str) -> str:
    """The mark of what this person practises alone, on an incident of that unit. None of the three has a slash."""
    return f"{PRACTICE}{person}/{unit}/{name}"


def is_practice(mark: str | None) -> bool:
    return mark is not None and mark.startswith(PRACTICE)


def practised(mark: str) -> tuple[str, str, str]:
    """Who practises, at which unit, and the practice's name."""
    _, person, unit, name = mark.split("/", 3)
    return person, unit, name


def is_drill(mark: str | None) -> bool:
    return mark is not None and not is_test(mark)
