"""The auditor on real databases: what it finds, writes, closes again, and whom it pages."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, delete, insert, select, update

from incident.audit import CAUSES, Rule
from incident.clock import MovedClock
from incident.commands import Acknowledge
from incident.desk import auditor as module
from incident.desk.auditor import Audit, Auditor, look
from incident.desk.desk import Act, Desk, StoreDown
from incident.desk.watch import Watch
from incident.organisation import demo_organisation
from incident.state import Incident
from incident.store import board, findings, signs
from incident.store.engine import changing, reading
from incident.store.tables import attempts, outbox
from incident.store.tables import board as board_table
from incident.store.tables import log as log_table
from incident.words import words_for
from tests.desk.house import opened_desk, report


@pytest.fixture
def heard() -> list[Audit]:
    return []


@pytest.fixture
def auditor(desk: Desk, settled: Engine, clock: MovedClock, heard: list[Audit]) -> Auditor:
    return made(desk, settled, clock, heard)


def made(desk: Desk, engine: Engine, clock: MovedClock, heard: list[Audit]) -> Auditor:
    return Auditor(engine, clock, desk, demo_organisation, say=words_for("en").reason, told=heard.append)


def opened(desk: Desk, **fields: Any) -> Incident:
    state = desk.submit(report(**fields)).result(10).state
    assert state is not None
    return state


def sent(engine: Engine, **values: Any) -> None:
    """A worker has taken everything that waits and come back with this."""
    with changing(engine) as connection:
        connection.execute(update(outbox).values(**({"state": "sent"} | values)))


def shown(engine: Engine, incident: str, **fields: object) -> None:
    """The board's row is damaged."""
    with changing(engine) as connection:
        found = board.get(connection, incident)
        assert found is not None
        row = json.dumps(found.as_dict() | fields)
        connection.execute(update(board_table).where(board_table.c.incident == incident).values(row=row))


def rules(engine: Engine, clock: MovedClock) -> list[Rule]:
    return [finding.rule for finding in look(engine, clock).findings]


def standing(engine: Engine) -> list[Rule]:
    with reading(engine) as connection:
        return [kept.finding.rule for kept in findings.standing(connection)]


def titles(engine: Engine) -> list[str]:
    with reading(engine) as connection:
        rows = [found.as_dict() for found in board.listing(connection, board.Filter())]
    return [str(row["title"]) for row in rows if row["product"] == module.PRODUCT]


def about(engine: Engine, what: str) -> list[str]:
    return [title for title in titles(engine) if what in title]


def test_a_critical_that_is_paged_in_time_is_well(desk: Desk, settled: Engine, clock: MovedClock) -> None:
    opened(desk)
    sent(settled)
    clock.move(timedelta(minutes=4))
    found = look(settled, clock)
    assert (found.findings, found.looked, found.well) == ((), 1, False)
    with changing(settled) as connection:
        signs.sign(connection, signs.WORKER, clock.now())
    assert not look(settled, clock).well, "nobody could report"
    with changing(settled) as connection:
        signs.sign(connection, signs.WEB, clock.now())
    assert look(settled, clock).well, "only with signs of life of both is the way from a report to a page proved"


def test_a_clock_with_microseconds_makes_no_finding(desk: Desk, settled: Engine, clock: MovedClock) -> None:
    clock.move(timedelta(microseconds=123_456))
    opened(desk)
    sent(settled)
    for _ in range(12):
        clock.move(timedelta(seconds=31, microseconds=7))
        Watch(desk, settled, clock).run_due(clock.now())
        sent(settled)
        assert rules(settled, clock) == []


def test_a_first_page_that_waits_is_found_in_seconds_with_whom_it_is_for(
    desk: Desk, settled: Engine, clock: MovedClock
) -> None:
    state = opened(desk)
    clock.move(timedelta(seconds=16))
    (found,) = look(settled, clock).findings
    assert (found.rule, found.incident, found.code) == (Rule.UNSENT, state.id, state.report.code)
    assert found.since == state.opened_at
    assert demo_organisation().person(found.params["person"]) is not None


def test_a_call_that_waits_for_its_time_is_not_late_and_one_put_off_by_retries_is(
    desk: Desk, settled: Engine, clock: MovedClock
) -> None:
    opened(desk)
    with changing(settled) as connection:
        connection.execute(update(outbox).where(outbox.c.way == "sms").values(state="failed"))
    clock.move(timedelta(seconds=50))
    assert rules(settled, clock) == []
    later = clock.now() + timedelta(minutes=5)
    with changing(settled) as connection:
        calls = outbox.c.way == "voice"
        connection.execute(update(outbox).where(calls).values(attempts=2, not_before=later))
        tried = [
            {"send": s, "at": clock.now() - timedelta(minutes=1), "by": "w", "provider": "x", "outcome": "again"}
            for s in connection.scalars(select(outbox.c.id).where(calls))
        ]
        connection.execute(insert(attempts), tried)
    assert rules(settled, clock) == [Rule.UNSENT]


