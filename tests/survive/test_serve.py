"""`incident serve` while its processes are killed one after another: what was answered is there, every wall saw it."""

import http.client
import os
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from incident.running.cores import own
from tests.survive.serve import Serve, Wall

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    serve = Serve(tmp_path_factory.mktemp("serve"))
    yield serve
    assert serve.close() == 0


class Reporter(threading.Thread):
    """Reports without a pause; keeps the ids that were answered 201, each after its commit."""

    def __init__(self, serve: Serve, name: str) -> None:
        super().__init__(daemon=True, name=name)
        self.serve, self.accepted, self.stop, self.number = serve, [], threading.Event(), 0
        self.start()

    def run(self) -> None:
        while not self.stop.is_set():
            self.number += 1
            body = {"title": f"{self.name} {self.number}", "kind": "other", "level": "low"}
            try:
                status, answer = self.serve.call("POST", "/api/incidents", body)
            except (OSError, http.client.HTTPException, ValueError):
                self.stop.wait(0.05)
                continue
            if status == 201:
                self.accepted.append(answer["id"])
            self.stop.wait(0.02)


def test_each_process_killed_in_turn_loses_no_report_no_page_and_no_wall_an_entry(serve: Serve):
    wall = Wall(serve)
    serve.until(lambda: wall.connections == 1)
    reporters = [Reporter(serve, f"reporter {n}") for n in range(3)]
    for name in ("worker", "web", "watch", "redis", "web"):
        before = sum(len(r.accepted) for r in reporters)
        serve.until(lambda before=before: sum(len(r.accepted) for r in reporters) > before + 10)
        serve.kill(name)
    serve.until(serve.healthy)
    before = sum(len(r.accepted) for r in reporters)
    serve.until(lambda: sum(len(r.accepted) for r in reporters) > before + 10)
    for reporter in reporters:
        reporter.stop.set()
        reporter.join()
    accepted = {name for reporter in reporters for name in reporter.accepted}
    paged = _paged(serve, accepted)
    assert paged == accepted
    last = max(_positions(serve, accepted))
    serve.until(lambda: wall.seen and wall.seen[-1] >= last)
    wall.stop.set()
    wall.join()
    assert wall.connections >= 3
    assert wall.seen == list(range(wall.seen[0], wall.seen[0] + len(wall.seen))), "an entry was missed or seen twice"


def _paged(serve: Serve, accepted: set[str]) -> set[str]:
    """The accepted incidents whose page was delivered: it is in their logs."""

    def delivered(incident: str) -> bool:
        _, log = serve.call("GET", f"/api/incidents/{incident}/log")
        return "page_delivered" in [entry["kind"] for entry in log["items"]]

    found: set[str] = set()
    for incident in accepted:
        serve.until(lambda incident=incident: delivered(incident))
        found.add(incident)
    return found


def _positions(serve: Serve, accepted: set[str]) -> list[int]:
    return [
        entry["position"]
        for incident in accepted
        for entry in serve.call("GET", f"/api/incidents/{incident}/log")[1]["items"]
    ]


def test_of_two_processors_the_web_keeps_to_one_and_whatever_pages_has_both(serve: Serve):
    given = os.sched_getaffinity(serve.process.pid)
    used = {name: os.sched_getaffinity(serve.pid(name) or 0) for name in ("web", "worker", "watch", "redis")}
    assert used == {"web": own(given), "worker": given, "watch": given, "redis": given}


def test_a_second_start_on_the_same_data_says_so_and_harms_nothing(serve: Serve):
    second = subprocess.run(
        [sys.executable, "-m", "incident.cli", "serve", "--port", "1"],
        env=serve.env,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert second.returncode == 2
    assert str(serve.process.pid) in second.stderr
    assert serve.healthy()
