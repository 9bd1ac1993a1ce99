"""The message at a change of shift: once, if anything is open, behind every page."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from incident.commands import Acknowledge, Resolve
from incident.errors import NoOrganisation
from incident.levels import Level
from incident.maintenance import NO_WINDOWS
from incident.notify.capabilities import Capabilities
from incident.notify.handover import HandOvers, words_of
from incident.notify.sms_parts import count
from incident.organisation import Organisation, WayKind
from incident.store.engine import reading
from incident.store.outbox import SendState
from incident.store.tables import outbox
from tests.core.house import START, organisation
from tests.delivery.conftest import House

SUNDAY = datetime(2026, 11, 29, 8, tzinfo=UTC)
"""When the field's and the other rosters hand over next."""
ON = {"alice": "+12025550101", "bob": "+12025550102"}


def hand_overs(house: House) -> HandOvers:
    return HandOvers(house.engine, house.clock, organisation, lambda: NO_WINDOWS)


def coming_on() -> str:
    found = organisation().roster_named("field-response")
    assert found is not None
    duty = organisation().duty(found, SUNDAY)
    assert duty.primary is not None
    return duty.primary.person


def at_sunday(house: House, seconds: float = 1) -> None:
    house.clock.move(SUNDAY + timedelta(seconds=seconds) - START)


def ordered(house: House) -> list[tuple[str, int, str]]:
    with reading(house.engine) as connection:
        rows = connection.execute(outbox.select().where(outbox.c.purpose == "handover")).all()
    return [(row.person, row.turn, row.state) for row in rows]


def opened(house: House) -> str:
    """Somebody has it who goes off duty on Sunday."""
    incident = house.opened(Level.MEDIUM, "Mail is slow")
    going = "bob" if coming_on() == "alice" else "alice"
    house.does(incident, Acknowledge(going, "sms"))
    house.delivery.drain()
    return incident


def test_who_comes_on_is_told_counts_the_worst_and_the_way_to_the_rest_once(house: House):
    opened(house)
    house.provider.seen.clear()
    at_sunday(house)
    looks = hand_overs(house)
    told = looks.look(house.clock.now())
    assert told >= 1
    assert looks.look(house.clock.now()) == 0
    house.delivery.drain()
    texts = [m.body for m in house.provider.seen if m.to == ON[coming_on()] and "shift begins" in m.body]
    assert len(texts) == 1
    assert "Your shift begins: field. 1 open, 0 unanswered" in texts[0]
    assert "commands 1" in texts[0]
    assert "Worst C1 Medium: Mail is slow" in texts[0]
    assert "/handover?roster=field-response" in texts[0]


def test_on_the_first_day_when_there_is_no_organisation_nobody_is_told_and_nothing_is_amiss(house: House):
    def none() -> Organisation:
        raise NoOrganisation

    assert HandOvers(house.engine, house.clock, none, lambda: NO_WINDOWS).look(START) == 0


def test_with_nothing_open_nobody_is_told_and_what_opens_afterwards_does_not_make_up_for_it(house: House):
    house.does(opened(house), Resolve("alice", "web"))
    at_sunday(house)
    hand_overs(house).look(house.clock.now())
    before = len(ordered(house))
    house.opened(Level.MEDIUM, "Later")
    assert hand_overs(house).look(house.clock.now()) == 0
    assert len(ordered(house)) == before


def test_a_hand_over_of_an_hour_ago_is_not_told_any_more_and_one_within_it_is_after_an_outage(house: House):
    opened(house)
    at_sunday(house, 59 * 60)
    assert hand_overs(house).look(house.clock.now()) >= 1
    house.clock.move(timedelta(days=7, minutes=2))
    assert hand_overs(house).look(house.clock.now()) == 0


def test_two_watches_tell_it_once_between_them(house: House):
    opened(house)
    at_sunday(house)
    now = house.clock.now()
    with ThreadPoolExecutor(4) as many:
        told = sum(many.map(lambda _: hand_overs(house).look(now), range(8)))
    mine = [person for person, _, _ in ordered(house)]
    assert told == len(mine)
    assert len(mine) == len(set(mine))


def test_what_dies_before_the_commit_is_told_by_the_next_look(house: House, monkeypatch: pytest.MonkeyPatch):
    opened(house)
    at_sunday(house)
    with monkeypatch.context() as dying:
        dying.setattr("incident.store.idempotency.add", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            hand_overs(house).look(house.clock.now())
    assert ordered(house) == []
    assert hand_overs(house).look(house.clock.now()) >= 1


def test_it_waits_behind_every_page(house: House):
    opened(house)
    at_sunday(house)
    hand_overs(house).look(house.clock.now())
    assert {turn for _, turn, _ in ordered(house)} == {4}
    assert {state for _, _, state in ordered(house)} == {SendState.WAITING}


@pytest.mark.parametrize("locale", ["en", "zh_Hans", "zh_Hant"])
@pytest.mark.parametrize("url", [True, False])
def test_a_text_is_one_part_whatever_the_names_are(locale: str, url: bool):
    facts = {
        "roster": "berlin-cloud-response",
        "name": "柏林智能家居云团队" if locale != "en" else "Smart-home cloud team, Berlin",
        "open": 37,
        "unanswered": 4,
        "held": 2,
        "commands": 3,
        "off": "Li Wei",
        "code": "C1207",
        "level": "critical",
        "title": "Gateways in all of Europe lose their connection to the cloud every other minute",
    }
    able = Capabilities(url_ok=url)
    _, text = words_of(facts, WayKind.SMS, locale, able, site="https://ic.example.org")
    assert count(text).parts == 1
    assert "C1207" in text
    assert ("https://" in text) == url
    subject, body = words_of(facts, WayKind.MAIL, locale, able, site="https://ic.example.org")
    assert subject
    assert "https://ic.example.org/handover?roster=berlin-cloud-response" in body
