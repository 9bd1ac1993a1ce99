"""`make bench`: the measured claims, each beside its peer in one run, interleaved, the median of three rounds.

Everything is on 127.0.0.1 and every process is stopped at the end. `--write` puts the table into docs/performance.md.
For a quick look at a change: `python -m bench --only storm.one --ours --rounds 1 --profile`.
"""

from __future__ import annotations

import argparse
import signal
import sys
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Final

from rich.console import Console
from rich.table import Table

from bench import report
from bench.figures import SPOILT, Run
from bench.monitor import installed
from bench.parts import PARTS, chosen
from bench.processes import Failed, tail
from bench.report import Failure, Measured
from bench.rounds import Part, Round

_NUMBERS: Final = frozenset({"incident", "rounds", "beside", "ratio"})
_WIDE: Final = 180
"""Columns of the table where there is no terminal to fit it to."""


def main(arguments: list[str] | None = None) -> int:
    """0 when all was measured, 1 when something failed (and the rest was measured), 130 when interrupted."""
    options = _options(arguments)
    signal.signal(signal.SIGTERM, _interrupt)
    told, table = Console(stderr=True, soft_wrap=True), Console(width=None if sys.stdout.isatty() else _WIDE)
    if installed() is None:
        told.print("prometheus-alertmanager is not installed: alerts are measured without their peer.")
    found = _found(options, arguments)
    try:
        for each in () if options.kept else _rounds(options, told):
            (found.runs if isinstance(each, Run) else found.failures).append(each)  # type: ignore[arg-type]
    except KeyboardInterrupt:
        return 130
    finally:
        if options.json:
            options.json.write_text(report.as_json(found), encoding="utf-8")
    table.print(_table(report.FIGURES, report.figure_cells(found)))
    if found.goals:
        table.print(_table(report.GOALS, report.goal_cells(found)))
    if report.taken(found) > SPOILT:
        told.print(
            f"Others took up to {report.taken(found):.0f} % of the machine meanwhile: measure again.", style="red"
        )
    for failure in found.failures:
        told.print(f"failed: {failure.part}, round {failure.round}: {failure.message}", style="red", markup=False)
    if options.write:
        report.write(report.PAGE, found)
    return 1 if found.failures else 0


def _found(options: argparse.Namespace, arguments: list[str] | None) -> Measured:
    """What is to be filled, or what was kept of an earlier call."""
    if options.kept:
        return report.from_json(options.kept.read_text(encoding="utf-8"), {part.name: part.goals for part in PARTS})
    goals = [goal for part in options.only for goal in part.goals]
    return Measured(options.rounds, " ".join(sys.argv[1:] if arguments is None else arguments), goals)


def _options(arguments: list[str] | None) -> argparse.Namespace:
    names = "\n".join(f"  {part.name:<20} {part.says}{'' if part.usual else ' (only when named)'}" for part in PARTS)
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description=__doc__,
        epilog=f"parts:\n{names}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--only", type=_parts, default=chosen(None), metavar="NAME[,NAME]", help="these parts only")
    parser.add_argument("--rounds", type=int, choices=range(1, 10), default=3)
    parser.add_argument("--full", action="store_true", help="with what takes long")
    parser.add_argument("--ours", action="store_true", help="without the peers: a look, no claim")
    parser.add_argument("--scale", type=float, default=1.0, help="smaller loads: a look, no claim")
    parser.add_argument("--profile", action="store_true", help="tell where the processor time goes")
    parser.add_argument("--json", type=Path, metavar="FILE", help="every figure of every round")
    parser.add_argument("--write", action="store_true", help="write the table into docs/performance.md")
    parser.add_argument("--from", type=Path, dest="kept", metavar="FILE", help="do not measure: show what --json kept")
    options = parser.parse_args(arguments)
    if options.write and (options.ours or options.scale != 1.0):
        parser.error("--write is for whole measurements beside the peers")
    return options


def _parts(names: str) -> Sequence[Part]:
    try:
        return chosen(names)
    except ValueError as unknown:
        raise argparse.ArgumentTypeError(str(unknown)) from None


def _rounds(options: argparse.Namespace, told: Console) -> Iterator[Run | Failure]:
    """Round by round, part by part. A part that fails is told, and the others go on."""
    say = _Say(told)
    for number in range(1, options.rounds + 1):
        round_ = Round(number, options.ours, options.full, options.scale, options.profile, say)
        for part in options.only:
            try:
                for run in part.measure(round_):
                    said = ", ".join(f"{figure.name} {figure.said()} {figure.unit}".strip() for figure in run.figures)
                    say(f"round {number}  {run.scenario}  {run.target}: {said}")
                    yield replace(run, part=part.name, round=number)
            except Exception as problem:  # whatever it is: hours of other figures must not be lost with this one
                say(f"round {number}  {part.name} failed: {problem}")
                for line in _why(problem):
                    say(f"  {line}")
                yield Failure(part.name, number, str(problem) or type(problem).__name__)


def _why(problem: Exception) -> Sequence[str]:
    if isinstance(problem, Failed):
        return tail(problem.log) if problem.log else []
    return "".join(traceback.format_exception(problem)).splitlines()


class _Say:
    def __init__(self, told: Console) -> None:
        self._told = told

    def __call__(self, line: str) -> None:
        self._told.print(line, highlight=False, markup=False)


def _table(columns: Sequence[str], cells: Sequence[tuple[str, ...]]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for column in columns:
        table.add_column(column, justify="right" if column in _NUMBERS else "left")
    for row in cells:
        table.add_row(*row)
    return table


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
