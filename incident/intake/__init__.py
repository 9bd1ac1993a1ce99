"""Foreign payloads become reports: one module for each format, all pure, and the table of those that have a hook.

A translator takes the raw body and answers with everything in it or raises `incident.errors.BadInput` with a JSON
pointer for each bad field: a batch is never half translated. Limits of bytes belong to whoever reads the socket;
the limit of alerts stands here, the limit of depth (about 200) is the JSON parser's own.

PagerDuty events (`pagerduty.enqueue`) and inbound SMS (`sms.reported`) have doors of their own outside the table.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from incident.intake import alertmanager, cap, generic, grafana, zabbix
from incident.intake.door import Door, Translated, Translator

__all__ = ["TRANSLATORS", "Door", "Translated", "Translator"]

TRANSLATORS: Final[Mapping[str, Translator]] = MappingProxyType(
    {
        "alertmanager": alertmanager.translate,
        "cap": cap.translate,
        "generic": generic.translate,
        "grafana": grafana.translate,
        "zabbix": zabbix.translate,
    }
)
"""By the name in the path of a hook, `/hooks/{name}/{key}`."""
