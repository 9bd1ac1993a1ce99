"""Pictures as SVG that stands by itself: words beside every colour, a pattern beside every hue, no script, no font."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

WIDTH: Final = 720
GOOD, SOSO, BAD = "good", "soso", "bad"

STYLE: Final = """
svg text{font:12px system-ui,-apple-system,"Segoe UI","Noto Sans","PingFang SC","Noto Sans CJK SC","Microsoft YaHei",
sans-serif;fill:#14181d}
svg .quiet{fill:#505963}svg .axis{stroke:#c6ccd2;stroke-width:1}svg .target{stroke:#14181d;stroke-width:1.5;
stroke-dasharray:4 3}svg .line{fill:none;stroke:#3d31a3;stroke-width:2}svg .band{fill:#3d31a3;fill-opacity:.16}
svg .good{fill:#0a6b3d}svg .soso{fill:url(#soso)}svg .bad{fill:url(#bad)}svg .bar{fill:#3d31a3}
svg .whisker{stroke:#14181d;stroke-width:1.5}
"""
PATTERNS: Final = (
    '<defs><pattern id="soso" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect width="6" height="6" fill="#e69f00"/><rect width="2" height="6" fill="#8a5200"/></pattern>'
    '<pattern id="bad" width="6" height="6" patternUnits="userSpaceOnUse"><rect width="6" height="6" fill="#d55e00"/>'
    '<circle cx="3" cy="3" r="1.4" fill="#fff"/></pattern></defs>'
)


@dataclass(frozen=True, slots=True)
class Bar:
    """A named bar from `start` to `end` on the axis; `target` is a tick on it, `said` stands behind it.

    Without a kind there is no bar: what was not observed is not nothing.
    """

    name: str
    end: float
    said: str
    kind: str = "bar"
    start: float = 0.0
    target: float | None = None
    low: float | None = None
    high: float | None = None


def text(x: float, y: float, said: str, *, anchor: str = "start", kind: str = "") -> str:
    mark = f' class="{kind}"' if kind else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{mark}>{escape(said)}</text>'


def frame(height: float, title: str, parts: Iterable[str], width: int = WIDTH) -> str:
    body = "".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height:.0f}" role="img" '
        f'aria-label="{escape(title, quote=True)}"><style>{STYLE}</style>{PATTERNS}{body}</svg>'
    )


def bars(title: str, rows: Sequence[Bar], *, top: float, ticks: Sequence[tuple[float, str]], left: float = 240) -> str:
    """Rows of bars on one axis from 0 to `top`; ticks are (value, word)."""
    right, step = WIDTH - 170.0, 26.0
    scale = (right - left) / top if top else 0.0
    height = 30 + step * len(rows) + 24
    parts = []
    for value, said in ticks:
        x = left + value * scale
        parts.append(f'<line class="axis" x1="{x:.1f}" y1="22" x2="{x:.1f}" y2="{height - 22:.1f}"/>')
        parts.append(text(x, height - 6, said, anchor="middle", kind="quiet"))
    for place, row in enumerate(rows):
        y = 26 + step * place
        x1, x2 = left + max(0.0, row.start) * scale, left + max(0.0, min(row.end, top)) * scale
        parts.append(text(left - 8, y + 13, shortened(row.name, 34), anchor="end"))
        if row.kind:
            parts.append(
                f'<rect class="{row.kind}" x="{x1:.1f}" y="{y + 2:.1f}" width="{max(1.5, x2 - x1):.1f}" height="15"/>'
            )
        if row.low is not None and row.high is not None:
            low, high = (left + max(0.0, min(v, top)) * scale for v in (row.low, row.high))
            parts.append(
                f'<line class="whisker" x1="{low:.1f}" y1="{y + 9.5:.1f}" x2="{high:.1f}" y2="{y + 9.5:.1f}"/>'
            )
            x2 = max(x2, high)
        if row.target is not None and row.target <= top:
            x = left + row.target * scale
            parts.append(f'<line class="target" x1="{x:.1f}" y1="{y - 1:.1f}" x2="{x:.1f}" y2="{y + 20:.1f}"/>')
        parts.append(text(right + 8, y + 14, row.said, kind="quiet"))
    return frame(height, title, parts)


def curve(title: str, points: Sequence[tuple[float, float, float, float]], target: float, said: str) -> str:
    """Points are (minutes, share, low, high); the target is a dashed line with its words."""
    left, right, top, bottom = 46.0, WIDTH - 20.0, 20.0, 240.0
    most = points[-1][0] or 1.0

    def at(minutes: float, share: float) -> str:
        return f"{left + (right - left) * minutes / most:.1f},{bottom - (bottom - top) * share:.1f}"

    parts = []
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        y = bottom - (bottom - top) * share
        parts.append(f'<line class="axis" x1="{left}" y1="{y:.1f}" x2="{right}" y2="{y:.1f}"/>')
        parts.append(text(left - 6, y + 4, f"{100 * share:.0f} %", anchor="end", kind="quiet"))
    for step in range(7):
        minutes = most * step / 6
        x = left + (right - left) * step / 6
        parts.append(text(x, bottom + 18, f"{minutes:g}", anchor="middle", kind="quiet"))
    upper = " ".join(at(m, high) for m, _, _, high in points)
    lower = " ".join(at(m, low) for m, _, low, _ in reversed(points))
    parts.append(f'<polygon class="band" points="{upper} {lower}"/>')
    parts.append(f'<polyline class="line" points="{" ".join(at(m, share) for m, share, _, _ in points)}"/>')
    if target <= most:
        x = left + (right - left) * target / most
        parts.append(f'<line class="target" x1="{x:.1f}" y1="{top}" x2="{x:.1f}" y2="{bottom}"/>')
        parts.append(text(x + 6, bottom - 10, said))
    return frame(bottom + 26, title, parts)


def shortened(said: str, most: int) -> str:
    """Chinese letters are twice as wide as others."""
    width = 0
    for place, letter in enumerate(said):
        width += 2 if ord(letter) > 0x2E80 else 1
        if width > most:
            return said[:place].rstrip() + "…"
    return said
