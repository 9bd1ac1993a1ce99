"""The chart of the ratios, as an SVG that stands by itself: drawn from the same rows as the table, on a log scale.

Right of the line we do better than the peer, whether the figure is a rate or a time. It brings its own background, for
light and for dark, and says everything in words, too: nothing hangs on a colour.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from bench.figures import Row
from bench.goals import Goal

WIDTH: Final = 960
_TOP: Final = 84
_STEP: Final = 38
_BOTTOM: Final = 22
_LEFT: Final = 372
_RIGHT: Final = 690
_TIMES: Final = 776
_TICKS: Final = (0.001, 0.01, 0.1, 1.0, 10.0, 100.0, 1000.0)

_STYLE: Final = """
text { font: 13px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #1f2328 }
.title { font-size: 16px; font-weight: 600 }
.soft, .tick { fill: #59636e }
.times { font-weight: 600 }
.number { font-variant-numeric: tabular-nums }
.card { fill: #ffffff; stroke: #d1d9e0 }
.grid { stroke: #d1d9e0 }
.one { stroke: #1f2328; stroke-width: 1.5 }
.better { fill: #1f6f8b }
.worse { fill: #b4690e }
@media (prefers-color-scheme: dark) {
  text { fill: #f0f6fc }
  .soft, .tick { fill: #9198a1 }
  .card { fill: #0d1117; stroke: #3d444d }
  .grid { stroke: #3d444d }
  .one { stroke: #f0f6fc }
  .better { fill: #4fb3d0 }
  .worse { fill: #e3a33d }
}"""


@dataclass(frozen=True, slots=True)
class Bar:
    """`times` is how many times better than the peer: under 1 it is worse."""

    work: str
    figure: str
    times: float
    numbers: str

    def sentence(self) -> str:
        how = f"{said(self.times)} times the peer's" if self.times >= 1 else f"{said(self.times)} of the peer's"
        return f"{self.work}, {self.figure}: {how} ({self.numbers})"


def said(times: float) -> str:
    """Two digits that matter: 0.043, 0.85, 1.2, 31."""
    if times >= 10:
        return f"{times:,.0f}"
    return f"{times:.2g}" if times < 1 else f"{times:.1f}"


def bars(goals: Sequence[tuple[Goal, Row | None]]) -> list[Bar]:
    """Of the goals that are drawn and were measured beside a peer. A time counts the other way round than a rate."""
    found = []
    for goal, row in goals:
        if goal.drawn and row is not None and row.ratio and row.theirs is not None:
            times = row.ratio if goal.more else 1 / row.ratio
            unit = f" {row.unit}".replace(" /", "/")
            numbers = f"{row.said(row.own)} : {row.said(row.theirs)}{unit}"
            found.append(Bar(row.scenario, f"{row.figure}, {row.peer}", times, numbers))
    return found


def drawn(found: Sequence[Bar]) -> str:
    """The SVG. Raises ValueError for no bars."""
    scale = _Scale([bar.times for bar in found])
    height = _TOP + _STEP * len(found) + _BOTTOM
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'role="img" aria-labelledby="title told">',
        '<title id="title">How many times better than its peer, by work</title>',
        f'<desc id="told">{escape(". ".join(bar.sentence() for bar in found))}.</desc>',
        f"<style>{_STYLE}\n</style>",
        f'<rect class="card" x="0.5" y="0.5" width="{WIDTH - 1}" height="{height - 1}" rx="6"/>',
        '<text class="title" x="20" y="30">incident beside its peers</text>',
        '<text class="soft" x="20" y="50">How many times better, log scale; ours : theirs</text>',
        *_grid(scale, height),
        *(line for number, bar in enumerate(found) for line in _bar(scale, bar, _TOP + _STEP * number)),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


class _Scale:
    """Whole decades, and at least one on each side of the line."""

    def __init__(self, times: Sequence[float]) -> None:
        self.least = min(-1, math.floor(math.log10(min(times))))
        self.most = max(1, math.ceil(math.log10(max(times))))

    def x(self, times: float) -> float:
        share = (math.log10(times) - self.least) / (self.most - self.least)
        return round(_LEFT + share * (_RIGHT - _LEFT), 1)


def _grid(scale: _Scale, height: int) -> Iterator[str]:
    for tick in _TICKS:
        if scale.least <= round(math.log10(tick)) <= scale.most:
            x, kind = scale.x(tick), "one" if tick == 1 else "grid"
            yield f'<line class="{kind}" x1="{x}" x2="{x}" y1="{_TOP - 12}" y2="{height - _BOTTOM + 6}"/>'
            yield f'<text class="tick" x="{x}" y="{_TOP - 18}" text-anchor="middle">{tick:g} x</text>'
    one = scale.x(1)
    yield f'<text class="soft" x="{one - 8}" y="{_TOP - 36}" text-anchor="end">← behind</text>'
    yield f'<text class="soft" x="{one + 8}" y="{_TOP - 36}">ahead →</text>'


def _bar(scale: _Scale, bar: Bar, top: int) -> Iterator[str]:
    one, end = scale.x(1), scale.x(bar.times)
    left, width, kind = min(one, end), max(abs(end - one), 1.5), "better" if bar.times >= 1 else "worse"
    yield f'<text x="20" y="{top + 13}">{escape(bar.work)}</text>'
    yield f'<text class="soft" x="20" y="{top + 28}" style="font-size:12px">{escape(bar.figure)}</text>'
    yield f'<rect class="{kind}" x="{left}" y="{top + 4}" width="{width:.1f}" height="20" rx="2"/>'
    yield f'<text class="number times" x="{_TIMES}" y="{top + 18}" text-anchor="end">{said(bar.times)} x</text>'
    yield f'<text class="number" x="{_TIMES + 14}" y="{top + 18}">{escape(bar.numbers)}</text>'
