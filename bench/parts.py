"""Every part of the bench, in the order in which they are run. A new one is one line here.

`python -m bench --only NAME[,NAME]`; a name before a dot means all that begin with it: `storm` is every storm.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bench import board, drills, entries, ladder, pages, storm
from bench.rounds import Part

PARTS: Final = (
    *pages.PARTS,
    *storm.PARTS,
    ladder.PART,
    *board.PARTS,
    *entries.PARTS,
    drills.PART,
)


def chosen(names: str | None) -> Sequence[Part]:
    """The parts of these names, in the table's order; the usual ones for None. Raises ValueError for no such name."""
    if names is None:
        return [part for part in PARTS if part.usual]
    wanted = [name for name in names.split(",") if name]
    unknown = [name for name in wanted if not any(_is(part, name) for part in PARTS)]
    if unknown or not wanted:
        raise ValueError(f"no part is called {', '.join(unknown)}; there are {', '.join(p.name for p in PARTS)}")
    return [part for part in PARTS if any(_is(part, name) for name in wanted)]


def _is(part: Part, name: str) -> bool:
    return part.name == name or part.name.startswith(f"{name}.")
