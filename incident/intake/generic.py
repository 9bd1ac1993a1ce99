"""Any JSON, read with a mapping; with the identity mapping, our own reports and `"status": "resolved"`.

Kind, impact, urgency, level, channel and source must be words that we know: whoever writes a mapping can translate
them with `values` and `otherwise`, and a slip should be seen on the first try. Level also takes the severity words of
other systems. Text that is too long is cut, numbers become text, null and empty text count as not given.
"""

from __future__ import annotations

import collections.abc
from datetime import datetime
from enum import Enum
from functools import partial
from typing import Any, Final

from pydantic import AwareDatetime, TypeAdapter, ValidationError

from incident.errors import BadInput, Fault, Reason, why
from incident.intake.door import MOST_ALERTS, Door, Translated
from incident.intake.drafting import SHORT_FIELDS, compose, every, moment, recovery
from incident.intake.mapping import Mapping, Take, steps
from incident.intake.reading import pointer, read_any
from incident.intake.severity import known_level
from incident.intake.wording import dedup_key
from incident.levels import Degree, Kind, Level
from incident.report import Channel, Signal, Source

_TIME: Final = TypeAdapter(AwareDatetime)
_TEXTS: Final = ("title", "symptom", "dedup_key", "unit", "policy", *SHORT_FIELDS)
_CLOSED: Final[dict[str, type[Enum]]] = {
    "kind": Kind,
    "impact": Degree,
    "urgency": Degree,
    "level": Level,
    "channel": Channel,
    "source": Source,
}
_YES_NO: Final = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_ABSENT: Final = object()


class _Item:
    """One item of the body. Collects what is wrong with it instead of stopping at the first fault."""

    def __init__(self, data: Any, under: str, mapping: Mapping) -> None:
        self._data = data
        self._under = under
        self._mapping = mapping
        self._takes = {str(name): take for name, take in mapping.fields.items()}
        self.faults: list[Fault] = []

    def where(self, name: str) -> str:
        """The pointer to a field's value, or to the item if the field is a constant."""
        take = self._takes.get(name)
        return self._under + pointer(steps(take.path)) if take is not None and take.path is not None else self._under

    def wrong(self, name: str, reason: Reason) -> None:
        self.faults.append(Fault(self.where(name), reason))

    def resolved(self) -> bool:
        rule = self._mapping.resolved_when
        found = find(self._data, rule.path) if rule is not None else None
        return rule is not None and _text(found).lower() in {word.lower() for word in rule.equals}

    def text(self, name: str) -> str:
        """The field as text, empty if it is not there."""
        value = self.value(name)
        if isinstance(value, dict | list):
            self.wrong(name, why("intake.wrong_type", expected="text"))
        return _text(value)

    def value(self, name: str) -> Any:
        take = self._takes.get(name)
        return taken(self._data, take) if take is not None else None

    def member(self, name: str) -> Enum | None:
        """The field as a member of its closed set."""
        word, members = self.text(name).lower(), _CLOSED[name]
        if not word:
            return None
        found = next((member for member in members if member.value == word), None)
        found = found or (known_level(word) if name == "level" else None)
        if found is None:
            self.wrong(name, why("intake.not_one_of", allowed=", ".join(str(member.value) for member in members)))
        return found

    def flag(self, name: str) -> bool:
        word = self.text(name).lower()
        if word and word not in _YES_NO:
            self.wrong(name, why("intake.wrong_type", expected="true_or_false"))
        return _YES_NO.get(word, False)

    def time(self) -> datetime | None:
        value = self.value("at")
        if value is None or value == "":
            return None
        try:
            return moment(_TIME.validate_python(value))
        except ValidationError:
            self.wrong("at", why("intake.not_a_time"))
            return None

    def links(self) -> tuple[str, ...]:
        value = self.value("links")
        return tuple(_text(link) for link in (value if isinstance(value, list) else [value]))

    def labels(self) -> dict[str, str]:
        whole = find(self._data, self._mapping.labels_from) if self._mapping.labels_from else None
        found = {**whole} if isinstance(whole, dict) else {}
        found |= {name: taken(self._data, take) for name, take in self._mapping.labels.items()}
        return {name: _text(value) for name, value in found.items()}


def translate(body: bytes, door: Door, now: datetime) -> Translated:
    """Translate a body by the door's mapping. Raises BadInput."""
    data, where = read_any(body), ""
    if door.mapping.items is not None:
        where = pointer(steps(door.mapping.items))
        data = find(data, door.mapping.items)
        if not isinstance(data, list):
            raise BadInput(Fault(where, why("intake.wrong_type", expected="list")))
    signal = partial(_signal, door.mapping)
    if not isinstance(data, list):
        return Translated((signal(data, ""),))
    if len(data) > MOST_ALERTS:
        raise BadInput(Fault(where, why("intake.too_many", limit=MOST_ALERTS)))
    signals = every(data, where, signal)
    return Translated(signals, () if signals else (why("intake.nothing"),))


def find(data: Any, path: str) -> Any:
    """What is at a path, None where it leads nowhere."""
    for step in steps(path):
        if isinstance(data, dict):
            data = data.get(step)
        elif isinstance(data, list) and step.isascii() and step.isdigit() and len(step) < 6 and int(step) < len(data):
            data = data[int(step)]
        else:
            return None
    return data


def taken(data: Any, take: Take) -> Any:
    """The value that a `Take` stands for, translated by its table of values."""
    value = take.constant if take.path is None else find(data, take.path)
    if take.values and not isinstance(value, dict | list):
        word = _text(value)
        lowered = {known.lower(): meant for known, meant in take.values.items()}
        value = take.values.get(word) or lowered.get(word.lower()) or (None if take.otherwise is not None else value)
    return take.otherwise if value is None or value == "" else value


def _signal(mapping: Mapping, data: Any, under: str) -> Signal:
    if not isinstance(data, dict):
        raise BadInput(Fault(under, why("intake.wrong_type", expected="object")))
    item = _Item(data, under, mapping)
    texts = {name: item.text(name) for name in _TEXTS}
    key = dedup_key("generic", texts.pop("dedup_key")) if texts["dedup_key"] else None
    at = item.time()
    if item.resolved():
        return _recovery(item, key, at, texts)
    fields: dict[str, Any] = {name: item.member(name) for name in _CLOSED}
    fields |= {name: item.flag(name) for name in ("injury", "major")}
    if not texts["title"] and all(fault.pointer != item.where("title") for fault in item.faults):
        item.wrong("title", why("intake.missing"))
    if item.faults:
        raise BadInput(*item.faults)
    return compose(
        pointer=item.where("title"),
        labels=item.labels(),
        links=item.links(),
        at=at,
        dedup_key=key,
        **_given(texts),
        **_given(fields),
    )


def _recovery(item: _Item, key: str | None, at: datetime | None, texts: dict[str, str]) -> Signal:
    if key is None:
        item.wrong("dedup_key", why("intake.missing"))
    if item.faults or key is None:
        raise BadInput(*item.faults)
    return recovery(key, at, "\n".join(filter(None, (texts["title"], texts["symptom"]))))


def _given(fields: collections.abc.Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None and value != ""}


def _text(value: Any) -> str:
    """A scalar as text: `true`, `3`, `2.5`; null, lists and objects have none."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value).strip() if isinstance(value, str | int | float) else ""
