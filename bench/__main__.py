"""`make bench`: the measured claims, each beside its peer in one run, interleaved, the median of three rounds.

Everything is on 127.0.0.1 and every process is stopped at the end. `--write` puts the table into docs/performance.md.
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from types import FrameType

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from bench import entries, pages, report
from bench.figures import Run, rows
from bench.monitor import installed
from bench.processes import Failed, tail

PAGES, WALLS = "pages", "walls"


def main(arguments: list[str] | None = None) -> int:
    """0 when all was measured, 1 when something failed, 130 when interrupted."""
    options = _options(arguments)
    signal.signal(signal.SIGTERM, _interrupt)
    told, table = Console(stderr=True), Console()
    if installed() is None:
        told.print("prometheus-alertmanager is not installed: pages are measured without their peer.")
    try:
        runs = list(_rounds(options, told))
    except KeyboardInterrupt:
        return 130
    except Failed as failed:
        told.print(f"[red]{failed}[/]")
        for line in tail(failed.log) if failed.log else []:
            told.print(f"  {line}", style="dim", markup=False)
        return 1
    found = rows(runs)
    table.print(_table(found))
    if options.write:
        report.write(Path("docs/performance.md"), found, rounds=options.rounds, command=" ".join(sys.argv[1:]))
    return 0


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--only", choices=(PAGES, WALLS), help="one of the two figures")
    parser.add_argument("--rounds", type=int, choices=range(1, 10), default=3)
    parser.add_argument("--write", action="store_true", help="write the table into docs/performance.md")
    return parser.parse_args(arguments)


def _rounds(options: argparse.Namespace, told: Console) -> Iterator[Run]:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=told, transient=True, disable=not told.is_terminal) as progress:
        doing = progress.add_task("")
        for number in range(1, options.rounds + 1):
            progress.update(doing, description=f"round {number} of {options.rounds}")
            both = (
                pages.measure(number) if options.only != WALLS else (),
                entries.measure() if options.only != PAGES else (),
            )
            for run in chain(*both):
                said = ", ".join(f"{figure.name} {figure.said()} {figure.unit}" for figure in run.figures)
                progress.console.print(f"round {number}  {run.scenario}  {run.target}: {said}", highlight=False)
                yield run


def _table(found: list[tuple[str, ...]]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for column in report.COLUMNS:
        table.add_column(column, justify="left" if column in report.COLUMNS[:2] else "right")
    for row in found:
        table.add_row(*row)
    return table


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
