"""The command `drill`. Exit codes: 0 done, 1 the answer is no, 2 wrong usage or bad input."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from drills.script.lint import Shelf, check
from drills.script.reader import open_script, shipped
from incident.cli.say import complain, complain_at_length, out, words
from incident.errors import BadInput, IncidentError
from incident.playbooks.reader import load_library
from incident.policy.reader import load_policies
from incident.source import BadSource

Json = Annotated[bool, typer.Option("--json", help="Machine-readable.")]


def commands() -> typer.Typer:
    app = typer.Typer(
        name="drill",
        help="Drills: scripts, simulation, score.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    app.command("list")(list_scripts)
    app.command("lint")(lint)
    return app


def shelf() -> Shelf:
    """The shipped playbooks and policies."""
    return Shelf({playbook.id: playbook for playbook in load_library()}, load_policies())


def list_scripts(as_json: Json = False) -> None:
    """The scripts that come with the product."""
    say = words()
    scripts = [open_script(name) for name in shipped()]
    if as_json:
        out(json.dumps([{**json.loads(script.dump()), "digest": script.digest} for script in scripts]))
        return
    columns = ("script", "name", "playbook", "level", "injects", "minutes")
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(say.t(f"drill.column.{column}"), overflow="fold")
    for script in scripts:
        figures = (str(len(script.injects)), str(script.duration_min))
        name, level = script.name.for_locale(say.locale), say.t(f"level.{script.level}")
        table.add_row(script.id, name, script.playbook, level, *figures)
    Console(width=None if Console().is_terminal else 160, highlight=False).print(table)


def lint(
    files: Annotated[
        list[Path] | None, typer.Argument(exists=True, dir_okay=False, help="Else the shipped ones.")
    ] = None,
) -> int:
    """Find what would spoil a drill: file, line and column of each. Exit 1 when something must be repaired."""
    paths = files or list(shipped().values())
    findings = check(paths, shelf())
    for finding in findings:
        out(f"{finding.file}:{finding.line}:{finding.column}: {words().reason(finding.reason)}")
    if not findings:
        out(words().n("drill.lint.clean", len(paths)))
    return 1 if findings else 0


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
