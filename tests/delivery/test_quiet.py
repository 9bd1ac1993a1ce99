"""The commander of whom nothing is heard: the question, the page that follows, and the reply, by telephone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from incident.commands import AcceptCommand, Acknowledge, OfferCommand, Tick
from incident.levels import Level
from incident.notify.answers import still_yours
from incident.notify.capabilities import Capabilities
from incident.notify.inbound import Inbound
from incident.notify.messages import PageFacts
from incident.notify.sms_parts import count
from tests.core.house import organisation
from tests.delivery.conftest import House

ALICE, DORA = "+12025550101", "+12025550104"


def inbound(house: House) -> Inbound:
    return Inbound(engine=house.engine, desk=house.desk, clock=house.clock, provider="twilio")


def asked(house: House) -> str:
    """Alice took it a quarter of an hour ago, and was asked."""
    incident = house.opened()
    house.does(incident, Acknowledge("alice", "sms"))
    house.delivery.drain()
    house.provider.seen.clear()
    house.clock.move(timedelta(minutes=15))
    house.does(incident, Tick())
    house.delivery.drain()
    return incident


def test_the_commander_is_asked_by_text_with_the_code_to_reply(house: House):
    asked(house)
    texts = [m.body for m in house.provider.seen if m.to == ALICE]
    question = next(text for text in texts if "Nothing was heard" in text)
    assert question.startswith("[CRITICAL] C1: data centre down")
    assert "Nothing was heard for 15 min. Reply 1 C1 to keep it." in question
    assert "https://ic.example/a/" in question


def test_a_bare_1_keeps_it_and_it_is_not_paged_again(house: House):
    incident = asked(house)
    answer = inbound(house).text(organisation(), ALICE, "1", "SM1")
    assert answer.text is not None
    assert "C1 is yours" in answer.text
    house.clock.move(timedelta(minutes=10))
    house.does(incident, Tick())
    assert "acknowledgement_expired" not in house.kinds(incident)


def test_without_an_answer_the_commander_is_paged_again_by_every_way(house: House):
    incident = asked(house)
    house.provider.seen.clear()
    house.clock.move(timedelta(minutes=5))
    house.does(incident, Tick())
    house.delivery.drain()
    house.clock.move(timedelta(minutes=2))
    house.delivery.drain()
    assert house.provider.to(ALICE)[-2:] == ["sms", "voice"]
    inbound(house).text(organisation(), ALICE, "1", "SM2")
    assert house.kinds(incident)[-1] == "acknowledged"


def test_who_got_the_command_by_offer_and_was_never_paged_may_reply_to_the_question(house: House):
    incident = house.opened()
    house.does(incident, Acknowledge("alice", "sms"))
    house.does(incident, OfferCommand("dora"))
    house.does(incident, AcceptCommand("dora"))
    house.clock.move(timedelta(minutes=15))
    house.does(incident, Tick())
    house.delivery.drain()
    answer = inbound(house).text(organisation(), DORA, "1 C1", "SM3")
    assert answer.text is not None
    assert "C1 is yours" in answer.text


def test_a_question_that_was_not_sent_in_time_is_not_sent_after_the_page(house: House):
    incident = house.opened()
    house.does(incident, Acknowledge("alice", "sms"))
    house.delivery.drain()
    house.provider.seen.clear()
    house.clock.move(timedelta(minutes=15))
    house.does(incident, Tick())
    house.clock.move(timedelta(minutes=6))
    house.does(incident, Tick())
    house.delivery.drain()
    assert not [m for m in house.provider.seen if "Nothing was heard" in m.body]
    assert ALICE in {m.to for m in house.provider.seen}


@pytest.mark.parametrize("locale", ["en", "zh_Hans", "zh_Hant"])
@pytest.mark.parametrize(("two_way", "url"), [(True, True), (True, False), (False, True), (False, False)])
def test_the_question_fits_one_part_and_says_only_what_works_there(locale: str, two_way: bool, url: bool):
    able = Capabilities(two_way=two_way, url_ok=url, voice_keys=True)
    facts = PageFacts(
        "C7", Level.HIGH, "Database of the shop is down 商城数据库", link="https://ic.example/a/abcdefghijklmnop"
    )
    said = still_yours(facts, 45, locale, able)
    assert count(said).parts == 1
    assert "C7" in said
    assert ("https://" in said) <= url
    assert ("1 C7" in said) == two_way
