"""What the doors of machines take, for the description of the API: their bodies are read by `incident.intake` and not
by the table of routes, and whoever connects a monitor reads the description first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from incident.intake.alertmanager import Alert, Group
from incident.intake.grafana import GrafanaAlert
from incident.intake.mapping import Mapping
from incident.intake.pagerduty import Event
from incident.intake.zabbix import ZabbixMessage


@dataclass(frozen=True, slots=True)
class Foreign:
    """`says` stands in the description, `shape` is a model, or None for what has none."""

    says: str
    shape: Any = None
    media: str = "application/json"


FOREIGN: Final = {
    "/hooks/alertmanager/{key}": Foreign(
        "A webhook of Alertmanager, format 4. Each alert is a signal of its own, known by its `fingerprint`; the label "
        "`severity` gives the level. Labels may also set kind, impact, urgency, place (or site), product, serial, "
        "scope, customer, service, unit, injury and major.",
        Group[Alert],
    ),
    "/hooks/grafana/{key}": Foreign(
        "A contact point *Webhook* of Grafana 9 or newer; read as Alertmanager's.", Group[GrafanaAlert]
    ),
    "/hooks/zabbix/{key}": Foreign(
        "The parameters of a media type *Webhook* as one JSON object: `status` is {EVENT.STATUS}, `trigger` "
        "{EVENT.NAME}, `severity` {EVENT.SEVERITY}, `hostname` {HOST.NAME}, `eventid` {EVENT.ID}, `timestamp` "
        "{EVENT.TIMESTAMP}, `tags` {EVENT.TAGSJSON}. The names of Zabbix's own media types (`event_name`, "
        "`host_name`, ...) are known as well.",
        ZabbixMessage,
    ),
    "/hooks/cap/{key}": Foreign(
        "One alert of the Common Alerting Protocol 1.2, without a document type. Only the status `Actual` pages.",
        media="application/cap+xml",
    ),
    "/hooks/generic/{key}": Foreign(
        "Any JSON, read by the mapping that stands with the key (`POST /api/keys`). Without one a report as "
        '`POST /api/incidents` takes it, or a list of them; with `"status": "resolved"` and its `dedup_key` '
        "it is over.",
    ),
    "/v2/enqueue": Foreign(
        "The `payload` of a trigger needs `summary`, `source` and `severity` (critical, error, warning, info); its "
        "`custom_details` may set what labels may. `acknowledge` is a note in the log: it silences nothing.",
        Event,
    ),
}

MAPPING: Final = Mapping
"""What `NewKey.mapping` holds. It is checked apart, so that its faults are named under `/mapping`."""

STREAM: Final = """

Each event has on one line JSON as `data`; what stands in the log has its position as `id`.

- `snapshot` {position, at, open, items}: the board, first or whenever what was missed is too much;
- `entry` {position, incident, seq, at, by, kind, drill, row}: one entry of a log, and the incident after it;
- `heartbeat` {position, at, watch_lag_ms, oldest_unsent_s, open, refusing, audit, load}: every
  5 s; two missed, come back;
- `bye`: the server stops, come back."""
