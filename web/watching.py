"""What a guest sees of a drill: its name, clock and state, who leads, and what has happened so far, in words.

A guest is from outside. So this is a list of what is shown and of nothing else: kinds of entries that tell of the
handling, names of who acted, what was said with numbers and addresses taken out. Nothing that lies ahead in the script,
no way to anybody, no word of a real emergency. A new kind of entry is not shown until it stands here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from drills.control import END, PAUSE, RESUME, SEEN, SENT, SKIPPED, SUSPEND
from drills.guests import Guest
from drills.room import Standing
from drills.said import in_the_log
from drills.script.model import Script
from drills.sitting import Sitting
from incident.clock import iso
from incident.commands import Note
from incident.events import Entry, Noted
from incident.evolve import replay
from incident.record.row import name_of
from incident.record.shapes import EntryView
from incident.record.timeline import entry_view
from incident.store.live import ENDED, PAUSED, RUNNING, ActRow
from incident.words import Words
from web.house import House
from web.pages.timeline import lines
from web.reading import playbook_of, view
from web.reading import reader as read_by
from web.say import Reader

TOLD: Final = frozenset(
    {"reported", "graded", "regraded", "playbook_started", "paged", "escalated", "acknowledged"}
    | {"declined", "acknowledgement_expired", "clock_breached", "update_missed", "updated", "noted", "followed_up"}
    | {"command_offered", "command_taken", "post_filled", "post_vacated", "step_started", "step_finished"}
    | {"step_failed", "step_skipped", "step_added", "step_overdue", "risk_assessed", "findings_recorded"}
    | {"resource_requested", "resource_arrived", "restored", "resolved", "verified", "closeout_ticked", "closed"}
    | {"reopened", "drill_paused", "drill_resumed", "drill_ended"}
)
"""Not whom a page reached by which way, who reported, who was passed over and why, what was merged."""
_STANDS: Final = frozenset({"drill_paused", "drill_resumed", "drill_ended"})
HIDDEN: Final = "•••"
_NUMBER: Final = re.compile(r"(?<!\d)(?!\d{4}[-/.]\d\d[-/.]\d\d(?!\d))\+?\d(?:[\s().\-/–－]{0,2}\d){6,}")
"""Seven digits or more, however they are grouped and whatever stands around them, that are no day."""
_ADDRESS: Final = re.compile(r"\w{1,20}://\S+|[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that happened: when, who did it (None where it happened by itself), and what was said."""

    at: datetime
    who: str | None
    text: str
    quotes: tuple[str, ...] = ()


