"""What the limits hold is bundled and not lost; the first page of a Critical is never held."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from incident.commands import Acknowledge, Tick
from incident.desk.requests import OpenReport
from incident.levels import Kind, Level
from incident.notify import answers
from incident.notify.capabilities import capabilities
from incident.notify.deliver import LEASE
from incident.notify.gate import Rules
from incident.notify.limits import LIMITS
from incident.notify.messages import PageFacts
from incident.notify.sms_parts import count
from incident.report import Report
from incident.store import holding, outbox, sends, talk
from incident.store.engine import changing, reading
from incident.store.tables import outbox as table
from incident.words import LOCALES
from tests.delivery.conftest import House

QUARTER = timedelta(minutes=15)
SECOND = timedelta(seconds=1)
NO_FLOOD = Rules(flood_above=1000)


def quiet(house: House) -> House:
    """No number of alarms is a flood here: what the limits do by themselves."""
    house.delivery = house.worker("one", NO_FLOOD)
    return house


def alerts(house: House, count: int, level: Level = Level.MEDIUM) -> list[str]:
    """So many at once, all for the same person."""
    asked = [
        house.desk.submit(
            OpenReport(Report(title=f"fault {n}", kind=Kind.OTHER, level=level, product="cloud"), "key:x")
        )
        for n in range(count)
    ]
    return [one.result(timeout=60).state.id for one in asked]


def texts(house: House) -> list[str]:
    return [m.body for m in house.provider.seen if m.way == "sms"]


def states(house: House, incidents: list[str], way: str = "sms") -> list[str]:
    return [state for i in incidents for _, w, state in house.states(i) if w == way]


def paged(house: House, incident: str) -> str:
    return house.states(incident)[0][0]


def one_by_one(house: House, count: int, level: Level = Level.MEDIUM) -> list[str]:
    """As they come in life: each is delivered before the next one is there."""
    found = []
    for _ in range(count):
        found += alerts(house, 1, level)
        house.delivery.drain()
    return found


def test_the_sixth_text_is_held_visibly_and_goes_with_the_seventh_when_the_limit_allows(house: House):
    incidents = one_by_one(quiet(house), 7)
    assert len(texts(house)) == 5
    assert states(house, incidents) == ["sent"] * 5 + ["waiting"] * 2
    with reading(house.engine) as connection:
        [held] = talk.held(connection, incidents[5])
        assert holding.standing(connection).messages == 2
        assert outbox.oldest_unsent(connection, house.clock.now()) is None, "held is not late"
    assert held.at == house.clock.now() + QUARTER
    assert held.beside is not None
    assert held.beside.codes == ("C7",)
    house.clock.move(QUARTER)
    house.delivery.drain()
    assert texts(house)[5].startswith("2 unanswered incidents, worst: [MEDIUM] C6: fault 0. Reply 1 C6")
    assert states(house, incidents) == ["sent"] * 7
    with reading(house.engine) as connection:
        [carried] = [m for m in talk.of(connection, incidents[6]) if m.state == "sent"]
    assert carried.beside is not None
    assert carried.beside.codes == ("C6",)


def test_what_was_answered_meanwhile_leaves_the_bundle_and_when_all_was_nothing_goes(house: House):
    incidents = one_by_one(quiet(house), 8)
    person = paged(house, incidents[0])
    house.does(incidents[5], Acknowledge(person, "web"))
    house.clock.move(QUARTER)
    house.delivery.drain()
    assert texts(house)[5].startswith("2 unanswered incidents, worst: [MEDIUM] C7")
    more = one_by_one(house, 6)
    held = [i for i in more if house.states(i)[0][2] == "waiting"]
    assert held
    for incident in held:
        house.does(incident, Acknowledge(person, "web"))
    before = len(texts(house))
    house.clock.move(QUARTER)
    house.delivery.drain()
    assert len(texts(house)) == before


def test_an_answer_in_the_very_moment_of_sending_is_not_counted_any_more(house: House):
    incidents = one_by_one(quiet(house), 8)
    house.clock.move(QUARTER)
    with changing(house.engine) as connection:
        [lead] = house.delivery._gate.claim(connection, house.clock.now(), 10, LEASE, "one")
    house.does(incidents[6], Acknowledge(paged(house, incidents[0]), "web"))
    house.delivery._go([lead])
    house.delivery.drain()
    assert texts(house)[5].startswith("2 unanswered incidents, worst: [MEDIUM] C6")


def test_when_the_worst_is_answered_in_that_moment_another_takes_the_lead(house: House):
    incidents = one_by_one(quiet(house), 8)
    house.clock.move(QUARTER)
    with changing(house.engine) as connection:
        [lead] = house.delivery._gate.claim(connection, house.clock.now(), 10, LEASE, "one")
    house.does(lead.incident, Acknowledge(paged(house, incidents[0]), "web"))
    house.delivery._go([lead])
    house.delivery.drain()
    assert len(texts(house)) == 6
    assert texts(house)[5].startswith("2 unanswered incidents, worst: [MEDIUM] C7")
    assert states(house, incidents[5:]) == ["cancelled", "sent", "sent"]


def test_more_at_once_than_there_is_room_for_is_one_message(house: House):
    incidents = alerts(quiet(house), 8)
    house.delivery = house.worker("wide", NO_FLOOD, in_flight=100)
    house.delivery.drain()
    assert len(texts(house)) == 1
    assert texts(house)[0].startswith("8 unanswered incidents, worst: [MEDIUM] C1")
    assert states(house, incidents) == ["sent"] * 8


@pytest.mark.long
def test_five_hundred_alerts_in_a_minute_are_few_texts_and_none_is_lost(file_house: House):
    house = file_house
    incidents = []
    for _ in range(10):
        incidents += alerts(house, 50)
        house.delivery.drain()
        house.clock.move(6 * SECOND)
    person = paged(house, incidents[0])
    assert len(texts(house)) <= 7
    assert "waiting" in states(house, incidents), "what came after the flood's first bundle is held"
    for _ in range(15):  # whatever happens afterwards, each of them goes out, in a bundle
        house.clock.move(timedelta(minutes=1))
        house.delivery.drain()
    first = [next(s for p, w, s in house.states(i) if p == person and w == "sms") for i in incidents]
    assert set(first) == {"sent"}
    assert len([m for m in house.provider.seen if m.way == "sms"]) <= 10
    named = [int(t.split()[0]) for t in texts(house) if "unanswered" in t]
    singles = [t for t in texts(house) if "unanswered" not in t]
    assert sum(named) + len(singles) == 500


@pytest.mark.long
def test_one_critical_among_five_hundred_mediums_is_paged_by_itself_at_once(file_house: House):
    house = file_house
    alerts(house, 250)
    house.delivery.drain()
    before = len(texts(house))
    critical = alerts(house, 1, Level.CRITICAL)
    alerts(house, 250)
    house.delivery.drain()
    assert texts(house)[before].startswith("[CRITICAL] C251: fault 0")
    assert states(house, critical) == ["sent"]
    house.clock.move(timedelta(minutes=2))
    house.delivery.drain()
    assert states(house, critical, "voice") == ["sent"], "its call is not held either"


def test_the_flood_of_one_team_gathers_no_other_teams_texts(house: House):
    one_by_one(house, 12)
    before = len(texts(house))
    elsewhere = []
    for n in range(3):
        report = Report(title=f"elsewhere {n}", kind=Kind.OTHER, level=Level.MEDIUM, unit="hq")
        elsewhere.append(house.desk.submit(OpenReport(report, "key:x")).result(timeout=60).state.id)
        house.delivery.drain()
    assert states(house, elsewhere) == ["sent"] * 3
    assert [text.split(": ")[1][:11] for text in texts(house)[before:]] == ["elsewhere 0", "elsewhere 1", "elsewhere 2"]


def test_a_flood_sends_at_once_what_the_limit_held_and_then_gathers(house: House):
    incidents = one_by_one(house, 12)
    said = texts(house)
    assert len(said) == 6
    assert said[5].startswith("6 unanswered incidents, worst: [MEDIUM] C6"), "the eleventh alarm made it a flood"
    assert states(house, incidents[11:]) == ["waiting"]
    house.clock.move(timedelta(minutes=10))
    house.delivery.drain()
    assert states(house, incidents[11:]) == ["waiting"], "the flood is over: the limit holds again"
    house.clock.move(timedelta(minutes=5))
    house.delivery.drain()
    assert states(house, incidents[11:]) == ["sent"]


def test_a_held_page_still_climbs_and_the_next_person_is_paged_without_delay(house: House):
    incidents = one_by_one(quiet(house), 6, Level.HIGH)
    first = paged(house, incidents[5])
    house.clock.move(house.due(incidents[5]) - house.clock.now())
    house.does(incidents[5], Tick())
    house.delivery.drain()
    later = [(p, s) for p, w, s in house.states(incidents[5]) if w == "sms" and p != first]
    assert later
    assert {s for _, s in later} == {"sent"}


def test_nothing_is_held_beyond_its_life(house: House):
    incidents = one_by_one(quiet(house), 6, Level.HIGH)
    with changing(house.engine) as connection:
        life = house.clock.now() + timedelta(minutes=3)
        mine = table.c.incident == incidents[5]
        connection.execute(update(table).where(mine, table.c.way == "sms").values(expires_at=life, not_before=life))
        connection.execute(update(table).where(mine, table.c.way == "sms").values(not_before=house.clock.now()))
    house.delivery.drain()
    assert states(house, incidents[5:]) == ["waiting"]
    house.clock.move(timedelta(minutes=2, seconds=30))
    house.delivery.drain()
    assert next(s for p, w, s in house.states(incidents[5]) if w == "sms") == "sent", "late is better than never"


def test_a_drill_is_bundled_apart_and_holds_no_real_page(house: House):
    house.provider.provider = "simulated"  # a drill reaches no real one
    quiet(house)
    for n in range(7):
        report = Report(title=f"drill {n}", kind=Kind.OTHER, level=Level.MEDIUM, product="cloud")
        house.outcome(OpenReport(report, "system", drill="drill-1"))
        house.delivery.drain()
    assert len(texts(house)) == 5
    real = one_by_one(house, 1)
    assert states(house, real) == ["sent"], "five texts of a drill hold no real page"
    real += one_by_one(house, 5)
    assert states(house, real) == ["sent"] * 5 + ["waiting"]
    house.clock.move(QUARTER)
    house.delivery.drain()
    assert len(texts(house)) == 11
    assert texts(house)[10].startswith("[MEDIUM] C13: fault 0"), "what is real has the place that is free in the hour"
    house.clock.move(3 * QUARTER)
    house.delivery.drain()
    assert len(texts(house)) == 12
    assert texts(house)[11].startswith("[DRILL] 2 unanswered")


def test_a_reply_to_a_bundle_asks_which_and_with_the_code_takes_that_one(house: House):
    incidents = one_by_one(quiet(house), 8)
    house.clock.move(QUARTER)
    house.delivery.drain()
    organisation = house.organisation()
    person = paged(house, incidents[0])
    number = next(w.address for w in organisation.person(person).ways if w.kind == "sms")
    asked = house.text(number, "1")
    assert asked is not None
    assert asked.startswith("8 pages are open for you: C8, C7")
    assert house.text(number, "1 C6")
    assert "acknowledged" in house.kinds(incidents[5])
    assert "acknowledged" not in house.kinds(incidents[6])


def test_a_crash_between_holding_and_bundling_loses_nothing(house: House):
    incidents = one_by_one(quiet(house), 8)
    house.clock.move(QUARTER)
    with changing(house.engine) as connection:
        assert house.delivery._gate.claim(connection, house.clock.now(), 10, LEASE, "dead")
    house.delivery.drain()
    assert len(texts(house)) == 5
    house.clock.move(LEASE + SECOND)
    house.delivery.drain()
    assert texts(house)[5].startswith("3 unanswered incidents")
    assert states(house, incidents) == ["sent"] * 8
    house.delivery.drain()
    assert len(texts(house)) == 6


def test_a_crash_after_sending_a_bundle_says_it_twice_and_no_more(house: House):
    incidents = one_by_one(quiet(house), 8)
    house.clock.move(QUARTER)
    dead = house.worker("dead", NO_FLOOD)
    with changing(house.engine) as connection:
        claimed = dead._gate.claim(connection, house.clock.now(), 10, LEASE, "dead")
    dead._go(claimed)
    dead._back.get(timeout=30)
    house.clock.move(LEASE + SECOND)
    for _ in range(3):
        house.delivery.drain()
    assert len(texts(house)) == 7
    assert states(house, incidents) == ["sent"] * 8


def test_a_claim_of_a_bundle_that_was_committed_unheard_is_offered_again_whole(house: House):
    incidents = one_by_one(quiet(house), 8)
    house.clock.move(QUARTER)
    with changing(house.engine) as connection:
        [lead] = house.delivery._gate.claim(connection, house.clock.now(), 10, LEASE, "one")
        assert outbox.release_own(connection, "one", {lead.id}) == 0, "what is in hand is left, with all it carries"
        assert outbox.release_own(connection, "one", set()) == 3
    house.delivery.drain()
    assert states(house, incidents) == ["sent"] * 8


def test_a_receipt_of_a_bundle_is_one_for_all_that_it_carried(house: House):
    incidents = one_by_one(quiet(house), 7)
    house.clock.move(QUARTER)
    house.delivery.drain()
    lead = next(i for i in incidents[5:] if house.provider.seen[-1].incident == i)
    house.receipt(lead, paged(house, lead), "delivered")
    house.clock.move(3 * SECOND)
    house.delivery._tell_what_nobody_told()
    house.desk.submit(OpenReport(Report(title="x", kind=Kind.OTHER, level=Level.LOW), "key:x")).result(10)
    assert states(house, incidents[5:]) == ["delivered", "delivered"]
    assert [house.kinds(i).count("page_delivered") for i in incidents[5:]] == [1, 1]


def test_a_bundle_that_cannot_arrive_moves_each_of_its_pages_on_to_the_next_way(house: House):
    incidents = one_by_one(quiet(house), 7, Level.HIGH)
    house.clock.move(QUARTER - SECOND)
    person = paged(house, incidents[0])
    with changing(house.engine) as connection:  # the calls of before are not what this is about
        connection.execute(update(table).where(table.c.way == "voice").values(not_before=house.clock.now() + QUARTER))
    number = next(w.address for w in house.organisation().person(person).ways if w.kind == "sms")
    house.clock.move(SECOND)
    house.provider.answers[number] = [21211]
    house.delivery.drain()
    assert states(house, incidents[5:])[0] == "failed"
    house.clock.move(3 * SECOND)
    house.delivery._tell_what_nobody_told()
    house.delivery.drain()
    mine = [next(s for p, w, s in house.states(i) if p == person and w == "voice") for i in incidents[5:]]
    assert set(mine) == {"sent"}


def test_a_busy_provider_gets_the_bundle_again_as_one(house: House):
    incidents = one_by_one(quiet(house), 8)
    number = house.provider.seen[0].to
    house.clock.move(QUARTER)
    house.provider.answers[number] = [20429]
    house.delivery.drain()
    assert states(house, incidents[5:]) == ["waiting"] * 3
    house.clock.move(2 * SECOND)
    house.delivery.drain()
    assert texts(house)[6].startswith("3 unanswered incidents")
    assert states(house, incidents) == ["sent"] * 8


def test_two_workers_keep_one_limit(house: House):
    quiet(house)
    others = [house.worker(name, NO_FLOOD) for name in ("two", "three")]
    start = Barrier(3)

    def work(worker: object) -> None:
        start.wait()
        for _ in range(4):
            worker.drain()  # type: ignore[attr-defined]

    one_by_one(house, 1)
    incidents = alerts(house, 3)
    threads = [Thread(target=work, args=(worker,)) for worker in (house.delivery, *others)]
    for thread in threads:
        thread.start()
    incidents += alerts(house, 20)
    for thread in threads:
        thread.join()
    for worker in (house.delivery, *others):
        worker.drain()
    assert len(texts(house)) <= 5
    house.clock.move(QUARTER)
    house.delivery.drain()
    assert set(states(house, incidents)) == {"sent"}
    assert len(texts(house)) <= 6
    assert not [i for i in {m.id for m in house.provider.seen} if [m.id for m in house.provider.seen].count(i) > 1]


def test_a_way_without_limits_is_left_alone(house: House):
    house.delivery = house.worker("one", Rules({**LIMITS, "sms": ()}))
    one_by_one(house, 12)
    assert len(texts(house)) == 12


def test_the_first_page_of_a_critical_costs_no_question(house: House):
    asked: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        asked.append(statement)

    house.opened()
    sqlalchemy_event.listen(house.engine, "before_cursor_execute", note)
    house.delivery.drain()
    sqlalchemy_event.remove(house.engine, "before_cursor_execute", note)
    assert not [s for s in asked if "UNION ALL" in s]


def test_a_database_that_fails_while_holding_leaves_it_due(house: House):
    quiet(house)
    one_by_one(house, 5)
    broken = [OperationalError("UPDATE", {}, Exception("disk is full"))]

    def fail(connection: object, cursor: object, statement: str, *rest: object) -> None:
        if broken and "held_since=coalesce" in statement:
            raise broken.pop()

    sqlalchemy_event.listen(house.engine, "before_cursor_execute", fail)
    sixth = alerts(house, 1)
    with suppress(OperationalError):
        house.delivery.drain()
    sqlalchemy_event.remove(house.engine, "before_cursor_execute", fail)
    assert not broken
    house.delivery.drain()
    with reading(house.engine) as connection:
        assert connection.scalar(select(table.c.held_since).where(table.c.incident == sixth[0])) is not None
        [send] = [s for s in sends.of_incident(connection, sixth[0]) if s.way == "sms" and s.purpose == "page"]
    assert send.attempts == 0


def test_what_several_updates_and_notices_say_stands_in_the_language_of_whom_it_is_for():
    facts = PageFacts("C7", Level.HIGH, "pump pressure lost")
    able = capabilities("twilio", "+12025550101")
    assert answers.bundle(facts, 3, "en", able, "notice").startswith("3 incidents to know of, worst: [HIGH] C7: pump")
    assert answers.bundle(facts, 3, "zh_Hans", able, "nudge").startswith("3项进展待发布，最急：【重要】C7")
    for locale in LOCALES:
        for purpose in ("page", "notice", "nudge"):
            assert count(answers.bundle(facts, 12, locale, able, purpose)).parts == 1
