"""Times and levels as a person reads them: the same wording that static/clock.js gives to a running page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from incident.text import Text
from incident.words import Words

LANG: Final = {"en": "en", "zh_Hans": "zh-Hans", "zh_Hant": "zh-Hant"}
"""The language tag of each catalog, for `html lang` and `?lang=`."""

TEN_HOURS_S: Final = 36_000
TWO_DAYS_S: Final = 172_800
HALF_A_YEAR: Final = timedelta(days=180)


def instant(value: datetime | str) -> datetime:
    """A time of a board row (ISO text) or of the core (aware datetime), as a datetime."""
    return datetime.fromisoformat(value) if isinstance(value, str) else value


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: in which words, which time zone, and what time it is for them."""

    words: Words
    zone: ZoneInfo
    now: datetime

    @property
    def lang(self) -> str:
        return LANG[self.words.locale]

    def span(self, seconds: float) -> str:
        """A length of time in its two largest units: `2 min 10 s`, `12 min`, `3 h 5 min`, `2 d 4 h`."""
        whole = max(0, int(seconds))
        if whole < 60:
            return self._unit("s", whole)
        if whole < 3600:
            minutes, rest = divmod(whole, 60)
            return self._join(("min", minutes), ("s", rest if minutes < 10 else 0))
        if whole < 86400:
            hours, rest = divmod(whole, 3600)
            return self._join(("h", hours), ("min", rest // 60))
        days, rest = divmod(whole, 86400)
        return self._join(("d", days), ("h", rest // 3600))

    def ago(self, at: datetime | str) -> str:
        seconds = (self.now - instant(at)).total_seconds()
        return self.words.t("time.now") if seconds < 1 else self.words.t("time.ago", span=self.span(seconds))

    def left(self, at: datetime | str) -> str:
        """What remains until a deadline, or by how much it was missed, in words."""
        seconds = (instant(at) - self.now).total_seconds()
        key = "time.left" if seconds >= 0 else "time.missed"
        return self.words.t(key, span=self.span(abs(seconds)))

    def until(self, at: datetime | str) -> str:
        """A countdown in figures: `4:12`, `1:04:12`, `−0:30` when past; from ten hours on the hours, then the days."""
        seconds = int((instant(at) - self.now).total_seconds())
        sign = "−" if seconds < 0 else ""
        if abs(seconds) >= TEN_HOURS_S:
            return sign + (
                self._unit("d", abs(seconds) // 86400)
                if abs(seconds) >= TWO_DAYS_S
                else self._unit("h", abs(seconds) // 3600)
            )
        minutes, rest = divmod(abs(seconds), 60)
        hours, minutes = divmod(minutes, 60)
        return sign + (f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}")

    def clock(self, at: datetime | str) -> str:
        """Hours, minutes and seconds in the reader's zone; with the day when it is another day than now."""
        local = instant(at).astimezone(self.zone)
        figures = f"{local:%H:%M:%S}"
        return figures if local.date() == self.now.astimezone(self.zone).date() else f"{self.day(at)} {figures}"

    def stamp(self, at: datetime | str) -> str:
        """The day, always, with hours and minutes: for plans, where 09:00 alone could be any morning."""
        return f"{self.day(at)} {instant(at).astimezone(self.zone):%H:%M}"

    def minute(self, at: datetime | str) -> str:
        local = instant(at).astimezone(self.zone)
        figures = f"{local:%H:%M}"
        return figures if local.date() == self.now.astimezone(self.zone).date() else f"{self.day(at)} {figures}"

    def day(self, at: datetime | str) -> str:
        """Weekday, day and month; what is more than half a year away has its year."""
        local = instant(at).astimezone(self.zone)
        weekday, month = self.words.t(f"weekday.{local.weekday()}"), self.words.t(f"month.{local.month}")
        if abs(self.now - local) > HALF_A_YEAR:
            return f"{local:%Y-%m-%d} {weekday}"
        return self.words.t("time.day", weekday=weekday, month=month, day=local.day)

    def dated(self, at: datetime | str) -> str:
        """The day with its year, as due days are written: for what lies quarters back."""
        return f"{instant(at).astimezone(self.zone):%Y-%m-%d}"

    def dated_at(self, at: datetime | str) -> str:
        """The same with hours and minutes."""
        return f"{instant(at).astimezone(self.zone):%Y-%m-%d %H:%M}"

    def zone_name(self) -> str:
        offset = self.now.astimezone(self.zone).strftime("%z")
        return f"{self.zone.key} (UTC{offset[:3]}:{offset[3:]})"

    def text(self, value: object) -> str:
        """A sentence kept in both languages of the house: a `Text`, or the mapping that a board row holds."""
        if isinstance(value, Text):
            return value.for_locale(self.words.locale)
        if isinstance(value, dict):
            return Text.model_validate(value).for_locale(self.words.locale)
        return "" if value is None else str(value)

    def _unit(self, unit: str, count: int) -> str:
        return self.words.t(f"time.{unit}", n=count)

    def _join(self, *parts: tuple[str, int]) -> str:
        said = [self._unit(unit, count) for unit, count in parts if count]
        return self.words.t("time.and", a=said[0], b=said[1]) if len(said) == 2 else said[0]
