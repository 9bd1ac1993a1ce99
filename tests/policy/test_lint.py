"""One thing spoilt at a time, and what is said about it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from incident.policy import Policy, lint, load_policies, parse_policy, read_policies
from incident.policy.reader import lint_source
from incident.source import BadSource
from incident.words import LOCALES, words_for

POLICIES = load_policies()
Spoil = Callable[[dict[str, Any]], object]

MIN = {"unit": "min", "assumed": True}

SPOILT: list[tuple[str, Spoil, tuple[str | int, ...], bool]] = [
    ("policy.lint.cell_missing", lambda d: d["matrix"]["low"].pop("medium"), ("matrix", "low", "medium"), True),
    (
        "policy.lint.cell_inverted",
        lambda d: d["matrix"]["medium"].update(low="critical"),
        ("matrix", "high", "low"),
        False,
    ),
    ("policy.lint.floor_low", lambda d: d["floors"].pop("injury"), ("floors", "injury"), False),
    ("policy.lint.floor_low", lambda d: d["floors"].update(gas_leak="high"), ("floors", "gas_leak"), False),
    (
        "policy.lint.no_response",
        lambda d: d["clocks"]["response"].pop("low"),
        ("clocks", "response", "low"),
        True,
    ),
    (
        "policy.lint.after_response",
        lambda d: d["clocks"].update(
            acknowledge={level: {"value": 20, **MIN} for level in ("critical", "high", "medium", "low")}
        ),
        ("clocks", "acknowledge", "critical"),
        False,
    ),
    (
        "policy.lint.slower",
        lambda d: d["clocks"]["response"]["critical"].update(value=61),
        ("clocks", "response", "critical"),
        False,
    ),
    (
        "policy.lint.slower",
        lambda d: d["clocks"]["activate"].pop("high"),
        ("clocks", "activate", "high"),
        False,
    ),
    (
        "policy.lint.idle_waiver",
        lambda d: d.update(waivers=[{"clock": "response", "level": "high", "reason": {"en": "x", "zh": "x"}}]),
        ("waivers", 0),
        False,
    ),
    (
        "policy.lint.slower_word",
        lambda d: d["cadence"]["high"].update(every_min=121),
        ("cadence", "high"),
        False,
    ),
    (
        "policy.lint.slower_step",
        lambda d: d["escalation_step_min"]["critical"].update(minutes=11),
        ("escalation_step_min", "critical"),
        False,
    ),
    (
        "policy.lint.quiet",
        lambda d: d["quiet_min"]["critical"].update(minutes=61),
        ("quiet_min", "critical"),
        False,
    ),
    (
        "policy.lint.unknown_calendar",
        lambda d: d.update(calendar={"kind": "business", "country": "XX", "tz": "UTC"}),
        ("calendar", "country"),
        True,
    ),
    (
        "policy.lint.no_workdays",
        lambda d: d["clocks"]["response"].update(low={"value": 2, "unit": "workday", "assumed": True}),
        ("clocks", "response", "low"),
        False,
    ),
    (
        "policy.lint.neither",
        lambda d: d["clocks"]["response"]["high"].update(demanded=None),
        ("clocks", "response", "high"),
        False,
    ),
    (
        "policy.lint.both",
        lambda d: d["targets"]["satisfied_share"].update(assumed=True),
        ("targets", "satisfied_share"),
        False,
    ),
]


def spoilt(spoil: Spoil) -> Policy:
    data = copy.deepcopy(POLICIES["it-emergency"].model_dump(mode="json"))
    spoil(data)
    return Policy.model_validate(data)


IDS = [f"{key.rpartition('.')[2]}-{'.'.join(map(str, pointer))}" for key, _, pointer, _ in SPOILT]


@pytest.mark.parametrize(("key", "spoil", "pointer", "grave"), SPOILT, ids=IDS)
def test_the_lint_finds_it_at_its_place(key: str, spoil: Spoil, pointer: tuple[str | int, ...], grave: bool) -> None:
    findings = [finding for finding in lint([spoilt(spoil)]) if finding.reason.key == key]
    assert findings
    assert (findings[0].policy, findings[0].pointer, findings[0].grave) == ("it-emergency", pointer, grave)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("spoil", [spoil for _, spoil, _, _ in SPOILT], ids=IDS)
def test_every_finding_is_a_sentence_in_every_language(locale: str, spoil: Spoil) -> None:
    for finding in lint([spoilt(spoil)]):
        said = words_for(locale).reason(finding.reason)
        assert said != finding.reason.key
        assert "{" not in said


def test_a_waiver_in_writing_lets_a_graver_level_be_slower() -> None:
    def slow(data: dict[str, Any]) -> None:
        data["clocks"]["activate"]["high"]["value"] = 31
        reason = {"en": "Needs two signatures.", "zh": "须两人签字。"}
        data["waivers"] = [{"clock": "activate", "level": "high", "reason": reason}]

    assert lint([spoilt(slow)]) == ()


OWN = """\
extends: it-emergency
id: hospital
version: 1
name: {en: Hospitals, zh: 医院}
purpose: {en: Contract of the clinics., zh: 医院合同。}
clocks:
  response:
    critical: {value: 10, unit: min, demanded: contract 7}
    high: {value: 30, unit: min, demanded: contract 7}
    medium: {value: 2, unit: h, demanded: contract 7}
    low: {value: 24, unit: h, demanded: contract 7}
