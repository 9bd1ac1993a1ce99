"""Tells whoever comes on duty what they take over: one short message at the hand-over, if anything is open.

The mark that it was done and the message are one transaction, so that each hand-over is told once, whatever dies in
between and however many watches there are. It goes behind every page, and is forgotten after an hour.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import IntegrityError

from incident.clock import Clock, iso
from incident.errors import NoOrganisation
from incident.levels import Level
from incident.maintenance import Windows
from incident.notify.capabilities import Capabilities
from incident.notify.sms_parts import count, fit, plain, tidy
from incident.notify.way_news import put
from incident.organisation import Organisation, WayKind
from incident.record.handover import Change, HandOver, change, hand_over
from incident.roster import Roster
from incident.store import idempotency, lineup
from incident.store.board import Filter
from incident.store.engine import changing, reading
from incident.words import Words, words_for

HANDOVER: Final = "handover"
LATEST: Final = timedelta(hours=1)
"""A summary that comes later than that is none. [assumed]"""
LOOK_S: Final = 10.0
ROWS: Final = 1000
"""Open incidents that are looked at: of more than that nobody needs a summary."""

_WORTH_READING: Final = 10
"""So many characters of the worst one's title must stay, or something else is left out."""

_log = logging.getLogger(__name__)


class HandOvers:
    """`look` tells what is due; `run` looks every few seconds until it is stopped."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        organisation: Callable[[], Organisation],
        windows: Callable[[], Windows],
    ) -> None:
        self._engine, self._clock, self._organisation, self._windows = engine, clock, organisation, windows

    def run(self, stop: threading.Event) -> None:
        while not stop.wait(LOOK_S):
            try:
                self.look(self._clock.now())
            except Exception:  # the database is away: it looks again
                _log.warning("hand-overs could not be looked at", exc_info=True)

    def look(self, now: datetime) -> int:
        """Tell of every hand-over of the last hour that was not told yet. How many messages were ordered."""
        try:
            organisation = self._organisation()
        except NoOrganisation:  # the first day of an installation: nobody stands on a roster yet
            return 0
        found = [(roster, one) for roster in organisation.rosters if (one := _just_now(roster, organisation, now))]
        return sum(self._tell(roster, one, organisation, now) for roster, one in found)

    def _tell(self, roster: Roster, found: Change, organisation: Organisation, now: datetime) -> bool:
        mark = (HANDOVER, f"{roster.id}@{iso(found.at)}")
        with reading(self._engine) as connection:
            if idempotency.of(connection, [mark]):
                return False
        try:
            with changing(self._engine) as connection:
                told = self._ordered(connection, roster, found, organisation, now)
                done = idempotency.Answered(*mark, "", {"told": told}, now)
                idempotency.add(connection, [done])
        except IntegrityError:  # another watch was quicker
            return False
        return told

    def _ordered(
        self, connection: Connection, roster: Roster, found: Change, organisation: Organisation, now: datetime
    ) -> bool:
        assert found.on is not None
        way = organisation.reach(found.on.person, Level.LOW).by_text
        person = organisation.person(found.on.person)
        rows = [one.as_dict() for one in lineup.standing(connection, Filter(phase="open", drill=False), limit=ROWS)]
        if way is None or person is None:
            return False
        summary = hand_over(
            roster, found, organisation=organisation, rows=rows, windows=self._windows(), locale=person.locale
        )
        if not summary.open and not summary.commands:
            return False
        life = found.at + LATEST - now
        put(connection, person.id, way, HANDOVER, facts_of(summary), at=now, life=life)
        return True


def _just_now(roster: Roster, organisation: Organisation, now: datetime) -> Change | None:
    """The hand-over of the last hour, from one person to another or from nobody."""
    found = change(roster, organisation, now, "last")
    if found is None or found.on is None or now - found.at >= LATEST:
        return None
    return found


def facts_of(summary: HandOver) -> dict[str, object]:
    """What the words are made of."""
    worst = next(iter(summary.open or summary.commands))
    return {
        "roster": summary.roster,
        "name": summary.roster_name,
        "open": sum(summary.counts.values()),
        "unanswered": len(summary.unanswered),
        "held": len([item for item in summary.silenced if item.state == "held"]),
        "commands": len(summary.commands),
        "off": summary.off.name if summary.off else "",
        "code": worst.code,
        "level": worst.level,
        "title": worst.title,
    }


def words_of(
    facts: Mapping[str, Any], way: WayKind, locale: str, able: Capabilities, *, site: str
) -> tuple[str | None, str]:
    """The subject, where the way has one, and the words: counts, the worst, the way to the rest. A text is one part."""
    words = words_for(locale)
    subject = words.t("handover.subject", name=facts["name"])
    site = site.rstrip("/")
    link = f"{site}/handover?roster={facts['roster']}"
    if way is not WayKind.SMS:
        start = _start(facts, words, locale)
        return subject, words.t("handover.mail", said=f"{start} {facts['title']}", link=link)
    links = [f" {link}", f" {site}/handover"] if able.url_ok else [""]
    options = [
        (f"{_start(facts, words, locale, named=named, held=held)} ", end)
        for named, held in ((True, True), (False, True), (False, False))
        for end in links
    ]
    title = _plain(str(facts["title"]), locale)
    best = next((one for one in options if count(one[0] + title[:_WORTH_READING] + one[1]).parts == 1), options[-1])
    return None, fit(best[0], title, best[1], count("".join(best)).parts)


def _start(facts: Mapping[str, Any], words: Words, locale: str, *, named: bool = True, held: bool = True) -> str:
    """How much there is, and the worst of it. `named` with the roster's name."""
    t = words.t
    said = [t("handover.text", n=facts["open"], unanswered=facts["unanswered"])]
    if facts["held"] and held:
        said.append(t("handover.text.held", n=facts["held"]))
    if facts["commands"]:
        said.append(t("handover.text.commands", name=_plain(str(facts["off"]), locale), n=facts["commands"]))
    counts = t("handover.text.and").join(said)
    name = {"name": _plain(str(facts["name"]), locale)} if named else {}
    counts = t("handover.text.named" if named else "handover.text.unnamed", said=counts, **name)
    return t("handover.text.worst", said=counts, code=facts["code"], level=facts["level"])


def _plain(text: str, locale: str) -> str:
    return plain(tidy(text)) if locale == "en" else tidy(text)
