"""Working days: the whole week round the clock, or a country's business days with its public holidays.

China moves working days about each year by decree: a Saturday may be worked to lengthen a holiday. The `holidays`
library knows the decrees that were out when it was released; for later years the statutory days stand in and the
answer carries a warning, because a deadline that is a day off is better than none.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from typing import Annotated, Final, Self
from zoneinfo import ZoneInfo, available_timezones

import holidays
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, NaiveDatetime, model_validator
from pydantic_core import PydanticCustomError

from incident.errors import Reason, why

_DAY: Final = timedelta(days=1)
_DECREED: Final = frozenset({"CN"})
"""Countries whose holidays are moved by a yearly decree: known only as far as the library lists decrees."""


def _known_zone(name: str) -> str:
    if name not in available_zones():
        raise ValueError(f"'{name}' is no IANA time zone: write one such as Asia/Shanghai or Europe/Berlin")
    return name


@cache
def available_zones() -> frozenset[str]:
    """The names of all time zones, read once: the set costs milliseconds to gather."""
    return frozenset(available_timezones())


ZoneName = Annotated[str, AfterValidator(_known_zone)]
"""An IANA time zone that this machine knows."""


def _on_a_clock(value: object) -> object:
    """What pydantic calls a time that cannot be read does not say that this one wants no offset."""
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        raise PydanticCustomError("timezone_naive", "Input should not have timezone info") from None


ClockTime = Annotated[NaiveDatetime, BeforeValidator(_on_a_clock)]
"""A time on the clock of a zone that is named beside it, such as 2026-12-01T09:00."""


def instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The UTC instant of a local time. As RFC 5545 has it: a time that a clock change leaves out counts with the
    offset before the gap, a time that comes twice means the first of the two."""
    return datetime.combine(day, at, zone).astimezone(UTC)


class CalendarKind(StrEnum):
    """When time counts: always, or on the business days of a country."""

    ALWAYS = "24x7"
    BUSINESS = "business"


@dataclass(frozen=True, slots=True)
class Deadline:
    """An instant in UTC, with what is doubtful about it."""

    at: datetime
    warning: Reason | None = None


class Calendar(BaseModel):
    """The calendar of a policy. Only figures in working days go by it; minutes and hours run round the clock."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: CalendarKind = CalendarKind.ALWAYS
    country: str | None = None
    tz: ZoneName = "UTC"
    opens: time = time(9)
    closes: time = time(18)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.kind is CalendarKind.BUSINESS and not self.country:
            raise ValueError("a business calendar needs a country, such as CN")
        if self.opens >= self.closes:
            raise ValueError("working hours must open before they close")
        return self

    @property
    def known(self) -> bool:
        """False for a country that the holidays library does not list: then only weekends are free."""
        return self.country is None or self.country in _countries()

    def is_working_day(self, day: date) -> bool:
        """Weekends, public holidays and compensation days counted. Every day works in a 24x7 calendar."""
        if self.kind is CalendarKind.ALWAYS or self.country is None:
            return True
        if not self.known:
            return day.weekday() < 5
        return day not in _free_days(self.country, day.year)

    def add_workdays(self, start: datetime, count: int) -> Deadline:
        """The end of working hours of the `count`-th working day after the day on which `start` falls locally.

        Round the clock a working day is 24 hours from `start`. Raises ValueError for less than one day.
        """
        if count < 1:
            raise ValueError(f"{count} working days: at least one")
        if self.kind is CalendarKind.ALWAYS:
            return Deadline(start.astimezone(UTC) + count * _DAY)
        zone = ZoneInfo(self.tz)
        day = start.astimezone(zone).date()
        first = day + _DAY
        left = count
        while left:
            day += _DAY
            left -= self.is_working_day(day)
        return Deadline(instant(day, self.closes, zone), self._doubt(first, day))

    def _doubt(self, first: date, last: date) -> Reason | None:
        if self.country is None:
            return None
        if not self.known:
            return why("calendar.unknown_country", country=self.country)
        oldest, newest = _years(self.country)
        outside = [day.year for day in (first, last) if not oldest <= day.year <= newest]
        return why("calendar.unknown_year", country=self.country, year=outside[0]) if outside else None


ROUND_THE_CLOCK: Final = Calendar()


@cache
def _countries() -> frozenset[str]:
    return frozenset(holidays.list_supported_countries())


@cache
def _years(country: str) -> tuple[int, int]:
    """The first and the last year whose holidays the library knows for sure."""
    listed = holidays.country_holidays(country)
    newest = max(listed.special_public_holidays) if country in _DECREED else listed.end_year
    return listed.start_year, newest


@cache
def _free_days(country: str, year: int) -> frozenset[date]:
    """Worked out once for each year: the library's own object grows as it is asked, which threads must not share."""
    listed = holidays.country_holidays(country, years=year, expand=False)
    first = date(year, 1, 1)
    days = (first + _DAY * n for n in range(366))
    return frozenset(day for day in days if day.year == year and not listed.is_working_day(day))