def shown_as(house: House, guest: Guest, reader: Reader) -> dict[str, Any]:
    """What the page shows, in the reader's language."""
    drill, locale = guest.drill, reader.words.locale
    control, state = drill.control, drill.row.state
    return {
        "guest": guest.row.name,
        "name": drill.script.name.for_locale(locale),
        "form": "live" if isinstance(drill, Standing) else "tabletop",
        # why it stands still is none of a guest's business: it may be a real emergency
        "state": state if state in (RUNNING, ENDED) else PAUSED,
        "elapsed_min": int(control.elapsed(reader.now).total_seconds() // 60),
        "started_at": iso(drill.row.started_at),
        "ended_at": iso(control.ended.at) if control.ended else None,
        **(_handled(house, drill, reader) if isinstance(drill, Standing) else _talked(house, drill, reader)),
        "remarks": [
            {"done": act.said, "text": act.text, "at": iso(act.at)}
            for act in drill.acts
            if act.kind == SEEN and act.by == guest.by
        ],
    }


def zone_of(house: House, script: Script) -> str:
    """The clock on the wall where it is played."""
    organisation = house.directory.organisation()
    unit = organisation.unit(organisation.route(script.opening.report("en", script.policy)).unit)
    return unit.timezone if unit else house.settings.timezone


def _handled(house: House, drill: Standing, reader: Reader) -> dict[str, Any]:
    state = replay(drill.entries)
    if state is None:
        return {"leads": None, "level": None, "phase": None, "told": []}
    locale, playbook = reader.words.locale, playbook_of(house, state)
    names, seen = read_by(house, locale, playbook), view(house, state, locale)
    texts = {step.id: step.text for step in seen.steps} | {item.id: item.text for item in seen.closeout}
    acts = {act.position: act for act in drill.acts if act.position}
    entries = [
        _plain(entry_view(entry, drill.row.mark, names), drill.script, reader.words) for entry in _told(drill, acts)
    ]
    said = {line.seq: line for line in lines(entries, texts, reader)}
    told = []
    for one in reversed(entries):
        act, line = acts.get(one.position), said[one.seq]
        if act is not None and act.kind == SENT:
            told.append(_read_out(drill.script, act, reader.words))
        elif one.kind in _STANDS:
            told.append(Told(one.at, None, reader.words.t(f"guest.{one.kind}")))
        else:
            quotes = tuple(without_numbers(text) for _, text in line.quotes)
            told.append(Told(one.at, line.who, without_numbers(line.sentence), quotes))
    return {
        "leads": seen.commander.name if seen.commander else None,
        "level": seen.level,
        "phase": seen.phase,
        "told": told,
    }


def _told(drill: Standing, acts: Mapping[int, ActRow]) -> Iterator[Entry]:
    """The entries that are shown. Not that something of the script was left out; nor a note of control of which it is
    not yet written down what act it tells: the next look shows it as what it is."""
    told = (in_the_log(drill.script, act, drill.row.locale) for act in drill.acts if act.position is None)
    unplaced = {note.text for note in told if isinstance(note, Note)}
    for entry in drill.entries:
        act = acts.get(entry.position)
        loose = act is None and isinstance(entry.event, Noted) and entry.event.text in unplaced
        if entry.kind in TOLD and not loose and (act is None or act.kind != SKIPPED):
            yield entry


def _plain(entry: EntryView, script: Script, words: Words) -> EntryView:
    """Without who was passed over; what exercise control did bears the name of whom it played."""
    sort, _, name = entry.by.partition(":")
    actor = script.actor(name) if sort == "drill" else None
    by = (
        actor.name.for_locale(words.locale) if actor else words.t("guest.control") if sort == "drill" else entry.by_name
    )
    fields = {name: value for name, value in entry.fields.items() if name not in ("remarks", "waiting")}
    if entry.kind == "reported":  # it came in the players' language, the script has it in the guest's
        report = script.opening.report(words.locale, script.policy)
        fields |= {"title": report.title, "symptom": report.symptom}
    return replace(entry, by_name=by, fields=fields)


def _talked(house: House, drill: Sitting, reader: Reader) -> dict[str, Any]:
    """A tabletop opens no incident: what was read out is what happened."""
    sort, _, name = drill.row.by.partition(":")
    leads = name_of(name, house.directory.organisation()) if sort == "person" else None
    return {"leads": leads, "level": None, "phase": None, "told": list(_at_the_table(drill, reader))[::-1]}


def _at_the_table(drill: Sitting, reader: Reader) -> Iterator[Told]:
    report = drill.script.opening.report(reader.words.locale, drill.script.policy)
    rest = tuple(without_numbers(text) for text in (report.place, report.symptom, report.scope) if text)
    yield Told(drill.row.started_at, None, without_numbers(report.title), rest)
    stands = {PAUSE: "drill_paused", SUSPEND: "drill_paused", RESUME: "drill_resumed", END: "drill_ended"}
    for act in drill.acts:
        if act.kind == SENT:
            yield _read_out(drill.script, act, reader.words)
        elif act.kind in stands:
            yield Told(act.at, None, reader.words.t(f"guest.{stands[act.kind]}"))


def _read_out(script: Script, act: ActRow, words: Words) -> Told:
    """An inject that went out, in the guest's own language; to whose phone is not said."""
    inject = next(inject for inject in script.injects if inject.number == act.inject)
    sender, to = script.actor(inject.sender), script.actor(inject.to)
    names = [
        one.name.for_locale(words.locale) if one else name for one, name in ((sender, inject.sender), (to, inject.to))
    ]
    said = without_numbers(inject.text.for_locale(words.locale))
    return Told(act.at, None, words.t("guest.inject", sender=names[0], to=names[1]), (said,))


def without_numbers(text: str) -> str:
    """What somebody wrote without what may be a phone number, a mail address or an address of a page."""
    return _NUMBER.sub(HIDDEN, _ADDRESS.sub(HIDDEN, text))
