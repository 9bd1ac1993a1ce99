"""Grafana's unified alerting webhook: Alertmanager's shape, with the measured values and more links.

A data source that fails or yields nothing fires too (`DatasourceError`, `DatasourceNoData`); it pages like any alert,
since a blind monitor is no sign of health. Grafana's older, single-alert format (before version 9) has no `alerts`
and is refused.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from pydantic import Field, JsonValue

from incident.intake.alertmanager import Alert, Group, signals_of
from incident.intake.door import Door, Translated
from incident.intake.reading import read


class GrafanaAlert(Alert):
    """`values` are the results of the rule's expressions by name; the report keeps them as labels `value.A` ..."""

    values: dict[str, JsonValue] | None = None
    value_string: str | None = Field(default=None, alias="valueString")
    dashboard_url: str | None = Field(default=None, alias="dashboardURL")
    panel_url: str | None = Field(default=None, alias="panelURL")
    silence_url: str | None = Field(default=None, alias="silenceURL")
    image_url: str | None = Field(default=None, alias="imageURL")

    def detail(self) -> str:
        return super().detail() or self.value_string or ""

    def links(self) -> tuple[str, ...]:
        """Where to look, the most telling first, and where to silence the alert."""
        found = (self.panel_url, *super().links(), self.dashboard_url, self.image_url, self.silence_url)
        return tuple(link for link in found if link)

    def shown(self) -> dict[str, str]:
        numbers = {f"value.{name}": str(v) for name, v in (self.values or {}).items() if isinstance(v, int | float)}
        return self.labels | numbers


_Alerts: Final = Group[GrafanaAlert]


def translate(body: bytes, door: Door, now: datetime) -> Translated:
    """Translate a webhook body. Raises BadInput."""
    return signals_of("grafana", read(_Alerts, body))
