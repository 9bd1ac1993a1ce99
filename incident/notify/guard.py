"""The one guard between a drill and the real world: every message passes here before a channel sees it.

A drill's message reaches the simulated phones only, unless its drill is live and says so; and it never leaves
without its mark, which the words take from the same row that this guard reads.
"""

from __future__ import annotations

from typing import Final

from incident.errors import Reason, why
from incident.marks import is_drill, is_live

SIMULATED: Final = "simulated"


def barred(drill: str | None, provider: str) -> Reason | None:
    """Why this message must not leave by this provider; None when it may. `drill` is the mark that its row bears.

    Only a drill that was started for real phones may leave, and its mark says so. A test page is no drill: it is there
    to reach a real phone.
    """
    if is_drill(drill) and not is_live(drill) and provider != SIMULATED:
        return why("page.failed.drill")
    return None
