"""The installation's own organisation, plans and kept drills; the demo's organisation where there is none yet."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from drills import briefing, guests, improving, keeping, own, saved
from drills.ahead_said import on_paper
from drills.improving import Standing
from drills.score import Profile, profile
from drills.script.model import Script
from drills.script.reader import open_script, shipped
from drills.simulate.plans import Outside, Plans, shipped_plans
from drills.simulate.play import Played
from drills.story import Telling
from incident.errors import NoOrganisation, Unknown
from incident.organisation.reader import demo_organisation
from incident.running.lock import running_at
from incident.settings import Settings
from incident.store import drill_guests, drill_plans

if TYPE_CHECKING:
    from incident.wiring import House


def outside(data: Path | None) -> tuple[Outside, bool]:
    """Today's organisation, and whether it is the demo's. Raises NoOrganisation for an empty database."""
    if not installed(data):
        return Outside(demo_organisation(), shipped_plans()), True
    with house(data) as held:
        return of_house(held), False


def of_house(held: House) -> Outside:
    """What a drill may look at of a running installation."""
    plans = Plans({policy.id: policy for policy in held.library.policies()}, held.library.playbooks())
    return Outside(held.directory.organisation(), plans)


def site_of(held: House) -> str:
    """Where people reach it: at the `serve` that runs now, unless somebody has said where."""
    at = running_at(held.settings.data) if held.settings.has_default_url else None
    return at or held.settings.public_url


@contextmanager
def house(data: Path | None) -> Iterator[House]:
    """The installation. Raises what every command does where there is none, and for one of another release."""
    from incident.cli.run import refuse_behind
    from incident.store.engine import open_engine
    from incident.wiring import open_house

    settings = Settings.load(data_dir=data, begins=False)
    engine = open_engine(settings.database_url.get_secret_value())
    try:
        refuse_behind(engine, settings)
    finally:
        engine.dispose()
    held = open_house(settings)
    try:
        yield held
    finally:
        held.close()


def drill_of(name: str, data: Path | None, judge: str | None) -> tuple[Played, Profile, Standing | None]:
    """A saved file, or a kept drill by its id or the beginning of it, with the profile that judges it (its own, unless
    another is named) and how its plan stands. Raises Unknown, BadInput or OSError."""
    path = Path(name)
    if path.is_file() or not installed(data):
        if not path.is_file():
            raise Unknown("drill", name)
        return *saved.load(path, judge), None
    from incident.store.engine import reading

    with house(data) as held, reading(held.engine) as connection:
        row = improving.opened(connection, name)[1]
        own = profile(judge or row.profile)
        played = keeping.find(connection, row.id, own)
        return played, own, improving.standing(connection, held.clock.now().date(), row.id)


def script_of(name: str, data: Path | None) -> Script:
    """A shipped script by its name, one of the installation's own, or a file. Raises Unknown or `BadSource`."""
    if name in shipped() or Path(name).is_file() or not installed(data):
        return open_script(name)
    from incident.store.engine import reading

    with house(data) as held, reading(held.engine) as connection:
        return own.find(connection, name)


def place_of(unit: str, data: Path | None, locale: str) -> str:
    """A unit by its name of today; its id where there is none of it any more."""
    try:
        found = outside(data)[0].organisation.unit(unit)
    except NoOrganisation:
        found = None
    return found.name.for_locale(locale) if found else unit


def installed(data: Path | None) -> bool:
    """Whether there is a database to ask. A folder that was named must have one; looking makes none."""
    if data is not None or os.environ.get("INCIDENT_DATABASE_URL"):
        return True
    return (Path(os.environ.get("INCIDENT_DATA") or "var").expanduser() / "incident.db").is_file()


def planned_ahead(name: str, data: Path | None, reader: Telling) -> list[str]:
    """What the plan of a kept drill said, and who watched it as a guest; nothing for a saved file."""
    if Path(name).is_file() or not installed(data):
        return []
    from incident.store.engine import reading

    with house(data) as held, reading(held.engine) as connection:
        seal = improving.opened(connection, name)[1].id
        row = drill_plans.of_kept(connection, seal)
        lines = on_paper(reader, row, briefing.standing(connection, row) if row else [])
        return lines + guests.on_paper(reader, drill_guests.of_kept(connection, seal))
