"""The one guard between a drill and the real world: every message passes here before a channel sees it.

A drill's message reaches the simulated phones only, unless its drill was started live for real phones and runs now; and
it never leaves without its mark, which the words take from the same row that this guard reads.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from incident.errors import Reason, why
from incident.marks import is_drill, is_live, is_practice

SIMULATED: Final = "simulated"


def barred(drill: str | None, provider: str, runs: Callable[[str], bool]) -> Reason | None:
    """Why this message must not leave by this provider; None when it may. `drill` is the mark that its row bears.

    Only a drill that was started for real phones may leave, and its mark says so; and only while it `runs`, which is
    asked of no other message: one that has ended, is suspended, or that nobody knows stays inside. A test page is no
    drill: it is there to reach a real phone. A practice pages nobody at all, and orders no message: one of it would be
    a fault, and goes nowhere.
    """
    if is_practice(drill):
        return why("page.failed.drill")
    if not is_drill(drill) or provider == SIMULATED:
        return None
    assert drill is not None
    if not is_live(drill):
        return why("page.failed.drill")
    return None if runs(drill) else why("page.failed.drill_stands")
