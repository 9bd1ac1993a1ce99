"""The command `drill`. Exit codes: 0 done, 1 the answer is no, 2 wrong usage or bad input."""

from __future__ import annotations

import sys

import typer

from incident.cli.say import complain, complain_at_length
from incident.errors import BadInput, IncidentError
from incident.source import BadSource


def commands() -> typer.Typer:
    """All commands, a chapter for each subject."""
    from drills.commands import planning, playing, replaying, running, scripts

    app = typer.Typer(
        name="drill",
        help="Drills: scripts, simulation, score.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    for chapter in (scripts, playing, running, replaying, planning):
        chapter.add_to(app)
    return app


def main(arguments: list[str] | None = None) -> int:
    """Run a command and give its exit code. Errors go to stderr, a line each: what, where, what to do."""
    given = sys.argv[1:] if arguments is None else arguments
    try:
        code = commands()(given, standalone_mode=False)
    except typer.Exit as ended:
        return int(ended.exit_code)
    except typer.Abort:
        return 130
    except BadSource as bad:
        return complain_at_length(str(fault) for fault in bad.faults)
    except BadInput as bad:
        return complain_at_length(f"{fault.pointer}: {complain(fault.reason)}" for fault in bad.faults)
    except IncidentError as error:
        reason = getattr(error, "reason", None)
        return complain_at_length([complain(reason) if reason else str(error)])
    except OSError as error:
        return complain_at_length([f"{error.filename or ''}: {error.strerror or error}".lstrip(": ")])
    except Exception as error:
        usage = getattr(error, "format_message", None)
        if usage is None:
            raise
        return complain_at_length([str(usage())])
    return int(code or 0)


if __name__ == "__main__":
    sys.exit(main())
