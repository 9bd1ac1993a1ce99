"""Receipts come late, twice and out of order; the end is the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.notify.receipts import CALL, MESSAGE, Meaning, advance, failure, meaning, rank
from incident.notify.retries import Action
from incident.organisation.people import WayKind

SMS, VOICE = WayKind.SMS, WayKind.VOICE


def after(way: WayKind, receipts: list[str]) -> str | None:
    status = None
    for receipt in receipts:
        status = advance(way, status, receipt) or status
    return status


def test_a_receipt_only_rises() -> None:
    assert advance(SMS, "queued", "sent") == "sent"
    assert advance(SMS, "delivered", "sent") is None
    assert advance(SMS, "delivered", "delivered") is None
    assert advance(SMS, None, "queued") == "queued"


def test_a_late_failure_does_not_undo_a_delivery() -> None:
    assert after(SMS, ["sent", "delivered", "failed", "undelivered"]) == "delivered"
    assert after(SMS, ["failed", "delivered"]) == "delivered"


def test_a_status_nobody_knows_changes_nothing() -> None:
    assert advance(SMS, "sent", "teleported") is None
    assert advance(VOICE, "ringing", "delivered") is None
    assert meaning("teleported") is Meaning.ON_ITS_WAY


@pytest.mark.parametrize(("way", "statuses"), [(SMS, MESSAGE), (VOICE, CALL)])
@given(data=st.data())
def test_any_order_and_any_repetition_end_alike(way: WayKind, statuses: tuple[str, ...], data: st.DataObject) -> None:
    receipts = data.draw(st.lists(st.sampled_from([*statuses, "nonsense"]), max_size=12))
    shuffled = data.draw(st.permutations(receipts + receipts[:4]))
    assert after(way, receipts) == after(way, shuffled)


def test_the_rank_is_what_a_conditional_update_compares() -> None:
    assert [rank(SMS, status) for status in MESSAGE] == list(range(len(MESSAGE)))
    assert rank(SMS, None) == rank(SMS, "teleported") == -1


def test_sent_is_not_delivered_and_a_finished_call_proves_nothing() -> None:
    assert meaning("sent") is Meaning.ON_ITS_WAY
    assert meaning("delivered") is Meaning.DELIVERED
    assert meaning("read") is Meaning.DELIVERED
    assert meaning("completed") is Meaning.UNCLEAR
    assert meaning("canceled") is Meaning.WITHDRAWN


def test_what_a_failure_leads_to() -> None:
    def action(way: WayKind, status: str, code: int | None) -> Action | None:
        found = failure(way, status, code)
        return found.action if found else None

    assert action(SMS, "undelivered", 30003) is Action.NEXT_WAY
    assert action(SMS, "undelivered", 30006) is Action.BROKEN
    assert action(SMS, "failed", 30008) is Action.AGAIN
    assert action(SMS, "failed", None) is Action.AGAIN
    assert action(VOICE, "no-answer", None) is Action.NEXT_WAY
    assert action(VOICE, "busy", None) is Action.NEXT_WAY
    assert action(VOICE, "failed", None) is Action.AGAIN
    assert action(VOICE, "completed", None) is None
    assert action(SMS, "delivered", None) is None
