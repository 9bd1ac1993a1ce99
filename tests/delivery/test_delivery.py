"""A double page is allowed, a silence is not: what happens to a page between the outbox and the provider."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from threading import Event, Thread

import pytest
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy.exc import OperationalError

from incident.commands import Acknowledge, Decline, NoteDelivery
from incident.levels import Level
from incident.notify.channels import SendFailed, Sent
from incident.notify.deliver import LEASE
from incident.notify.gate import Rules
from incident.notify.retries import NO_ANSWER
from incident.notify.sending import Job
from incident.notify.settle import Tried
from incident.store import live, outbox, sends
from incident.store.engine import changing
from incident.store.outbox import SendState
from tests.delivery.conftest import House

ALICE, BOB, CHARLIE = "+12025550101", "+12025550102", "+12025550103"
FIRST = {"alice": ALICE, "bob": BOB}


def first_paged(house: House, incident: str) -> tuple[str, str]:
    person = house.states(incident)[0][0]
    return person, FIRST[person]


def test_the_person_on_call_gets_one_text_with_code_link_and_answer(house: House):
    incident = house.opened()
    house.delivery.drain()
    person, number = first_paged(house, incident)
    assert [(m.to, m.way) for m in house.provider.seen] == [(number, "sms")]
    text = house.provider.seen[0].body
    assert text.startswith("[CRITICAL] C1: data centre down")
    assert "Reply 1" in text
    assert "https://ic.example/a/" in text
    assert house.states(incident) == [(person, "sms", "sent"), (person, "voice", "waiting")]
    assert house.provider.seen[0].valid_for == timedelta(minutes=15)


def test_the_call_follows_after_two_minutes_of_silence_and_not_after_an_answer(house: House):
    silent, answered = house.opened(), house.opened(title="lift stuck")
    person, number = first_paged(house, silent)
    house.delivery.drain()
    house.does(answered, Acknowledge(person, "sms"))
    house.clock.move(timedelta(minutes=2))
    house.delivery.drain()
    assert house.provider.to(number).count("voice") == 1
    assert (person, "voice", "cancelled") in house.states(answered)
    assert (person, "voice", "sent") in house.states(silent)


def test_an_answer_in_the_very_moment_of_sending_is_seen_by_the_last_look(house: House):
    incident = house.opened()
    person, _ = first_paged(house, incident)
    with changing(house.engine) as connection:
        claimed = outbox.claim(connection, house.clock.now(), 10, LEASE, "one")
    house.does(incident, Acknowledge(person, "web"))
    house.delivery._go(claimed)
    house.delivery.drain()
    assert house.provider.seen == []
    assert {state for _, _, state in house.states(incident)} == {"cancelled"}


def test_a_worker_that_dies_after_claiming_leaves_nothing_unsent(house: House):
    incident = house.opened()
    with changing(house.engine) as connection:
        assert outbox.claim(connection, house.clock.now(), 10, LEASE, "dead")
    house.delivery.drain()
    assert house.provider.seen == []
    house.clock.move(LEASE + timedelta(seconds=1))
    house.delivery.drain()
    assert len(house.provider.seen) == 1
    assert house.states(incident)[0][2] == "sent"


def test_a_worker_that_dies_between_sending_and_settling_pages_twice_and_not_more(house: House):
    house.opened()
    with changing(house.engine) as connection:
        claimed = outbox.claim(connection, house.clock.now(), 10, LEASE, "dead")
    dead = house.worker("dead")
    dead._go(claimed)
    dead._back.get(timeout=30)
    house.clock.move(LEASE + timedelta(seconds=1))
    for _ in range(3):
        house.delivery.drain()
    assert len(house.provider.seen) == 2


def test_two_workers_send_each_page_once(house: House):
    for number in range(12):
        house.opened(title=f"fault {number}")
    other = house.worker("two")
    threads = [Thread(target=worker.drain) for worker in (house.delivery, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ids = [message.id for message in house.provider.seen]
    assert len(ids) == len(set(ids)) == 12


def test_a_number_that_is_no_mobile_is_called_at_once_instead(house: House):
    incident = house.opened()
    person, number = first_paged(house, incident)
    house.provider.answers[number] = [21614]
    house.delivery.drain()
    assert house.provider.to(number) == ["sms", "voice"]
    assert house.states(incident) == [(person, "sms", "failed"), (person, "voice", "sent")]


def test_after_the_last_way_the_incident_is_told_and_climbs_at_once(house: House):
    incident = house.opened()
    person, number = first_paged(house, incident)
    house.provider.answers[number] = [21211, 21211]
    house.delivery.drain()
    house.does(incident, NoteDelivery(9, person, "sms"))
    assert "page_failed" in house.kinds(incident)
    assert house.kinds(incident).count("paged") == 2


def test_a_busy_provider_is_asked_again_with_a_pause_that_grows(house: House):
    incident = house.opened()
    person, number = first_paged(house, incident)
    house.provider.answers[number] = [20429, 20429]
    house.delivery.drain()
    assert house.states(incident)[0] == (person, "sms", "waiting")
    house.delivery.drain()
    assert len(house.provider.seen) == 1
    house.clock.move(timedelta(seconds=1))
    house.delivery.drain()
    house.clock.move(timedelta(seconds=2))
    house.delivery.drain()
    assert house.provider.to(number) == ["sms"] * 3
    assert house.states(incident)[0] == (person, "sms", "sent")


def test_a_provider_that_does_not_answer_delays_its_own_page_only(house: House):
    slow, quick = house.opened(), house.opened(title="lift stuck")
    person, number = first_paged(house, slow)
    house.provider.answers[number] = [SendFailed(NO_ANSWER)]
    house.delivery.drain()
    states = {house.states(incident)[0][2] for incident in (slow, quick)}
    assert states == {"waiting", "sent"}
    assert person


def test_a_poison_row_is_set_aside_and_the_line_goes_on(house: House):
    poison = house.opened()
    house.provider.poison = "data centre"
    house.delivery.drain()
    other = house.opened(title="lift stuck")
    for _ in range(3):
        house.clock.move(timedelta(seconds=5))
        house.delivery.drain()
    assert house.states(poison)[0][2] == "set_aside"
    assert house.states(other)[0][2] == "sent"
    assert (house.states(poison)[1][1:]) == ("voice", "sent"), "the next way goes at once"


def test_what_is_too_old_to_be_true_is_not_sent_and_the_incident_is_told(house: House):
    incident = house.opened()
    person, number = first_paged(house, incident)
    house.clock.move(timedelta(minutes=30))
    house.delivery.drain()
    assert house.provider.to(number) == []
    assert {state for _, _, state in house.states(incident)[:2]} == {"expired"}
    house.does(incident, NoteDelivery(9, person, "sms"))
    assert "page_failed" in house.kinds(incident)


def test_the_first_page_of_a_critical_jumps_the_queue(house: House):
    for number in range(6):
        house.opened(Level.LOW, f"dust {number}")
    critical = house.opened()
    with changing(house.engine) as connection:
        claimed = outbox.claim(connection, house.clock.now(), 1, LEASE, "one")
    assert [send.incident for send in claimed] == [critical]


def test_with_several_open_the_answer_asks_for_the_code(house: House):
    house.opened()
    house.delivery.drain()
    house.opened(title="lift stuck")
    house.delivery.drain()
    assert "Reply 1 C2" in house.provider.seen[-1].body


def test_a_drill_never_reaches_a_real_provider(house: House):
    from incident.desk.requests import OpenReport
    from incident.levels import Kind
    from incident.report import Report

    report = Report(title="data centre down", kind=Kind.OTHER, level=Level.CRITICAL, product="cloud")
    outcome = house.outcome(OpenReport(report, "system", drill="drill-1"))
    house.delivery.drain()
    assert house.provider.seen == []
    assert house.states(outcome.state.id)[0][2] == "set_aside"


@pytest.mark.parametrize(
    ("state", "leaves"), [(None, False), ("ended", False), ("suspended", False), ("paused", True), ("running", True)]
)
def test_a_live_drill_reaches_a_real_provider_only_while_it_runs(house: House, state: str | None, leaves: bool):
    """Known by what control wrote, not by what the mark claims; and what leaves bears the mark."""
    from incident.desk.requests import OpenReport
    from incident.levels import Kind
    from incident.report import Report

    report = Report(title="data centre down", kind=Kind.OTHER, level=Level.CRITICAL, product="cloud")
    incident = house.outcome(OpenReport(report, "system", drill="live/drill-1")).state.id
    if state is not None:
        with changing(house.engine) as connection:
            live.add(connection, live.LiveRow("live/drill-1", incident, "{}", "en", "", "x", state, house.clock.now()))
    house.delivery.drain()
    assert bool(house.provider.seen) is leaves
    assert all(one.body.startswith(("[DRILL]", "【演练】")) for one in house.provider.seen)
    if not leaves:
        assert house.states(incident)[0][2] == "set_aside"


def test_nothing_is_late_when_all_is_sent(house: House):
    house.opened()
    assert house.oldest() is not None
    house.delivery.drain()
    assert house.oldest() is None


def test_what_a_dead_process_of_this_machine_held_is_offered_at_once(house: House):
    house.opened()
    with changing(house.engine) as connection:
        assert outbox.claim(connection, house.clock.now(), 10, LEASE, "dead")
    house.delivery._is_dead = "dead".__eq__
    house.delivery.drain()
    assert len(house.provider.seen) == 1


def test_what_a_process_that_died_could_not_tell_the_log_is_told_by_another(house: House):
    incident = house.opened()
    person, _ = first_paged(house, incident)
    house.delivery.drain()
    with changing(house.engine) as connection:
        [send] = [s for s in sends.of_incident(connection, incident) if s.way == "sms" and s.purpose == "page"]
        now = house.clock.now()
        sends.receipt(connection, send.id, status="delivered", rank=9, now=now, state=SendState.DELIVERED)
    house.clock.move(timedelta(seconds=3))
    house.delivery._tell_what_nobody_told()
    house.does(incident, NoteDelivery(9, person, "sms"))
    assert house.kinds(incident).count("page_delivered") == 1
    house.delivery._tell_what_nobody_told()
    with changing(house.engine) as connection:
        assert sends.untold(connection, house.clock.now() + timedelta(hours=1)) == []


def test_who_declined_is_not_called_two_minutes_later(house: House):
    incident = house.opened()
    person, number = first_paged(house, incident)
    house.delivery.drain()
    house.does(incident, Decline(person, "sms"))
    house.clock.move(timedelta(minutes=2))
    house.delivery.drain()
    assert house.provider.to(number) == ["sms"]
    assert len({name for name, _, _ in house.states(incident)}) == 2


@pytest.mark.long
@pytest.mark.parametrize("deaf", [False, True])
def test_a_provider_that_hangs_holds_up_no_other_page(house: House, deaf: bool):
    slow = house.opened()
    _, number = first_paged(house, slow)
    let_go, asked, sent = Event(), Event(), Event()

    def hang() -> None:
        asked.set()
        let_go.wait(20)

    house.provider.answers[number] = [hang, sent.set]
    stop = Event()
    line = Thread(target=house.delivery.run, args=(stop,))
    line.start()
    assert asked.wait(30)
    house.opened(title="lift stuck")
    if not deaf:
        house.delivery.nudge()
    assert sent.wait(30), "the second page waited for the first"
    let_go.set()
    stop.set()
    house.delivery.nudge()
    line.join()


class InHand:
    """In place of what sends: whatever it is given is under way until it is said to have come back."""

    def __init__(self) -> None:
        self.jobs: list[Job] = []

    def start(self, jobs: Sequence[Job]) -> None:
        self.jobs += jobs

    def come_back(self, house: House, number: int, failed: SendFailed | None = None) -> list[Tried]:
        jobs, self.jobs = self.jobs[:number], self.jobs[number:]
        sent = None if failed else Sent("SM1", "queued")
        return [Tried(j.send, at=house.clock.now(), sent=sent, failed=failed, provider="twilio") for j in jobs]


def test_as_many_are_claimed_ahead_as_went_well_and_none_while_nobody_answers(house: House):
    for number in range(24):
        house.opened(title=f"lift {number} stuck")
    worker, hand = house.worker("one", Rules({}), in_flight=4), InHand()
    worker._sender = hand  # type: ignore[assignment]

    def turn(*back: Tried) -> int:
        worker._came_back(list(back))
        worker.nudge()
        worker._turn()
        return len(hand.jobs)

    assert turn() == 4
    assert turn(*hand.come_back(house, 3)) == 4 + 3
    assert turn() == 7, "nothing came back, and there is no room"
    assert turn(*hand.come_back(house, 5, SendFailed(NO_ANSWER))) == 4, "who fails is no reason to hurry"
    assert turn(*hand.come_back(house, 4)) == 8
    assert turn() == 8


class Deadlock(Exception):
    sqlstate = "40P01"


@pytest.mark.parametrize("error", [Deadlock("deadlock detected"), Exception("disk is full")])
def test_what_has_gone_out_is_written_down_although_the_database_refuses_at_first(house: House, error: Exception):
    incident = house.opened()
    broken = [OperationalError("UPDATE", {}, error)]

    def fail(connection: object, cursor: object, statement: str, *rest: object) -> None:
        if broken and statement.startswith("INSERT INTO attempts"):
            raise broken.pop()

    sqlalchemy_event.listen(house.engine, "before_cursor_execute", fail)
    with suppress(OperationalError):
        house.delivery.drain()
    house.delivery.drain()
    sqlalchemy_event.remove(house.engine, "before_cursor_execute", fail)
    assert not broken
    assert house.states(incident)[0][2] == "sent"
    house.clock.move(LEASE + timedelta(seconds=1))
    house.delivery.drain()
    assert len(house.provider.seen) == 1, "it went out twice"


def test_after_an_outage_longer_than_a_lease_what_had_gone_out_is_written_down_before_it_is_offered_again(house: House):
    incident, refuses = house.opened(), True

    def fail(connection: object, cursor: object, statement: str, *rest: object) -> None:
        if refuses and statement.startswith("INSERT INTO attempts"):
            raise OperationalError("INSERT", {}, Exception("disk is full"))

    sqlalchemy_event.listen(house.engine, "before_cursor_execute", fail)
    with pytest.raises(OperationalError):
        house.delivery.drain()
    house.clock.move(LEASE + timedelta(seconds=1))
    refuses = False
    house.delivery.drain()
    sqlalchemy_event.remove(house.engine, "before_cursor_execute", fail)
    assert house.states(incident)[0][2] == "sent"
    assert len(house.provider.seen) == 1, "it went out twice"


def test_a_database_that_is_away_at_the_last_look_is_no_fault_of_the_page(house: House):
    """Three such faults in a row must not set a page aside: that would be a silence."""
    incident = house.opened()
    broken = [OperationalError("SELECT", {}, Exception("the connection is gone")) for _ in range(4)]

    def fail(connection: object, cursor: object, statement: str, *rest: object) -> None:
        if (
            broken
            and "FROM outbox" in statement
            and "lease_by" in statement
            and statement.startswith("SELECT outbox.id")
        ):
            raise broken.pop()

    sqlalchemy_event.listen(house.engine, "before_cursor_execute", fail)
    for _ in range(5):
        with suppress(OperationalError):
            house.delivery.drain()
    sqlalchemy_event.remove(house.engine, "before_cursor_execute", fail)
    assert not broken
    assert house.states(incident)[0][2] == "sent"
    assert len(house.provider.seen) == 1


def test_a_claim_that_was_committed_unheard_does_not_wait_for_its_lease(house: House):
    """The connection broke in the commit: the messages stand in our name, and we know nothing of them."""
    incident = house.opened()
    with changing(house.engine) as connection:
        assert outbox.claim(connection, house.clock.now(), 10, LEASE, "one")
    stop, broken, real = Event(), [OperationalError("COMMIT", {}, Exception("gone"))], house.delivery.drain

    def drain(*, look_behind: bool = True) -> int:
        if broken:
            raise broken.pop()
        done = real()
        stop.set()
        return done

    house.delivery.drain = drain  # type: ignore[method-assign]
    house.delivery.nudge()
    house.delivery.run(stop)
    assert house.states(incident)[0][2] == "sent"
    assert len(house.provider.seen) == 1
