"""The organisation from and to YAML."""

from __future__ import annotations

import io
from functools import cache
from importlib.resources import files

from ruamel.yaml import YAML

from incident.organisation.checks import faults
from incident.organisation.model import Organisation, Sheet
from incident.source import BadSource, read_yaml, validate
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
    """YAML that `parse_organisation` reads back as the same organisation."""
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.allow_unicode = True
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    yaml.width = 110
    stream = io.StringIO()
    yaml.dump(organisation.model_dump(mode="json", exclude_defaults=True), stream)
    return stream.getvalue()


@cache
def demo_organisation() -> Organisation:
    """The fictional manufacturer that `make run` starts with."""
    path = files("incident") / "demo" / "organisation.yaml"
    return parse_organisation(path.read_text("utf-8"), "demo/organisation.yaml")