def test_what_the_limits_hold_waits_for_its_own_time(desk: Desk, settled: Engine, clock: MovedClock) -> None:
    opened(desk)
    begun = clock.now()
    sent(settled, state="waiting", attempts=1, held_since=begun, not_before=begun + timedelta(minutes=4))
    clock.move(timedelta(minutes=4))
    assert rules(settled, clock) == []
    clock.move(timedelta(seconds=61))
    assert Rule.UNSENT in rules(settled, clock)


def test_a_watch_that_does_not_look_is_found(desk: Desk, settled: Engine, clock: MovedClock) -> None:
    state = opened(desk)
    sent(settled)
    clock.move(timedelta(minutes=5, seconds=31))
    (found,) = look(settled, clock).findings
    assert (found.rule, found.since) == (Rule.LATE_WAKE, state.alarm.next_at)
    Watch(desk, settled, clock).run_due(clock.now())
    sent(settled)
    assert rules(settled, clock) == []


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"ringing": False, "next_at": None}, Rule.SILENT),
        ({"ringing": False, "next_at": None, "commander": "somebody"}, None),
        ({"unreachable": True, "paged": []}, Rule.UNREACHABLE),
    ],
)
def test_what_the_row_says_of_who_has_it(
    fields: dict[str, object], rule: Rule | None, desk: Desk, settled: Engine, clock: MovedClock
) -> None:
    state = opened(desk)
    sent(settled)
    with changing(settled) as connection:  # the watch has looked, and says so
        far = clock.now() + timedelta(hours=1)
        connection.execute(update(board_table).values(wake_at=far))
    shown(settled, state.id, **({"next_at": far.isoformat()} | fields))
    clock.move(timedelta(minutes=7))
    assert rules(settled, clock) == ([rule] if rule else [])


def test_lost_rows_are_found(desk: Desk, settled: Engine, clock: MovedClock) -> None:
    opened(desk)
    clock.move(timedelta(seconds=11))
    with changing(settled) as connection:
        connection.execute(delete(outbox))
    assert rules(settled, clock) == [Rule.PAGELESS]
    with changing(settled) as connection:
        connection.execute(update(board_table).values(seq=board_table.c.seq - 1))
    assert rules(settled, clock) == [Rule.BOARD]
    with changing(settled) as connection:
        connection.execute(delete(board_table))
    assert rules(settled, clock) == [Rule.BOARD], "the log's last entry has no incident on the board"


def test_a_dead_workers_lease_and_an_end_that_nobody_told(desk: Desk, settled: Engine, clock: MovedClock) -> None:
    opened(desk)
    sent(settled, state="sending", lease_until=clock.now() + timedelta(seconds=12), lease_by="dead")
    clock.move(timedelta(seconds=43))
    assert rules(settled, clock) == [Rule.LEASE]
    sent(settled, state="failed", untold=True, settled_at=clock.now() - timedelta(seconds=31))
    assert rules(settled, clock) == [Rule.UNTOLD]


def test_a_clerk_that_stands_still_is_found(desk: Desk, settled: Engine, clock: MovedClock) -> None:
    state = opened(desk)
    desk.submit(Act(state.id, Acknowledge("chen-fang", "web"), "system")).result(10)
    sent(settled)
    clock.move(timedelta(minutes=16))
    with changing(settled) as connection:
        total = connection.scalar(select(log_table.c.position).order_by(log_table.c.position.desc()).limit(1))
    found = [finding for finding in look(settled, clock).findings if finding.rule is Rule.CLERK]
    assert [finding.count for finding in found] == [total]


def test_a_drills_troubles_are_the_drills(desk: Desk, settled: Engine, clock: MovedClock) -> None:
    desk.submit(replace(report(), drill="d1")).result(10)
    clock.move(timedelta(minutes=30))
    assert Rule.UNSENT not in rules(settled, clock)
    assert Rule.LATE_WAKE not in rules(settled, clock)


def test_a_finding_is_opened_once_kept_while_it_is_so_and_closed_when_it_is_well(
    auditor: Auditor, desk: Desk, settled: Engine, clock: MovedClock, heard: list[Audit]
) -> None:
    opened(desk)
    clock.move(timedelta(seconds=20))
    auditor.audit()
    clock.move(timedelta(minutes=1))
    auditor.audit()
    assert standing(settled) == [Rule.UNSENT]
    sent(settled)
    auditor.audit()
    assert standing(settled) == []
    with reading(settled) as connection:
        (kept,) = findings.history(connection)
        assert (kept.closed_at, findings.last_closed(connection, clock.now())) == (clock.now(), kept)
        last = signs.last_audit(connection)
    assert last == signs.Audited(clock.now(), 1, 0, heard[-1].took_ms)
    assert [audit.well for audit in heard] == [False, False, False]