"""


def test_a_profile_takes_from_its_parent_what_it_does_not_set() -> None:
    policy = parse_policy(OWN, "hospital.yaml", POLICIES)
    parent = POLICIES["it-emergency"]
    assert policy.matrix == parent.matrix
    assert policy.cadence == parent.cadence
    assert list(policy.clocks) == ["response"]
    assert lint([policy]) == ()


def test_profiles_may_extend_each_other_in_any_order() -> None:
    child = OWN.replace("extends: it-emergency", "extends: hospital").replace("id: hospital", "id: clinic")
    found = read_policies([("a.yaml", child), ("b.yaml", OWN)], POLICIES)
    assert [policy.id for policy in found] == ["clinic", "hospital"]


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("extends: it-emergency", "extends: nobody", 1, "there is no profile 'nobody'"),
        ("extends: it-emergency", "extends: hospital", 1, "or the two extend each other"),
        ("id: hospital", "id: strictest", 2, "'strictest' is taken"),
        ("value: 10, unit: min", "value: 10, unit: sec", 8, "unit"),
        ("    low: {value: 24, unit: h, demanded: contract 7}\n", "", 8, "Low has no response clock"),
        ("  response:", "  reply:", 7, "'reply' is not known here"),
    ],
)
def test_a_fault_names_file_and_line(old: str, new: str, line: int, said: str) -> None:
    with pytest.raises(BadSource) as caught:
        parse_policy(OWN.replace(old, new), "hospital.yaml", POLICIES)
    assert [(fault.path, fault.line) for fault in caught.value.faults] == [("hospital.yaml", line)]
    assert said in caught.value.faults[0].message


def test_the_same_id_in_two_files_is_refused() -> None:
    with pytest.raises(BadSource, match=r"b\.yaml:2:5: 'hospital' is taken"):
        read_policies([("a.yaml", OWN), ("b.yaml", OWN)], POLICIES)


def test_linting_a_file_lists_what_would_only_hurt_later_too() -> None:
    faults = lint_source(OWN.replace("value: 10,", "value: 45,"), "hospital.yaml", POLICIES)
    assert [(fault.line, fault.pointer) for fault in faults] == [(8, "/clocks/response/critical")]
    assert "Response for Critical is slower than for High" in faults[0].message
    assert lint_source(OWN, "hospital.yaml", POLICIES) == ()
    assert lint_source("- 1", "x.yaml", POLICIES) != ()


def test_a_floor_for_something_unknown_is_refused_with_the_choice() -> None:
    with pytest.raises(BadSource, match="a floor is for one of"):
        parse_policy(OWN + "floors: {crash: high}\n", "hospital.yaml", POLICIES)
