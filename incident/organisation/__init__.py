"""The organisation: units in a tree, people and how to reach them, who is on duty, whom a report belongs to."""

from incident.organisation.alone import as_met, is_played
from incident.organisation.model import Holder, OnCall, Organisation, Who
from incident.organisation.people import Person, Role, Way, WayKind
from incident.organisation.phone_number import phone_number
from incident.organisation.reach import Fact, Facts, Reach, Standing, Step, shares_fate
from incident.organisation.reader import demo_organisation, dump_organisation, parse_organisation
from incident.organisation.routing import Routed
from incident.organisation.unit import Unit

__all__ = [
    "Fact",
    "Facts",
    "Holder",
    "OnCall",
    "Organisation",
    "Person",
    "Reach",
    "Role",
    "Routed",
    "Standing",
    "Step",
    "Unit",
    "Way",
    "WayKind",
    "Who",
    "as_met",
    "demo_organisation",
    "dump_organisation",
    "is_played",
    "parse_organisation",
    "phone_number",
    "shares_fate",
]
