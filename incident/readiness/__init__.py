"""Readiness: whether the next Critical would be answered, asked beforehand. Pure; one for command, page and API."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from incident.commands import Library
from incident.organisation import Organisation
from incident.readiness import ladders, people, plans, teams
from incident.readiness.finding import About, Finding, Group, Weight, grouped
from incident.readiness.site import Site, of_site

__all__ = ["About", "Finding", "Group", "Site", "Weight", "findings", "grouped"]


def findings(
    organisation: Organisation, library: Library, site: Site, proved: Mapping[str, datetime], now: datetime
) -> tuple[Finding, ...]:
    """Everything that is found at `now`, the worst first, then by what it is about.

    `proved` says when each person last answered a test page. Takes some tenths of a second for dozens of units.
    """
    climbed = ladders.climbs(organisation, library, now)
    found = [
        *of_site(site),
        *ladders.findings(organisation, climbed),
        *teams.findings(organisation, now),
        *plans.of_rosters(organisation, now),
        *people.findings(organisation, ladders.paged(climbed), proved, now),
        *plans.of_playbooks(library.playbooks(), now),
    ]
    return tuple(sorted(found, key=lambda one: (one.weight.rank, list(About).index(one.about), one.name, one.rule)))
