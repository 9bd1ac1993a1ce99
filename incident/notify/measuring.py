"""How well each provider has delivered of late, by country: from the outbox's last rows. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from statistics import median

from incident.notify.capabilities import country
from incident.notify.choice import Measured
from incident.notify.compose import address
from incident.organisation import Organisation
from incident.organisation.people import WayKind
from incident.store.outbox import SendState
from incident.store.providers import Went

_ENDED = (SendState.DELIVERED, SendState.FAILED)


def figures(sends: Sequence[Went], organisation: Organisation) -> dict[tuple[str, WayKind, str], Measured]:
    """By provider, way and country of the number that the person has today.

    A text has arrived when its receipt says so; without one it has not, unless the provider gives none at all: then
    nothing is known of it, and it has no figures. Of a call there is no such receipt: it has arrived unless the
    provider says that it failed, and has no time.
    """
    heard = {(send.provider, send.way) for send in sends if send.state in _ENDED}
    arrived: dict[tuple[str, WayKind, str], list[float | None]] = defaultdict(list)
    for send in sends:
        way = WayKind(send.way)
        number = address(organisation.person(send.person), way)
        if number is None or (way is WayKind.SMS and (send.provider, send.way) not in heard):
            continue
        key = (send.provider, way, country(number))
        if way is WayKind.VOICE:
            arrived[key].append(0.0 if send.state != SendState.FAILED else None)
        else:
            took = (send.settled_at - send.sent_at).total_seconds() if send.settled_at else 0.0
            arrived[key].append(max(took, 0.0) if send.state == SendState.DELIVERED else None)
    return {key: _measured(times) for key, times in arrived.items()}


def _measured(times: list[float | None]) -> Measured:
    there = [time for time in times if time is not None]
    return Measured(len(times), len(there) / len(times), median(there) if there else float("inf"))
