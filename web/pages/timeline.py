"""The log of an incident as a person reads it: a sentence for each entry, what somebody said beneath it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from incident.decide.judging import JUDGED
from incident.record.shapes import EntryView, IncidentView
from incident.record.timeline import ACTS
from web.say import Reader

GROUPS: Final[Mapping[str, frozenset[str]]] = {
    "word": frozenset({"updated", "update_missed", "noted", "followed_up"}),
    "people": frozenset(
        {"paged", "escalated", "notified", "page_delivered", "page_failed", "acknowledged", "declined"}
        | {"acknowledgement_warned", "acknowledgement_expired"}
        | {"paging_held", "paging_released", "drill_paused", "drill_resumed"}
        | {"command_offered", "command_taken", "post_filled", "post_vacated", "span_exceeded"}
    ),
    "steps": frozenset(
        {"playbook_started", "step_started", "step_finished", "step_failed", "step_skipped", "step_added"}
        | {"step_overdue", "resource_requested", "resource_arrived"}
    ),
}
"""The filters of the timeline; what is in none of them (grading, clocks, the end) shows in `all` and in `rest`."""

_SAID: Final = (
    *("text", "result", "note", "briefing", "measure", "cause", "test", "summary", "needs", "symptom"),
    *(f"{name}_reason" for name in JUDGED),
)
"""Fields that hold what somebody said, shown beneath the sentence."""

_LOUD: Final = frozenset(
    {"clock_breached", "update_missed", "step_overdue", "page_failed", "step_failed", "acknowledgement_expired"}
)


@dataclass(frozen=True, slots=True)
class Said:
    """One line. `who` spoke, None for the clock; `quotes` are pairs of a field's name and what was said."""

    seq: int
    at: datetime
    kind: str
    group: str
    who: str | None
    sentence: str
    quotes: tuple[tuple[str, str], ...]
    loud: bool


def lines(entries: Iterable[EntryView], texts: Mapping[str, str], reader: Reader, *, folded: bool = True) -> list[Said]:
    """The newest first. `texts` gives the words of each step and close-out item. Unfolded there is a line an entry."""
    kept = _folded(entries) if folded else map(_by_name, entries)
    return [_line(entry, texts, reader) for entry in _topped(kept)][::-1]


def _topped(entries: Iterable[EntryView]) -> Iterable[EntryView]:
    """An escalation to a rung that the ladder does not have is one past its top, and is said so."""
    rungs = None
    for entry in entries:
        if entry.kind in ("graded", "regraded"):
            rungs = len(entry.fields["ladder"])
        if entry.kind == "escalated" and entry.fields["rung"] == rungs:
            yield replace(entry, fields={**entry.fields, "past_top": True})
        else:
            yield entry


def _folded(entries: Iterable[EntryView]) -> Iterable[EntryView]:
    """Pages that reached several people one after the other by the same way are one line that names them all."""
    kept: EntryView | None = None
    for entry in entries:
        if kept and entry.kind == kept.kind == "page_delivered" and entry.fields["way"] == kept.fields["way"]:
            names = dict.fromkeys((*kept.fields["names"], entry.fields["person_name"]))
            kept = replace(entry, fields={**entry.fields, "names": tuple(names)})
            continue
        if kept:
            yield kept
        kept = _by_name(entry)
    if kept:
        yield kept


def _by_name(entry: EntryView) -> EntryView:
    """A page that reached somebody is said with the names of all whom it reached."""
    if entry.kind != "page_delivered":
        return entry
    return replace(entry, fields={**entry.fields, "names": (entry.fields["person_name"],)})


def group_of(kind: str) -> str:
    return next((name for name, kinds in GROUPS.items() if kind in kinds), "rest")


def _line(entry: EntryView, texts: Mapping[str, str], reader: Reader) -> Said:
    fields = entry.fields
    params = {name: _param(name, value, fields, texts, reader) for name, value in fields.items()}
    given = entry.kind == "post_filled" and entry.by_name not in (None, fields["person_name"])
    key = "log.post_given" if given else "log.past_top" if fields.get("past_top") else f"log.{entry.kind}"
    sentence = reader.words.t(key, **params) + _aside(fields, reader)
    free = fields.get("reason")
    quotes = [(name, str(fields[name])) for name in _SAID if isinstance(fields.get(name), str) and fields[name]]
    if isinstance(free, str):
        quotes.append(("reason", free))
    return Said(
        seq=entry.seq,
        at=entry.at,
        kind=entry.kind,
        group=group_of(entry.kind),
        who=entry.by_name if given else _subject(entry) if entry.kind in ACTS else None,
        sentence=sentence,
        quotes=tuple(quotes),
        loud=entry.kind in _LOUD or (entry.kind == "verified" and not fields["passed"]),
    )


