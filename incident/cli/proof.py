"""Whether the pager works, asked from the terminal."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated, Any

import typer

from incident.cli.data import _house
from incident.cli.plans import Json
from incident.cli.run import Data
from incident.cli.say import out, words
from incident.clock import iso
from incident.desk.auditor import Audit, look
from incident.errors import NoOrganisation, Reason
from incident.organisation import Organisation
from incident.record.naming import sentence
from incident.store import findings
from incident.store.engine import reading
from incident.store.findings import Kept
from incident.wiring import House


def add_to(app: typer.Typer) -> None:
    app.command()(audit)


def audit(
    history: Annotated[bool, typer.Option("--history", help="What was found before, the newest first.")] = False,
    as_json: Json = False,
    data: Data = None,
) -> int:
    """Look once whether the pager keeps its own laws. Exit 1 when something is wrong, held or not proved. Writes
    nothing, pages nobody."""
    with _house(data) as house:
        if history:
            with reading(house.engine) as connection:
                _tell_history(findings.history(connection, limit=200), _organisation(house), as_json)
            return 0
        found = look(house.engine, house.clock)
        _tell(found, house, as_json)
    return 0 if found.well else 1


def _tell(found: Audit, house: House, as_json: bool) -> None:
    say = words()
    if as_json:
        figures = {"at": iso(found.at), "looked": found.looked, "proved": found.proved, "held": found.held}
        out(json.dumps(figures | _listed(found)))
        return
    organisation = _organisation(house)
    for finding in found.findings:
        says = _said(finding.says, organisation)
        out(say.t("cli.audit.line", since=finding.since.isoformat(timespec="seconds"), says=says))
        out(f"  {_said(finding.cure, organisation)}")
    if found.well:
        out(say.n("cli.audit.well", found.looked))
    if found.held:
        out(say.t("cli.audit.held"))
    if not found.proved:
        out(say.t("cli.audit.unproved"))


def _listed(found: Audit) -> dict[str, Any]:
    said = [asdict(finding) | {"since": iso(finding.since), "rule": str(finding.rule)} for finding in found.findings]
    return {"findings": said}


def _said(reason: Reason, organisation: Organisation | None) -> str:
    return sentence(reason, organisation, words()) if organisation else words().reason(reason)


def _organisation(house: House) -> Organisation | None:
    try:
        return house.directory.organisation()
    except NoOrganisation:
        return None


def _tell_history(kept: list[Kept], organisation: Organisation | None, as_json: bool) -> None:
    say = words()
    if as_json:
        out(
            json.dumps(
                [
                    {
                        "rule": str(one.finding.rule),
                        "code": one.finding.code or None,
                        "since": iso(one.finding.since),
                        "opened_at": iso(one.opened_at),
                        "closed_at": iso(one.closed_at) if one.closed_at else None,
                    }
                    for one in kept
                ]
            )
        )
        return
    for one in kept:
        until = one.closed_at.isoformat(timespec="seconds") if one.closed_at else say.t("cli.audit.still")
        since = f"{one.finding.since.isoformat(timespec='seconds')} - {until}"
        out(say.t("cli.audit.line", since=since, says=_said(one.finding.says, organisation)))
    if not kept:
        out(say.t("cli.audit.never"))
