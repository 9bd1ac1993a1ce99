"""`drill list` and `drill lint`: the scripts as they are written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from drills import own
from drills.installation import house, installed
from drills.script.lint import Shelf, check
from drills.script.reader import open_script, read_path, shipped
from incident.cli.run import Data
from incident.cli.say import out, words
from incident.playbooks.reader import load_library
from incident.policy.reader import load_policies
from incident.store.engine import changing, reading

_BY = "command"
Json = Annotated[bool, typer.Option("--json", help="Machine-readable.")]
Files = Annotated[list[Path] | None, typer.Argument(exists=True, dir_okay=False, help="Else the shipped ones.")]


def add_to(app: typer.Typer) -> None:
    app.command("list")(list_scripts)
    app.command("lint")(lint)
    app.command("add")(add)
    app.command("remove")(remove)


def shelf(data: Path | None = None) -> Shelf:
    """The playbooks and policies in force: the installation's where there is one, else the shipped ones."""
    if installed(data):
        with house(data) as held:
            playbooks, policies = held.library.playbooks(), held.library.policies()
        return Shelf({playbook.id: playbook for playbook in playbooks}, {policy.id: policy for policy in policies})
    return Shelf({playbook.id: playbook for playbook in load_library()}, load_policies())


def show(table: Table) -> None:
    """As wide as the terminal; in a pipe wide enough that nothing is folded."""
    Console(width=None if Console().is_terminal else 160, highlight=False).print(table)


def list_scripts(as_json: Json = False, data: Data = None) -> None:
    """The scripts that come with the product, and this installation's own."""
    say = words()
    scripts = [open_script(name) for name in shipped()]
    if installed(data):
        with house(data) as held, reading(held.engine) as connection:
            scripts += own.listed(connection)
    if as_json:
        out(json.dumps([{**json.loads(script.dump()), "digest": script.digest} for script in scripts]))
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in ("script", "name", "playbook", "level", "injects", "minutes"):
        table.add_column(say.t(f"drill.column.{column}"), overflow="fold")
    for script in scripts:
        figures = (str(len(script.injects)), str(script.duration_min))
        name, level = script.name.for_locale(say.locale), say.t(f"level.{script.level}")
        table.add_row(script.id, name, script.playbook, level, *figures)
    show(table)


def lint(files: Files = None, data: Data = None) -> int:
    """Find what would spoil a drill: file, line and column of each. Exit 1 when something must be repaired."""
    paths = files or list(shipped().values())
    findings = check(paths, shelf(data))
    for finding in findings:
        out(f"{finding.file}:{finding.line}:{finding.column}: {words().reason(finding.reason)}")
    if not findings:
        out(words().n("drill.lint.clean", len(paths)))
    return 1 if findings else 0


def add(
    files: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, help="Scripts; all or none.")],
    data: Data = None,
) -> None:
    """Keep scripts of your own: they are started at /drills and by their names. What drill lint finds is refused."""
    written = [read_path(path) for path in files]
    found = shelf(data)
    with house(data) as held, changing(held.engine) as connection:
        for one in written:
            version = own.keep(connection, one, found, held.clock.now(), _BY)
            out(words().t("drill.own.kept", script=one.script.id, version=version))


def remove(name: str, data: Data = None) -> None:
    """Take a script of your own away. Drills that were played by it keep it."""
    with house(data) as held, changing(held.engine) as connection:
        own.take_away(connection, name, held.clock.now(), _BY)
