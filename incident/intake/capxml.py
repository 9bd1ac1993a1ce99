"""The XML of a CAP alert, checked as far as we rely on it, as plain values.

`sent`, `expires` and the times in `references` need an offset; `Z` and fractions of a second are invalid in CAP (UTC
is written -00:00). Free text keeps its lines; places and names of faults are given as `/alert/info/0/event`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException  # type: ignore[import-untyped]  # has no type information
from defusedxml.ElementTree import fromstring  # type: ignore[import-untyped]

from incident.errors import BadInput, Fault, Reason, why
from incident.intake.reading import MOST_FAULTS

NAMESPACES: Final = ("urn:oasis:names:tc:emergency:cap:1.2", "urn:oasis:names:tc:emergency:cap:1.1")

STATUSES: Final = ("Actual", "Exercise", "System", "Test", "Draft")
TYPES: Final = ("Alert", "Update", "Cancel", "Ack", "Error")
SCOPES: Final = ("Public", "Restricted", "Private")
URGENCIES: Final = ("Immediate", "Expected", "Future", "Past", "Unknown")
SEVERITIES: Final = ("Extreme", "Severe", "Moderate", "Minor", "Unknown")
CERTAINTIES: Final = ("Observed", "Likely", "Possible", "Unlikely", "Unknown")
CATEGORIES: Final = (
    "Geo", "Met", "Safety", "Security", "Rescue", "Fire", "Health", "Env", "Transport", "Infra", "CBRNE", "Other",
)  # fmt: skip

_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d", re.ASCII)
_NO_NAME: Final = re.compile(r"[\s,<&]")


@dataclass(frozen=True, slots=True)
class Reference:
    """An earlier message, by its sender, identifier and time."""

    sender: str
    identifier: str
    sent: datetime


@dataclass(frozen=True, slots=True)
class Info:
    """One `info` block: the same event in one language, or for one part of the area."""

    language: str
    categories: tuple[str, ...]
    event: str
    responses: tuple[str, ...]
    urgency: str
    severity: str
    certainty: str
    expires: datetime | None
    sender_name: str
    headline: str
    description: str
    instruction: str
    web: str
    contact: str
    areas: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CapAlert:
    """One message."""

    identifier: str
    sender: str
    sent: datetime
    status: str
    type: str
    scope: str
    note: str
    references: tuple[Reference, ...]
    infos: tuple[Info, ...]


def alert_of(body: bytes) -> CapAlert:
    """Read a message. Raises BadInput with all that is wrong in it."""
    root = _root(body)
    namespace = root.tag[1:].partition("}")[0]
    if root.tag not in {f"{{{known}}}alert" for known in NAMESPACES}:
        raise BadInput(Fault("", why("intake.not_cap")))
    faults: list[Fault] = []
    alert = _alert(_Part(root, "/alert", namespace, faults))
    if faults or alert is None:
        raise BadInput(*faults)
    return alert


class _Part:
    """An element with its pointer. What is asked for and wrong is added to `faults`, which all parts share."""

    def __init__(self, element: Element, pointer: str, namespace: str, faults: list[Fault]) -> None:
        self._element = element
        self._pointer = pointer
        self._namespace = namespace
        self._faults = faults

    def wrong(self, name: str, reason: Reason) -> None:
        if len(self._faults) < MOST_FAULTS:
            self._faults.append(Fault(f"{self._pointer}/{name}", reason))

    def texts(self, name: str) -> tuple[str, ...]:
        found = (child.text for child in self._element.findall(f"{{{self._namespace}}}{name}"))
        return tuple(text.strip() for text in found if text and text.strip())

    def text(self, name: str) -> str:
        return next(iter(self.texts(name)), "")

    def required(self, name: str) -> str:
        text = self.text(name)
        if not text:
            self.wrong(name, why("intake.missing"))
        return text

    def name(self, name: str) -> str:
        """A sender or an identifier: as part of a reference it holds no blank, comma, `<` or `&`."""
        text = self.required(name)
        if _NO_NAME.search(text):
            self.wrong(name, why("intake.cap_name"))
        return text

    def one_of(self, name: str, allowed: tuple[str, ...]) -> str:
        text = self.required(name)
        if text and text not in allowed:
            self.wrong(name, why("intake.not_one_of", allowed=", ".join(allowed)))
        return text

    def some_of(self, name: str, allowed: tuple[str, ...]) -> tuple[str, ...]:
        """One or more of a closed set."""
        found = self.texts(name)
        if not found:
            self.wrong(name, why("intake.missing"))
        elif not set(found) <= set(allowed):
            self.wrong(name, why("intake.not_one_of", allowed=", ".join(allowed)))
        return found

    def time(self, name: str) -> datetime | None:
        text = self.text(name)
        at = _time(text)
        if text and at is None:
            self.wrong(name, why("intake.cap_time"))
        return at

    def parts(self, name: str) -> Iterator[_Part]:
        for index, child in enumerate(self._element.findall(f"{{{self._namespace}}}{name}")):
            yield _Part(child, f"{self._pointer}/{name}/{index}", self._namespace, self._faults)


def _root(body: bytes) -> Element:
    try:
        return fromstring(body, forbid_dtd=True, forbid_entities=True, forbid_external=True)  # type: ignore[no-any-return]
    except DefusedXmlException:
        raise BadInput(Fault("", why("intake.xml_forbidden"))) from None
    except ParseError as error:
        line, column = error.position
        raise BadInput(Fault("", why("intake.not_xml", line=line, column=column + 1))) from None
    except (ValueError, LookupError):  # an encoding that the parser does not know, or bytes that are not in it
        raise BadInput(Fault("", why("intake.not_xml", line=1, column=1))) from None


def _alert(part: _Part) -> CapAlert | None:
    sent = part.time("sent") if part.required("sent") else None
    identifier, sender = part.name("identifier"), part.name("sender")
    status, kind, scope = part.one_of("status", STATUSES), part.one_of("msgType", TYPES), part.one_of("scope", SCOPES)
    references = tuple(_references(part))
    if kind == "Cancel" and not part.text("references"):
        part.wrong("references", why("intake.missing"))
    infos = tuple(_info(info) for info in part.parts("info"))
    if sent is None:
        return None  # the fault is noted: missing or no CAP time
    return CapAlert(identifier, sender, sent, status, kind, scope, part.text("note"), references, infos)


def _info(part: _Part) -> Info:
    return Info(
        language=part.text("language") or "en-US",  # CAP's own default
        categories=part.some_of("category", CATEGORIES),
        event=part.required("event"),
        responses=part.texts("responseType"),
        urgency=part.one_of("urgency", URGENCIES),
        severity=part.one_of("severity", SEVERITIES),
        certainty=part.one_of("certainty", CERTAINTIES),
        expires=part.time("expires"),
        sender_name=part.text("senderName"),
        headline=part.text("headline"),
        description=part.text("description"),
        instruction=part.text("instruction"),
        web=part.text("web"),
        contact=part.text("contact"),
        areas=tuple(area.required("areaDesc") for area in part.parts("area")),
    )


def _references(part: _Part) -> Iterator[Reference]:
    for triple in part.text("references").split():
        sender, _, rest = triple.partition(",")
        identifier, _, sent = rest.partition(",")
        at = _time(sent)
        if sender and identifier and at is not None:
            yield Reference(sender, identifier, at)
        else:
            part.wrong("references", why("intake.cap_reference"))


def _time(text: str) -> datetime | None:
    if not _TIME.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):  # the 30th of February, the last hours of the year 9999
        return None
