"""The supervisor's children, without processes and without waiting."""

from __future__ import annotations

import errno
from dataclasses import dataclass, field

import pytest

from incident.running.pulse import FIRST_S, SILENT_S
from incident.running.services import STOPPED_S, Process, Service, Services


@dataclass
class Child:
    """A process that ends when the test says so."""

    pid: int
    name: str
    said: list[str]
    code: int | None = None
    stubborn: bool = False
    stopped: bool = False

    def poll(self) -> int | None:
        return self.code

    def wait(self, timeout: float | None = None) -> int:
        assert self.code is not None, f"waited for {self.name}, which still runs"
        return self.code

    def terminate(self) -> None:
        self.said.append(f"stop {self.name}")
        if not self.stubborn:
            self.code = -15

    def kill(self) -> None:
        self.said.append(f"kill {self.name}")
        self.code = -9


@dataclass
class Machine:
    """Starts children, or refuses to for want of memory."""

    children: list[Child] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    full: bool = False

    def start(self, service: Service) -> Process:
        if self.full:
            raise OSError(errno.ENOMEM, "Cannot allocate memory")
        child = Child(100 + len(self.children), service.name, self.said)
        self.children.append(child)
        return child

    def names(self) -> list[str]:
        return [child.name for child in self.children]


def everything_ends(processes: list[Process]) -> bool:
    return all(process.poll() is not None for process in processes)


@pytest.fixture
def machine() -> Machine:
    return Machine()


@pytest.fixture
def services(machine: Machine) -> Services:
    kept = Services(machine.start, is_stopped=lambda process: machine.children[process.pid - 100].stopped)
    kept.add(Service("redis", ("redis",), stage=1), 0.0)
    for name in ("web", "worker", "watch"):
        kept.add(Service(name, (name,)), 0.0)
    return kept


def test_what_runs_is_left_alone(machine: Machine, services: Services) -> None:
    services.look(1.0)
    services.look(2.0)
    assert machine.names() == ["redis", "web", "worker", "watch"]
    assert services.next_due() is None


def test_only_what_ended_is_started_again_and_not_before_its_time(machine: Machine, services: Services) -> None:
    machine.children[2].code = -9
    services.look(1.0)
    assert services.next_due() == pytest.approx(1.1)
    services.look(1.05)
    assert len(machine.children) == 4
    services.look(1.1)
    assert machine.names()[4:] == ["worker"]


def test_an_end_without_an_error_is_an_end_too(machine: Machine, services: Services) -> None:
    machine.children[1].code = 0
    services.look(1.0)
    services.look(1.2)
    assert machine.names()[4:] == ["web"]


def test_a_machine_that_is_full_is_asked_again_later(machine: Machine, services: Services) -> None:
    machine.children[3].code, machine.full = 1, True
    services.look(1.0)
    services.look(1.1)
    services.look(1.3)
    machine.full = False
    assert services.next_due() == pytest.approx(1.7)
    services.look(1.71)
    assert machine.names()[4:] == ["watch"]


def test_redis_is_stopped_only_after_all_who_use_it_have_ended(machine: Machine, services: Services) -> None:
    def checked(processes: list[Process]) -> bool:
        machine.said.append("wait")
        return everything_ends(processes)

    services.stop(checked)
    assert machine.said == ["stop web", "stop worker", "stop watch", "wait", "stop redis", "wait"]


def test_who_does_not_stop_in_time_is_killed_and_redis_still_comes_last(machine: Machine, services: Services) -> None:
    machine.children[2].stubborn = True
    services.stop(everything_ends)
    assert machine.said == ["stop web", "stop worker", "stop watch", "kill worker", "stop redis"]


def test_what_has_already_ended_is_not_signalled(machine: Machine, services: Services) -> None:
    machine.children[1].code = 1
    services.stop(everything_ends)
    assert "stop web" not in machine.said


def test_nothing_is_started_again_after_the_stop(machine: Machine, services: Services) -> None:
    machine.children[1].code = 1
    services.look(1.0)
    services.stop(everything_ends)
    services.look(100.0)
    assert len(machine.children) == 4


@pytest.fixture
def silent() -> set[str]:
    """The services that give no sign of life."""
    return set()


@pytest.fixture
def beating(machine: Machine, silent: set[str]) -> Services:
    kept = Services(machine.start, lambda service: service.name not in silent)
    for name in ("web", "worker"):
        kept.add(Service(name, (name,), beats=True), 0.0)
    kept.add(Service("redis", ("redis",)), 0.0)
    return kept


def test_what_hangs_is_killed_and_started_again(machine: Machine, beating: Services, silent: set[str]) -> None:
    beating.look(1.0)
    silent.add("worker")
    beating.look(SILENT_S)
    assert machine.said == []
    beating.look(SILENT_S + 1.1)
    assert machine.said == ["kill worker"]
    beating.look(SILENT_S + 1.2)
    beating.look(SILENT_S + 1.4)
    assert machine.names() == ["web", "worker", "redis", "worker"]


def test_what_still_starts_is_given_longer(machine: Machine, beating: Services, silent: set[str]) -> None:
    silent.add("worker")
    beating.look(FIRST_S - 1)
    assert machine.said == []
    beating.look(FIRST_S + 1)
    assert machine.said == ["kill worker"]


def test_a_supervisor_that_was_asleep_itself_blames_nobody(machine: Machine, beating: Services) -> None:
    beating.look(1.0)
    beating.look(1000.0)
    assert machine.said == []


def test_what_somebody_stopped_is_ended_soon_whether_it_beats_or_not(machine: Machine, services: Services) -> None:
    services.look(10.0)
    for child in machine.children[:2]:  # redis and web
        child.stopped = True
    services.look(10.5)
    assert services.next_due() == 10.5 + STOPPED_S
    services.look(10.4 + STOPPED_S)
    assert machine.said == []
    services.look(10.5 + STOPPED_S)
    assert machine.said == ["kill redis", "kill web"]
    services.look(10.6 + STOPPED_S)
    services.look(10.8 + STOPPED_S)
    assert machine.names()[4:] == ["redis", "web"]
    assert services.next_due() is None


def test_what_goes_on_in_time_is_left_alone(machine: Machine, services: Services) -> None:
    for now in (1.0, 3.0, 5.0, 7.0):
        machine.children[2].stopped = True
        services.look(now)
        machine.children[2].stopped = False
        services.look(now + STOPPED_S)
    assert machine.said == []


def test_who_was_stopped_together_with_the_supervisor_is_given_time_to_go_on(
    machine: Machine, services: Services
) -> None:
    machine.children[2].stopped = True
    services.look(1.0)
    services.look(1000.0)
    assert machine.said == []
    machine.children[2].stopped = False
    services.look(1000.5)
    assert machine.said == []
