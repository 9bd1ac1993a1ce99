"""Whose shift an event of a calendar is: by the e-mail of who takes part, else by the id or name in its title."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from incident.errors import Reason, why
from incident.ical.reading import BadEvent, Occurrence, Reading
from incident.organisation import Person

_WORD: Final = r"(?<![\w.-]){}(?![\w-])"


@dataclass(frozen=True, slots=True)
class Theirs:
    """Somebody's time, from a calendar. `note` is what the event was called."""

    person: str
    start: datetime
    end: datetime
    note: str


@dataclass(frozen=True, slots=True)
class Matched:
    """What can be taken over, by start, and what not."""

    found: tuple[Theirs, ...]
    bad: tuple[BadEvent, ...]


def match(reading: Reading, people: Iterable[Person], everything: Person | None = None) -> Matched:
    """Each occurrence with its person, or with the one whose calendar `everything` in it is.

    An event that names nobody or two people is refused, once.
    """
    known = tuple(people)
    found: list[Theirs] = []
    bad = {one.number: one for one in reading.bad}
    for one in reading.found:
        person = everything or _person(one, known)
        if isinstance(person, Reason):
            bad.setdefault(one.number, BadEvent(one.number, one.title, person))
        else:
            found.append(Theirs(person.id, one.start, one.end, one.title or person.name))
    return Matched(tuple(dict.fromkeys(found)), tuple(bad[number] for number in sorted(bad)))


def _person(one: Occurrence, people: tuple[Person, ...]) -> Person | Reason:
    by_mail = [p for p in people if any(address in one.addresses for address in _mails(p))]
    if len(by_mail) == 1:
        return by_mail[0]
    title = one.title.casefold()
    among = by_mail or list(people)
    exact = [p for p in among if title in (p.id, p.name.casefold(), *_mails(p))]
    named = exact or [p for p in among if any(_says(title, word) for word in (p.id, p.name.casefold(), *_mails(p)))]
    if len(named) == 1:
        return named[0]
    several = named or by_mail
    if several:
        return why("ical.several", names=", ".join(p.name for p in several[:4]))
    return why("ical.nobody")


def _mails(person: Person) -> tuple[str, ...]:
    return (person.email.casefold(),) if person.email else ()


def _says(title: str, word: str) -> bool:
    """Whether a title has the word. Chinese names stand without spaces around them."""
    if not word.isascii():
        return word in title
    return re.search(_WORD.format(re.escape(word)), title) is not None
