"""A file that is loaded again, and what was changed on the site since: both stand, unless they change the same thing.

Pure. Compared are the fields of each unit, person and roster: what the file has as it had it before is no wish of the
file's, so what the site made of it stays; what both have changed, each in its own way, is a conflict.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

Document = Mapping[str, Any]
"""An organisation as JSON, without what is as it is by default."""

SORTS: Final = {"units": "unit", "people": "person", "rosters": "roster"}
_NONE: Final = object()
_Fields = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Part:
    """A field of something, or all of it (`fields` empty): `sort` is unit, person or roster."""

    sort: str
    id: str
    fields: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.sort} {self.id}" + (f" ({', '.join(self.fields)})" if self.fields else "")


@dataclass(slots=True)
class Merged:
    """`kept` is what the site changed and the file does not; of what is in `conflicts` the document has the file's."""

    document: dict[str, Any] = field(default_factory=dict)
    kept: list[Part] = field(default_factory=list)
    conflicts: list[Part] = field(default_factory=list)


def merge(before: Document, standing: Document, file: Document) -> Merged:
    """`before` is what the file was made from, or what it said the last time."""
    found = Merged()
    for name, sort in SORTS.items():
        was, stands, new = (_by_id(one, name) for one in (before, standing, file))
        every = [(Part(sort, id_), was.get(id_), stands.get(id_), new.get(id_)) for id_ in {**new, **stands}]
        found.document[name] = [one for each in every if (one := _one(found, *each)) is not None]
    return found


def _by_id(document: Document, name: str) -> dict[str, dict[str, Any]]:
    return {str(one["id"]): one for one in document.get(name, ())}


def _one(found: Merged, part: Part, old: _Fields | None, now: _Fields | None, wanted: _Fields | None) -> _Fields | None:
    """What becomes of one; None if it goes."""
    if wanted is not None and now is not None:
        return _fields(found, part.sort, old or {}, now, wanted)
    if wanted is None:
        assert now is not None
        if old is None:
            found.kept.append(part)
            return dict(now)
        if now != old:
            found.conflicts.append(part)
        return None
    if old is None:
        return wanted
    if wanted == old:
        found.kept.append(part)
        return None
    found.conflicts.append(part)
    return wanted


def _fields(found: Merged, sort: str, old: _Fields, now: _Fields, wanted: _Fields) -> _Fields:
    result, kept, both = dict(wanted), [], []
    for name in _names(old, now, wanted):
        was, stands, says = old.get(name, _NONE), now.get(name, _NONE), wanted.get(name, _NONE)
        if stands in (says, was):
            continue
        if says != was:
            both.append(name)
            continue
        kept.append(name)
        result.pop(name, None)
        if stands is not _NONE:
            result[name] = stands
    if kept:
        found.kept.append(Part(sort, str(wanted["id"]), tuple(kept)))
    if both:
        found.conflicts.append(Part(sort, str(wanted["id"]), tuple(both)))
    return result


def _names(*documents: Document) -> Iterator[str]:
    yield from dict.fromkeys(name for one in documents for name in one)
