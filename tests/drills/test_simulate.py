"""Drills in virtual time: to the byte, to the verified close, by the engine's own rules, and in well under a second."""

from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from time import perf_counter

import pytest

from drills import saved
from drills.cli import main
from drills.measures import Item
from drills.score import profile
from drills.script.model import Habit, Script
from drills.script.reader import open_script, shipped
from drills.simulate.habits import Ears, Night, as_ears, reaction, usual
from drills.simulate.plans import Outside, shipped_plans
from drills.simulate.play import Played, play, starts_at
from incident.events import Acknowledged, Closed, Noted, Paged, PageFailed, Reported, StepStarted, Verified
from incident.evolve import replay
from incident.organisation.reader import demo_organisation
from incident.state import Phase

CASE = "data-centre-outage"


@cache
def outside() -> Outside:
    return Outside(demo_organisation(), shipped_plans())


def played(name: str = CASE, seed: int = 1, script: Script | None = None, locale: str = "en") -> Played:
    wanted = script or open_script(name)
    return play(wanted, outside(), starts_at(wanted, outside()), seed=seed, profile=profile(), locale=locale)


def everybody(script: Script, **habit: object) -> Script:
    """The script with one habit for all its players."""
    one = Habit.model_validate(habit)
    actors = tuple(a.model_copy(update={"habit": one}) if a.plays == "player" else a for a in script.actors)
    return script.model_copy(update={"actors": actors})


@pytest.mark.parametrize("name", list(shipped()))
def test_every_script_is_played_to_the_verified_close(name: str):
    drill = played(name)
    state = replay(drill.entries)
    assert state is not None
    assert state.phase is Phase.CLOSED
    assert any(isinstance(e.event, Verified) and e.event.passed for e in drill.entries)
    assert drill.entries[-1].at - drill.entries[0].at < timedelta(minutes=drill.script.duration_min)
    score = drill.score(profile())
    assert score.total is not None
    assert not score.void


def test_the_same_seed_gives_the_same_log_to_the_byte(tmp_path: Path):
    policy = outside().plans.policy("drill")
    assert saved.dump(played(seed=7), policy) == saved.dump(played(seed=7), policy)
    assert saved.dump(played(seed=7), policy) != saved.dump(played(seed=8), policy)


def test_a_day_of_script_takes_well_under_a_second():
    played()
    began = perf_counter()
    played("typhoon")
    assert perf_counter() - began < 1


def test_the_log_carries_the_mark_and_the_players_language():
    drill = played(locale="zh_Hans")
    report = drill.entries[0].event
    assert isinstance(report, Reported)
    assert report.drill == f"{CASE}-1"
    assert report.title == drill.script.opening.title.zh
    assert any(isinstance(e.event, Noted) and "监控系统" in e.event.text for e in drill.entries)


def test_whoever_never_answers_is_climbed_past():
    script = everybody(open_script(CASE), never=1.0)
    drill = played(script=script)
    rungs = [e.event.rung for e in drill.entries if isinstance(e.event, Paged)]
    assert rungs[:3] == [0, 1, 2]
    answers = [e.event.person for e in drill.entries if isinstance(e.event, Acknowledged)]
    silent = {
        s.person for e in drill.entries if isinstance(e.event, Paged) and e.event.rung < 2 for s in e.event.people
    }
    assert answers
    assert answers[0] not in silent


def test_whoever_declines_passes_it_on_at_once():
    drill = played(script=everybody(open_script(CASE), never=0, declines=1.0, answer_min=0.5))
    second = [e for e in drill.entries if isinstance(e.event, Paged)][1]
    assert second.at - drill.entries[0].at < timedelta(minutes=5)


def test_a_wrong_level_costs_points_in_grading():
    right = played(script=everybody(open_script(CASE), never=0)).score(profile())
    wrong = played(script=everybody(open_script(CASE), never=0, grades_wrongly=1.0)).score(profile())
    assert right.mark(Item.GRADING).ratio == 1
    assert (wrong.mark(Item.GRADING).ratio or 0) < 1


