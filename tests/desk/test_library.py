"""What an incident pinned can be had for ever; what is used today can change at any time."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from incident.clock import MovedClock
from incident.commands import Regrade
from incident.desk.cache import StateCache
from incident.desk.desk import Desk
from incident.desk.library import StoredLibrary
from incident.desk.requests import Act
from incident.errors import Unknown
from incident.levels import Level
from incident.playbooks.reader import load_library
from incident.policy import load_policies
from tests.desk.house import KEY, opened_desk, report


def test_a_pinned_plan_outlives_its_replacement_and_its_process(desk: Desk, settled: Engine, clock: MovedClock) -> None:
    state = desk.submit(report()).result(10).state
    assert state is not None
    assert state.pinned is not None
    playbooks = [plan.model_copy(update={"version": plan.version + 1}) for plan in load_library()]
    policies = {name: policy.model_copy(update={"version": 99}) for name, policy in load_policies().items()}
    anew = StoredLibrary(settled, policies, playbooks)
    assert not anew.at_hand(state.pinned.playbook_digest)
    assert anew.pinned_playbook(state.pinned.playbook_digest).version == state.pinned.playbook_version
    assert anew.at_hand(state.pinned.playbook_digest)  # read once
    assert anew.pinned_policy(state.pinned.policy_digest).version == state.pinned.policy_version
    assert anew.policy(None).version == 99
    assert {plan.version for plan in anew.playbooks()} == {plan.version + 1 for plan in load_library()}


def test_a_regrading_by_another_process_uses_what_was_pinned(settled: Engine, clock: MovedClock) -> None:
    with opened_desk(settled, clock) as first:
        state = first.submit(report(level="medium")).result(10).state
    assert state is not None
    with opened_desk(settled, clock) as second:
        second._library.replace({}, [])  # type: ignore[attr-defined]
        outcome = second.submit(Act(state.id, Regrade(Level.CRITICAL, "smoke seen"), KEY)).result(10)
    assert outcome.state is not None
    assert outcome.state.level is Level.CRITICAL


def test_what_nobody_has_pinned_is_unknown(settled: Engine) -> None:
    library = StoredLibrary(settled, load_policies(), load_library())
    for ask in (library.pinned_policy, library.pinned_playbook, library.policy):
        with pytest.raises(Unknown):
            ask("nothing")


def test_the_cache_keeps_what_was_used_last(desk: Desk) -> None:
    states = [state for n in range(3) if (state := desk.submit(report(f"alert/{n}")).result(10).state)]
    cache = StateCache(2)
    cache.put(states[0])
    cache.put(states[1])
    assert cache.get(states[0].id) is states[0]
    cache.put(states[2])
    assert cache.get(states[1].id) is None
    assert cache.get(states[0].id) is states[0]
    assert len(cache) == 2
