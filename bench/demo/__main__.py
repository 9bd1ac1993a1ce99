"""`make demo`: the whole story, once. Exit 0 when everything was as it must be, 1 when not, 130 when interrupted."""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import Final

from rich.console import Console

from bench.demo import summary
from bench.demo.centre import Centre
from bench.demo.follower import Follower
from bench.demo.screen import Screen
from bench.demo.story import Story
from bench.monitor import Monitor, Payload, alertmanager, installed
from bench.processes import Failed, listens, tail
from bench.program import Program
from incident.clock import SystemClock, iso, monotonic

INTERRUPTED: Final = 130


def main(arguments: list[str] | None = None) -> int:
    """Tell it on a fresh folder that is removed afterwards, with all processes ended, whatever happens."""
    options = _options(arguments)
    console = Console(highlight=False)
    signal.signal(signal.SIGTERM, _interrupt)
    folder = Path(tempfile.mkdtemp(prefix="incident-demo-"))
    program = Program.on(
        folder, {"INCIDENT_CLOCK_BASE": iso(SystemClock().now()), "INCIDENT_CLOCK_RATE": str(options.rate)}
    )
    try:
        return _demo(program, console, options.rate, payload=options.payload)
    except KeyboardInterrupt:
        console.print("\nInterrupted; everything is stopped.")
        return INTERRUPTED
    except Exception as problem:
        if not isinstance(problem, Failed):
            console.print_exception()
        _failed(console, problem, program)
        return 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--rate", type=float, default=10.0, help="how many times as fast the centre's clock runs")
    parser.add_argument("--payload", action="store_true", help="do not start Alertmanager even if it is installed")
    return parser.parse_args(arguments)


def _demo(program: Program, console: Console, rate: float, *, payload: bool) -> int:
    start = monotonic()
    console.print(
        f"A fresh command centre at {program.url}; its clock runs {rate:g} times as fast as yours.", soft_wrap=True
    )
    program.command("migrate")
    hook, desk, wall = (
        program.new_key(role, name)
        for role, name in (("integration", "alertmanager"), ("commander", "command-desk"), ("viewer", "wall"))
    )
    centre = Centre(program.url, desk)
    screen = Screen(centre, console)
    with ExitStack() as stack, _quiet_end():
        stack.enter_context(program.serving("--demo"))
        monitor = stack.enter_context(_monitor(f"{program.url}/hooks/alertmanager/{hook}", program.data, payload))
        follower = Follower(centre, wall, screen.entry)
        follower.start()
        story = Story(centre, screen, follower, monitor, rate)
        story.tell()
        summary.show(screen, story)
    follower.join()
    if listens(program.port):
        raise Failed("something still listens on the port of the command centre")
    console.print(f"\nEverything is stopped. incident verify: {program.command('verify')}", soft_wrap=True)
    console.print(f"[bold green]The story is told[/], in {monotonic() - start:.0f} s.")
    return 0


@contextmanager
def _monitor(hook: str, folder: Path, payload: bool) -> Iterator[Monitor]:
    if payload or installed() is None:
        yield Payload(hook)
        return
    with alertmanager(hook, folder) as real:
        yield real


def _failed(console: Console, problem: Exception, program: Program) -> None:
    console.print(f"\n[bold red]The story went wrong:[/] {problem}", soft_wrap=True)
    log = getattr(problem, "log", None) or program.log
    for line in tail(log):
        console.print(f"  {line}", style="dim", markup=False, soft_wrap=True)


@contextmanager
def _quiet_end() -> Iterator[None]:
    """From here on everything is being stopped: another Ctrl-C must not leave half of it running."""
    try:
        yield
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
