"""Payloads in the shapes that the foreign systems send, made for these tests."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)


def as_json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def alert(**changes: Any) -> dict[str, Any]:
    """One firing alert as Alertmanager posts it."""
    return {
        "status": "firing",
        "labels": {"alertname": "InstanceDown", "instance": "db1:9100", "severity": "critical", "site": "Hall 3"},
        "annotations": {"summary": "db1 does not answer", "description": "No scrape for 5 minutes."},
        "startsAt": "2026-03-01T07:58:00.432911368Z",
        "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "http://prometheus:9090/graph?g0.expr=up+%3D%3D+0&g0.tab=1",
        "fingerprint": "a1bc48475b20e73d",
    } | changes


def group(*alerts: Any, **changes: Any) -> bytes:
    """A webhook body of Alertmanager."""
    return as_json(
        {
            "version": "4",
            "receiver": "incident",
            "status": "firing",
            "groupKey": '{}:{alertname="InstanceDown"}',
            "groupLabels": {"alertname": "InstanceDown"},
            "commonLabels": {},
            "commonAnnotations": {},
            "externalURL": "http://alertmanager:9093",
            "truncatedAlerts": 0,
            "alerts": list(alerts),
        }
        | changes
    )


def zabbix(**changes: Any) -> bytes:
    """A message of a Zabbix media type."""
    return as_json(
        {
            "hostname": "mes.example.com",
            "severity": "Average",
            "status": "PROBLEM",
            "item": "Agent ping",
            "trigger": "Zabbix agent on mes.example.com is unreachable for 5 minutes",
            "link": "https://zabbix.example.com/tr_events.php?triggerid=14032&eventid=10528",
        }
        | changes
    )


def info(**changes: str) -> str:
    """An info block of CAP; a value `None` leaves the element out."""
    parts = {
        "language": "en-US",
        "category": "Met",
        "event": "Flash Flood",
        "responseType": "Prepare",
        "urgency": "Expected",
        "severity": "Severe",
        "certainty": "Likely",
        "expires": "2026-03-01T20:00:00+08:00",
        "senderName": "Weather Bureau",
        "headline": "Flash flood watch for the river district",
        "description": "Heavy rain.\nRivers rise.",
        "instruction": "Move goods to the upper floor.",
        "web": "https://weather.example.org/1",
        "area": "<areaDesc>River district</areaDesc>",
    } | changes
    return "<info>" + "".join(f"<{name}>{text}</{name}>" for name, text in parts.items() if text) + "</info>"


def cap(*infos: str, version: str = "1.2", prolog: str = "", **changes: str) -> bytes:
    """A CAP message; an empty value leaves the element out."""
    parts = {
        "identifier": "CN-2026-0301",
        "sender": "alerts@weather.example.org",
        "sent": "2026-03-01T15:50:00+08:00",
        "status": "Actual",
        "msgType": "Alert",
        "scope": "Public",
    } | changes
    head = "".join(f"<{name}>{text}</{name}>" for name, text in parts.items() if text)
    blocks = "".join(infos or (info(),))
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{prolog}'
        f'<alert xmlns="urn:oasis:names:tc:emergency:cap:{version}">{head}{blocks}</alert>'
    ).encode()


def event(**changes: Any) -> bytes:
    """An event of PagerDuty's API, a trigger."""
    return as_json(
        {
            "routing_key": "R0UTING0KEY0OF0THE0INTEGRATION00",
            "event_action": "trigger",
            "dedup_key": "samplekeyhere",
            "payload": {
                "summary": "Database of the order line is not responding",
                "source": "db1.example.com",
                "severity": "critical",
                "timestamp": "2026-03-01T07:58:00.000+0000",
                "component": "postgres",
                "group": "prod",
                "class": "ping failure",
                "custom_details": {"site": "Hall 3", "load": 0.75, "pools": ["a", "b"]},
            },
            "client": "Sample monitor",
            "client_url": "https://monitor.example.com",
            "links": [{"href": "https://runbook.example.com", "text": "Runbook"}],
            "images": [{"src": "https://graphs.example.com/1.png", "href": "https://graphs.example.com/1"}],
        }
        | changes
    )
