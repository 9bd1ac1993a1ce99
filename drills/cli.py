"""The command `drill`. Exit codes: 0 done, 1 the answer is no, 2 wrong usage or bad input."""

from __future__ import annotations

import sys

import typer

from incident.cli import ended


def commands() -> typer.Typer:
    """All commands, a chapter for each subject."""
    from drills.commands import ahead, guesting, improving, pausing, planning, playing, replaying, running, scripts

    app = typer.Typer(
        name="drill",
        help="Drills: scripts, simulation, score.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    for chapter in (scripts, playing, running, pausing, guesting, replaying, planning, ahead, improving):
        chapter.add_to(app)
    return app


def main(arguments: list[str] | None = None) -> int:
    """Run a command and give its exit code. Errors go to stderr, a line each: what, where, what to do."""
    given = sys.argv[1:] if arguments is None else arguments
    return ended(lambda: commands()(given, standalone_mode=False))


if __name__ == "__main__":
    sys.exit(main())
