"""Who raises the alarm: Debian's Prometheus Alertmanager where it is installed, else its documented webhook payload."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.request import Request, urlopen

from bench.processes import Failed, free_port, listens, plain_environment, running, until
from incident.clock import SystemClock, iso

BINARY: Final = "prometheus-alertmanager"
_ANSWER_S: Final = 10.0
_NOT_YET: Final = "0001-01-01T00:00:00Z"
"""How Alertmanager writes the end of an alert that still fires."""


@dataclass(frozen=True, slots=True)
class Alert:
    """What a rule of Prometheus says."""

    labels: dict[str, str]
    summary: str
    description: str = ""

    def body(self, starts: datetime, ends: datetime | None) -> dict[str, Any]:
        """As it is posted to `/api/v2/alerts`."""
        notes = {"summary": self.summary} | ({"description": self.description} if self.description else {})
        end = {"endsAt": iso(ends)} if ends else {}
        return {"labels": self.labels, "annotations": notes, "startsAt": iso(starts), **end}

    def fingerprint(self) -> str:
        text = "\n".join(f"{name}={value}" for name, value in sorted(self.labels.items()))
        return hashlib.sha256(text.encode()).hexdigest()[:16]


class Monitor(Protocol):
    """`name` says who it is, in a sentence."""

    @property
    def name(self) -> str: ...
    def fire(self, alert: Alert) -> None: ...
    def recover(self, alert: Alert) -> None: ...


@dataclass(frozen=True, slots=True)
class Alertmanager:
    """A real one. It sends what it is told to our webhook, in its own time."""

    port: int
    pid: int
    name: str = "Debian's prometheus-alertmanager"

    def fire(self, alert: Alert) -> None:
        self.post([alert.body(SystemClock().now(), None)])

    def recover(self, alert: Alert) -> None:
        now = SystemClock().now()
        self.post([alert.body(now - timedelta(seconds=1), now)])

    def post(self, alerts: Sequence[dict[str, Any]]) -> None:
        send(f"http://127.0.0.1:{self.port}/api/v2/alerts", list(alerts))


@dataclass(frozen=True, slots=True)
class Payload:
    """In its place: the payload that its documentation shows (webhook, version 4), posted by ourselves."""

    hook: str
    name: str = "the payload that Alertmanager documents (it is not installed here)"

    def fire(self, alert: Alert) -> None:
        self._post(alert, "firing", None)

    def recover(self, alert: Alert) -> None:
        self._post(alert, "resolved", SystemClock().now())

    def _post(self, alert: Alert, status: str, ends: datetime | None) -> None:
        send(self.hook, webhook([alert], status, SystemClock().now(), ends))


def webhook(alerts: Sequence[Alert], status: str, now: datetime, ends: datetime | None = None) -> dict[str, Any]:
    """One group of alerts with one name, as Alertmanager posts it to a webhook."""
    name = {"alertname": alerts[0].labels["alertname"]}
    common = dict(set.intersection(*(set(alert.labels.items()) for alert in alerts)))
    each = [_in_group(alert, status, now, ends) for alert in alerts]
    return {
        "version": "4",
        "groupKey": f'{{}}:{{alertname="{name["alertname"]}"}}',
        "truncatedAlerts": 0,
        "status": status,
        "receiver": "command-centre",
        "groupLabels": name,
        "commonLabels": common,
        "commonAnnotations": each[0]["annotations"] if len(each) == 1 else {},
        "externalURL": "http://alertmanager.example:9093",
        "alerts": each,
    }


def _in_group(alert: Alert, status: str, now: datetime, ends: datetime | None) -> dict[str, Any]:
    one = alert.body(now, ends)
    one |= {"status": status, "endsAt": one.get("endsAt", _NOT_YET), "fingerprint": alert.fingerprint()}
    return {**one, "generatorURL": "http://prometheus.example:9090/graph"}


def installed() -> str | None:
    """The path of the program, None where it is missing."""
    return shutil.which(BINARY)


@contextmanager
def alertmanager(hook: str, folder: Path, group_interval: str = "1s") -> Iterator[Alertmanager]:
    """A real one whose only receiver is `hook`: every alert in a group of its own, without waiting for others."""
    port = free_port()
    config = folder / "alertmanager.yml"
    config.write_text(json.dumps(_config(hook, group_interval)), encoding="utf-8")
    config.chmod(0o600)  # the hook's key stands in its path
    command = [
        BINARY,
        f"--config.file={config}",
        f"--storage.path={folder / 'alertmanager'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--cluster.listen-address=",
        "--log.level=warn",
    ]
    log = folder / "alertmanager.log"
    with running(command, plain_environment(), log) as child:
        until(lambda: listens(port), 20, BINARY, child, log)
        yield Alertmanager(port, child.pid)


def _config(hook: str, group_interval: str) -> dict[str, Any]:
    """JSON is YAML, too."""
    route = {
        "receiver": "command-centre",
        "group_by": ["..."],
        "group_wait": "0s",
        "group_interval": group_interval,
        "repeat_interval": "4h",
    }
    receiver = {"name": "command-centre", "webhook_configs": [{"url": hook, "send_resolved": True}]}
    return {"global": {"resolve_timeout": "1h"}, "route": route, "receivers": [receiver]}


def send(url: str, body: object) -> None:
    """POST it as JSON. Raises Failed, without the address: a hook's key stands in it."""
    request = Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    try:
        with urlopen(request, timeout=_ANSWER_S) as answer:
            answer.read()
    except OSError as error:
        raise Failed(f"an alert was not taken: {error}") from None