def _aside(fields: Mapping[str, Any], reader: Reader) -> str:
    """Who was passed over and why, and who comes next in turn."""
    said = [
        reader.words.t("log.remark", name=one["person_name"], said=one["reason"]["text"])
        for one in fields.get("remarks") or ()
    ]
    waiting = fields.get("waiting") or ()
    if waiting:
        names = reader.words.t("list.comma").join(one["person_name"] for one in waiting)
        said.append(reader.words.t("log.in_turn", people=names))
    return "".join(f" · {one}" for one in said)


def _subject(entry: EntryView) -> str | None:
    """Who did it: the person whom the entry names, for a key may have spoken for them; else who wrote it."""
    name = entry.fields.get("person_name")
    return name if isinstance(name, str) else entry.by_name


def _param(name: str, value: Any, named: Mapping[str, Any], texts: Mapping[str, str], reader: Reader) -> object:
    """A field as it stands in a sentence: people by name, times by the clock, reasons in words."""
    match value:
        case {"key": _, "text": text}:
            return text
        case tuple() if name == "names":
            return reader.words.t("list.comma").join(value)
        case [{"person": _}, *_] as people:
            return reader.words.t("list.comma").join(person["person_name"] for person in people)
        case {"id": str(step)} if name == "step":
            return value.get("text") or texts.get(step, step)
        case str() if name in ("step", "item"):
            return texts.get(value, value)
        case str() if name == "playbook":
            return named.get("playbook_name", value)
        case str() if name in ("due", "next_due", "next_at", "needed_by", "heard_at", "expires_at", "until", "since"):
            return reader.clock(value)
        case dict():
            return reader.words.t("list.comma").join(_element(key, text, reader) for key, text in value.items())
        case str() if name == "was":
            return reader.words.t(f"level.{value}")
        case int() if name == "rung" and not isinstance(value, bool):
            return value + 1
        case None if name in JUDGED:
            return reader.words.t("communication.unseen")
        case None:
            return ""
    return value


def _element(name: str, text: object, reader: Reader) -> str:
    return f"{reader.words.t(f'report.{name}')}{reader.words.t('list.colon')}{text}"


def origins(entries: Sequence[EntryView], view: IncidentView) -> dict[str, int]:
    """Which entry made each fact of the page, by its sequence number: what the facts link to."""
    found: dict[str, int] = {}
    for entry in entries:
        for fact in _FACTS.get(entry.kind, ()):
            found[fact] = entry.seq
        fields = entry.fields
        if entry.kind.startswith("step_") and isinstance(fields.get("step"), str):
            found[f"step.{fields['step']}"] = entry.seq
        if entry.kind == "post_filled":
            found[f"post.{fields['post']}"] = entry.seq
        if entry.kind == "closeout_ticked":
            found[f"closeout.{fields['item']}"] = entry.seq
    for clock in view.clocks:
        met = next((entry.seq for entry in entries if entry.at == clock.met_at), None)
        if met is not None:
            found[f"clock.{clock.name}"] = met
    return found


_FACTS: Final[Mapping[str, tuple[str, ...]]] = {
    "reported": ("report",),
    "report_amended": ("report",),
    "graded": ("level", "playbook"),
    "regraded": ("level",),
    "playbook_started": ("playbook",),
    "command_taken": ("commander",),
    "command_offered": ("offered",),
    "paged": ("alarm",),
    "paging_held": ("maintenance",),
    "acknowledgement_warned": ("quiet",),
    "acknowledgement_expired": ("quiet",),
    "updated": ("update",),
    "risk_assessed": ("risk",),
    "findings_recorded": ("findings",),
    "resolved": ("resolved",),
    "verified": ("verified",),
    "followed_up": ("follow_up",),
    "closed": ("closed",),
}
