"""The memory of a long-running process, once it has read what it needs, and of the copies that are made of it."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

YOUNG: Final = 50_000
"""Objects made before Python looks for rings among them; its own figure is 700. A transaction for a storm makes some
tens of thousands, none of them in a ring, and each look would stop the process that pages."""


def settled() -> None:
    """Call it when everything is loaded: what is there now stays, and is not looked through again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 20, 50)


@contextmanager
def shared() -> Iterator[None]:
    """Load here what copies of this process are to have. Nobody looks for rings in it, now or later, here or there: it
    takes a third of a second, and whoever looks writes, and what is written to is no longer shared."""
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        gc.enable()
