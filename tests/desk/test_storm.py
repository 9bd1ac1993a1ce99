"""Many at once, in one process and in several, and a process that is killed in the middle: nothing answered is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

import pytest
from sqlalchemy import Engine

from incident.clock import MovedClock
from incident.commands import Note
from incident.desk.desk import Desk
from incident.desk.requests import Act
from incident.evolve import replay
from incident.store import board, log
from incident.store.chain import verify
from incident.store.engine import reading
from incident.store.log import Stored
from tests.desk.house import KEY, opened_desk, report

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]


def sound(engine: Engine) -> list[Stored]:
    """The whole log, after checking that it is dense, chained, and what the board says."""
    with reading(engine) as connection:
        lines = log.after(connection, 0, 100_000)
        proof = verify(connection)
        listed = {row.incident: row for row in board.listing(connection, board.Filter(), limit=10_000)}
        standings = board.standings(connection, listed)
    assert proof.holds, proof
    assert [line.position for line in lines] == list(range(1, len(lines) + 1))
    by_incident = groupby(sorted(lines, key=lambda line: (line.incident, line.seq)), key=lambda line: line.incident)
    for incident, own in by_incident:
        entries = [line.entry() for line in own]
        assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
        assert standings[incident].seq == len(entries)
        state = replay(entries)
        assert state is not None
        assert listed[incident].as_dict()["seq"] == state.seq
    assert sorted(row.number for row in listed.values()) == list(range(1, len(listed) + 1))
    return lines


def notes(lines: Sequence[Stored]) -> list[str]:
    return sorted(entry.event.text for line in lines if (entry := line.entry()).kind == "noted")  # type: ignore[union-attr]


def hammer(desk: Desk, incidents: Sequence[str], name: str, each: int) -> None:
    """One thread's work: notes in shared incidents, one after the other, each answered before the next."""
    for number in range(each):
        incident = incidents[number % len(incidents)]
        desk.submit(Act(incident, Note(f"{name}-{number:03}"), KEY)).result(60)


def test_eight_threads_lose_nothing(settled: Engine, clock: MovedClock) -> None:
    with opened_desk(settled, clock) as desk:
        outcomes = [desk.submit(report(f"alert/{n}")).result(10) for n in range(3)]
        incidents = [outcome.state.id for outcome in outcomes if outcome.state]
        threads = [threading.Thread(target=hammer, args=(desk, incidents, f"t{number}", 40)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert notes(sound(settled)) == [f"t{thread}-{number:03}" for thread in range(8) for number in range(40)]


def test_two_desks_on_one_database_share_it(settled: Engine, clock: MovedClock) -> None:
    with opened_desk(settled, clock) as one, opened_desk(settled, clock, cached=1) as other:
        incidents = [o.state.id for n in range(2) if (o := one.submit(report(f"alert/{n}")).result(10)).state]
        threads = [
            threading.Thread(target=hammer, args=(desk, incidents, name, 40))
            for desk, name in ((one, "a"), (other, "b"), (one, "c"), (other, "d"))
        ]
        for thread in threads:
            thread.start()
        both = [desk.submit(report("alert/same")) for _ in range(20) for desk in (one, other)]
        assert sum(future.result(60).created for future in both) == 1
        for thread in threads:
            thread.join()
    assert notes(sound(settled)) == [f"{name}-{number:03}" for name in "abcd" for number in range(40)]


def start(url: str, name: str, incident: str) -> subprocess.Popen[str]:
    """A process that writes notes and says after each answer what was answered."""
    command = [sys.executable, "-m", "tests.desk.storming", url, name, incident]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env={**os.environ})


def test_two_processes_race_and_one_is_killed_without_losing_an_answer(
    settled: Engine, store_url: str, clock: MovedClock
) -> None:
    with opened_desk(settled, clock) as desk:
        state = desk.submit(report("alert/1")).result(10).state
        assert state is not None
        doomed, other = start(store_url, "doomed", state.id), start(store_url, "other", state.id)
        assert doomed.stdout is not None
        assert other.stdout is not None
        answered = [doomed.stdout.readline().strip() for _ in range(30)]
        doomed.send_signal(signal.SIGKILL)
        answered += doomed.stdout.read().split()
        doomed.wait(20)
        answered += [other.stdout.readline().strip() for _ in range(30)]
        other.send_signal(signal.SIGTERM)
        answered += other.stdout.read().split()
        assert other.wait(20) == 0
        hammer(desk, [state.id], "after", 3)
    for process in (doomed, other):
        assert process.stdout is not None
        process.stdout.close()
    kept = notes(sound(settled))
    missing = [answer for answer in answered if answer.count("-") == 2 and answer not in kept]
    assert missing == []
    assert len(answered) >= 60
    assert len(kept) == len(set(kept))
