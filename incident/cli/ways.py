"""The people's ways on the command line: how they stand, and an admin's word for those that need no code."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from incident.cli.data import _house
from incident.cli.run import Data
from incident.cli.say import out, words
from incident.errors import BadInput, Fault, Unknown, why
from incident.levels import Level
from incident.organisation import Organisation, Person, WayKind
from incident.store import ways
from incident.store.engine import changing
from incident.store.ways import WayId

_BY: Final = "command"

way_app = typer.Typer(help="The ways to reach people.", no_args_is_help=True)

Whose = Annotated[str | None, typer.Argument(help="The id of a person; everybody if left out.")]


def add_to(app: typer.Typer) -> None:
    app.add_typer(way_app, name="way")


@way_app.command("list")
def list_(person: Whose = None, data: Data = None) -> None:
    """Each person's ways in their order: confirmed, not confirmed, broken, stopped; and what is wrong as a whole."""
    say = words()
    with _house(data) as house:
        organisation = house.directory.organisation()
    for one in _people(organisation, person):
        lacking = organisation.reach(one.id, Level.CRITICAL).lacking
        out(f"{one.id}{f'  ! {say.reason(lacking)}' if lacking else ''}")
        for standing in organisation.ways(one.id):
            fact, name = standing.fact, say.t(f"way.{standing.way.kind}")
            stands = say.t("ways.is.confirmed" if fact.confirmed_at else "ways.is.unconfirmed")
            if fact.broken is not None:
                stands = f"{say.t('ways.is.broken')}: {say.reason(fact.broken)}"
            if fact.stopped_at is not None:
                stands = say.t("ways.is.stopped")
            by = f" ({fact.confirmed_by})" if fact.confirmed_by and standing.counts else ""
            out(f"  {name}  {standing.way.shown}  {stands}{by}")


@way_app.command()
def confirm(
    reason: Annotated[str, typer.Option(help="How you know that the ways are their owners'. It is kept.")],
    person: Whose = None,
    kind: Annotated[WayKind | None, typer.Option(help="Only ways of this kind.")] = None,
    data: Data = None,
) -> None:
    """Vouch for ways: what comes from a register that is known to be right needs no code. Nothing is sent.

    What somebody has confirmed by a code stays so; what is broken or stopped is not made whole by a word.
    """
    if not reason.strip():
        raise BadInput(Fault("--reason", why("way.vouch.reason")))
    with _house(data) as house:
        organisation, now = house.directory.organisation(), house.clock.now()
        named = [
            WayId(one.id, standing.way.kind, standing.way.digest)
            for one in _people(organisation, person)
            for standing in organisation.ways(one.id)
            if standing.works and standing.way.kind == (kind or standing.way.kind)
        ]
        with changing(house.engine) as connection:
            changed = ways.confirm(connection, named, at=now, by=f"{_BY}: {reason.strip()[:200]}")
    out(words().n("cli.way.confirmed", changed))


def _people(organisation: Organisation, name: str | None) -> tuple[Person, ...]:
    if name is None:
        return organisation.people
    found = organisation.person(name)
    if found is None:
        raise Unknown("person", name[:60])
    return (found,)
