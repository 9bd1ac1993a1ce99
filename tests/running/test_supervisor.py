"""`incident serve` with real processes: started, killed, started again, stopped in order."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from incident.cli import main
from incident.clock import monotonic
from incident.running.redis_server import answers, socket_for
from incident.running.serving import own_services

PATIENCE = 15.0


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


class House:
    """A running supervisor: its lines, its children's ids, and ways to hurt it."""

    def __init__(self, data: Path, port: int, *flags: str) -> None:
        self.data, self.port, self.flags = data, port, flags
        self.out, self.err = data.parent / f"out-{port}", data.parent / f"err-{port}"
        with self.out.open("ab") as out, self.err.open("ab") as err:
            command = [sys.executable, "-m", "tests.running.small_house", str(data), str(port), *flags]
            self.process = subprocess.Popen(command, stdout=out, stderr=err)

    def lines(self) -> list[dict[str, Any]]:
        text = self.err.read_text().splitlines()
        return [json.loads(line) for line in text if line.startswith("{")]

    def until(self, what: Callable[[], object]) -> None:
        """Wait for something to be true; fail with all that was logged."""
        end = monotonic() + PATIENCE
        while not what():
            assert monotonic() < end, self.err.read_text()
            try:
                self.process.wait(timeout=0.02)
            except subprocess.TimeoutExpired:
                continue
            if what():
                return
            raise AssertionError(f"it ended with {self.process.returncode}\n{self.err.read_text()}")

    def up(self) -> House:
        self.until(lambda: f"up on http://127.0.0.1:{self.port}" in self.out.read_text())
        return self

    def pids(self, name: str) -> list[int]:
        """Every process id that a service had, oldest first."""
        return [line["pid"] for line in self.lines() if line["event"].startswith("started") and line["service"] == name]

    def command(self, pid: int) -> bytes:
        return Path(f"/proc/{pid}/cmdline").read_bytes()

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(timeout=PATIENCE)


def alive(pid: int) -> bool:
    """Whether a process runs. One that ended and waits to be reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture(params=["started", "copied"])
def start(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Callable[..., House]]:
    """Start a supervisor on this test's data folder, whose children are programs of their own or copies of it; whatever
    still runs afterwards is ended."""
    houses: list[House] = []

    def begin(*flags: str, port: int | None = None) -> House:
        houses.append(House(tmp_path / "data", port or free_port(), request.param, *flags))
        return houses[-1]

    yield begin
    for house in houses:
        if house.process.poll() is None:
            house.process.terminate()
            house.process.wait(timeout=PATIENCE)


pytestmark = [pytest.mark.long, pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")]


def test_it_is_up_when_the_web_answers_and_stops_in_order(start: Callable[..., House]) -> None:
    house = start().up()
    assert (house.data / "prepared").read_text() == "True"
    assert (house.command(house.pids("web")[0]) == house.command(house.process.pid)) is ("copied" in house.flags)
    assert house.stop(signal.SIGINT) == 0
    stopped = [line["service"] for line in house.lines() if line["event"] == "stopped"]
    assert stopped == ["web", "worker", "watch", "redis"]
    assert all(not alive(pid) for name in stopped for pid in house.pids(name))


@pytest.mark.parametrize("name", ["web", "worker", "watch"])
def test_what_is_killed_is_started_again_and_nothing_else_is(name: str, start: Callable[..., House]) -> None:
    house = start().up()
    os.kill(house.pids(name)[0], signal.SIGKILL)
    house.until(lambda: len(house.pids(name)) == 2)
    assert alive(house.pids(name)[1])
    assert {other: len(house.pids(other)) for other in ("redis", "web", "worker", "watch") if other != name} == {
        other: 1 for other in ("redis", "web", "worker", "watch") if other != name
    }
    (ended,) = [line for line in house.lines() if line["event"] == "ended"]
    assert (ended["service"], ended["code"], ended["level"]) == (name, -9, "error")
    assert house.out.read_text().count("up on") == 1, "announced again after the web came back"


@pytest.mark.parametrize("name", ["web", "redis"])
def test_what_is_stopped_is_replaced_long_before_its_silence_would_tell(name: str, start: Callable[..., House]) -> None:
    house = start().up()
    os.kill(house.pids(name)[0], signal.SIGSTOP)
    house.until(lambda: len(house.pids(name)) == 2)
    (hangs,) = [line for line in house.lines() if line["event"] == "hangs"]
    assert (hangs["service"], hangs["why"], hangs["silent_s"]) == (name, "was stopped", 2)


def test_a_killed_redis_comes_back_on_the_same_socket_with_what_it_held(start: Callable[..., House]) -> None:
    import redis

    house = start().up()
    path = socket_for(house.data, os.environ)
    with redis.Redis(unix_socket_path=str(path)) as client:
        client.config_set("appendfsync", "always")  # answered when it is in the file: WAITAOF is too new for Debian's
        client.set("limit", "1")
    os.kill(house.pids("redis")[0], signal.SIGKILL)
    house.until(lambda: len(house.pids("redis")) == 2 and answers(path))
    with redis.Redis(unix_socket_path=str(path)) as client:
        assert client.get("limit") == b"1"


def test_a_second_start_on_the_same_data_says_so_and_harms_nothing(start: Callable[..., House]) -> None:
    first = start().up()
    second = start()
    assert second.process.wait(timeout=PATIENCE) == 2
    told = second.err.read_text()
    assert f"process {first.process.pid}" in told
    assert f"http://127.0.0.1:{first.port}" in told
    assert second.lines() == []
    assert all(alive(first.pids(name)[0]) for name in ("redis", "web", "worker", "watch"))


def test_a_port_that_another_program_has_is_named_before_anything_starts(start: Callable[..., House]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        house = start(port=other.getsockname()[1])
        assert house.process.wait(timeout=PATIENCE) == 2
    assert f"Port {house.port}" in house.err.read_text()
    assert house.lines() == []


def test_children_do_not_outlive_a_killed_supervisor_and_the_next_one_starts(start: Callable[..., House]) -> None:
    first = start().up()
    children = [first.pids(name)[0] for name in ("redis", "web", "worker", "watch")]
    first.process.kill()
    first.process.wait()
    second = start()
    second.until(lambda: not any(alive(pid) for pid in children))
    second.up()
    assert second.stop() == 0


def test_a_child_that_does_not_stop_is_killed_after_the_grace(start: Callable[..., House]) -> None:
    house = start("stubborn").up()
    assert house.stop() == 0
    assert [line["service"] for line in house.lines() if line["event"] == "killed"] == ["watch"]
    assert not alive(house.pids("watch")[0])


def test_ctrl_c_in_a_terminal_does_not_reach_the_children_directly(start: Callable[..., House]) -> None:
    house = start().up()
    groups = {os.getpgid(house.pids(name)[0]) for name in ("redis", "web", "worker", "watch")}
    assert len(groups) == 4
    assert os.getpgid(house.process.pid) not in groups


def test_the_program_s_own_services_are_its_commands() -> None:
    assert [service.command[1:] for service in own_services(main)] == [
        ("-m", "incident.cli", name) for name in ("web", "worker", "watch")
    ]