def test_two_auditors_find_the_same_and_write_it_once(
    auditor: Auditor, desk: Desk, settled: Engine, clock: MovedClock
) -> None:
    opened(desk)
    clock.move(timedelta(seconds=20))
    with opened_desk(settled, clock) as second:
        both = [auditor, made(second, settled, clock, [])]
        threads = [threading.Thread(target=one.audit) for one in both]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    with reading(settled) as connection:
        assert len(findings.history(connection)) == 1


def test_what_stays_wrong_is_paged_to_headquarters_by_the_ladder_itself_and_once_an_hour(
    auditor: Auditor, desk: Desk, settled: Engine, clock: MovedClock
) -> None:
    first = opened(desk)
    clock.move(timedelta(seconds=20))
    auditor.audit()
    assert titles(settled) == [], "a passing moment pages nobody"
    clock.move(timedelta(minutes=3))
    auditor.audit()
    desk.submit(Act(first.id, Acknowledge("chen-fang", "web"), "system")).result(10)
    (title,) = about(settled, "messages")
    assert first.report.code in title
    with reading(settled) as connection:
        row = next(r.as_dict() for r in board.listing(connection, board.Filter(phase="open")) if r.number == 2)
    assert (row["level"], row["unit"], row["ringing"]) == ("critical", demo_organisation().root, True)
    for _ in range(6):
        clock.move(timedelta(minutes=5))
        auditor.audit()
    assert len(about(settled, "messages")) == 1, "the same trouble is one incident, and one page an hour"


def test_the_same_trouble_pages_again_after_an_hour_though_somebody_closed_it(
    auditor: Auditor, settled: Engine, clock: MovedClock
) -> None:
    with changing(settled) as connection:
        signs.sign(connection, signs.WORKER, clock.now())
    for _ in range(14):
        clock.move(timedelta(minutes=5))
        auditor.audit()
    with reading(settled) as connection:
        (found,) = [k for k in findings.standing(connection) if k.finding.rule is Rule.WORKER]
        listed = [r.as_dict() for r in board.listing(connection, board.Filter())]
    assert found.paged_at is not None
    assert found.paged_at > found.opened_at + timedelta(hours=1)
    workers = [row for row in listed if "No worker" in str(row["title"])]
    assert [row["repeats"] for row in workers] == [1], "still open, so the second page is counted as its repeat"


def test_one_dead_worker_wakes_headquarters_once_whatever_it_leaves_undone(
    auditor: Auditor, desk: Desk, settled: Engine, clock: MovedClock
) -> None:
    with changing(settled) as connection:
        signs.sign(connection, signs.WORKER, clock.now())
    first = opened(desk)
    for _ in range(12):
        clock.move(timedelta(seconds=30))
        auditor.audit()
    assert {Rule.UNSENT, Rule.WORKER} <= set(standing(settled))
    about_sending = [title for title in titles(settled) if "No worker" in title or "messages" in title]
    assert len(about_sending) == 1
    desk.submit(Act(first.id, Acknowledge("chen-fang", "web"), "system")).result(10)
    assert len(set(titles(settled))) == len(titles(settled)), "and nothing else twice"


def test_every_rule_has_one_cause_and_a_cause_one_trouble() -> None:
    named = [rule for rules in CAUSES.values() for rule in rules]
    assert sorted(named) == sorted(Rule)
    assert all(len({rule.trouble for rule in rules}) == 1 for rules in CAUSES.values())


def test_a_page_that_could_not_be_ordered_is_asked_for_again_by_the_next_audit(
    auditor: Auditor, desk: Desk, settled: Engine, clock: MovedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(desk)
    clock.move(timedelta(seconds=20))
    auditor.audit()
    clock.move(timedelta(minutes=3))
    with monkeypatch.context() as patched:
        patched.setattr(desk, "_commit", lambda wanted: (_ for _ in ()).throw(StoreDown()))
        auditor.audit()
    assert about(settled, "messages") == []
    clock.move(timedelta(minutes=1))
    auditor.audit()
    assert len(about(settled, "messages")) == 1


def test_the_auditor_outlives_a_database_that_is_away(
    auditor: Auditor, clock: MovedClock, monkeypatch: pytest.MonkeyPatch, heard: list[Audit]
) -> None:
    stop, real, looks = threading.Event(), module.look, iter(range(10))

    def away_at_first(*args: Any) -> Audit:
        if next(looks) == 0:
            raise OSError("no database")
        stop.set()
        return real(*args)

    monkeypatch.setattr(module, "look", away_at_first)
    monkeypatch.setattr(module, "AGAIN_S", 0.01)
    auditor.run(stop)
    assert len(heard) == 1
