"""After a restore nobody is paged by two installations: what was restored is held until somebody says `resume`."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, select, update

from incident.clock import MovedClock
from incident.commands import Acknowledge
from incident.desk.requests import Act
from incident.desk.watch import Watch
from incident.store import board, outbox, sends
from incident.store.engine import changing, reading
from incident.store.portable.file import Backup
from incident.store.portable.hold import held, let_go
from incident.store.portable.restore import Restored, restore
from incident.store.portable.write import back_up
from incident.store.tables import board as board_table
from incident.store.tables import outbox as outbox_table
from tests.desk.house import START, opened_desk, report

pytestmark = pytest.mark.long

LATER = START + timedelta(minutes=30)
LEASE = timedelta(seconds=12)


@pytest.fixture
def made(sqlite: Engine, tmp_path: Path) -> Backup:
    """A backup with a message in a worker's hands, and a page whose end the log has not heard of."""
    with changing(sqlite) as connection:
        taken = outbox.claim(connection, START, 2, LEASE, "worker")
        ends = sends.receipt(connection, taken[0].id, status="failed", rank=9, now=START, state=outbox.SendState.FAILED)
        assert ends is not None
    made = back_up(sqlite, tmp_path / "one.backup", now=START)
    sqlite.dispose()
    return made


def restored(target: Engine, made: Backup, *, resume: bool) -> Restored:
    return restore(target, made, now=START, erase=True, resume=resume)


def due(target: Engine) -> tuple[int, int, int]:
    """What would be sent, looked at and told at this moment: messages, incidents, ends of pages."""
    with changing(target) as connection:
        outbox.recover(connection, LATER)
        messages = outbox.claim(connection, LATER, 1000, LEASE, "second")
        looked = board.due(connection, LATER, 1000)
        told = sends.untold(connection, LATER)
        connection.rollback()
    return len(messages), len(looked), len(told)


def test_a_copy_sends_nothing_and_reminds_of_nothing(made: Backup, target: Engine) -> None:
    found = restored(target, made, resume=False).held
    assert found is not None
    assert found.messages > 8
    assert found.incidents == 12
    assert due(target) == (0, 0, 0)
    with reading(target) as connection:
        assert outbox.oldest_unsent(connection, LATER) is None
        assert held(connection) == found


def test_what_is_new_on_the_copy_pages_as_always(made: Backup, target: Engine) -> None:
    restored(target, made, resume=False)
    with opened_desk(target, MovedClock(START)) as desk:
        opened = desk.submit(report("new")).result(10).state
    with changing(target) as connection:
        assert {send.incident for send in outbox.claim(connection, START, 100, LEASE, "second")} == {opened.id}


def test_let_go_it_is_as_it_was_and_what_was_in_hand_is_offered_again(made: Backup, target: Engine) -> None:
    restored(target, made, resume=True)
    at_once = due(target)
    restored(target, made, resume=False)
    with changing(target) as connection:
        found = let_go(connection)
        assert found is not None
        assert held(connection) is None
        assert let_go(connection) is None
    assert due(target) == at_once
    assert at_once[0] > 8
    assert at_once[1:] == (12, 1)


def test_who_was_answered_for_on_the_copy_is_not_paged_when_it_is_let_go(made: Backup, target: Engine) -> None:
    restored(target, made, resume=False)
    with reading(target) as connection:
        ringing = connection.scalars(select(outbox_table.c.incident).where(outbox_table.c.state == "waiting")).all()
    with opened_desk(target, MovedClock(START)) as desk:
        desk.submit(Act(ringing[0], Acknowledge("li-wei", "web"), "person:li-wei")).result(10)
    with changing(target) as connection:
        let_go(connection)
        claimed = outbox.claim(connection, LATER, 1000, LEASE, "second")
    assert ringing[0] not in {send.incident for send in claimed if send.purpose == "page"}


def test_a_ladder_that_was_held_climbs_one_rung_when_it_is_let_go(made: Backup, target: Engine) -> None:
    restored(target, made, resume=False)
    with changing(target) as connection:
        let_go(connection)
        late = board.due(connection, LATER, 1000)
        connection.execute(
            update(board_table).where(board_table.c.incident.not_in(late[:1])).values(wake_at=None)
        )  # one is enough
        before = _pages(connection, late[0])
    clock = MovedClock(LATER)
    with opened_desk(target, clock) as desk:
        Watch(desk, target, clock).run_due(clock.now())
    with reading(target) as connection:
        assert _pages(connection, late[0]) <= before + 1


def _pages(connection: Connection, incident: str) -> int:
    return len({send.page for send in sends.of_incident(connection, incident) if send.purpose == "page"})


def test_a_backup_of_a_copy_can_be_restored_and_resumed(made: Backup, target: Engine, tmp_path: Path) -> None:
    first = restored(target, made, resume=False).held
    again = back_up(target, tmp_path / "again.backup", now=START)
    assert restored(target, again, resume=False).held == first
    assert restored(target, again, resume=True).held is None
    with reading(target) as connection:
        assert held(connection) is None
    assert due(target)[1:] == (12, 1)
