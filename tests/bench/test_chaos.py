"""The auditor of `python -m bench.chaos` finds what was lost: each count is shown to fail when it should."""

import json
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace

import pytest

from bench.chaos import audit, audit_pages, audit_time
from bench.chaos.audit import Finding, Kept
from bench.chaos.book import Answered, Arrival, Book, Done, Reported
from bench.chaos.plan import Trick
from bench.chaos.walls import Wall, Walls
from incident.deadlines import wake_at
from incident.events import Paged
from incident.record.row import board_row
from tests.core.house import START, Story, organisation

KILL = Trick("kill", "worker", doubles=True)


@pytest.fixture
def kept() -> Kept:
    """One incident that was paged and answered, as the database would hold it."""
    story = Story().opened().taken()
    state = story.incident
    pages = [(entry, entry.event) for entry in story.log if isinstance(entry.event, Paged)]
    sends = [
        SimpleNamespace(
            id=n,
            incident=state.id,
            position=entry.position,
            page=page.page,
            person=summoned.person,
            way="sms",
            purpose="page",
            state="delivered",
            not_before=entry.at,
            created_at=entry.at,
            expires_at=entry.at + timedelta(minutes=15),
            settled_at=entry.at,
            reason=None,
        )
        for n, (entry, page, summoned) in enumerate(((e, p, s) for e, p in pages for s in p.people), 1)
    ]
    text = json.dumps({**board_row(state, organisation()), "repeats": 0})
    row = SimpleNamespace(
        repeats=0, row=text, seq=state.seq, wake_at=wake_at(state), phase=str(state.phase), position=len(story.log)
    )
    made = Kept({state.id: story.log}, {state.id: state}, {state.id: row}, sends, {}, organisation(), state.seq)
    made.codes = {state.report.code: state.id}
    return made


@pytest.fixture
def book(kept: Kept) -> Book:
    """What was promised and seen about it."""
    [incident] = kept.states
    code = kept.states[incident].report.code
    book = Book(
        reported=[Reported("r1", incident, code, 1.0)], answered=[Answered(code, "alice", "acknowledge", "api")]
    )
    book.arrivals = [Arrival(1.1, str(send.id), "sms", code, answered=1.2) for send in kept.outbox]
    return book


def failed(findings: Iterator[Finding]) -> list[str]:
    return [finding.what for finding in findings if not finding.holds]


def test_when_nothing_is_lost_nothing_is_found(kept: Kept, book: Book):
    assert failed(audit.promises(kept, book)) == []
    assert failed(audit_pages.pages(kept, book, START)) == []


def test_a_report_that_was_answered_and_is_absent_is_found(kept: Kept, book: Book):
    book.reported.append(Reported("r2", "gone", "C99", 2.0))
    assert failed(audit.promises(kept, book)) == ["reports answered 2xx and absent"]


def test_a_repeat_or_an_answer_that_left_no_trace_is_found(kept: Kept, book: Book):
    book.repeated[next(iter(kept.states))] = 1
    book.answered.append(Answered(book.answered[0].code, "bob", "acknowledge", "link"))
    assert failed(audit.promises(kept, book)) == [
        "repeats answered 2xx and not counted",
        "people's answers accepted and absent",
    ]


def test_a_page_that_nobody_ordered_or_that_the_provider_never_saw_is_found(kept: Kept, book: Book):
    book.arrivals.clear()
    assert failed(audit_pages.pages(kept, book, START)) == ["pages ordered and never sent, without a true reason"]
    kept.outbox.clear()
    assert failed(audit_pages.pages(kept, book, START)) == ["pages wanted and never ordered"]


@pytest.mark.parametrize("state", ["waiting", "sending", "failed", "expired", "set_aside"])
def test_a_page_that_did_not_go_needs_a_reason_that_is_true(kept: Kept, book: Book, state: str):
    kept.outbox[0].state = state
    book.arrivals.clear()
    assert failed(audit_pages.pages(kept, book, START)) == ["pages ordered and never sent, without a true reason"]


def test_a_double_needs_a_cause_and_a_cause_explains_one(kept: Kept, book: Book):
    first = book.arrivals[0]
    book.arrivals.append(Arrival(5.0, first.send, "sms", first.code, answered=5.1))
    assert failed(audit_pages.pages(kept, book, START)) == ["messages sent twice without a cause"]
    book.done.append(Done(KILL, 1.15, 1.15))
    assert failed(audit_pages.pages(kept, book, START)) == []
    book.arrivals.append(Arrival(5.5, first.send, "sms", first.code, answered=5.6))
    assert failed(audit_pages.pages(kept, book, START)) == ["messages sent twice without a cause"]


def test_a_wake_that_nobody_took_up_is_found(kept: Kept):
    later = START + timedelta(days=2)
    assert failed(audit.wakes(kept, later, timedelta(seconds=5))) == ["wakes missed"]


def test_a_board_row_that_is_not_the_replay_is_found(kept: Kept):
    assert failed(audit.wholeness(kept)) == []
    next(iter(kept.rows.values())).seq += 1
    assert failed(audit.wholeness(kept)) == ["stored board rows that differ from the replay"]


def test_an_entry_that_a_wall_missed_or_saw_twice_is_found():
    walls = Walls(1, [], "", 1)
    wall = walls.walls[0] = Wall(0, last=4)
    for position in (5, 5, 8):
        walls._count(wall, position)
    assert (wall.twice, wall.missed) == (1, 2)
    assert failed(audit_time.walls(walls, 9, 9)) == [
        "entries that a wall missed",
        "entries that a wall saw twice",
        "walls that do not stand at the log's end",
    ]


@pytest.mark.parametrize(("last", "wrong"), [(None, True), (7, True), (8, False), (9, False), (10, True)])
def test_a_wall_has_seen_all_that_stood_before_it_went_and_nothing_that_the_log_does_not_hold(
    last: int | None, wrong: bool
):
    walls = Walls(1, [], "", 1)
    walls.walls[0] = Wall(0, last=last)
    assert failed(audit_time.walls(walls, 8, 9)) == (["walls that do not stand at the log's end"] if wrong else [])


@pytest.mark.parametrize(
    ("after_kill", "found"), [(-0.2, []), (0.1, []), (0.5, ["messages sent twice without a cause"])]
)
def test_a_double_is_explained_by_a_kill_only_if_the_first_was_under_way_then(after_kill: float, found: list[str]):
    first = Arrival(5.0 + after_kill, "1", "sms", "C1", answered=5.0 + after_kill)
    book = Book(done=[Done(KILL, 5.0, 5.0)])
    again = Arrival(6.0, "1", "sms", "C1", answered=6.0)
    assert failed(audit_pages._doubles({"1": [first, again]}, book)) == found


def test_a_page_that_comes_late_after_a_kill_is_found():
    book = Book(reported=[Reported("r", "i", "C1", 11.0)], arrivals=[Arrival(17.0, "1", "sms", "C1")])
    book.done.append(Done(KILL, 10.0, 10.0))
    assert failed(audit_time.times(book)) == ["first page after each kill: p99"]
