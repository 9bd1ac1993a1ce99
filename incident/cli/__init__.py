"""The command `incident`. Exit codes: 0 done, 1 the answer is no, 2 wrong usage or bad input."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Annotated, Final

import typer
from sqlalchemy.exc import SQLAlchemyError

from incident.cli.run import add_to as add_run
from incident.cli.run import release
from incident.cli.say import BAD, complain, complain_at_length, out, words
from incident.errors import BadInput, IncidentError, why
from incident.source import BadSource
from incident.store.engine import cause
from incident.store.migrations import newest

_RUNNING: Final = frozenset({"serve", "prepare", "web", "worker", "watch"})


def commands(first: str | None) -> typer.Typer:
    """All commands; of those that run the program only those: a page waits for a process that starts again, and it
    starts sooner without what it does not use."""
    app = typer.Typer(
        name="incident",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    app.callback()(_of_all)
    add_run(app)
    if first not in _RUNNING:
        from incident.cli import archive, copies, data, doctor, maintenance, plans, proof, rehearsal, rosters, ways

        for chapter in (archive, copies, data, doctor, maintenance, plans, proof, rehearsal, rosters, ways):
            chapter.add_to(app)
    return app


def _tell_version(asked: bool) -> None:
    if asked:
        out(words().t("cli.version", release=release(), step=newest()))
        raise typer.Exit


Version = Annotated[
    bool, typer.Option("--version", is_eager=True, callback=_tell_version, help="Which release this is.")
]


def _of_all(version: Version = False) -> None:
    """Emergency response and incident command."""


def main(arguments: list[str] | None = None) -> int:
    """Run a command and give its exit code. Errors go to stderr, a line each: what, where, what to do."""
    given = sys.argv[1:] if arguments is None else arguments
    return ended(lambda: commands(given[0] if given else None)(given, standalone_mode=False))


def ended(run: Callable[[], object]) -> int:
    """The exit code of a command that runs, whatever it ends with. `drill` ends in the same way."""
    try:
        code = run()
    except typer.Exit as left:
        return int(left.exit_code)
    except typer.Abort:
        return 130
    except BadSource as bad:
        return complain_at_length(str(fault) for fault in bad.faults)
    except BadInput as bad:
        return complain_at_length(f"{fault.pointer}: {complain(fault.reason)}" for fault in bad.faults)
    except IncidentError as error:
        reason = getattr(error, "reason", None)
        return complain_at_length([complain(reason) if reason else str(error)])
    except SQLAlchemyError as error:
        return complain_at_length([complain(why("cli.database", problem=cause(error)))])
    except OSError as error:
        return complain_at_length([f"{error.filename or ''}: {error.strerror or error}".lstrip(": ")])
    except Exception as error:
        usage = getattr(error, "format_message", None)
        if usage is None:
            raise
        if type(error).__name__ == "NoArgsIsHelpError":  # typer's own copy of click does not show it by name
            sys.stderr.write(f"{usage()}\n")
            return BAD
        return complain_at_length([str(usage())])
    return code if isinstance(code, int) else 0


if __name__ == "__main__":
    sys.exit(main())
