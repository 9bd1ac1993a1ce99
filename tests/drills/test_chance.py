"""The chance that somebody answers: the same dice, honest intervals, and what it hangs on."""

from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drills.chance.figures import lost, quantile, wilson, within
from drills.chance.many import runner, runs
from drills.chance.result import Chance, as_json, ask
from drills.chance.ringing import Answer, Setting, setting, without
from drills.cli import main
from drills.script.reader import open_script
from drills.simulate.habits import Habits, usual
from drills.simulate.plans import Outside, shipped_plans
from incident.organisation.reader import demo_organisation

pytestmark = pytest.mark.long

CASE = "data-centre-outage"
NIGHT = datetime.fromisoformat("2026-06-01T03:00:00+08:00")


def held(habits: Habits | None = None, silent: tuple[str, ...] = (), broken: tuple[str, ...] = ()) -> Setting:
    report = open_script(CASE).opening.report("en", "drill")
    return setting(
        report,
        Outside(demo_organisation(), shipped_plans()),
        NIGHT,
        habits or usual(),
        horizon_min=60,
        silent=frozenset(silent),
        broken=frozenset(broken),
    )


@cache
def asked() -> Chance:
    setting_ = held()
    with runner(setting_, 1, processes=1) as run:
        return ask(setting_, run, 400, 1)


def rung_people(n: int) -> str:
    return held().on_rungs()[n][0]


def test_the_ladder_is_the_installations_own():
    setting_ = held()
    assert setting_.target_min == 15
    assert [len(rung) for rung in setting_.on_rungs()] == [1, 1, 1, 1, 2]
    assert setting_.ways() == ("sms", "voice")


def test_a_run_is_its_numbers_own_whatever_runs_beside_it():
    setting_ = held()
    together = runs(setting_, setting_.cast, 1, range(20), 60)
    assert [runs(setting_, setting_.cast, 1, range(n, n + 1), 60)[0] for n in (3, 17)] == [together[3], together[17]]
    assert together != runs(setting_, setting_.cast, 2, range(20), 60)


def test_two_processes_give_what_one_gives():
    setting_ = held()
    with runner(setting_, 1, processes=2) as run:
        spread = run(setting_.cast, 300, 15)
    assert spread == runs(setting_, setting_.cast, 1, range(300), 15)


def test_whoever_is_ill_never_answers_and_the_next_one_does():
    first = rung_people(0)
    answers = runs(held(silent=(first,)), held(silent=(first,)).cast, 1, range(60), 60)
    assert first not in {answer.person for answer in answers}
    assert within(answers, 60).value > 0.9
    # The second rung rings after five minutes: nobody can have answered before.
    assert min(answer.minutes for answer in answers if answer.minutes is not None) >= 5


def test_with_every_provider_down_nobody_hears_it():
    setting_ = held(broken=("sms", "voice"))
    assert all(answer.minutes is None for answer in runs(setting_, setting_.cast, 1, range(5), 15))


def test_an_alert_team_answers_by_the_first_rung():
    always = {"away": 0, "declines": 0, "answer_min": 0.5, "spread": 0, "hears": {"sms": 1, "voice": 1}}
    sure = {kind: {"fails": 0, "seconds": 5} for kind in ("sms", "voice", "chat", "mail")}
    data = {"night": {"begins": 22, "ends": 7}, "day": always, "asleep": always, "providers": sure}
    setting_ = held(Habits.model_validate(data))
    answers = runs(setting_, setting_.cast, 1, range(5), 60)
    assert {(answer.person, answer.way, answer.rung) for answer in answers} == {(rung_people(0), "sms", 0)}
    assert answers[0].minutes == pytest.approx(0.5 + 5 / 60)


def test_a_blind_rung_costs_no_more_than_all_of_its_people():
    setting_ = held()
    blind = runs(setting_, without(setting_.cast, rung=0), 1, range(80), 60)
    silent = runs(setting_, without(setting_.cast, person=rung_people(0)), 1, range(80), 60)
    assert within(blind, 60).hits >= within(silent, 60).hits


