"""The rule of a team: read, kept, and refused when it cannot be meant."""

from __future__ import annotations

import pytest

from incident.organisation import dump_organisation, parse_organisation
from incident.source import BadSource

UNIT = "units:\n  - id: hq\n    name: {en: HQ, zh: 总部}\n    tier: hq\n    timezone: UTC\n"


def test_a_unit_without_a_rule_is_dumped_as_it_was_before_there_were_any() -> None:
    plain = parse_organisation(UNIT, "plain.yaml")
    assert plain.units[0].team is None
    assert "team" not in dump_organisation(plain)


def test_a_rule_comes_back_from_its_own_dump() -> None:
    ruled = parse_organisation(UNIT + "    team: {people: 5, skills: {gas: 2}}\n", "ruled.yaml")
    assert parse_organisation(dump_organisation(ruled), "again.yaml") == ruled


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("{}", "asks for nothing"),
        ("{people: 0}", "greater than or equal to 1"),
        ("{people: 5, skills: {gas: 0}}", "greater than or equal to 1"),
        ("{people: yes}", "integer"),
        ("{people: 2, skills: {gas: 3}}", "3 people with “gas” in a team of 2"),
        ("{skills: {gas: 1, Gas: 2}}", "“Gas” twice"),
        ("{people: 5, certificates: {gas: 1}}", "certificates"),
    ],
)
def test_what_cannot_be_meant_is_refused_at_its_line(rule: str, said: str) -> None:
    with pytest.raises(BadSource) as refused:
        parse_organisation(UNIT + f"    team: {rule}\n", "bad.yaml")
    assert said in str(refused.value)
    assert "bad.yaml:6" in str(refused.value)
