"""How the providers of messages are, for whoever watches: as the workers last found and wrote down."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from sqlalchemy import Connection

from incident.clock import iso
from incident.errors import IncidentError
from incident.notify.measuring import figures
from incident.organisation.people import WayKind
from incident.store import providers
from incident.store.providers import State
from incident.words import words_for
from web.house import House

_RINGS = (WayKind.SMS, WayKind.VOICE)


def down(connection: Connection, house: House) -> list[State]:
    """Those of the configured ones that are down. One that is configured no more is nobody's trouble."""
    used = set(house.settings.providers)
    return [state for state in providers.every(connection) if not state.up and (state.provider, state.way) in used]


def said(states: Iterable[State]) -> str:
    words = words_for("en")
    return "; ".join(
        f"{one.provider} {one.way} down since {iso(one.since)}"
        + (f" ({words.reason(one.reason)})" if one.reason else "")
        for one in states
    )


def somebody_rings(states: Iterable[State], house: House) -> bool:
    """Whether a page can ring any phone: by text or by call, through any provider. Simulated phones always ring."""
    away = {(state.provider, state.way) for state in states}
    ringing = [one for one in house.settings.providers if one[1] in _RINGS]
    return not ringing or any(one not in away for one in ringing)


def metrics(connection: Connection, house: House) -> Iterable[Metric]:
    """Who is up, and how well each has delivered of late to each country."""
    away = {(state.provider, state.way) for state in down(connection, house)}
    up = GaugeMetricFamily("incident_provider_up", "Whether a provider takes messages", labels=["provider", "way"])
    for provider, way in house.settings.providers:
        up.add_metric([provider, str(way)], float((provider, way) not in away))
    yield up
    labels = ["provider", "way", "country"]
    sends = GaugeMetricFamily(
        "incident_provider_sends", "Messages that were measured, of the last 7 days", labels=labels
    )
    share = GaugeMetricFamily("incident_provider_delivered_share", "Share of them that arrived, 0 to 1", labels=labels)
    median = GaugeMetricFamily("incident_provider_median_seconds", "Median time until they arrived", labels=labels)
    try:
        organisation = house.directory.organisation()
    except IncidentError:  # there is nobody yet
        return
    for (provider, way, land), found in figures(providers.recent(connection, house.clock.now()), organisation).items():
        key = [provider, str(way), land]
        sends.add_metric(key, found.sends)
        share.add_metric(key, found.share)
        if found.share:
            median.add_metric(key, found.median_s)
    yield from (sends, share, median)
