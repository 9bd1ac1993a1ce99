"""Planned maintenance: windows shown, loaded from a file, ended early."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Table
from ruamel.yaml import YAML

from incident.cli.data import _house
from incident.cli.run import Data
from incident.cli.say import out, text_of, words
from incident.errors import BadInput
from incident.maintenance import Windows, ended, strangers
from incident.record.row import name_of
from incident.source import read_yaml, validate
from incident.wiring import House

maintenance_app = typer.Typer(help="Planned maintenance.", no_args_is_help=True)
_BY = "system"


def add_to(app: typer.Typer) -> None:
    app.add_typer(maintenance_app, name="maintenance")


@maintenance_app.command("show")
def show(
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable.")] = False,
    as_yaml: Annotated[bool, typer.Option("--yaml", help="As `load` reads it.")] = False,
    data: Data = None,
) -> None:
    """All windows, the one that is open or comes first before the others."""
    with _house(data) as house:
        windows, now, organisation = house.directory.windows(), house.clock.now(), house.directory.organisation()
    if as_json or as_yaml:
        plain = windows.model_dump(mode="json", exclude_defaults=True)
        out(json.dumps(plain, ensure_ascii=False) if as_json else _yaml(plain))
        return
    if not windows.windows:
        out(words().t("cli.maintenance.none"))
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in ("cli.column.id", "cli.column.name", "maintenance.col.when", "maintenance.col.owner"):
        table.add_column(words().t(column), overflow="fold")
    for window in windows.windows:
        opened = window.open_at(now)
        mark = f" {words().t('maintenance.open')}" if opened else ""
        weekly = f" ({words().t('maintenance.weekly')})" if window.weekly else ""
        when = f"{window.start:%Y-%m-%d %H:%M} - {window.end:%Y-%m-%d %H:%M} {window.timezone}{weekly}{mark}"
        table.add_row(window.id, window.name, when, name_of(window.owner, organisation) or window.owner)
    Console(width=None if Console().is_terminal else 160, highlight=False).print(table)


@maintenance_app.command("load")
def load(file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)], data: Data = None) -> None:
    """Replace all windows by those of a YAML file, or none of them: each fault is named with its line."""
    new = validate(Windows, read_yaml(text_of(file), str(file)))
    with _house(data) as house:
        _known(new, house)
        version = house.directory.edit_windows(lambda _: new, _BY)
    out(words().n("cli.maintenance.loaded", len(new.windows), version=version))


@maintenance_app.command("end")
def end(name: str, data: Data = None) -> None:
    """End what is open now: what it holds back is paged by the running watch within a second."""
    with _house(data) as house:
        now = house.clock.now()
        house.directory.edit_windows(lambda windows: ended(windows, name, now), _BY)
    out(words().t("cli.maintenance.ended", name=name))


def _known(windows: Windows, house: House) -> None:
    organisation = house.directory.organisation()
    faults = strangers(windows, {u.id for u in organisation.units}, {p.id for p in organisation.people})
    if faults:
        raise BadInput(*faults)


def _yaml(plain: object) -> str:
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.allow_unicode = True
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    stream = io.StringIO()
    yaml.dump(plain, stream)
    return stream.getvalue().rstrip("\n")
