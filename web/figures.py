"""The figures that are read from the store at each scrape, so that every process tells the same and none forgets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, Final

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from incident.audit import Rule
from incident.notify.load import load
from incident.store import board, figures, holding
from incident.store.engine import reading
from web import providers
from web.audit import Standing, age_s
from web.house import House
from web.hub import Hub
from web.source import StoreSource

_HOUR: Final = timedelta(hours=1)


class FromStore(Collector):
    """Read at each scrape, so that every process tells the same and none forgets by being started anew."""

    def __init__(self, house: House, hub: Hub) -> None:
        self._house, self._hub = house, hub

    def describe(self) -> Iterable[Metric]:
        return []

    def collect(self) -> Iterable[Metric]:
        yield _gauge("incident_streams", "Open live streams of this process", self._hub.walls)
        yield _gauge("incident_commands_waiting", "Commands that wait for the desk", self._house.desk.waiting())
        yield _gauge("incident_log_blind_seconds", "Since when the log cannot be read", self._house.tail.blind_s)
        health = StoreSource(self._house).health()
        yield _gauge("incident_log_position", "The last position of the log", health.position)
        yield _gauge("incident_outbox_oldest_seconds", "Age of the oldest unsent message", health.oldest_unsent_s)
        yield _gauge("incident_watch_late_seconds", "How late the watch is", health.watch_lag_ms / 1000)
        with reading(self._house.engine) as connection:
            opened = board.last_number(connection)
            counts = board.counts(connection, drill=False)
            sends = figures.sends_since(connection, self._house.clock.now() - _HOUR)
            audit = Standing.read(connection, self._house)
            carried = list(providers.metrics(connection, self._house))
            kept = holding.standing(connection)
            alarms = load(connection, self._house.clock.now(), above=self._house.settings.flood_above)
        yield _gauge("incident_opened", "Incidents ever opened, drills included", opened)
        yield _family(
            "incident_open", "Open incidents, without drills", ["level"], {(str(k),): n for k, n in counts.items()}
        )
        yield _family("incident_messages_hour", "Messages of the last hour", ["way", "state"], sends)
        yield from carried
        yield _gauge("incident_messages_held", "Messages that the limits hold, to be bundled", kept.messages)
        age = age_s(self._house, kept.since) if kept.since else 0.0
        yield _gauge("incident_messages_held_oldest_seconds", "Age of the oldest message that is held so", age)
        yield _gauge("incident_flood", "Whether it is a flood of alarms", float(alarms.flood))
        yield _gauge("incident_alarms_10min", "Alarms of the last ten minutes; 200 is at least so many", alarms.alarms)
        yield _gauge("incident_chattering", "Sources that come and go, as many as are named", len(alarms.sources))
        yield from self._audit(audit)

    def _audit(self, audit: Standing) -> Iterable[Metric]:
        """Nothing where it never was: an alarm on absence is what finds an auditor that is off."""
        found = Counter((str(kept.finding.rule),) for kept in audit.kept)
        yield _family("incident_findings", "What the auditor finds wrong", ["rule"], {(r,): found[(r,)] for r in Rule})
        if audit.audited:
            age = age_s(self._house, audit.audited.at)
            yield _gauge("incident_audit_age_seconds", "Since the last audit", age)
        if audit.ping:
            age = age_s(self._house, audit.ping.at)
            yield _gauge("incident_deadman_age_seconds", "Since the dead-man was last asked", age)
            yield _gauge("incident_deadman_heard", "Whether the dead-man heard that", float(not audit.ping.problem))


def _gauge(name: str, says: str, value: float) -> Metric:
    return GaugeMetricFamily(name, says, value=value)


def _family(name: str, says: str, labels: list[str], values: Mapping[Any, int]) -> Metric:
    family = GaugeMetricFamily(name, says, labels=labels)
    for key, value in values.items():
        family.add_metric(key, value)
    return family
