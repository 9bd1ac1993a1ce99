"""Which processors a process runs on.

Python runs one thread of a process at a time. On a machine of two, the web's loop and its desk wake each other across
both by turns: each hand-over then waits for the other processor, and the worker that pages finds neither of them free.
So of two the web keeps to one, and what it cannot have is there for the worker. Where there are more, or where the
machine does not say, nothing is changed. Measured: docs/decisions/0065.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Set
from contextlib import suppress


def own(cores: Set[int]) -> set[int]:
    """Those of these that the web is to have: the last of exactly two (the first serves the machine's interrupts),
    else all."""
    return {max(cores)} if len(cores) == 2 else set(cores)


def keep_to_own() -> None:
    """For this process, and what it starts from now on. A machine that refuses is left as it is."""
    if sys.platform == "linux":
        cores = os.sched_getaffinity(0)
        if own(cores) != cores:
            with suppress(OSError):  # a sandbox may forbid it; everything works without
                os.sched_setaffinity(0, own(cores))
