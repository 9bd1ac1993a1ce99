"""No worker runs: the watch's auditor finds out by itself, says so, and the dead-man hears nothing until it is well."""

from __future__ import annotations

import os
import threading
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from incident.audit import Rule
from incident.running import redis_server
from incident.store import findings, signs
from incident.store.engine import changing, reading
from tests.notify.test_deadman import Outside
from tests.survive.town import Town

pytestmark = pytest.mark.long


def wrong(town: Town) -> set[Rule]:
    with reading(town.house.engine) as connection:
        return {kept.finding.rule for kept in findings.standing(connection)}


def pinged(town: Town, outside: Outside) -> bool:
    """Whether the dead-man has heard, while a web gives its signs of life."""
    with changing(town.house.engine) as connection:
        signs.sign(connection, signs.WEB, town.house.clock.now() + timedelta(minutes=3))
    return bool(outside.paths)


def test_pages_that_nobody_sends_are_found_and_the_dead_man_is_told_when_it_is_well_again(tmp_path: Path) -> None:
    bell = tmp_path / "redis"
    bell.mkdir()
    outside = Outside()
    serving = threading.Thread(target=outside.server.serve_forever)
    serving.start()
    with redis_server.running(bell, os.environ) as url:
        town = Town(tmp_path, f"sqlite:///{tmp_path}/incident.db", url, rate=10.0)
        ahead = (datetime.fromisoformat(town.env["INCIDENT_CLOCK_BASE"]) - timedelta(seconds=20)).isoformat()
        try:  # the others' clocks are three minutes ahead: the first audit finds what has waited so long
            town.raises(1)
            town.start("watch", clock_base=ahead, deadman_url=outside.url)
            town.until(lambda: Rule.UNSENT in wrong(town))
            assert outside.paths == [], "silence is the alarm"
            town.start("worker", clock_base=ahead)
            town.until(lambda: "C1" in town.twilio.codes())
            town.until(lambda: pinged(town, outside), within=90.0)
            assert wrong(town) == set()
        finally:
            town.close()
            outside.server.shutdown()
            serving.join()
            outside.server.server_close()
