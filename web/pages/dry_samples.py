"""Reports to try a dry run with: what comes in at night, as people and as machines say it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

SAMPLES: Final[Mapping[str, Mapping[str, str]]] = {
    "data_centre": {
        "title": "Data centre down, Hall 3",
        "kind": "system_outage",
        "channel": "phone",
        "impact": "high",
        "urgency": "high",
        "place": "Beijing",
        "product": "data centre",
        "symptom": "No power in Hall 3",
        "scope": "All customers of the region",
        "source": "internal",
    },
    "gas": {
        "title": "Smell of gas after an installation",
        "kind": "gas_leak",
        "channel": "phone",
        "impact": "high",
        "urgency": "high",
        "injury": "true",
        "place": "Hamburg",
        "product": "gas water heater",
        "symptom": "Two people feel dizzy",
        "scope": "One house",
        "source": "customer",
    },
    "network": {
        "title": "A customer is cut off from the smart-home cloud",
        "kind": "network_cut",
        "channel": "phone",
        "impact": "medium",
        "urgency": "medium",
        "place": "Berlin",
        "product": "smart-home gateway",
        "symptom": "The gateway is offline since the morning",
        "scope": "One customer",
        "source": "customer",
    },
    "spare": {
        "title": "Compressors run out within a week",
        "kind": "spare_shortage",
        "channel": "email",
        "impact": "low",
        "urgency": "low",
        "place": "Beijing",
        "product": "refrigerator",
        "symptom": "Four are left in the store",
        "scope": "Repairs of next week",
        "source": "internal",
    },
    "alert": {
        "format": "alertmanager",
        "payload": """{
  "version": "4",
  "groupKey": "{}:{alertname=\\"InstanceDown\\"}",
  "status": "firing",
  "receiver": "incident",
  "groupLabels": {"alertname": "InstanceDown"},
  "commonLabels": {"alertname": "InstanceDown", "severity": "critical"},
  "commonAnnotations": {"summary": "Data centre: node-3 is down"},
  "externalURL": "http://alertmanager.example:9093",
  "alerts": [{
    "status": "firing",
    "labels": {"alertname": "InstanceDown", "severity": "critical", "instance": "node-3:9100"},
    "annotations": {"summary": "Data centre: node-3 is down"},
    "startsAt": "2026-11-23T02:12:00Z",
    "endsAt": "0001-01-01T00:00:00Z",
    "generatorURL": "http://prometheus.example:9090/graph",
    "fingerprint": "5ef77f1f8a3ecf8d"
  }]
}""",
    },
}
