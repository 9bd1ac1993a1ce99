"""The memory of a long-running process, once it has read what it needs."""

from __future__ import annotations

import gc
from typing import Final

YOUNG: Final = 50_000
"""Objects made before Python looks for rings among them; its own figure is 700. A transaction for a storm makes some
tens of thousands, none of them in a ring, and each look would stop the process that pages."""


def settled() -> None:
    """Call it when everything is loaded: what is there now stays, and is not looked through again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 20, 50)
