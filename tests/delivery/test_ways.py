"""From one way to the next: in a minute at most, at once when a way is no good, and its owner hears of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from incident.commands import Acknowledge
from incident.errors import why
from incident.levels import Level
from incident.notify import confirming, way_news
from incident.store import sends, ways
from incident.store.engine import changing, reading
from incident.store.ways import WayId
from tests.delivery.conftest import SECRET, House
from tests.delivery.test_delivery import FIRST, first_paged

SECOND = timedelta(seconds=1)


def confirmed(house: House, person: str, *kinds: str) -> None:
    with changing(house.engine) as connection:
        named = [way_news.id_of(person, s.way) for s in house.organisation().ways(person) if s.way.kind in kinds]
        ways.confirm(connection, named, at=house.clock.now(), by="code")


def bodies(house: House, number: str) -> list[tuple[str, str]]:
    return [(str(m.way), m.body) for m in house.provider.seen if m.to == number]


def test_without_a_receipt_the_next_way_follows_in_a_minute_whatever_its_own_delay(house: House):
    """These calls are to wait two minutes; but nobody knows whether the text has arrived."""
    incident = house.opened(Level.HIGH)
    _, number = first_paged(house, incident)
    house.delivery.drain()
    house.clock.move(timedelta(seconds=59))
    house.delivery.drain()
    assert house.provider.to(number) == ["sms"]
    house.clock.move(SECOND)
    house.delivery.drain()
    assert house.provider.to(number) == ["sms", "voice"]


def test_once_the_text_has_arrived_the_call_waits_for_as_long_as_its_owner_wants(house: House):
    incident = house.opened(Level.HIGH)
    person, number = first_paged(house, incident)
    house.delivery.drain()
    house.clock.move(20 * SECOND)
    house.receipt(incident, person, "delivered")
    house.clock.move(99 * SECOND)
    house.delivery.drain()
    assert house.provider.to(number) == ["sms"]
    house.clock.move(SECOND)
    house.delivery.drain()
    assert house.provider.to(number) == ["sms", "voice"]


@pytest.mark.parametrize("code", [21211, 21614, 30004, 30005, 30006])
def test_a_way_that_is_broken_for_good_is_kept_with_its_reason_and_the_next_goes_at_once(house: House, code: int):
    incident = house.opened()
    person, number = first_paged(house, incident)
    house.provider.answers[number] = [code]
    house.delivery.drain()
    assert house.states(incident)[:2] == [(person, "sms", "failed"), (person, "voice", "sent")]
    fact = house.fact(person)
    assert fact.broken_at == house.clock.now()
    assert fact.broken is not None


def test_a_receipt_can_break_a_way_too(house: House):
    incident = house.opened()
    person, number = first_paged(house, incident)
    house.delivery.drain()
    house.receipt(incident, person, "undelivered", 30006)
    house.delivery.drain()
    assert house.provider.to(number) == ["sms", "voice"]
    assert house.fact(person).broken == why("page.failed.not_mobile")


@pytest.mark.parametrize("code", [21408, 21606, 21617, 30007, 20003])
def test_what_our_account_or_our_text_is_to_blame_for_breaks_nobodys_way(house: House, code: int):
    incident = house.opened()
    person, number = first_paged(house, incident)
    house.provider.answers[number] = [code]
    house.delivery.drain()
    assert house.provider.to(number) == ["sms", "voice"]
    assert house.fact(person).broken_at is None


def test_the_next_page_skips_what_is_broken_and_calls_at_once(house: House):
    first = house.opened()
    person, number = first_paged(house, first)
    house.provider.answers[number] = [30006]
    house.delivery.drain()
    house.does(first, Acknowledge(person, "voice"))
    second = house.opened(title="lift stuck")
    house.delivery.drain()
    assert house.states(second)[0] == (person, "voice", "sent")


def test_its_owner_is_told_once_and_by_day_if_only_a_call_is_left(house: House):
    """It is 02:12 where they are."""
    incident = house.opened()
    _person, number = first_paged(house, incident)
    house.provider.answers[number] = [30006]
    house.delivery.drain()
    with reading(house.engine) as connection:
        told = [s for s in sends.of_incident(connection, incident) if s.purpose == way_news.WAY]
    assert [(s.way, s.not_before.hour) for s in told] == [("voice", 8)]
    house.clock.move(timedelta(hours=6))
    house.delivery.drain()
    news = [body for way, body in bodies(house, number) if way == "voice"][-1]
    assert news.startswith("Your SMS …0")
    assert "no longer takes our pages" in news
    assert not next(m for m in house.provider.seen if m.body == news).asks, "no key is asked for"


def test_a_broken_way_that_takes_a_message_after_all_is_mended(house: House):
    with changing(house.engine) as connection:
        for name in FIRST:
            for one in house.organisation().ways(name):
                ways.broke(connection, way_news.id_of(name, one.way), why("page.failed.blocked"), house.clock.now())
    incident = house.opened()
    person, _ = first_paged(house, incident)
    house.delivery.drain()
    house.receipt(incident, person, "delivered")
    assert house.fact(person).broken_at is None
    assert house.fact(person, "voice").broken_at is not None


@pytest.mark.parametrize("said", [{"body": "Stop."}, {"body": "enough of this", "carrier": "STOP"}])
def test_stop_is_obeyed_and_what_is_open_goes_on_at_once(house: House, said: dict[str, str]):
    incident = house.opened()
    person, number = first_paged(house, incident)
    house.delivery.drain()
    assert house.text(number, **said) is None, "the carrier has answered"
    house.delivery.drain()
    assert house.provider.to(number)[:2] == ["sms", "voice"]
    assert house.fact(person).stopped_at == house.clock.now()
    house.does(incident, Acknowledge(person, "voice"))
    house.opened(title="lift stuck")
    house.delivery.drain()
    assert house.provider.to(number).count("sms") == 1


def test_the_carriers_word_that_somebody_has_stopped_counts_as_their_stop(house: House):
    incident = house.opened()
    person, number = first_paged(house, incident)
    house.provider.answers[number] = [21610]
    house.delivery.drain()
    assert house.states(incident)[:2] == [(person, "sms", "failed"), (person, "voice", "sent")]
    assert house.fact(person).stopped_at is not None
    assert house.fact(person).broken_at is None


def test_start_takes_texts_again(house: House):
    house.text(FIRST["alice"], "STOP")
    assert house.fact("alice").stopped_at is not None
    house.text(FIRST["alice"], "start")
    assert house.fact("alice").stopped_at is None


def test_a_text_that_waits_for_a_number_that_was_stopped_does_not_go(house: House):
    incident = house.opened()
    person, number = first_paged(house, incident)
    house.text(number, "STOP")
    house.delivery.drain()
    assert house.provider.to(number)[0] == "voice"
    assert house.states(incident)[:2] == [(person, "sms", "failed"), (person, "voice", "sent")]


def test_who_has_stopped_every_way_is_passed_over_and_somebody_else_is_paged(house: House):
    incident = house.opened()
    person, _ = first_paged(house, incident)
    house.does(incident, Acknowledge(person, "web"))
    with changing(house.engine) as connection:
        for one in house.organisation().ways(person):
            ways.stopped(connection, way_news.id_of(person, one.way), house.clock.now())
    other = house.opened(title="lift stuck")
    assert person not in {name for name, _, _ in house.states(other)}
    assert house.states(other)


def code_in(house: House, number: str) -> str:
    house.delivery.drain()
    text = bodies(house, number)[-1][1]
    return "".join(c for c in text if c.isdigit())[:6]


def asked(house: House, person: str = "alice", kind: str = "sms") -> WayId:
    """A code is asked for; the way that it is for."""
    way = next(s.way for s in house.organisation().ways(person) if s.way.kind == kind)
    with changing(house.engine) as connection:
        confirming.send_code(connection, person, way, now=house.clock.now(), nonce=f"nonce-{house.clock.now()}")
    return way_news.id_of(person, way)


def typed(house: House, way: WayId, text: str) -> str | None:
    with changing(house.engine) as connection:
        wrong = confirming.confirm_by_code(connection, SECRET, way, text, house.clock.now())
    return wrong.key if wrong else None


@pytest.mark.parametrize("kind", ["sms", "voice"])
def test_a_way_is_confirmed_by_the_code_that_came_by_it(house: House, kind: str):
    way = asked(house, kind=kind)
    code = code_in(house, FIRST["alice"])
    assert typed(house, way, f" {code[:3]} {code[3:]} ") is None
    fact = house.fact("alice", kind)
    assert (fact.confirmed_at, fact.confirmed_by) == (house.clock.now(), "code")
    assert typed(house, way, code) == "way.code.expired", "a code confirms once"


def test_the_code_stands_nowhere_in_the_database(house: House):
    asked(house)
    code = code_in(house, FIRST["alice"])
    with reading(house.engine) as connection:
        every = sends.of_incident(connection, "")
        kept = [str(connection.exec_driver_sql(f"SELECT * FROM {t}").all()) for t in ("outbox", "way_codes")]
    assert [s.purpose for s in every] == ["code"]
    assert not any(code in text for text in kept)


def test_a_code_is_worth_five_attempts_and_a_quarter_of_an_hour(house: House):
    way = asked(house)
    code = code_in(house, FIRST["alice"])
    wrong = str((int(code) + 1) % 10**6).zfill(6)
    assert [typed(house, way, wrong) for _ in range(5)] == ["way.code.wrong"] * 4 + ["way.code.used_up"]
    assert typed(house, way, code) == "way.code.used_up"
    house.clock.move(timedelta(minutes=2))
    way = asked(house)
    code = code_in(house, FIRST["alice"])
    house.clock.move(timedelta(minutes=15, seconds=1))
    assert typed(house, way, code) == "way.code.expired"
    assert house.fact("alice").confirmed_at is None


def test_a_code_that_is_half_typed_costs_no_attempt(house: House):
    way = asked(house)
    code = code_in(house, FIRST["alice"])
    assert {typed(house, way, text) for text in ("", code[:5], code + "1", "hello")} == {"way.code.wrong"}
    assert [typed(house, way, "") for _ in range(9)] == ["way.code.wrong"] * 9
    assert typed(house, way, code) is None


def test_codes_are_sent_again_only_so_often(house: House):
    from incident.errors import Refused

    asked(house)
    with pytest.raises(Refused, match="too_soon"):
        asked(house)
    for _ in range(4):
        house.clock.move(timedelta(minutes=2))
        asked(house)
    house.clock.move(timedelta(minutes=2))
    with pytest.raises(Refused, match="too_many"):
        asked(house)
    house.clock.move(timedelta(hours=1))
    asked(house)


def test_an_older_code_is_worth_nothing_once_a_new_one_was_sent(house: House):
    asked(house)
    old = code_in(house, FIRST["alice"])
    house.clock.move(timedelta(minutes=2))
    way = asked(house)
    new = code_in(house, FIRST["alice"])
    assert old != new
    assert typed(house, way, old) == "way.code.wrong"
    assert typed(house, way, new) is None


def test_an_admin_who_vouches_says_why_and_that_is_kept(house: House):
    way = way_news.id_of("alice", house.organisation().ways("alice")[0].way)
    with changing(house.engine) as connection:
        confirming.vouch(connection, way, admin="person:dora", reason="called her", now=house.clock.now())
    assert house.fact("alice").confirmed_by == "person:dora: called her"


def test_loading_the_organisation_again_takes_no_confirmation_away(house: House):
    from incident.store import directory

    confirmed(house, "alice", "sms")
    with changing(house.engine) as connection:
        standing, version = directory.load_organisation(connection)
        again = directory.save_organisation(connection, standing, expected=None, at=house.clock.now(), by="system")
        loaded, _ = directory.load_organisation(connection)
    assert again == version
    assert loaded.ways("alice")[0].counts


def test_only_confirmed_ways_are_paged_once_there_is_one(house: House):
    """The number is confirmed by its text: the call to the same number goes too."""
    for name in FIRST:
        confirmed(house, name, "sms")
    incident = house.opened()
    person, _ = first_paged(house, incident)
    assert house.organisation().reach(person, Level.CRITICAL).lacking is None
    assert [way for _, way, _ in house.states(incident)[:2]] == ["sms", "voice"]