def test_what_it_hangs_on_is_in_order_and_paired():
    chance = asked()
    losses = [weakness.loss.value for weakness in chance.weak]
    assert losses == sorted(losses, reverse=True)
    assert {weakness.sort for weakness in chance.weak} == {"person", "way", "rung"}
    assert all(w.loss.low <= w.loss.value <= w.loss.high for w in chance.weak)
    assert chance.share.low <= chance.share.value <= chance.share.high
    shares = [share.value for _, share in chance.curve]
    assert shares == sorted(shares)
    assert as_json(chance)["runs"] == 400


@given(st.integers(1, 5000), st.floats(0, 1))
def test_wilsons_interval_holds_its_share_and_stays_within_everything(n: int, p: float):
    hits = round(p * n)
    share = wilson(hits, n)
    assert 0 <= share.low <= share.value <= share.high <= 1
    assert wilson(hits * 10, n * 10).high - wilson(hits * 10, n * 10).low <= share.high - share.low


def test_known_intervals():
    share = wilson(81, 263)
    assert (round(share.low, 4), round(share.high, 4)) == (0.2553, 0.3662)  # Newcombe 1998, table I, method 3
    assert wilson(0, 10).low == 0
    assert wilson(10, 10).high == 1
    assert (wilson(0, 0).low, wilson(0, 0).high) == (0, 1)


def test_a_difference_is_taken_run_by_run():
    early, late = Answer(3.0, "li"), Answer(30.0, "li")
    difference = lost([early] * 90 + [late] * 10, [early] * 80 + [late] * 20, 15)
    assert difference.value == pytest.approx(0.1)
    assert 0 < difference.low < 0.1 < difference.high
    assert lost([early] * 5, [early] * 5, 15).high == 0
    with pytest.raises(ValueError, match="same seeds"):
        lost([early], [early, late], 15)


def test_quantiles_count_those_who_were_never_answered():
    answers = [Answer(1.0), Answer(2.0), Answer(3.0), Answer(None)]
    assert quantile(answers, 0.5) == 2
    assert quantile(answers, 0.9) is None


def test_the_command_shows_share_curve_and_weaknesses(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    picture = tmp_path / "chance.html"
    code = main(["simulate", CASE, "--runs", "200", "--ill", "li-wei", "--html", str(picture)])
    out = capsys.readouterr().out
    assert code == 0
    assert "95 % interval" in out
    assert "Li Wei" in out
    page = picture.read_text("utf-8")
    assert page.count("<svg") == 2
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "")
    assert "Compared over" not in out + page, "all runs are compared"
    main(["simulate", CASE, "--runs", "250", "--html", str(picture)])
    for told in (capsys.readouterr().out, picture.read_text("utf-8")):
        assert "Compared over the first 200 runs: with everything there" in told
    assert main(["simulate", CASE, "--runs", "10", "--ill", "nobody"]) == 2
    assert main(["simulate", CASE, "--runs", "10", "--no-provider", "pigeon"]) == 2


def test_the_exit_code_says_no_when_nobody_can_be_reached():
    down = ["--no-provider", "sms", "--no-provider", "voice"]
    assert main(["simulate", CASE, "--runs", "20", "--at", "2026-12-25", *down]) == 1
    assert timedelta(minutes=15) == timedelta(minutes=held().target_min)


def test_without_calls_fewer_are_reached_and_nobody_climbs_because_a_text_was_merely_not_heard():
    whole = held()
    silent_calls = runs(whole, without(whole.cast, way="voice"), 1, range(300), 15)
    before = within(runs(whole, whole.cast, 1, range(300), 15), 15).value
    after = within(silent_calls, 15).value
    assert after < before - 0.05


def test_what_does_not_go_together_is_refused_and_not_passed_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    for more, option in ((["--runs", "5", "--keep"], "--keep"), (["--html", str(tmp_path / "x.html")], "--html")):
        assert main(["simulate", CASE, *more]) == 2
        assert f"{option}: " in capsys.readouterr().err
