"""Common Alerting Protocol 1.2 (1.1 is tolerated): one XML message, at most one signal.

Only `Actual` messages page: Exercise, System, Test and Draft give a note instead. Alert and Update are reports, and an
update folds into the earliest message that it references; Cancel, and an update whose response is AllClear, are
recoveries; Ack and Error are notes. Of several `info` blocks those in the wished language are taken, and of these
the gravest that has not expired. Document types and entities are refused, so there is nothing to resolve or expand.

An update that references only the update before it cannot be traced to the first alert here: it opens anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from incident.clock import iso
from incident.errors import why
from incident.intake.capxml import CapAlert, Info, alert_of
from incident.intake.classify import Match, classify
from incident.intake.door import Door, Translated
from incident.intake.drafting import compose, moment, recovery
from incident.intake.severity import IN_DOUBT
from incident.intake.wording import dedup_key
from incident.levels import Kind, Level
from incident.report import Report

_LEVELS: Final = {"Extreme": Level.CRITICAL, "Severe": Level.HIGH, "Moderate": Level.MEDIUM, "Minor": Level.LOW}


def translate(body: bytes, door: Door, now: datetime) -> Translated:
    """Translate a message. Raises BadInput; an expired alert gives a note and no signal."""
    alert = alert_of(body)
    if alert.status != "Actual":
        return Translated((), (why("intake.cap_status", status=alert.status),))
    if alert.type in ("Ack", "Error"):
        return Translated((), (why("intake.cap_type", type=alert.type),))
    infos = in_language(alert.infos, door.language)
    headline = next((info.headline or info.event for info in infos), alert.note)
    if alert.type == "Cancel" or (alert.type == "Update" and infos and all("AllClear" in i.responses for i in infos)):
        return Translated((recovery(_key(alert), moment(alert.sent), headline),))
    current = [info for info in infos if info.expires is None or info.expires > now]
    if infos and not current:
        return Translated((), (why("intake.cap_expired", at=iso(max(i.expires for i in infos if i.expires))),))
    if not current:
        return Translated((_bare(alert),))
    return Translated((_report(alert, max(current, key=lambda info: level_of(info).rank)),))


def in_language(infos: Sequence[Info], wish: str) -> list[Info]:
    """The blocks in exactly the wished language, else in its main language, else in that of the first block."""
    main = _main(wish)
    exact = [info for info in infos if info.language.lower() == wish.replace("_", "-").lower()]
    return (
        exact
        or [i for i in infos if _main(i.language) == main]
        or [i for i in infos if i.language == infos[0].language]
    )


def level_of(info: Info) -> Level:
    """Extreme is Critical, and so is Severe that is Immediate; unknown severity is Medium, in doubt."""
    if info.severity == "Severe" and info.urgency == "Immediate":
        return Level.CRITICAL
    return _LEVELS.get(info.severity, IN_DOUBT)


def kind_of(info: Info) -> Match:
    """By category, else by the words of the event. A fire is taken for one of ours only when it is here and now:
    the level of `fire_or_shock` has a floor, and a season's fire danger is weather."""
    for category in info.categories:
        match category:
            case "Geo" | "Met":
                return Match(Kind.NATURAL_DISASTER, f"natural_disaster:category {category}")
            case "Fire" if info.urgency == "Immediate" and info.certainty in ("Observed", "Likely"):
                return Match(Kind.FIRE_OR_SHOCK, "fire_or_shock:category Fire, immediate")
            case "Fire":
                return Match(Kind.NATURAL_DISASTER, "natural_disaster:category Fire")
    found = classify(info.headline[:200], info.event[:200])
    if found.rule is None and "Infra" in info.categories:
        return Match(Kind.SYSTEM_OUTAGE, "system_outage:category Infra")
    return found


def _report(alert: CapAlert, info: Info) -> Report:
    kind, rule = kind_of(info)
    areas = "; ".join(area for area in info.areas if area)
    return compose(
        pointer="/alert/info",
        title=info.headline or info.event,
        symptom="\n\n".join(filter(None, (info.description, info.instruction))),
        labels=_labels(alert, info) | ({"classified_by": rule} if rule else {}),
        links=(info.web,),
        dedup_key=_key(alert),
        at=moment(alert.sent),
        kind=kind,
        level=level_of(info),
        place=areas,
        scope=areas,
        reporter=info.sender_name or alert.sender,
        contact=info.contact,
    )


def _bare(alert: CapAlert) -> Report:
    """A message without any `info`, which CAP permits: all it says is that something is on."""
    return compose(
        pointer="/alert/note",
        title=alert.note or f"CAP {alert.identifier}",
        labels={"cap.sender": alert.sender, "cap.identifier": alert.identifier},
        dedup_key=_key(alert),
        at=moment(alert.sent),
        level=IN_DOUBT,
        reporter=alert.sender,
    )


def _labels(alert: CapAlert, info: Info) -> dict[str, str]:
    return {
        "cap.sender": alert.sender,
        "cap.identifier": alert.identifier,
        "cap.msg_type": alert.type,
        "cap.category": ", ".join(info.categories),
        "cap.event": info.event,
        "cap.response": ", ".join(info.responses),
        "cap.urgency": info.urgency,
        "cap.severity": info.severity,
        "cap.certainty": info.certainty,
        "cap.language": info.language,
    }


def _key(alert: CapAlert) -> str:
    first = min(alert.references, key=lambda reference: reference.sent, default=alert)
    if alert.type == "Alert":
        first = alert
    return dedup_key("cap", f"{first.sender},{first.identifier}")


def _main(language: str) -> str:
    return language.replace("_", "-").partition("-")[0].lower()
