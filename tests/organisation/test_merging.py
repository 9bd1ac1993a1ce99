"""A file loaded beside what was changed on the site: the change of each stands, and the same changed twice is said."""

from __future__ import annotations

from typing import Any

import pytest

from incident.organisation.merging import merge

LI = {"id": "li", "name": "Li", "ways": ["a"]}
WU = {"id": "wu", "name": "Wu"}


def people(*ones: dict[str, Any]) -> dict[str, Any]:
    return {"people": list(ones)}


def said(before: dict[str, Any], standing: dict[str, Any], file: dict[str, Any]) -> tuple[Any, list[str], list[str]]:
    found = merge(before, standing, file)
    return found.document["people"], [str(part) for part in found.kept], [str(part) for part in found.conflicts]


@pytest.mark.parametrize(
    ("standing", "file", "comes", "kept", "conflicts"),
    [
        (people(LI, WU), people(LI, WU), [LI, WU], [], []),
        (people(LI | {"ways": ["b"]}, WU), people(LI, WU), [LI | {"ways": ["b"]}, WU], ["person li (ways)"], []),
        (
            people(LI | {"ways": ["b"]}, WU),
            people(LI | {"name": "Li Wei"}, WU),
            [LI | {"ways": ["b"], "name": "Li Wei"}, WU],
            ["person li (ways)"],
            [],
        ),
        (people(LI | {"ways": ["b"]}, WU), people(LI | {"ways": ["b"]}, WU), [LI | {"ways": ["b"]}, WU], [], []),
        (
            people({"id": "li", "name": "Li"}, WU),
            people(LI, WU),
            [{"id": "li", "name": "Li"}, WU],
            ["person li (ways)"],
            [],
        ),
        (people(LI, WU), people(LI), [LI], [], []),
        (people(LI), people(LI, WU), [LI], ["person wu"], []),
        (people(LI, WU, {"id": "xu"}), people(WU, LI), [WU, LI, {"id": "xu"}], ["person xu"], []),
        (people(LI, WU), people(LI, WU, {"id": "xu"}), [LI, WU, {"id": "xu"}], [], []),
        (
            people(LI | {"ways": ["b"]}, WU),
            people(LI | {"ways": ["c"]}, WU),
            [LI | {"ways": ["c"]}, WU],
            [],
            ["person li (ways)"],
        ),
        (people(LI, WU | {"skills": ["gas"]}), people(LI), [LI], [], ["person wu"]),
        (people(LI), people(LI, WU | {"skills": ["gas"]}), [LI, WU | {"skills": ["gas"]}], [], ["person wu"]),
    ],
    ids=[
        "nothing",
        "changed on the site",
        "changed in different fields",
        "the same change twice",
        "a field taken away on the site",
        "removed by the file",
        "removed on the site",
        "added on the site",
        "added by the file",
        "the same field in two ways",
        "changed on the site, removed by the file",
        "removed on the site, changed in the file",
    ],
)
def test_what_comes_of_file_and_site(
    standing: dict[str, Any], file: dict[str, Any], comes: Any, kept: list[str], conflicts: list[str]
) -> None:
    assert said(people(LI, WU), standing, file) == (comes, kept, conflicts)
