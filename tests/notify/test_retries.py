"""What each error of the provider means for a page, and when to try again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.notify.retries import NO_ANSWER, OUTCOMES, Action, Blame, delay, give_up_after, outcome
from incident.words import LOCALES, words_for

BROKEN, NEXT_WAY, AGAIN = Action.BROKEN, Action.NEXT_WAY, Action.AGAIN


@pytest.mark.parametrize(
    ("code", "action", "blame"),
    [
        (21211, BROKEN, Blame.CONTACT),
        (21614, BROKEN, Blame.CONTACT),
        (21408, BROKEN, Blame.ACCOUNT),
        (21606, BROKEN, Blame.ACCOUNT),
        (21612, BROKEN, Blame.ACCOUNT),
        (21610, BROKEN, Blame.CONTACT),
        (21617, BROKEN, Blame.CONTENT),
        (30002, BROKEN, Blame.ACCOUNT),
        (30004, BROKEN, Blame.CONTACT),
        (30005, BROKEN, Blame.CONTACT),
        (30006, BROKEN, Blame.CONTACT),
        (30007, BROKEN, Blame.CONTENT),
        (30034, BROKEN, Blame.ACCOUNT),
        (20003, NEXT_WAY, Blame.ACCOUNT),
        (30003, NEXT_WAY, Blame.CONTACT),
        (30036, NEXT_WAY, Blame.PROVIDER),
        (20429, AGAIN, Blame.PROVIDER),
        (21611, AGAIN, Blame.PROVIDER),
        (30001, AGAIN, Blame.PROVIDER),
        (30008, AGAIN, Blame.PROVIDER),
    ],
)
def test_the_table(code: int, action: Action, blame: Blame) -> None:
    found = outcome(code, 400)
    assert (found.action, found.blame) == (action, blame)


@pytest.mark.parametrize(
    ("status", "action"),
    [(400, BROKEN), (404, BROKEN), (408, AGAIN), (429, AGAIN), (301, AGAIN), (500, AGAIN), (502, AGAIN), (503, AGAIN)],
)
def test_a_code_that_nobody_knows_goes_by_the_http_status(status: int, action: Action) -> None:
    assert outcome(99999, status).action is action
    assert outcome(None, status).action is action


def test_no_answer_at_all_is_tried_again() -> None:
    assert outcome(None) is NO_ANSWER
    assert NO_ANSWER.action is AGAIN


def test_an_unknown_code_in_a_receipt_is_tried_again() -> None:
    assert outcome(99999).action is AGAIN


@pytest.mark.parametrize(("code", "status"), [(20003, 401), (None, 401), (None, 403), (30002, 400)])
def test_what_stops_every_page_alarms_the_admins(code: int | None, status: int) -> None:
    assert outcome(code, status).alarm


def test_one_bad_number_alarms_nobody() -> None:
    assert not outcome(21211, 400).alarm
    assert not outcome(None, 500).alarm


@pytest.mark.parametrize("locale", LOCALES)
def test_every_reason_can_be_read(locale: str) -> None:
    words = words_for(locale)
    for found in (*OUTCOMES.values(), NO_ANSWER, outcome(1, 400)):
        assert found.reason.key in words.keys


def test_the_pause_doubles_to_half_a_minute() -> None:
    pauses = [delay(attempt, None, 1.0).total_seconds() for attempt in range(1, 9)]
    assert pauses == [1, 2, 4, 8, 16, 30, 30, 30]


def test_retry_after_is_obeyed_up_to_two_minutes() -> None:
    assert delay(1, timedelta(seconds=20), 0.0) == timedelta(seconds=20)
    assert delay(1, timedelta(hours=1), 0.0) == timedelta(minutes=2)
    assert delay(6, timedelta(seconds=1), 1.0) == timedelta(seconds=30)


@given(st.integers(1, 10**6), st.none() | st.timedeltas(timedelta(0), timedelta(days=9)), st.floats(0, 1))
def test_a_pause_is_never_naught_and_never_long(attempt: int, retry_after: timedelta | None, jitter: float) -> None:
    assert timedelta(seconds=0.5) <= delay(attempt, retry_after, jitter) <= timedelta(minutes=2)


def test_a_send_is_given_up_with_its_levels_response_target() -> None:
    assert give_up_after(timedelta(minutes=15)) == timedelta(minutes=15)
    assert give_up_after(timedelta(hours=24)) == timedelta(hours=10)
