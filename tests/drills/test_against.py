"""What is compared of an incident then and today: the rules by which it is better or worse, and which run is drawn."""

from __future__ import annotations

from dataclasses import replace
from statistics import median

import pytest

from drills.against import ASSUMED, BETTER, FIGURES, SAME, UNKNOWN, WORSE, Figure, figures, middle_run, refuse_other
from drills.replay import SEEDS, Replayed, replayed
from drills.score import profile
from incident.errors import Refused, why
from incident.events import Entry, Reported
from incident.evolve import replay
from incident.record.view import Reader
from incident.words import words_for
from tests.drills.test_replay import real
from tests.drills.test_simulate import outside, played

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def found() -> Replayed:
    return replayed(real(), played().playbook, outside(), profile(), "en")


def reader() -> Reader:
    return Reader(outside().organisation, played().playbook, words_for("en"), real()[-1].at)


def one(found: Replayed, entries: list[Entry], name: str) -> Figure:
    return next(figure for figure in figures(found, entries, reader()) if figure.name == name)


def test_every_run_is_counted_and_the_median_lies_between_the_least_and_the_most(found: Replayed):
    assert len(found.runs) == SEEDS
    every = figures(found, real(), reader())
    assert [figure.name for figure in every] == list(FIGURES)
    for figure in every:
        if figure.today is not None and figure.low is not None and figure.high is not None:
            assert figure.low <= figure.today <= figure.high
    assert {figure.name for figure in every if figure.assumed} == ASSUMED


def test_nothing_is_claimed_of_the_work_that_is_assumed(found: Replayed):
    assert {figure.verdict for figure in figures(found, real(), reader()) if figure.assumed} == {UNKNOWN}


def test_one_that_nobody_answered_would_go_better_and_one_that_is_answered_at_once_worse(found: Replayed):
    silent = [entry for entry in real() if entry.kind in ("reported", "graded", "playbook_started", "paged")]
    silent = [replace(entry, seq=n) for n, entry in enumerate(silent, 1)]
    assert one(found, silent, "answered_s").verdict == BETTER
    at_once = [replace(entry, at=real()[0].at) for entry in real()]
    assert one(found, at_once, "answered_s").then == 0
    assert one(found, at_once, "answered_s").verdict == WORSE
    middle = middle_run(found)
    assert one(found, list(middle.entries), "answered_s").verdict == SAME


def test_the_run_that_is_drawn_is_the_one_in_the_middle_by_its_first_answer(found: Replayed):
    def answered(entries: tuple[Entry, ...]) -> float:
        return next((e.at - entries[0].at).total_seconds() for e in entries if e.kind == "acknowledged")

    assert answered(middle_run(found).entries) == median(answered(run.entries) for run in found.runs)


def test_a_report_whose_unit_somebody_named_is_played_by_that_unit_today():
    entries = real()
    first = entries[0].event
    assert isinstance(first, Reported)
    units = [unit.id for unit in outside().organisation.units if unit.id != first.unit]
    named = replace(first, unit=units[0], routed=why("route.named", unit=units[0]))
    again = replayed([replace(entries[0], event=named), *entries[1:]], played().playbook, outside(), profile(), "en")
    assert {run.unit for run in again.runs} == {units[0]}
    assert {run.unit for run in replayed(entries, played().playbook, outside(), profile(), "en").runs} != {units[0]}


def test_whoever_must_not_be_kept_from_other_work_rests_before_each_run():
    rests: list[int] = []
    replayed(real(), played().playbook, outside(), profile(), "en", rest=lambda: rests.append(1))
    assert len(rests) == SEEDS


def test_a_drill_and_what_goes_on_are_not_held_against_today():
    for entries in (list(played().entries), real()[:20]):
        state = replay(entries)
        assert state is not None
        with pytest.raises(Refused) as refused:
            refuse_other(state)
        assert refused.value.reason.key == "against.closed_only"
