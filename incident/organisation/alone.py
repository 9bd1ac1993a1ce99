"""The organisation as one person meets it who practises alone: on duty where the incident falls, among played people.

It is made of the practice's mark and of nothing else, so that whoever decides, shows or scores it makes the same one.
Nobody real is in it but who practises; the others never answer by themselves. Their ways lead nowhere: who may be paged
must have one, and a practice orders no message (`incident.orders`).
"""

from __future__ import annotations

from datetime import date
from typing import Final

from incident.marks import is_practice, practised
from incident.organisation.model import Organisation
from incident.organisation.people import Person, Role, Way, WayKind
from incident.organisation.unit import Unit
from incident.roster import Layer, Roster
from incident.roster.model import ONLY_LAYER
from incident.text import Text
from incident.words import words_for

SECOND: Final = "played-second"
"""Who stands second on the roster: tests what who practises has resolved, for nobody marks their own work good."""
_PLAYED: Final = "played-"
_HAND: Final = "played-hand"
"""One more at the own unit, for posts to be filled."""
_NOWHERE: Final = Way(kind=WayKind.MAIL, address="nobody@practice.invalid")
_MOST: Final = 64
_kept: Final[dict[tuple[str, str | None], tuple[Organisation, Organisation]]] = {}
"""What was made last, with what it was made of: the desk asks for each act, and nobody's page waits for it."""
_SINCE: Final = date(2000, 1, 1)
_YEARS: Final = 400


def as_met(organisation: Organisation, mark: str | None, locale: str | None = None) -> Organisation:
    """The organisation that counts for what bears this mark: the same, but for a practice. Its played people are called
    so in the language of whoever reads, else of who practises."""
    if mark is None or not is_practice(mark):
        return organisation
    kept = _kept.get((mark, locale))
    if kept is None or kept[0] is not organisation:
        while len(_kept) >= _MOST:
            _kept.pop(next(iter(_kept)), None)
        kept = _kept[mark, locale] = organisation, alone(organisation, mark, locale)
    return kept[1]


def is_played(name: str) -> bool:
    """Whether this is how somebody played may be called."""
    return name.startswith(_PLAYED)


def alone(organisation: Organisation, mark: str, locale: str | None = None) -> Organisation:
    """Who has left meanwhile is somebody of that id at the unit; a unit that is gone is headquarters."""
    name, wanted, _ = practised(mark)
    own = organisation.unit(wanted) or organisation.unit(organisation.root)
    assert own is not None
    answering = own.model_copy(update={"functions": tuple(dict.fromkeys(("response", *own.functions)))})
    units = tuple(answering if unit.id == own.id else unit for unit in organisation.units)
    found = organisation.person(name)
    own_locale = found.locale if found else "en"
    locale = locale or own_locale
    me = Person(
        id=name,
        name=found.name if found else name,
        locale=own_locale,
        timezone=found.timezone if found else own.timezone,
        unit=own.id,
        role=found.role if found else Role.RESPONDER,
        skills=found.skills if found else (),
        ways=(_NOWHERE,),
    )
    above = [unit for unit in map(organisation.unit, organisation.ancestors(own.id)) if unit is not None]
    say = words_for(locale)
    played = [
        _played(SECOND, say.t("practice.second"), own, locale),
        _played(_HAND, say.t("practice.hand"), own, locale),
        *(
            _played(_at(height), say.t("practice.on_call", unit_name=unit.name.for_locale(locale)), unit, locale)
            for height, unit in enumerate(above, 1)
        ),
    ]
    duties = [
        *((own, function, SECOND) for function in own.functions if function != "response"),
        *((unit, each, _at(height)) for height, unit in enumerate(above, 1) for each in unit.functions),
    ]
    others = (_roster(place, *duty) for place, duty in enumerate(duties, 1))
    mine = _roster(0, own, "response", name, SECOND)
    return Organisation(units=units, people=(me, *played), rosters=(mine, *others))


def _at(height: int) -> str:
    """Who is played so many units above the own one."""
    return f"played-above-{height}"


def _played(name: str, says: str, unit: Unit, locale: str) -> Person:
    fields = {"id": name, "name": says[:100], "locale": locale, "timezone": unit.timezone, "unit": unit.id}
    return Person.model_validate(fields | {"ways": (_NOWHERE,)})


def _roster(place: int, unit: Unit, function: str, first: str, second: str | None = None) -> Roster:
    """One rotation in which it is always the turn of `first`: its turns take a year each."""
    turns = (first,) * _YEARS if second is not None else (first,)
    line = turns if second is None else (*turns, second)
    return Roster(
        id=f"practice-{place}",
        name=_duty(function),
        unit=unit.id,
        function=function,
        timezone=unit.timezone,
        layers=(Layer(id=ONLY_LAYER, rotation=line, start=_SINCE, period_days=366),),
    )


def _duty(function: str) -> Text:
    en, zh, zh_hant = (str(words_for(one).say("function", function)) for one in ("en", "zh_Hans", "zh_Hant"))
    return Text(en=en, zh=zh, zh_hant=zh_hant)
