"""`python -m bench.chaos --seed 7 --minutes 5`: strike the program for minutes, then count what was lost.

Two set-ups: `serve` is `incident serve` on SQLite; `many` is three webs, two workers and two watches on PostgreSQL and
Redis. The seed decides what is done and when. Exit 0 only when every count is what it must be.
"""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path
from types import FrameType

from rich.console import Console

from bench.chaos.run import TOWNS, run
from bench.chaos.show import show, svg
from bench.processes import Failed, tail

_WIDE = 150


def main(arguments: list[str] | None = None) -> int:
    """0 when all holds, 1 when not, 130 when interrupted."""
    parser = argparse.ArgumentParser(prog="python -m bench.chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--town", choices=(*TOWNS, "both"), default="both", help="which set-up (default both)")
    parser.add_argument(
        "--only", action="append", default=[], metavar="ACT", help="only these: kill, 'kill web', disk ..."
    )
    parser.add_argument("--svg", type=Path, help="a folder for the timeline as a picture")
    parser.add_argument("--keep", action="store_true", help="keep the folder with the logs also when all holds")
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, _interrupt)
    console, told = Console(width=_WIDE if not sys.stdout.isatty() else None), Console(stderr=True, highlight=False)
    holds = True
    try:
        for name in TOWNS if options.town == "both" else (options.town,):
            result = run(
                name,
                options.seed,
                options.minutes * 60,
                lambda said: told.print(said, markup=False),
                wanted=options.only,
                keep=options.keep,
            )
            show(result, console)
            if options.svg:
                svg(result, options.svg / f"chaos-{name}-{options.seed}.svg")
            if not result.holds:
                console.print(f"kept: {result.folder}", markup=False)
            holds = holds and result.holds
    except KeyboardInterrupt:
        return 130
    except Failed as failed:
        told.print(f"{failed}", markup=False)
        for line in tail(failed.log) if failed.log else []:
            told.print(f"  {line}", markup=False)
        return 1
    return 0 if holds else 1


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
