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


def is_drill(mark: str | None) -> bool:
    return mark is not None and not is_test(mark)
