"""The table, and the timeline of what the monkey did beside the lag of the pages."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

from rich.console import Console
from rich.table import Table

from bench.chaos.audit_time import lags, recoveries
from bench.chaos.run import Result
from bench.figures import SPOILT, percentile

_BAR_S: Final = 0.25
_WIDEST: Final = 40
_WIDTH, _HEIGHT, _TOP_S = 1200, 360, 12.0


def table(result: Result) -> Table:
    """Every count with what it must be."""
    made = Table(title=f"{result.town}, seed {result.seed}, {result.seconds:.0f} s", title_justify="left", box=None)
    for column in ("", "counted", "wanted", "found", "of"):
        made.add_column(column, justify="right" if column in ("wanted", "found") else "left", overflow="fold")
    for finding in result.findings:
        mark = "[green]ok[/]" if finding.holds else "[red]NO[/]"
        made.add_row(mark, finding.what, finding.wanted, finding.found, finding.of)
    return made


def show(result: Result, console: Console) -> None:
    """Table, examples of what does not hold, timeline."""
    console.print(table(result))
    for finding in result.findings:
        for example in finding.examples if not finding.holds else ():
            console.print(f"  {finding.what}: {example}", markup=False, highlight=False)
    statuses = Counter[int]()
    for (_, status), number in result.book.statuses.items():
        statuses[status] += number
    said = ", ".join(f"{status or 'no answer'} {number}" for status, number in sorted(statuses.items()))
    console.print(f"\nanswers by status: {said}", highlight=False)
    spoilt = ": what is said of time says little" if result.others > SPOILT else ""
    console.print(f"others had {result.others:.0f} % of the machine meanwhile{spoilt}\n", highlight=False)
    for line in timeline(result):
        console.print(line, markup=False, highlight=False)


def timeline(result: Result) -> list[str]:
    """Each act, how soon a page went out after it, and the worst lag until the next one."""
    found = lags(result.book)
    acts = recoveries(result.book)
    calm = [lag for at, lag in found if not acts or at < acts[0][0].at]
    lines = [f"   s   act                      first page   worst lag until the next act (a mark is {_BAR_S} s)"]
    if calm:
        lines.append(f"   0.0 {'calm':<24} {'':>10}   {_bar(max(calm))} p50 {percentile(calm, 0.5):.2f} s")
    for number, (done, soon) in enumerate(acts):
        end = acts[number + 1][0].at if number + 1 < len(acts) else float("inf")
        worst = max((lag for at, lag in found if done.at <= at < end), default=0.0)
        said = f"{soon:.2f} s" if soon is not None else "never"
        lines.append(f"{done.at - result.begun:6.1f} {str(done.trick) + done.note:<24} {said:>10}   {_bar(worst)}")
    return lines


def _bar(lag: float) -> str:
    return f"{'#' * min(_WIDEST, round(lag / _BAR_S))} {lag:.2f} s"


def svg(result: Result, path: Path) -> None:
    """The same as a picture: a dot for each report's lag, a band for each act."""
    end = max(result.seconds, 1.0)

    def x(at: float) -> float:
        return 60 + (at - result.begun) / end * (_WIDTH - 80)

    def y(lag: float) -> float:
        return _HEIGHT - 40 - min(lag, _TOP_S) / _TOP_S * (_HEIGHT - 140)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans" font-size="11">',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>',
    ]
    for lag in (0.0, 1.0, 2.0, 5.0, 10.0):
        parts.append(
            f'<path d="M60 {y(lag):.0f}H{_WIDTH - 20}" stroke="#ddd"/><text x="30" y="{y(lag):.0f}">{lag:.0f} s</text>'
        )
    for done, _ in recoveries(result.book):
        left, wide = x(done.at), max(1.5, x(done.until) - x(done.at))
        parts.append(f'<rect x="{left:.1f}" y="90" width="{wide:.1f}" height="{_HEIGHT - 130}" fill="#e6a23c55"/>')
        parts.append(f'<text transform="translate({left:.1f} 86) rotate(-50)">{escape(str(done.trick))}</text>')
    for at, lag in lags(result.book):
        parts.append(f'<circle cx="{x(at):.1f}" cy="{y(lag):.1f}" r="1.6" fill="#1f5fbf"/>')
    path.write_text("\n".join([*parts, "</svg>"]) + "\n", encoding="utf-8")
