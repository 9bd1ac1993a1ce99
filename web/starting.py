"""What whoever starts a drill chooses beside its script: the unit that plays it, and the profile by which it is scored.

Live drills and tabletops ask for the same, on the page and by API.
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from drills import own
from drills.placing import falls_to, judged_by, placed
from drills.replay import script_of as script_made_of
from drills.score import profile, profiles
from drills.score.profile import DEFAULT
from drills.script.model import Script
from drills.script.reader import open_script, shipped
from drills.simulate.plans import Outside
from incident.commands import Open
from incident.errors import BadInput, Fault, Unknown, why
from incident.events import Graded, Paged
from incident.rehearse import SYSTEM, put
from incident.store import board, log
from incident.store.engine import reading
from web.bodies import Body, Name
from web.drilling import room_of
from web.house import House, house_of
from web.render import reader_of


class Planned(Body):
    """`unit` plays it, by its id: left out, whose a real report of it would be. `profile` weighs the score."""

    script: Name
    unit: Name | None = None
    profile: Name = DEFAULT


def script_of(name: str, house: House) -> Script:
    """One of those that come with the product, or of this installation's own: a path is none. Raises BadInput."""
    if name in shipped():
        return open_script(name)
    try:
        with reading(house.engine) as connection:
            return own.find(connection, name)
    except Unknown:
        raise BadInput(Fault("/script", why("drill.live.no_script", script=name[:60]))) from None


def made_of(house: House, name: str) -> Script:
    """A script made of an incident, by its id or code. Blocks. Raises Unknown for none, and for what was never graded
    or whose playbook is gone."""
    outside, library = room_of(house).outside(), house.library
    with reading(house.engine) as connection:
        listed = board.get(connection, name)
        entries = log.entries(log.of(connection, listed.incident)) if listed else []
    pinned = next((e.event.playbook_digest for e in entries if isinstance(e.event, Graded)), None)
    if pinned is None:
        raise Unknown("incident", name[:40])
    playbook = outside.plans.playbook(library.pinned_playbook(pinned).id)
    return script_made_of(entries, playbook, outside, profile())


def planned(wanted: Planned, outside: Outside, house: House) -> Script:
    """The script as that unit plays it. Raises BadInput for what nobody knows, the profile too."""
    judged_by(wanted.profile, "/profile")
    return placed(script_of(wanted.script, house), wanted.unit, outside.organisation, "/unit")


def paged_now(script: Script, outside: Outside, house: House, locale: str) -> list[str]:
    """Whom the first message would page at this moment, by name. The ladder climbs on if nobody answers."""
    report = script.opening.report(locale, script.policy)
    turn = put(None, Open(report, "D1", None, script.id), outside(house.clock.now(), SYSTEM), incident="i", position=0)
    people = [s.person for e in turn.entries if isinstance(e.event, Paged) for s in e.event.people] if turn else []
    names = {person.id: person.name for person in outside.organisation.people}
    return [names.get(person, person) for person in dict.fromkeys(people)]


def asked(request: Request, name: str, unit: str | None) -> dict[str, Any]:
    """What a page that starts a drill shows: the script as `unit` plays it, whom it pages, and what else there is."""
    house, reader = house_of(request), reader_of(request)
    outside = room_of(house).outside()
    bare = script_of(name, house)
    usual_first = sorted(profiles().values(), key=lambda one: one.id != DEFAULT)
    script = placed(bare, unit or None, outside.organisation, "/unit")
    return {
        "script": script,
        "people": paged_now(script, outside, house, reader.words.locale),
        "unit": falls_to(script, outside.organisation),
        "usual": falls_to(bare, outside.organisation),
        "units": [(one.id, reader.text(one.name)) for one in outside.organisation.units],
        "profiles": [(one.id, reader.text(one.name), reader.text(one.purpose)) for one in usual_first],
        "standard": DEFAULT,
    }
