"""The playbooks that come with the product: sound, complete, and what the trade asks of them."""

from __future__ import annotations

import pytest

from incident.levels import Kind, Level
from incident.playbooks.coverage import coverage, gaps
from incident.playbooks.lint import lint
from incident.playbooks.model import FALLBACK, Playbook
from incident.playbooks.order import ancestors
from incident.playbooks.reader import load_library, read_library
from tests.playbooks.plans import TODAY

LIBRARY = load_library()
ON_SITE = {
    "go-on-site",
    "visit",
    "repair-line",
    "seal-appliance",
    "exchange",
    "fit-and-try",
    "make-good",
    "act",
    "restore-in-order",
}
each = pytest.mark.parametrize("playbook", LIBRARY, ids=lambda playbook: playbook.id)


def test_the_library_has_no_findings() -> None:
    assert [f"{finding.place} {finding.rule}" for finding in lint(read_library(), today=TODAY)] == []


def test_thirteen_plans_each_in_the_file_of_its_name() -> None:
    assert len(LIBRARY) == 13
    assert all(one.document.name.endswith(f"/{one.playbook.id}.yaml") for one in read_library())
    assert [playbook.id for playbook in LIBRARY] == sorted(playbook.id for playbook in LIBRARY)


def test_every_kind_and_level_is_covered() -> None:
    table = coverage(LIBRARY)
    assert set(table) == {(kind, level) for kind in Kind for level in Level}
    assert gaps(LIBRARY) == ()
    assert table[Kind.OTHER, Level.LOW] == (FALLBACK,)
    assert all(FALLBACK not in ids for (kind, _), ids in table.items() if kind is not Kind.OTHER)


@each
def test_eight_to_fourteen_steps_that_somebody_can_be_late_for(playbook: Playbook) -> None:
    assert 8 <= len(playbook.steps) <= 14
    assert all(step.limit_min is not None for step in playbook.steps)
    assert sum(step.fallback is not None for step in playbook.steps) >= 4


@each
def test_a_critical_has_its_first_word_within_five_minutes(playbook: Playbook) -> None:
    word = {step.id: step for step in playbook.steps_for(Level.CRITICAL)}["first-word"]
    assert word.action == "notify"
    assert word.limit_min == 5


@each
def test_a_critical_climbs_from_the_field_to_all_of_headquarters(playbook: Playbook) -> None:
    climbed = [(rung.tier, rung.who) for rung in playbook.ladder_for(Level.CRITICAL)]
    assert climbed == [
        ("field", "primary"),
        ("field", "secondary"),
        ("region", "primary"),
        ("hq", "primary"),
        ("hq", "all"),
    ]


@each
@pytest.mark.parametrize("level", list(Level))
def test_no_on_site_step_without_the_safety_list_before_it(playbook: Playbook, level: Level) -> None:
    before = ancestors(playbook.steps_for(level))
    lists = {step.id for step in playbook.steps if step.owner == "safety" and step.action == "checklist"}
    for step in playbook.steps_for(level):
        if step.id in ON_SITE:
            assert before[step.id] & lists, f"{step.id} has no safety list before it"


@pytest.mark.parametrize(
    "name", ["gas-leak", "appliance-fire-or-shock", "natural-disaster", "smart-home-platform-down"]
)
def test_where_people_may_be_hurt_they_come_first(name: str) -> None:
    playbook = next(playbook for playbook in LIBRARY if playbook.id == name)
    for level in Level:
        steps = playbook.steps_for(level)
        assert steps[0].life_safety
        assert steps[0].limit_min is not None
        assert steps[0].limit_min <= 5


def test_the_security_plan_names_the_statutory_clocks() -> None:
    plan = next(playbook for playbook in LIBRARY if playbook.id == "information-security")
    detail = next(step.detail for step in plan.steps if step.id == "start-clock")
    assert detail is not None
    assert all(f"{hours} h" in detail.en and f"{hours} 小时" in detail.zh for hours in (1, 2, 4))
