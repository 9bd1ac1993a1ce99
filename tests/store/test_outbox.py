"""Every message has one owner in every state; a double is possible, a silence is not."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, Engine, select

from incident.errors import why
from incident.orders import NOTICE, PAGE, Cancel, Send
from incident.store import outbox, sends
from incident.store.engine import changing, reading
from incident.store.outbox import Ordered, Outgoing, SendState
from incident.store.portable.hold import hold
from incident.store.tables import outbox as table

AT = datetime(2026, 3, 1, 2, 0, tzinfo=UTC)
LEASE = timedelta(seconds=30)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
GONE = why("page.failed.unreachable", code=30003)
BASE = Send(
    incident="a",
    page=1,
    person="li-wei",
    way="sms",
    purpose=PAGE,
    not_before=AT,
    expires_at=AT + timedelta(minutes=15),
    urgency=3,
    first=False,
    drill=None,
    facts={"code": "C1", "title": "机房断电", "place": None},
)


def order(engine: Engine, *wanted: Send) -> None:
    with changing(engine) as connection:
        outbox.add(connection, [Ordered(send, 5, AT) for send in wanted])


def claim(engine: Engine, now: datetime = AT, limit: int = 100, by: str = "w1") -> list[Outgoing]:
    with changing(engine) as connection:
        return outbox.claim(connection, now, limit, LEASE, by)


def one(engine: Engine, send: int) -> Outgoing:
    with reading(engine) as connection:
        found = sends.get(connection, send)
    assert found is not None
    return found


def test_a_message_comes_out_as_it_went_in(engine: Engine) -> None:
    with changing(engine) as connection:
        outbox.add(connection, [Ordered(BASE, 7, AT, token="k3x9")])
    (found,) = claim(engine)
    assert found.facts == {"code": "C1", "title": "机房断电", "place": None, "token": "k3x9"}
    assert (found.position, found.person, found.state, found.attempts) == (7, "li-wei", SendState.SENDING, 1)
    assert one(engine, found.id) == found


def test_the_first_page_of_a_critical_jumps_the_queue_then_urgency_then_age(engine: Engine) -> None:
    order(
        engine,
        replace(BASE, incident="low", urgency=0, not_before=AT - MINUTE),
        replace(BASE, incident="critical-late", not_before=AT),
        replace(BASE, incident="critical-early", not_before=AT - SECOND),
        replace(BASE, incident="high", urgency=2, not_before=AT - 5 * MINUTE),
        replace(BASE, incident="first", first=True),
        replace(BASE, incident="not-yet", first=True, not_before=AT + SECOND),
    )
    assert [s.incident for s in claim(engine, limit=2)] == ["first", "critical-early"]
    assert [s.incident for s in claim(engine)] == ["critical-late", "high", "low"]
    assert claim(engine) == []


def test_two_who_claim_at_once_never_get_the_same(engine: Engine) -> None:
    order(engine, *[replace(BASE, incident=f"i{n}") for n in range(200)])
    taken: list[int] = []

    def work(name: str) -> None:
        while found := claim(engine, limit=7, by=name):
            taken.extend(send.id for send in found)

    threads = [threading.Thread(target=work, args=(f"w{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == 200
    assert len(set(taken)) == 200


def went_out(
    connection: Connection, send: int, by: str, *, provider: str, provider_id: str, status: str, now: datetime
) -> bool:
    """Settle it as sent, in the name of `by`; whether that counted."""
    sends.all_sent(connection, by, [sends.WentOut(send, provider, provider_id, status, now, None)])
    found = sends.get(connection, send)
    return found is not None and found.provider_id == provider_id


def test_what_a_dead_worker_held_is_offered_again_when_its_lease_is_over(engine: Engine) -> None:
    order(engine, BASE)
    (held,) = claim(engine)
    with changing(engine) as connection:
        assert outbox.recover(connection, AT + LEASE) == 0
        assert outbox.recover(connection, AT + LEASE + SECOND) == 1
    (again,) = claim(engine, AT + LEASE + SECOND, by="w2")
    assert (again.id, again.attempts) == (held.id, 2)
    with reading(engine) as connection:
        assert outbox.still_wanted(connection, [held.id], "w1") == set()
        assert outbox.still_wanted(connection, [held.id], "w2") == {held.id}


def test_an_answer_takes_back_what_waits_and_what_is_about_to_go(engine: Engine) -> None:
    order(engine, BASE, replace(BASE, way="voice", not_before=AT + 2 * MINUTE), replace(BASE, purpose=NOTICE, page=0))
    order(engine, replace(BASE, incident="other"))
    about_to_go = next(send for send in claim(engine, limit=3) if send.incident == "a" and send.purpose == PAGE)
    with changing(engine) as connection:
        assert outbox.cancel_pages(connection, [Cancel("a")], AT) == 2
        assert outbox.still_wanted(connection, [about_to_go.id], "w1") == set()
        states = {(s.way, s.purpose): s.state for s in sends.of_incident(connection, "a")}
        other = sends.of_incident(connection, "other")[0].state
    assert states["sms", PAGE] is states["voice", PAGE] is SendState.CANCELLED
    assert states["sms", NOTICE] is not SendState.CANCELLED
    assert other is not SendState.CANCELLED


def test_what_went_out_in_the_very_moment_it_was_taken_back_did_go_out(engine: Engine) -> None:
    order(engine, BASE)
    (send,) = claim(engine)
    with changing(engine) as connection:
        outbox.cancel_pages(connection, [Cancel("a")], AT)
        assert went_out(connection, send.id, "w1", provider="twilio", provider_id="SM1", status="queued", now=AT)
    assert one(engine, send.id).state is SendState.SENT


def test_one_who_comes_back_late_does_not_settle_what_another_holds(engine: Engine) -> None:
    order(engine, BASE)
    (send,) = claim(engine)
    with changing(engine) as connection:
        outbox.recover(connection, AT + MINUTE)
    claim(engine, AT + MINUTE, by="w2")
    with changing(engine) as connection:
        assert not sends.retry_at(connection, send.id, "w1", AT + MINUTE, GONE)
        assert not sends.end(connection, send.id, "w1", state=SendState.FAILED, reason=GONE, now=AT)
        assert not went_out(connection, send.id, "w1", provider="t", provider_id="SM1", status="queued", now=AT)
    assert one(engine, send.id).lease_by == "w2"


def test_a_late_return_still_counts_while_nobody_has_taken_it_again(engine: Engine) -> None:
    order(engine, BASE)
    (send,) = claim(engine)
    with changing(engine) as connection:
        outbox.recover(connection, AT + MINUTE)
        assert went_out(connection, send.id, "w1", provider="t", provider_id="SM1", status="queued", now=AT)
    assert claim(engine, AT + MINUTE) == []


def test_a_message_given_back_waits_for_its_time(engine: Engine) -> None:
    order(engine, BASE)
    (send,) = claim(engine)
    with changing(engine) as connection:
        assert sends.retry_at(connection, send.id, "w1", AT + MINUTE, GONE)
    assert claim(engine, AT + MINUTE - SECOND) == []
    (again,) = claim(engine, AT + MINUTE)
    assert again.reason is not None
    assert sends.as_reason(again.reason) == GONE


@pytest.mark.parametrize("state", [SendState.FAILED, SendState.EXPIRED, SendState.SET_ASIDE])
def test_a_message_that_is_given_up_stays_so(engine: Engine, state: SendState) -> None:
    order(engine, BASE)
    (send,) = claim(engine)
    with changing(engine) as connection:
        assert sends.end(connection, send.id, "w1", state=state, reason=GONE, now=AT)
        assert outbox.recover(connection, AT + timedelta(days=1)) == 0
    assert claim(engine, AT + timedelta(days=1)) == []
    assert one(engine, send.id).state is state


def test_a_message_cannot_be_given_up_as_delivered(engine: Engine) -> None:
    with pytest.raises(ValueError, match="delivered"), changing(engine) as connection:
        sends.end(connection, 1, "w1", state=SendState.DELIVERED, reason=GONE, now=AT)


def test_receipts_only_rise(engine: Engine) -> None:
    order(engine, BASE)
    (send,) = claim(engine)
    with changing(engine) as connection:
        went_out(connection, send.id, "w1", provider="twilio", provider_id="SM1", status="queued", now=AT)
        delivered = sends.receipt(
            connection, send.id, status="delivered", rank=9, now=AT + SECOND, state=SendState.DELIVERED
        )
        late = sends.receipt(connection, send.id, status="sent", rank=4, now=AT + MINUTE)
        twice = sends.receipt(connection, send.id, status="delivered", rank=9, now=AT + MINUTE)
    assert delivered is not None
    assert delivered.state is SendState.DELIVERED
    assert late is None
    assert twice is None
    assert one(engine, send.id).provider_status == "delivered"


def test_a_receipt_that_is_faster_than_its_settling_is_not_undone_by_it(engine: Engine) -> None:
    order(engine, BASE)
    (send,) = claim(engine)
    with changing(engine) as connection:
        sends.receipt(connection, send.id, status="delivered", rank=9, now=AT, state=SendState.DELIVERED)
        assert went_out(connection, send.id, "w1", provider="t", provider_id="SM1", status="queued", now=AT)
    found = one(engine, send.id)
    assert (found.state, found.provider_id, found.provider_status) == (SendState.DELIVERED, "SM1", "delivered")


def test_a_message_is_found_by_any_id_that_a_provider_gave_it(engine: Engine) -> None:
    order(engine, BASE)
    (send,) = claim(engine)
    with changing(engine) as connection:
        sends.attempted(connection, [sends.Attempt(send.id, AT, "w1", "twilio", "SM-old", "timeout", "", 5000)])
        went_out(connection, send.id, "w1", provider="twilio", provider_id="SM-new", status="queued", now=AT)
        by_new, by_old = sends.by_provider_id(connection, "SM-new"), sends.by_provider_id(connection, "SM-old")
        assert sends.by_provider_id(connection, "SM-unknown") is None
    assert by_new is not None
    assert by_old == by_new


def test_when_the_message_failed_the_call_is_brought_forward(engine: Engine) -> None:
    order(engine, BASE, replace(BASE, way="voice", not_before=AT + 2 * MINUTE), replace(BASE, person="maria"))
    with changing(engine) as connection:
        text, call = sends.siblings(connection, "a", 1, "li-wei")
        moved = sends.bring_forward(connection, call.id, AT + SECOND)
    assert (text.way, call.way, moved) == ("sms", "voice", 1)
    assert "voice" in [s.way for s in claim(engine, AT + SECOND)]


def test_a_page_that_is_tried_again_and_again_is_as_old_as_its_order(engine: Engine) -> None:
    order(engine, BASE, replace(BASE, way="voice", not_before=AT + MINUTE))
    (text,) = claim(engine)
    with changing(engine) as connection:
        sends.retry_at(connection, text.id, "w1", AT + 50 * SECOND, GONE)
        assert outbox.oldest_unsent(connection, AT + 45 * SECOND) == AT
    (text,) = claim(engine, AT + 50 * SECOND)
    with changing(engine) as connection:
        sends.retry_at(connection, text.id, "w1", AT + 3 * MINUTE, GONE)
    (call,) = claim(engine, AT + MINUTE)
    with changing(engine) as connection:
        assert outbox.oldest_unsent(connection, AT + MINUTE) == AT
        sends.all_sent(connection, "w1", [sends.WentOut(call.id, "twilio", "CA1", "queued", AT + MINUTE, None)])
        assert outbox.oldest_unsent(connection, AT + MINUTE) is None, "reached by another way"


def test_what_a_restore_holds_is_not_late_though_it_was_tried(engine: Engine) -> None:
    order(engine, BASE)
    (text,) = claim(engine)
    with changing(engine) as connection:
        sends.retry_at(connection, text.id, "w1", AT + MINUTE, GONE)
        hold(connection, AT + SECOND)
        assert outbox.oldest_unsent(connection, AT + 10 * MINUTE) is None


def test_the_oldest_unsent_message_is_known(engine: Engine) -> None:
    with reading(engine) as connection:
        assert outbox.oldest_unsent(connection, AT) is None
        assert outbox.next_at(connection) is None
    order(engine, replace(BASE, not_before=AT + MINUTE), BASE, replace(BASE, not_before=AT - MINUTE))
    with reading(engine) as connection:
        assert outbox.oldest_unsent(connection, AT) == AT - MINUTE
        assert outbox.oldest_unsent(connection, AT - 2 * MINUTE) is None
        assert outbox.next_at(connection) == AT - MINUTE
    claim(engine)
    with reading(engine) as connection:
        assert outbox.oldest_unsent(connection, AT) == AT - MINUTE  # claimed is not sent
        assert outbox.next_at(connection) == AT + MINUTE


def test_the_last_proof_that_pages_arrive_is_known(engine: Engine) -> None:
    order(engine, BASE)
    (send,) = claim(engine)
    with changing(engine) as connection:
        assert outbox.last_delivered(connection) is None
        sends.receipt(connection, send.id, status="delivered", rank=9, now=AT + SECOND, state=SendState.DELIVERED)
        assert outbox.last_delivered(connection) == AT + SECOND


def test_a_page_taken_back_in_the_batch_that_ordered_it_never_waits(engine: Engine) -> None:
    with changing(engine) as connection:
        outbox.add(connection, [Ordered(BASE, 5, AT, cancelled=True)])
    assert claim(engine) == []
    with reading(engine) as connection:
        assert connection.execute(select(table.c.state)).scalar_one() == "cancelled"
