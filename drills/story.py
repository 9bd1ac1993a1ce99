"""A drill's log and score as sentences, in the reader's language: for the terminal and for the report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from zoneinfo import ZoneInfo

from drills.measures import PARTS, Measure
from drills.score import Line
from drills.simulate.play import Played
from incident.errors import Reason
from incident.events import Entry, Summoned
from incident.playbooks.model import Playbook
from incident.record.timeline import ACTS
from incident.words import Words


def measure_says(measure: Measure, playbook: Playbook | None, words: Words) -> str:
    """A measure in words: the item, and the part of it that is meant."""
    item, part = words.t(f"drill.item.{measure.item}"), measure.part
    if part is None:
        return item
    if measure.item is PARTS["step"]:
        step = next((s for s in playbook.steps if s.id == part), None) if playbook else None
        part = step.text.for_locale(words.locale).rstrip(".。") if step else part
    elif measure.item is PARTS["post"]:
        part = words.t(f"post.{part}")
    else:
        part = words.t(f"drill_to.{part}")
    return words.t("actions.measure", item=item, part=part)


_SAID = ("text", "result", "note", "reason", "cause", "measure", "test", "summary")


@dataclass(frozen=True, slots=True)
class Telling:
    """Reads one drill. Times are those of the unit's zone; `place` is the unit by its name."""

    played: Played
    words: Words
    zone: ZoneInfo
    place: str = ""

    def name(self, person: str) -> str:
        return self.played.names.get(person, person)

    def step(self, name: str) -> str:
        step = next((step for step in self.played.playbook.steps if step.id == name), None)
        return step.text.for_locale(self.words.locale).rstrip(".。") if step else name

    def item(self, name: str) -> str:
        item = next((item for item in self.played.playbook.closeout if item.id == name), None)
        return item.text.for_locale(self.words.locale).rstrip(".。") if item else name

    def clock(self, at: datetime) -> str:
        return at.astimezone(self.zone).strftime("%H:%M:%S")

    def day(self, at: datetime) -> str:
        return at.astimezone(self.zone).strftime("%Y-%m-%d")

    def reason(self, reason: Reason) -> str:
        """A reason with people, steps and items by their names."""
        return self.words.reason(Reason(reason.key, tuple((n, self._param(n, v)) for n, v in reason.params)))

    def line(self, line: Line) -> str:
        return self.reason(line.said)

    def tasks(self, name: str) -> str:
        """A task of an objective by its words."""
        tasks = (task for o in self.played.script.objectives for task in o.tasks if task.id == name)
        found = next(tasks, None)
        return found.text.for_locale(self.words.locale) if found else name

    def _param(self, name: str, value: str) -> str:
        match name:
            case "person":
                return self.name(value)
            case "step" | "before":
                return self.step(value)
            case "item":
                return self.item(value)
            case "task":
                return self.tasks(value)
            case "playbook":
                return self.played.playbook.name.for_locale(self.words.locale)
        return value

    def sentences(self) -> Iterator[tuple[Entry, str, str]]:
        """Each entry with who wrote it and what it says."""
        for entry in self.played.entries:
            yield entry, self._speaker(entry), self._sentence(entry)

    def _speaker(self, entry: Entry) -> str:
        """Who acted; empty where the sentence is a statement of its own."""
        if entry.kind not in ACTS:
            return ""
        sort, _, name = entry.by.partition(":")
        if sort == "drill":
            actor = self.played.script.actor(name)
            return actor.name.for_locale(self.words.locale) if actor else name
        return self.name(name) if sort == "person" else ""

    def _sentence(self, entry: Entry) -> str:
        event = entry.event
        params = {field.name: self._field(field.name, getattr(event, field.name)) for field in fields(event)}
        params |= {f"{name}_name": params[name] for name in ("person", "to", "of", "playbook") if name in params}
        params["names"] = params.get("person", "")
        said = self.words.t(f"log.{entry.kind}", **params)
        quoted = [getattr(event, name, None) for name in _SAID]
        quotes = [text for text in quoted if isinstance(text, str) and text and text not in said]
        return " · ".join([said, *quotes])

    def _field(self, name: str, value: object) -> object:
        match value:
            case Reason():
                return self.reason(value)
            case datetime():
                return self.clock(value)
            case (Summoned(), *_) as people:
                names = (self.name(s.person) for s in people if isinstance(s, Summoned))
                return self.words.t("list.comma").join(names)
            case Mapping():
                return self.words.t("list.comma").join(str(text) for text in value.values())
            case int() if name == "rung" and not isinstance(value, bool):
                return value + 1
            case str() if name in ("person", "to", "of"):
                return self.name(value)
            case str() if name in ("step", "item", "playbook"):
                return self._param(name, value)
            case str() if name == "was":
                return self.words.t(f"level.{value}")
            case None:
                return ""
        return value
