"""The clerk reads what the desk wrote, once, in any portions, and nobody waits for it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from incident.clock import MovedClock
from incident.commands import Acknowledge, Amend, Regrade, Resolve
from incident.desk.clerk import Clerk
from incident.desk.desk import Desk
from incident.desk.requests import Act
from incident.levels import Level
from incident.record.measures import measure
from incident.store import board, log, measured
from incident.store.board import Filter
from incident.store.engine import reading
from incident.store.tables import log as entries
from tests.desk.house import report


def opened(desk: Desk, **fields: object) -> str:
    state = desk.submit(report(**fields)).result().state
    assert state is not None
    return state.id


@pytest.fixture
def lived(desk: Desk, clock: MovedClock) -> list[str]:
    """Three incidents: answered and resolved, regraded and waiting, of a drill."""
    first, second = opened(desk, key="a"), opened(desk, key="b", title="冷却水泵压力过低")
    drill = desk.submit(report(key="c")).result().state
    assert drill is not None
    clock.move(timedelta(minutes=4))
    desk.submit(Act(first, Acknowledge("li-wei", "sms"), "person:li-wei")).result()
    clock.move(timedelta(minutes=6))
    desk.submit(Act(first, Resolve("li-wei", "web"), "person:li-wei")).result()
    desk.submit(Act(second, Regrade(Level.HIGH, "smaller than it looked"), "person:zhao-min")).result()
    return [first, second, drill.id]


def found(engine: Engine, q: str) -> list[str]:
    with reading(engine) as connection:
        return [one.incident for one in board.listing(connection, Filter(q=q))]


@pytest.mark.parametrize("portion", [1, 2, 7, 1000])
def test_in_any_portions_it_reads_what_the_log_says(settled: Engine, lived: list[str], portion: int) -> None:
    clerk = Clerk(settled, entries=portion)
    assert clerk.catch_up() > 10
    assert clerk.behind() == 0
    with reading(settled) as connection:
        kept = measured.known(connection, lived)
        assert {name: one for name, (one, _) in kept.items()} == {
            name: measure(log.entries(log.of(connection, name))) for name in lived
        }
        phases = {name: phase for name, (_, phase) in kept.items()}
        assert phases == {name: one.as_dict()["phase"] for name in lived if (one := board.get(connection, name))}


def test_what_it_has_not_read_yet_is_found_all_the_same(settled: Engine, desk: Desk, lived: list[str]) -> None:
    clerk = Clerk(settled)
    assert found(settled, "水泵") == [lived[1]]
    clerk.catch_up()
    later = opened(desk, key="d", title="second 水泵 broken")
    assert found(settled, "水泵") == [later, lived[1]]
    clerk.catch_up()
    assert found(settled, "水泵") == [later, lived[1]]


def test_an_amended_report_is_found_by_its_new_words(settled: Engine, desk: Desk, lived: list[str]) -> None:
    clerk = Clerk(settled)
    clerk.catch_up()
    desk.submit(Act(lived[0], Amend({"serial": "SN-4711"}), "person:li-wei")).result()
    clerk.catch_up()
    assert found(settled, "sn-4711") == [lived[0]]


def test_two_clerks_at_once_do_the_work_once(
    settled: Engine, lived: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = Clerk(settled, entries=3), Clerk(settled)
    real = log.decisive

    def overtaken(*arguments: object) -> object:
        monkeypatch.setattr(log, "decisive", real)
        second.catch_up()
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(log, "decisive", overtaken)
    first.catch_up()
    assert second.behind() == 0
    with reading(settled) as connection:
        kept = measured.known(connection, lived)
        assert kept[lived[0]][0] == measure(log.entries(log.of(connection, lived[0])))


def test_words_are_noted_once_also_by_two_and_where_another_release_read_the_log(
    settled: Engine, desk: Desk, lived: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The release before reads the log by the same mark and notes no words."""
    first, second = Clerk(settled), Clerk(settled)
    while second.read_on(3):
        pass
    assert (second.behind(), second.unworded()) == (0, 3)
    real = board.words_from

    def overtaken(*arguments: object) -> object:
        monkeypatch.setattr(board, "words_from", real)
        second.note_words()
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(board, "words_from", overtaken)
    first.note_words()
    assert first.unworded() == 0
    desk.submit(Act(lived[0], Amend({"serial": "SN-4711"}), "person:li-wei")).result()
    while second.read_on(3):
        pass
    assert found(settled, "sn-4711") == []
    first.note_words()
    assert found(settled, "sn-4711") == [lived[0]]
    assert found(settled, "水泵") == [lived[1]]


def test_an_entry_of_a_newer_release_is_waited_for_and_not_passed_over(settled: Engine, lived: list[str]) -> None:
    clerk = Clerk(settled)
    with settled.begin() as connection:
        connection.execute(entries.update().where(entries.c.position == 1).values(version=99))
    with pytest.raises(Exception, match="newer release"):
        clerk.catch_up()
    assert clerk.behind() > 0