def test_a_contingency_inject_goes_out_only_where_help_is_needed():
    quick = played(script=everybody(open_script(CASE), never=0, answer_min=0.5, pace=0.1, forgets=0))
    assert quick.observations.helps == ()
    slow = played(script=everybody(open_script(CASE), never=0, answer_min=14, spread=0, pace=1.5, forgets=0))
    assert [help_.inject for help_ in slow.observations.helps] == [4]
    shown = slow.entries[slow.observations.helps[0].position - 1].event
    assert isinstance(shown, Noted)
    assert shown.text.startswith("[4]")


def test_a_life_safety_script_keeps_its_hard_order():
    drill = played("locks-do-not-open")
    begun = [e.event.step for e in drill.entries if isinstance(e.event, StepStarted)]
    assert begun.index("people-in-danger") < begun.index("send-openers")


def test_a_broken_provider_is_told_and_the_ladder_climbs():
    broken = usual().model_copy(
        update={"providers": {kind: p.model_copy(update={"fails": 1.0}) for kind, p in usual().providers.items()}}
    )
    script = open_script(CASE)
    drill = play(script, outside(), starts_at(script, outside()), seed=1, profile=profile(), habits=broken)
    assert any(isinstance(e.event, PageFailed) for e in drill.entries)
    assert not any(isinstance(e.event, Acknowledged) for e in drill.entries)
    assert drill.score(profile()).stands == "U"


def test_draws_of_one_person_do_not_depend_on_the_others():
    ears = usual().day
    assert reaction("s/1", "li", 1, ears) == reaction("s/1", "li", 1, ears)
    assert reaction("s/1", "li", 1, ears) != reaction("s/2", "li", 1, ears)
    never = as_ears(Habit(never=1.0))
    assert all(reaction(f"s/{n}", "li", 1, never).away for n in range(20))


def test_a_night_reaches_over_midnight():
    night = Night(begins=22, ends=7)
    assert [night.holds(hour) for hour in (21, 22, 0, 6, 7)] == [False, True, True, True, False]
    assert isinstance(usual().ears(3), Ears)
    assert usual().ears(3) == usual().asleep


def test_what_was_saved_scores_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    file = tmp_path / "drill.json"
    main(["simulate", CASE, "--seed", "3", "--save", str(file)])
    told = capsys.readouterr().out
    again, _ = saved.load(file)
    assert again.entries == played(seed=3).entries
    assert again.score(profile()) == played(seed=3).score(profile())
    main(["score", str(file)])
    scored = capsys.readouterr().out
    assert scored.splitlines()[-1] == told.splitlines()[-1]
    assert main(["score", str(file), "--json"]) == main(["score", str(file)])


def test_one_changed_letter_of_a_saved_log_voids_its_score(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    file = tmp_path / "drill.json"
    main(["simulate", CASE, "--save", str(file)])
    text = file.read_text("utf-8")
    assert "Customers have their service back" in text
    file.write_text(text.replace("Customers have their service back", "Customers have their service, back"))
    capsys.readouterr()
    assert main(["score", str(file)]) == 1
    assert "Void" in capsys.readouterr().out


def test_what_is_no_drill_is_refused_with_its_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    file = tmp_path / "drill.json"
    file.write_text("{}")
    assert main(["score", str(file)]) == 2
    assert str(file) in capsys.readouterr().err


def test_the_story_is_told_in_order_with_positions(capsys: pytest.CaptureFixture[str]):
    main(["simulate", CASE, "--seed", "1"])
    out = capsys.readouterr().out
    assert "03:00:00    1" in out
    assert main(["simulate", CASE, "--at", "2026-12-25", "--json"]) in (0, 1)
    assert main(["simulate", CASE, "--at", "tomorrow"]) == 2
    assert main(["simulate", "no-such-script"]) == 2


def test_a_drill_that_ran_out_of_time_is_scored_as_far_as_it_came():
    short = open_script(CASE).model_copy(update={"duration_min": 60})
    drill = played(script=short)
    assert not any(isinstance(e.event, Closed) for e in drill.entries)
    score = drill.score(profile())
    assert score.mark(Item.RESTORE).ratio == 0
    assert replace(drill, seed=2).entries == drill.entries
