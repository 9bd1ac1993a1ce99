"""The memory of a long-running process, once it has read what it needs, and of the copies that are made of it."""

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


def shared() -> None:
    """Call it before copies of this process are made: what is there now is never looked through again, here or there.
    The collector writes into whatever it looks at, and what is written to is no longer shared."""
    gc.collect()
    gc.freeze()
