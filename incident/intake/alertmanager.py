"""Prometheus Alertmanager, webhook format 4: one payload holds a group of alerts, each of them a signal of its own.

An alert is known by its fingerprint (Alertmanager's hash of the labels), so firing, repeats and recovery meet.
The title is the annotation `summary`, else `title`, else the alert's name and instance, else the labels; and the host,
if the title does not name it and a label does.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache, partial
from typing import Annotated, Final, Generic, Literal, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from incident.errors import Reason, why
from incident.intake.door import MOST_ALERTS, Door, Translated
from incident.intake.drafting import compose, every, from_labels, moment, recovery
from incident.intake.reading import read
from incident.intake.wording import dedup_key, digest
from incident.report import Signal


class Alert(BaseModel):
    """What we need of an alert; the rest is passed over. Labels are text, as Prometheus has no others."""

    model_config = ConfigDict(extra="ignore")

    status: Literal["firing", "resolved"]
    labels: dict[str, str]
    annotations: dict[str, str] | None = None
    starts_at: AwareDatetime | None = Field(default=None, alias="startsAt")
    ends_at: AwareDatetime | None = Field(default=None, alias="endsAt")
    generator_url: str | None = Field(default=None, alias="generatorURL")
    fingerprint: str | None = None

    def noted(self, *names: str) -> str:
        """The first of these annotations that says something, or an empty text."""
        notes = self.annotations or {}
        for name in names:
            if (text := notes.get(name)) and not text.isspace():
                return text
        return ""

    def title(self) -> str:
        """Empty only if there are neither annotations nor labels."""
        if title := self.noted("summary", "title"):
            return title
        if name := " ".join(filter(None, (self.labels.get("alertname"), self.labels.get("instance")))):
            return name
        return ", ".join(f"{label}={value}" for label, value in self.labels.items())

    def host(self) -> str:
        """What the alert is about. kube-state-metrics speaks of others: its own address is the instance."""
        own = self.labels.get("instance") if "kube-state-metrics" not in self.labels.get("job", "") else None
        return next(filter(None, (*(self.labels.get(name) for name in _HOSTS), own)), "")

    def detail(self) -> str:
        return self.noted("description", "message")

    def links(self) -> tuple[str, ...]:
        return (self.generator_url or "", self.noted("runbook_url"))

    def shown(self) -> dict[str, str]:
        """The labels that the report keeps."""
        return self.labels

    def identity(self) -> str:
        """The fingerprint, or else a digest of the labels in the order of their names."""
        return self.fingerprint or digest(*(text for pair in sorted(self.labels.items()) for text in pair))


A = TypeVar("A", bound=Alert)


class Group(BaseModel, Generic[A]):
    """The envelope. `truncatedAlerts` counts what the sender left out because of its own `max_alerts`."""

    model_config = ConfigDict(extra="ignore")

    alerts: Annotated[list[A], Field(max_length=MOST_ALERTS)]
    truncated: Annotated[int, Field(alias="truncatedAlerts")] = 0


_HOSTS: Final = ("host", "hostname", "node", "pod")
_SHORT: Final = 4096
"""Bytes of a body that is kept for the next time: a group of a few alerts."""
_Alerts: Final = Group[Alert]
"""Held: pydantic forgets a generic's form that nobody holds, and builds it again for every payload."""


def translate(body: bytes, door: Door, now: datetime) -> Translated:
    """Translate a webhook body. Raises BadInput."""
    return _repeated(body) if len(body) <= _SHORT else _translated(body)


def _translated(body: bytes) -> Translated:
    return signals_of("alertmanager", read(_Alerts, body))


_repeated: Final = lru_cache(maxsize=256)(_translated)
"""Alertmanager repeats what still burns in the very same bytes: they are read once. Signals are never changed."""


def signals_of(form: str, group: Group[A]) -> Translated:
    """All alerts of a group; `form` stands before each deduplication key."""
    signals = every(group.alerts, "/alerts", partial(_signal, form))
    notes: list[Reason] = []
    if not signals:
        notes.append(why("intake.nothing"))
    if group.truncated > 0:
        notes.append(why("intake.truncated", n=group.truncated))
    return Translated(signals, tuple(notes))


def _signal(form: str, alert: Alert, pointer: str) -> Signal:
    key = dedup_key(form, alert.identity())
    if alert.status == "resolved":
        return recovery(key, moment(alert.ends_at), alert.title())
    return compose(
        pointer=f"{pointer}/labels",
        title=alert.title(),
        symptom=alert.detail(),
        hint=alert.labels.get("alertname", ""),
        host=alert.host(),
        labels=alert.shown(),
        links=alert.links(),
        dedup_key=key,
        at=moment(alert.starts_at),
        **from_labels(alert.labels),
    )
