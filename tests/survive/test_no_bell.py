"""Redis goes, and comes back: pages go on meanwhile, slower by a second."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from incident.clock import monotonic
from incident.notify.deliver import POLL_S
from incident.running import redis_server
from tests.survive.town import Town

pytestmark = pytest.mark.long

BUSY_S = 15.0
"""What a machine that does other things as well may add to it."""


def paged_within(town: Town, code: str) -> float:
    begun = monotonic()
    town.raises(1)
    town.until(lambda: code in town.twilio.codes())
    return monotonic() - begun


def test_pages_go_on_while_there_is_no_redis_and_after_it_came_back(tmp_path: Path) -> None:
    bell = tmp_path / "redis"
    bell.mkdir()
    with redis_server.running(bell, os.environ) as url:
        town = Town(tmp_path, f"sqlite:///{tmp_path}/incident.db", url, rate=1.0)
        worker, watch = town.start("worker"), town.start("watch")
        town.raises(1)
        town.until(lambda: "C1" in town.twilio.codes())
    try:
        assert paged_within(town, "C2") < POLL_S + BUSY_S
        assert paged_within(town, "C3") < POLL_S + BUSY_S
        with redis_server.running(bell, os.environ) as again:
            assert again == url
            assert paged_within(town, "C4") < POLL_S + BUSY_S
            assert (worker.poll(), watch.poll()) == (None, None)
            worker.terminate()
            assert worker.wait(30) == 0, "it still hears that it should stop"
    finally:
        town.close()
    assert set(town.twilio.codes().values()) == {1}
