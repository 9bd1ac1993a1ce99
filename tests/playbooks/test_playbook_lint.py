"""Each thing that would hurt at night, found at its line and column."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from incident.levels import Level
from incident.playbooks.lint import Severity, check, lint
from incident.playbooks.model import Step
from incident.playbooks.order import ancestors, cycle
from incident.playbooks.reader import load_library, read_files, read_playbook
from incident.posts import Tier
from incident.source import BadSource
from incident.words import LOCALES, words_for
from tests.playbooks.plans import PLAN, TODAY, found, linted, spoiled

FIELD = "  - {tier: field, who: primary}\n"
MANAGEMENT = "function: management, levels: [critical, high]"
REPAIR = "    after: [people-out, first-word]\n"


def test_the_sound_plan_has_no_findings() -> None:
    assert found(PLAN) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (spoiled(FIELD, ""), ["plan.yaml:11:1 empty_ladder"] * 2),
        (spoiled("tier: hq, who", "tier: region, who"), ["plan.yaml:11:1 never_hq"]),
        (spoiled(MANAGEMENT, "function: service"), ["plan.yaml:14:1 no_management"] * 2),
        (spoiled(MANAGEMENT, "function: management, levels: [critical]"), ["plan.yaml:14:1 no_management"]),
        (spoiled(REPAIR, "    after: [people-out, first-wurd]\n"), ["plan.yaml:35:25 unknown_step"]),
        (
            spoiled("    after: [people-out]\n", "    after: [people-out, repair]\n"),
            ["plan.yaml:30:5 cycle"],
        ),
        (spoiled("    limit_min: 2\n", "    limit_min: 16\n"), ["plan.yaml:22:16 first_step_late"]),
        (spoiled("    limit_min: 2\n", ""), ["plan.yaml:19:5 first_step_late"] * 4),
        (spoiled(REPAIR, ""), ["plan.yaml:32:5 life_safety_open"]),
        (
            spoiled("    life_safety: true\n", "    life_safety: true\n    after: [early]\n").replace(
                "steps:\n",
                'steps:\n  - {id: early, text: {en: "Call.", zh: "打电话。"}, owner: scribe, limit_min: 1}\n',
            ),
            [
                "plan.yaml:19:5 life_safety_open",
                "plan.yaml:20:5 life_safety_not_first",
                "plan.yaml:20:5 life_safety_waits",
            ],
        ),
        (spoiled("id: functional-test", "id: tried"), ["plan.yaml:36:1 close_unproved"]),
        (spoiled("id: verification", "id: confirmed"), ["plan.yaml:36:1 close_unproved"]),
        (spoiled("reviewed: 2026-11-02", "reviewed: 2026-06-03"), ["plan.yaml:6:11 review_overdue"]),
        (spoiled("压机不动。", "The press does not move."), ["plan.yaml:4:47 not_chinese"]),
        (spoiled("压机不动。", "Ya ji bu dong."), ["plan.yaml:4:47 not_chinese"]),
        (spoiled("Repair it.", "修 it."), ["plan.yaml:33:16 not_english"]),
        (
            spoiled("id: verification", "id: functional-test"),
            ["plan.yaml:36:1 close_unproved", "plan.yaml:38:10 duplicate_id"],
        ),
    ],
)
def test_each_rule_names_file_line_and_column(text: str, expected: list[str]) -> None:
    assert found(text) == expected


def test_a_step_named_twice() -> None:
    twice = spoiled("id: repair", "id: first-word").replace(REPAIR, "    after: [people-out]\n")
    assert "plan.yaml:32:9 duplicate_id" in found(twice)


def test_a_level_without_steps() -> None:
    text = spoiled("    life_safety: true\n", "    life_safety: true\n    levels: [critical, high]\n")
    text = text.replace(REPAIR, REPAIR + "    levels: [critical, high]\n")
    findings = linted(text)
    assert [(f.place, f.rule, dict(f.reason.params)["level"]) for f in findings] == [
        ("plan.yaml:18:1", "no_steps", "low"),
        ("plan.yaml:18:1", "no_steps", "medium"),
    ]


def test_a_rung_or_a_notice_that_nobody_holds() -> None:
    def can_hold(tier: Tier, function: str) -> bool:
        return tier is Tier.FIELD and function == "response"

    assert found(PLAN, can_hold=can_hold) == ["plan.yaml:13:5 nobody", "plan.yaml:15:5 nobody"]


class Crew:
    """Li works here, and somebody at headquarters has a gas certificate."""

    def person(self, name: str) -> object | None:
        return name if name == "li" else None

    def has_skill(self, tier: Tier, skill: str) -> bool:
        return (tier, skill) == (Tier.HQ, "gas certificate")


@pytest.mark.parametrize(
    ("rung", "expected"),
    [
        ("{tier: field, who: people, people: [li]}", []),
        ("{tier: field, who: people, people: [li, wang]}", ["plan.yaml:12:45 unknown_person"]),
        ("{tier: field, who: skilled, skill: gas certificate}", ["plan.yaml:12:40 nobody_skilled"]),
        ("{tier: field, who: people, people: [li], repeat: 10}", ["plan.yaml:13:5 hq_late"] * 2),
        (
            "{tier: field, who: primary, hours: {when: outside, country: UX}}",
            ["plan.yaml:12:65 unknown_country"],
        ),
        ("{tier: field, who: all, mode: in_turn}", ["plan.yaml:13:5 hq_late"]),  # three people are counted
    ],
)
def test_a_rung_of_people_or_skills_is_held_by_somebody_in_time(rung: str, expected: list[str]) -> None:
    assert found(spoiled(FIELD, f"  - {rung}\n"), crew=Crew()) == expected


def test_a_ladder_that_keeps_office_hours_on_every_rung_is_no_ladder_for_the_night() -> None:
    text = spoiled(FIELD, "  - {tier: field, who: primary, hours: {when: inside}}\n")
    assert found(text) == ["plan.yaml:11:1 office_hours"] * 2  # medium and low have no other rung
    all_day = text.replace("tier: hq, who: all", "tier: hq, who: all, hours: {when: inside}")
    assert found(all_day) == ["plan.yaml:11:1 office_hours"] * 4


def test_the_response_target_is_the_policys() -> None:
    targets = {Level.CRITICAL: 1, Level.HIGH: 60, Level.MEDIUM: 120, Level.LOW: 1440}
    late = [line for line in found(PLAN, response_min=targets) if not line.endswith("hq_late")]
    assert late == ["plan.yaml:22:16 first_step_late"]


def test_the_cycle_is_named_in_the_order_of_waiting() -> None:
    [finding] = linted(spoiled("    after: [people-out]\n", "    after: [people-out, repair]\n"))
    assert dict(finding.reason.params)["steps"] == "first-word → repair → first-word"


def step(name: str, *after: str) -> Step:
    return Step.model_validate({"id": name, "text": {"en": "x", "zh": "某"}, "owner": "safety", "after": after})


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([step("a"), step("b", "a"), step("c", "a", "b")], ()),
        ([step("a", "a")], ("a", "a")),
        ([step("a", "c"), step("b", "a"), step("c", "b")], ("a", "c", "b", "a")),
        ([step("a", "nowhere")], ()),
    ],
)
def test_cycles(steps: list[Step], expected: tuple[str, ...]) -> None:
    assert cycle(steps) == expected


def test_ancestors_near_and_far_and_round() -> None:
    assert ancestors([step("a"), step("b", "a"), step("c", "b")])["c"] == {"a", "b"}
    assert ancestors([step("a", "b"), step("b", "a")])["a"] == {"a", "b"}


def test_an_overdue_review_warns_and_does_not_stop() -> None:
    [finding] = linted(spoiled("reviewed: 2026-11-02", "reviewed: 2026-06-03"))
    assert finding.severity is Severity.WARNING
    assert dict(finding.reason.params)["due"] == "2026-11-30"
    assert lint([read_playbook(PLAN, "p")], today=date(2027, 5, 1), beside=load_library()) == ()


def test_two_files_with_one_id() -> None:
    findings = lint([read_playbook(PLAN, "a.yaml"), read_playbook(PLAN, "b.yaml")], today=TODAY, beside=load_library())
    assert [(f.place, f.rule, dict(f.reason.params)["file"]) for f in findings] == [
        ("b.yaml:1:5", "duplicate_playbook", "a.yaml")
    ]


def test_a_plan_alone_leaves_kinds_uncovered_and_no_fallback() -> None:
    findings = lint([read_playbook(PLAN, "plan.yaml")], today=TODAY)
    assert [f.place for f in findings if f.rule == "no_fallback"] == ["plan.yaml:1:5"]
    uncovered = [f for f in findings if f.rule == "uncovered"]
    assert len(uncovered) == 12 * 4
    assert {f.place for f in uncovered} == {"plan.yaml:8:1"}


def test_a_gap_is_named_at_the_plan_that_is_made_for_the_kind() -> None:
    gas = spoiled("id: press-jam", "id: gas-leak").replace(
        "kinds: [other]", "kinds: [gas_leak]\n  levels: [critical, high]"
    )
    findings = linted(gas)
    assert [(f.place, f.rule, dict(f.reason.params)["level"]) for f in findings] == [
        ("plan.yaml:8:1", "uncovered", "low"),
        ("plan.yaml:8:1", "uncovered", "medium"),
    ]


def test_checking_files_reports_what_cannot_be_read_beside_what_can(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(spoiled("owner: operations", "owner: nobody"), "utf-8")
    (tmp_path / "b.yaml").write_text(spoiled("tier: hq, who", "tier: region, who"), "utf-8")
    (tmp_path / "c.yaml").write_bytes(b"id: a\nname: \xff\n")
    findings = check([tmp_path / name for name in ("a.yaml", "b.yaml", "c.yaml")], today=TODAY)
    assert [f"{Path(f.file).name}:{f.line}:{f.column} {f.rule}" for f in findings] == [
        "a.yaml:34:12 unreadable",
        "b.yaml:11:1 never_hq",
        "c.yaml:2:7 unreadable",
    ]
    assert check([], today=TODAY) == ()


def test_reading_files_stops_at_none_and_tells_all_faults(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("id: A\n", "utf-8")
    (tmp_path / "b.yaml").write_text("", "utf-8")
    with pytest.raises(BadSource) as caught:
        read_files([tmp_path / "a.yaml", tmp_path / "b.yaml"])
    assert {Path(fault.path).name for fault in caught.value.faults} == {"a.yaml", "b.yaml"}


@pytest.mark.parametrize("locale", LOCALES)
def test_every_finding_is_a_sentence_in_every_language(locale: str) -> None:
    words = words_for(locale)
    for finding in lint([read_playbook(PLAN, "plan.yaml")], today=date(2030, 1, 1), can_hold=lambda *_: False):
        said = words.reason(finding.reason)
        assert said != finding.reason.key
        assert "{" not in said


def test_silence_reaches_headquarters_before_the_response_target_is_over() -> None:
    late = spoiled(FIELD, FIELD.replace("}", ", wait_min: 15}"))
    assert any(line.endswith("hq_late") for line in found(late))
    for playbook in load_library():
        rungs = playbook.ladder_for(Level.CRITICAL)
        before = [rung.wait_min or 5 for rung in rungs[: [rung.tier for rung in rungs].index(Tier.HQ)]]
        assert sum(before) <= 11, playbook.id
