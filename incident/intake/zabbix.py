"""Zabbix, a media type of type webhook: one JSON object of macros for each message. Names vary between media types.

| field | also as | macro |
|---|---|---|
| status | event_status, trigger_status | {EVENT.STATUS}: PROBLEM, RESOLVED, OK |
| severity | event_severity, trigger_severity | {EVENT.SEVERITY} |
| trigger | event_name, trigger_name, alert_subject, subject | {EVENT.NAME} |
| hostname | host, host_name | {HOST.NAME} |
| eventid | event_id | {EVENT.ID}: the problem's, also in its recovery |
| triggerid | trigger_id | {TRIGGER.ID} |
| item, opdata (event_opdata), message (alert_message), link (trigger_url, url) | | |
| event_update_status, event_ack | | `1` and `Yes`: somebody acknowledged in Zabbix |
| timestamp | event_timestamp | {EVENT.TIMESTAMP}, seconds; {EVENT.TIME} has no time zone and is passed over |
| tags | event_tags_json, event_tags | {EVENT.TAGSJSON} |

Without an event id the trigger's id, and without that host and trigger, make the deduplication key. A macro that
Zabbix could not expand (`{EVENT.ID}`, `*UNKNOWN*`) counts as missing: else unlike problems would fold into one.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Any, Final

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import from_json

from incident.errors import BadInput, Fault, why
from incident.intake.door import Door, Translated
from incident.intake.drafting import compose, from_labels, recovery
from incident.intake.reading import read
from incident.intake.severity import IN_DOUBT, known_level
from incident.intake.wording import cut, dedup_key, digest, lines
from incident.levels import Level
from incident.report import RemoteAck, Signal

SEVERITIES: Final = {
    "disaster": Level.CRITICAL,
    "high": Level.HIGH,
    "average": Level.MEDIUM,
    "warning": Level.MEDIUM,
    "information": Level.LOW,
    "not classified": IN_DOUBT,
    "灾难": Level.CRITICAL,
    "严重": Level.HIGH,
    "一般严重": Level.MEDIUM,
    "警告": Level.MEDIUM,
    "信息": Level.LOW,
    "未分类": IN_DOUBT,
}
"""Average and Warning share a level, as they do in Zabbix's own media type for PagerDuty. Severities can be renamed
in Zabbix: other words are looked up in the table of all formats, and an unknown one is Medium."""

_FIRING: Final = frozenset({"problem", "1"})
_OVER: Final = frozenset({"resolved", "ok", "0"})
_UNEXPANDED: Final = re.compile(r"\{[A-Z][^{}]*\}|\*[A-Z0-9]*\*")


def _macro(value: Any) -> Any:
    """Numbers are text here; null and a macro that Zabbix could not expand are nothing."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return "" if value is None or (isinstance(value, str) and _UNEXPANDED.fullmatch(value.strip())) else value


def _tags(value: Any) -> dict[str, str]:
    """{EVENT.TAGSJSON}, as a list or as text that holds one. Other forms say nothing that we need."""
    if isinstance(value, str):
        try:
            value = from_json(value)
        except ValueError:
            return {}
    pairs = (
        [(tag.get("tag"), tag.get("value")) for tag in value if isinstance(tag, dict)]
        if isinstance(value, list)
        else []
    )
    return {name: text for name, text in pairs if isinstance(name, str) and isinstance(text, str)}


Macro = Annotated[str, BeforeValidator(_macro)]


def _named(*names: str) -> Any:
    return Field(default="", validation_alias=AliasChoices(*names))


class ZabbixMessage(BaseModel):
    """One message. What it holds besides, if it is text, is kept as labels."""

    model_config = ConfigDict(extra="allow")

    status: Macro = Field(validation_alias=AliasChoices("status", "event_status", "trigger_status", "event_value"))
    trigger: Macro = Field(
        validation_alias=AliasChoices("trigger", "event_name", "trigger_name", "alert_subject", "subject")
    )
    severity: Macro = _named("severity", "event_severity", "trigger_severity")
    hostname: Macro = _named("hostname", "host", "host_name")
    eventid: Macro = _named("eventid", "event_id")
    triggerid: Macro = _named("triggerid", "trigger_id")
    item: Macro = _named("item", "item_name")
    opdata: Macro = _named("opdata", "event_opdata")
    message: Macro = _named("message", "alert_message")
    link: Macro = _named("link", "trigger_url", "url")
    update: Macro = _named("event_update_status")
    ack: Macro = _named("event_ack", "event_ack_status")
    timestamp: Macro = _named("timestamp", "event_timestamp")
    tags: Annotated[dict[str, str], BeforeValidator(_tags)] = Field(
        default={}, validation_alias=AliasChoices("tags", "event_tags_json", "event_tags")
    )

    def key(self) -> str:
        return dedup_key("zabbix", self.eventid or digest(self.triggerid or self.hostname, self.trigger))

    def level(self) -> Level | None:
        word = self.severity.strip().lower()
        return (SEVERITIES.get(word) or known_level(word) or IN_DOUBT) if word else None

    def labels(self) -> dict[str, str]:
        own = {name: getattr(self, name) for name in ("hostname", "item", "severity", "opdata", "eventid", "triggerid")}
        return own | self.given()

    def given(self) -> dict[str, str]:
        """The tags and the fields that are not Zabbix's: what the organisation itself wants to tell us."""
        texts = {name: _macro(value) for name, value in (self.model_extra or {}).items()}
        return {name: text for name, text in texts.items() if isinstance(text, str)} | self.tags


def translate(body: bytes, door: Door, now: datetime) -> Translated:
    """Translate a webhook body. Raises BadInput."""
    return Translated((_signal(read(ZabbixMessage, body)),))


def _signal(message: ZabbixMessage) -> Signal:
    status = message.status.strip().lower()
    if status in _OVER:
        return recovery(message.key(), None, message.trigger)
    if status not in _FIRING:
        raise BadInput(Fault("/status", why("intake.not_one_of", allowed="PROBLEM, RESOLVED, OK")))
    if message.update.strip() == "1" and message.ack.strip().lower() == "yes":
        return RemoteAck(dedup_key=message.key(), note=cut(lines(message.trigger), 4000) or None)
    found = from_labels(message.given())
    found["level"] = message.level() or found.get("level")
    return compose(
        pointer="/trigger",
        title=message.trigger,
        symptom="\n".join(filter(None, (message.message, message.item, message.opdata))),
        host=message.hostname,
        labels=message.labels(),
        links=(message.link,),
        dedup_key=message.key(),
        at=_time(message.timestamp.strip()),
        **found,
    )


def _time(seconds: str) -> datetime | None:
    if not seconds:
        return None
    if not (seconds.isascii() and seconds.isdigit() and len(seconds) <= 10):
        raise BadInput(Fault("/timestamp", why("intake.not_seconds", macro="{EVENT.TIMESTAMP}")))
    return datetime.fromtimestamp(int(seconds), UTC)
