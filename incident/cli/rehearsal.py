"""`incident dry-run`: who would be paged when, and by which way, if nobody answered. Writes nothing."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from pydantic import TypeAdapter, ValidationError
from rich.table import Table

from incident.cli.data import _house
from incident.cli.plans import Json, _show, _table
from incident.cli.run import Data
from incident.cli.say import out, text_of, words
from incident.errors import BadInput, Fault, Unknown, why
from incident.evolve import replay
from incident.intake.reading import refusal
from incident.record.dry_run import of_incident, of_report
from incident.record.dry_shapes import Asked, DryRun, Moment
from incident.record.view import Reader
from incident.report import Report
from incident.source import read_yaml
from incident.state import Incident
from incident.store import board, log
from incident.store.engine import reading
from incident.wiring import House
from incident.words import Words

_BY: Final = "system"
File = Annotated[Path | None, typer.Argument(exists=True, dir_okay=False, help="A report as JSON or YAML.")]
At = Annotated[str | None, typer.Option(help="As if it were then, such as 2026-12-25 03:00 (INCIDENT_TIMEZONE).")]


def add_to(app: typer.Typer) -> None:
    app.command("dry-run")(dry_run)


def dry_run(
    file: File = None,
    *,
    title: Annotated[str | None, typer.Option(help="What happened.")] = None,
    kind: Annotated[str | None, typer.Option(help="Such as system_outage.")] = None,
    level: Annotated[str | None, typer.Option(help="critical, high, medium or low; by the rules if left out.")] = None,
    impact: Annotated[str | None, typer.Option(help="high, medium or low.")] = None,
    urgency: Annotated[str | None, typer.Option(help="high, medium or low.")] = None,
    product: Annotated[str | None, typer.Option(help="What it is about.")] = None,
    place: Annotated[str | None, typer.Option(help="Where.")] = None,
    unit: Annotated[str | None, typer.Option(help="The unit that it belongs to; by the rules if left out.")] = None,
    incident: Annotated[str | None, typer.Option(help="An incident that exists, by id or code, as it stands.")] = None,
    at: At = None,
    as_json: Json = False,
    data: Data = None,
) -> int:
    """Who would be paged when, and by which way, if nobody answered. Exit 1 when a rung has nobody, or nobody is paged.

    From a file, from options (which win over the file), or from an incident that exists. Writes nothing.
    """
    given = {"title": title, "kind": kind, "level": level, "impact": impact, "urgency": urgency}
    given |= {"product": product, "place": place, "unit": unit}
    with _house(data) as house:
        moment = _time(at, house) if at else house.clock.now()
        reader = Reader(house.directory.organisation(), None, words(), moment)
        if incident is not None:
            state = _state(house, incident)
            run = of_incident(state, max(moment, state.at), house.outside(), reader)
        else:
            wanted = _report(file, given)
            if wanted.unit is not None and house.directory.organisation().unit(wanted.unit) is None:
                raise BadInput(Fault("/unit", why("api.no_such_unit")))  # as the API answers the report itself
            run = of_report(wanted, moment, _BY, house.outside(), reader)
        if as_json:
            out(TypeAdapter(DryRun).dump_json(run).decode())
        else:
            _tell(run, house)
    return 1 if any(rung.dead for rung in run.ladder) or not any(m.kind == "page" for m in run.moments) else 0


def _report(file: Path | None, given: dict[str, str | None]) -> Report:
    body: dict[str, Any] = {}
    if file is not None:
        found = read_yaml(text_of(file), str(file)).data  # JSON is YAML
        body = dict(found) if isinstance(found, dict) else {}
    body |= {name: value for name, value in given.items() if value is not None}
    try:
        return Report.model_validate(body)
    except ValidationError as error:
        raise refusal(error, "") from None


def _state(house: House, name: str) -> Incident:
    with reading(house.engine) as connection:
        listed = board.get(connection, name)
        entries = log.entries(log.of(connection, listed.incident)) if listed else []
    state = replay(entries)
    if state is None:
        raise Unknown("incident", name[:40])
    return state


def _time(text: str, house: House) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise BadInput(Fault("--at", why("dry.bad_when"))) from None
    return found if found.tzinfo else found.replace(tzinfo=house.settings.zone)


def _tell(run: DryRun, house: House) -> None:
    say, zone = words(), house.settings.zone
    at = f"{run.at.astimezone(zone):%Y-%m-%d %H:%M:%S} ({zone})"
    out(say.t("dry.of", code=run.code, at=at) if run.code else say.t("dry.for", at=at))
    colon = say.t("list.colon")
    reasons = say.t("list.aside", text=say.t("list.semicolon").join(reason.text for reason in run.level_reasons))
    out(f"{say.t('dry.level')}{colon}{say.t(f'level.{run.level}')}{reasons}")
    out(f"{say.t('dry.unit')}{colon}{run.unit_name}{say.t('list.aside', text=run.routed.text)}")
    if run.playbook_name and run.playbook_reason:
        out(f"{say.t('dry.playbook')}{colon}{run.playbook_name}{say.t('list.aside', text=run.playbook_reason.text)}")
    if run.taken_by:
        out(say.t("dry.taken", name=run.taken_by))
    if run.target:
        out(f"{say.t('dry.target')}{colon}{run.target.astimezone(zone):%Y-%m-%d %H:%M:%S}")
    table = _table("dry.col.when", "dry.col.what", "dry.col.ways")
    for moment in run.moments:
        _row(table, moment, say, f"{moment.at.astimezone(zone):%H:%M:%S}")
    _show(table)
    out(say.t(f"dry.ends.{run.ends}"))


def _row(table: Table, moment: Moment, say: Words, clock: str) -> None:
    hours, rest = divmod(moment.after_s, 3600)
    after = f"{hours}:{rest // 60:02d}:{rest % 60:02d}"
    because = f"\n  {moment.why.text}" if moment.kind == "gap" and moment.why else ""
    says = f"{moment.says}{because}\n" + "\n".join(
        f"  {one.name}{say.t('list.colon')}{one.reason.text}" for one in moment.people
    )
    style = "red" if moment.kind in ("gap", "nobody", "breached") else None
    table.add_row(f"{clock} +{after}", says.rstrip(), _ways(moment, say), style=style)


def _ways(moment: Moment, say: Words) -> str:
    def of(one: Asked) -> str:
        sent = (f"{say.say('way', way.way)} +{round((way.at - moment.at).total_seconds())} s" for way in one.ways)
        return one.name + say.t("list.colon") + (say.t("list.comma").join(sent) or say.t("dry.no_way"))

    return "\n".join(of(one) for one in moment.people)
