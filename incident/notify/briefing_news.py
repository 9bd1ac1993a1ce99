"""The briefing of a planned drill, and what has become of it: told by a text, a mail or a chat, at the lowest urgency.

It is news and no page: about no incident, never by a call, and to nobody more than five times an hour. It is no message
of a drill either, for nothing has begun: it goes by people's own ways, with the mark in its words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from incident.levels import Level
from incident.notify.capabilities import Capabilities
from incident.notify.sms_parts import count, plain, tidy
from incident.notify.swap_news import too_often
from incident.notify.way_news import put
from incident.organisation import Organisation, WayKind
from incident.store.drill_plans import PlanRow
from incident.words import words_for

BRIEFING: Final = "briefing"
"""The purpose of a message about a planned drill."""
_LIFE: Final = timedelta(hours=24)
_PLACE: Final = 40
"""Letters of the place in a message; the whole of it stands on the page."""


@dataclass(frozen=True, slots=True)
class Post:
    """Tells people inside the transaction that saved what they are told, so that nobody hears of what was not saved."""

    connection: Connection
    organisation: Organisation
    now: datetime

    def tell(self, row: PlanRow, person: str, news: str) -> bool:
        """`news`: asked, changed, cancelled, without. False when they have no way that is read, or were told too
        often."""
        found, now = self.organisation.person(person), self.now
        way = self.organisation.reach(person, Level.LOW).by_text if found else None
        if found is None or way is None or too_often(self.connection, person, BRIEFING, now):
            return False
        when = f"{row.starts_at.astimezone(ZoneInfo(found.timezone)):%m-%d %H:%M}"
        facts = {"about": news, "when": when, "place": tidy(row.place)[:_PLACE], "plan": row.id}
        life = min(_LIFE, max(row.starts_at - now, timedelta(minutes=1)))
        put(self.connection, person, way, BRIEFING, facts, at=now, life=life)
        return True


def words_of(
    facts: Mapping[str, Any], way: WayKind, locale: str, able: Capabilities, *, site: str
) -> tuple[str | None, str]:
    """The subject, where the way has one, and the words. A text is one part: the place goes before the link does."""
    words, about = words_for(locale), facts["about"]
    link, nowhere = f"{site.rstrip('/')}/drills/plans/{facts['plan']}", words.t("briefing.on_site")
    ends = [link, nowhere] if able.url_ok else [nowhere]
    told = {"when": facts["when"], "place": facts["place"]}
    said = [words.t(f"briefing.{size}.{about}", **told, link=end) for end in ends for size in ("told", "short")]
    if way is not WayKind.SMS:
        return words.t("briefing.subject"), said[0]
    if locale == "en":
        said = [plain(one) for one in said]
    return None, next((one for one in said if count(one).parts == 1), said[-1])
