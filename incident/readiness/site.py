"""What the installation itself lacks: a provider, an address that phones can open, somebody outside who listens."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from incident.errors import Reason, why
from incident.readiness.finding import About, Finding, Weight

_HERE = frozenset({"localhost", "127.0.0.1", "::1", "0.0.0.0"})  # noqa: S104  compared with, never listened on


@dataclass(frozen=True, slots=True)
class Site:
    """`simulated`: messages go to the simulated phones. `deadman`: somebody outside is told that all is well, and
    `unheard` why the last time failed, empty when it did not."""

    simulated: bool
    public_url: str
    deadman: bool
    unheard: str = ""


def of_site(site: Site) -> Iterator[Finding]:
    if site.simulated:
        yield _finding("simulated", why("doctor.simulated"))
    elif (urlsplit(site.public_url).hostname or "") in _HERE:
        yield _finding("local_url", why("doctor.local_url", url=site.public_url))
    if not site.deadman:
        yield _finding("no_deadman", why("doctor.no_deadman"))
    elif site.unheard:
        yield _finding("deadman_unheard", why("doctor.deadman_unheard", problem=site.unheard))


def _finding(rule: str, said: Reason) -> Finding:
    return Finding(rule, Weight.WEAK, About.SITE, "site", said, why(f"doctor.do.{rule}"))
