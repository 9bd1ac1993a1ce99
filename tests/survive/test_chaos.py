"""The short form of `python -m bench.chaos`: some seconds of the monkey on `incident serve`, and the whole audit."""

import re
import shutil
from itertools import pairwise

import pytest

from bench.chaos import plan as plans
from bench.chaos.plan import MANY, SERVE, Pace, plan
from bench.chaos.run import run

pytestmark = pytest.mark.long

SHORT = Pace(warm_s=0.5, calm_s=(0.5, 1.0), quiet_s=2.0, length=0.3)
TRICKS = ("kill web", "kill worker", "flush redis", "provider muddle", "disk")


def test_the_seed_decides_what_the_monkey_does():
    assert plan(7, 300, MANY) == plan(7, 300, MANY)
    assert plan(7, 300, MANY) != plan(8, 300, MANY)


@pytest.mark.parametrize("tricks", [SERVE, MANY])
def test_every_trick_is_done_once_before_any_comes_again(tricks: tuple[plans.Trick, ...]):
    acts = plan(1, 1000, tricks)
    assert {act.trick for act in acts[: len(tricks)]} == set(tricks)
    assert all(before.until < after.at for before, after in pairwise(acts))


def test_some_seconds_of_the_monkey_lose_nothing():
    said: list[str] = []
    result = run("serve", 28, 9.0, said.append, wanted=TRICKS, pace=SHORT, walls=10, rate=30.0)
    if not any(done.trick.name == "disk" for done in result.book.done):
        assert any("the disk is not filled" in line for line in said), said
    counted = [finding for finding in result.findings if not re.match("first page", finding.what)]
    wrong = [f"{f.what}: {f.found} {f.examples}" for f in counted if not f.holds]
    assert not wrong, "\n".join([*wrong, f"kept: {result.folder}", *said])
    shutil.rmtree(result.folder, ignore_errors=True)  # kept when it was slow, which is no matter here
    assert result.book.reported
    assert len({done.trick.name for done in result.book.done}) >= 3
