"""The organisation from and to YAML."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import cache
from importlib.resources import files

from ruamel.yaml import YAML

from incident.errors import BadInput, Fault, why
from incident.organisation.chat_address import is_masked, masked
from incident.organisation.checks import faults
from incident.organisation.model import Organisation, Sheet
from incident.organisation.people import WayKind
from incident.roster import short_form
from incident.source import BadSource, json_pointer, read_yaml, validate
from incident.words import words_for


def parse_organisation(text: str, name: str) -> Organisation:
    """The organisation of a file. Raises `BadSource` with every fault at its line, cross references too."""
    document = read_yaml(text, name)
    sheet = validate(Sheet, document)
    words = words_for("en")
    found = tuple(sorted(document.fault(pointer, words.reason(reason)) for pointer, reason in faults(sheet)))
    if found:
        raise BadSource(found)
    return Organisation(units=sheet.units, people=sheet.people, rosters=sheet.rosters)


def dump_organisation(organisation: Organisation) -> str:
    """YAML that `parse_organisation` reads back as the same organisation, but for the chats: their addresses are
    secrets and stand masked. Loading it again keeps what stands (`store.directory.save_organisation`)."""
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.allow_unicode = True
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    yaml.width = 110
    stream = io.StringIO()
    document = organisation.model_dump(mode="json", exclude_defaults=True)
    document["rosters"] = [short_form(roster) for roster in document.get("rosters", ())]
    for person in document.get("people", ()):
        if "skills" in person:
            person["skills"] = [one["name"] if set(one) == {"name"} else one for one in person["skills"]]
        for way in person.get("ways", ()):
            if way["kind"] == WayKind.CHAT:
                way["address"] = masked(way["address"])
    yaml.dump(document, stream)
    return stream.getvalue()


def unmasked(new: Organisation, standing: Callable[[], Organisation | None]) -> Organisation:
    """The same with each person's masked chats as they stand. Raises BadInput for one that does not stand there."""
    hidden = [
        (row, place, person.id, way.address)
        for row, person in enumerate(new.people)
        for place, way in enumerate(person.ways)
        if way.kind is WayKind.CHAT and is_masked(way.address)
    ]
    if not hidden:
        return new
    old = standing()
    known = {(p.id, w.shown): w.address for p in old.people for w in p.ways if w.shown != w.address} if old else {}
    missing = [(row, place) for row, place, person, mask in hidden if (person, mask) not in known]
    if missing:
        pointers = [json_pointer(("people", row, "ways", place, "address")) for row, place in missing]
        raise BadInput(*(Fault(pointer, why("organisation.masked_chat")) for pointer in pointers))
    document = new.model_dump(mode="json")
    for row, place, person, mask in hidden:
        document["people"][row]["ways"][place]["address"] = known[person, mask]
    return Organisation.model_validate(document)


@cache
def demo_organisation() -> Organisation:
    """The fictional manufacturer that `make run` starts with."""
    path = files("incident") / "demo" / "organisation.yaml"
    return parse_organisation(path.read_text("utf-8"), "demo/organisation.yaml")
