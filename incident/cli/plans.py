"""Playbooks and policies, as people check and compare them before they are needed."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from incident.cli.data import _house
from incident.cli.run import Data
from incident.cli.say import out, text_of, words
from incident.clock import SystemClock
from incident.errors import NoOrganisation, Unknown
from incident.levels import Level
from incident.organisation import Organisation
from incident.playbooks.lint import Severity, check
from incident.playbooks.model import Playbook
from incident.playbooks.reader import load_library
from incident.policy import Policy
from incident.policy.compare import compare as rows_of
from incident.policy.figures import ClockName, Target
from incident.policy.lint import lint
from incident.policy.reader import lint_source, load_policies
from incident.settings import NoInstallation

playbook_app = typer.Typer(help="Playbooks.", no_args_is_help=True)
policy_app = typer.Typer(help="Policies.", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="Machine-readable.")]
Files = Annotated[list[Path] | None, typer.Argument(exists=True, dir_okay=False)]


def add_to(app: typer.Typer) -> None:
    app.add_typer(playbook_app, name="playbook")
    app.add_typer(policy_app, name="policy")


@dataclass(frozen=True, slots=True)
class _Plans:
    """Those in force, and who is there to follow them; None before anybody is known."""

    playbooks: tuple[Playbook, ...]
    policies: tuple[Policy, ...]
    crew: Organisation | None
    today: date

    def policy(self, name: str) -> Policy:
        """Raises Unknown."""
        found = next((policy for policy in self.policies if policy.id == name), None)
        if found is None:
            raise Unknown("policy", name)
        return found


def _plans(data: Path | None) -> _Plans:
    """Where there is no installation yet, those that come with the program: one looks at them before one begins."""
    try:
        with _house(data) as house:
            try:
                crew = house.directory.organisation()
            except NoOrganisation:
                crew = None
            today = house.clock.now().date()
            return _Plans(tuple(house.library.playbooks()), tuple(house.library.policies()), crew, today)
    except NoInstallation:
        sys.stderr.write(f"{words().t('cli.plans.shipped')}\n")
        return _Plans(load_library(), tuple(load_policies().values()), None, SystemClock().now().date())


def _table(*columns: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(words().t(column), overflow="fold")
    return table


def _show(table: Table) -> None:
    Console(width=None if Console().is_terminal else 160, highlight=False).print(table)


@playbook_app.command("list")
def playbook_list(as_json: Json = False, data: Data = None) -> None:
    """All playbooks in force, with what they are for."""
    say = words()
    playbooks = _plans(data).playbooks
    if as_json:
        out(json.dumps([json.loads(playbook.dump()) | {"digest": playbook.digest} for playbook in playbooks]))
        return
    table = _table("cli.column.id", "cli.column.name", "cli.column.kinds", "cli.column.steps", "cli.column.review")
    for playbook in playbooks:
        kinds = ", ".join(say.t(f"kind.{kind}") for kind in playbook.matches.kinds)
        name = playbook.name.for_locale(say.locale)
        table.add_row(playbook.id, name, kinds, str(len(playbook.steps)), playbook.review_due().isoformat())
    _show(table)


@playbook_app.command("lint")
def playbook_lint(files: Files = None, data: Data = None) -> int:
    """Find what would hurt at night: file, line and column of each. Exit 1 when something must be repaired."""
    plans = _plans(data)
    crew = plans.crew
    findings = check(files or (), today=plans.today, can_hold=crew.can_hold if crew else None, crew=crew)
    for finding in findings:
        out(f"{finding.place}: {words().reason(finding.reason)}")
    errors = sum(finding.severity is Severity.ERROR for finding in findings)
    if not findings:
        out(words().t("cli.lint.clean", n=len(files or load_library())))
    return 1 if errors else 0


@policy_app.command("list")
def policy_list(data: Data = None) -> None:
    """The policy profiles in force."""
    table = _table("cli.column.id", "cli.column.version", "cli.column.name", "cli.column.purpose")
    locale = words().locale
    for policy in _plans(data).policies:
        purpose = policy.purpose.for_locale(locale)
        table.add_row(policy.id, str(policy.version), policy.name.for_locale(locale), purpose)
    _show(table)


@policy_app.command("show")
def policy_show(name: str, as_json: Json = False, data: Data = None) -> None:
    """One profile: its clocks by level. A figure of ours, that nobody demanded, is marked with *."""
    policy = _plans(data).policy(name)
    if as_json:
        out(policy.dump())
        return
    say = words()
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(f"{policy.name.for_locale(say.locale)} ({policy.id} {policy.version})")
    for level in Level:
        table.add_column(say.t(f"level.{level}"), justify="right")
    for clock in ClockName:
        targets = [policy.clocks.get(clock, {}).get(level) for level in Level]
        if any(targets):
            table.add_row(say.t(f"clock.{clock}"), *(_figure(target) for target in targets))
    _show(table)


def _figure(target: Target | None) -> str:
    if target is None:
        return "-"
    return words().n(f"cli.unit.{target.unit}", target.value) + ("*" if target.assumed else "")


@policy_app.command("lint")
def policy_lint(files: Files = None) -> int:
    """Check profiles: a graver level that is slower, a missing cell, a figure of unknown origin. Exit 1 on findings."""
    known = load_policies()
    lines: list[str] = []
    if files:
        for file in files:
            lines += [str(fault) for fault in lint_source(text_of(file), str(file), known)]
    else:
        lines += [
            f"{f.policy}: {'/'.join(map(str, f.pointer))}: {words().reason(f.reason)}" for f in lint(known.values())
        ]
    for line in lines:
        out(line)
    if not lines:
        out(words().t("cli.lint.clean", n=len(files or known)))
    return 1 if lines else 0


@policy_app.command("compare")
def policy_compare(a: str, b: str, data: Data = None) -> None:
    """Two profiles side by side, clock by clock; the stricter figure is marked with <."""
    plans = _plans(data)
    table = _compared(plans.policy(a), plans.policy(b))
    _show(table)


def _compared(left: Policy, right: Policy) -> Table:
    say = words()
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in (say.t("cli.column.clock"), say.t("cli.column.level"), left.id, right.id):
        table.add_column(column)
    for row in rows_of(left, right):
        marks = {"a": (" <", ""), "b": ("", " <"), "same": ("", "")}[row.stricter]
        clock, level = say.t(f"clock.{row.clock}"), say.t(f"level.{row.level}")
        table.add_row(clock, level, _figure(row.a) + marks[0], _figure(row.b) + marks[1])
    return table
