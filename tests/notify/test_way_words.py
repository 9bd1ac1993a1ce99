"""Messages about ways: one part in every language, and a call that spells the digits."""

from __future__ import annotations

from typing import Any

import pytest

from incident.notify.capabilities import capabilities
from incident.notify.confirming import CODE, TRIAL
from incident.notify.retries import OUTCOMES
from incident.notify.sms_parts import count
from incident.notify.way_changes import ADDED, REMOVED
from incident.notify.way_news import BROKE, STOPPED, WAY
from incident.notify.way_words import about_way
from incident.organisation import WayKind
from incident.words import LOCALES

EVERYWHERE, CHINA = capabilities("simulated", "+12025550101"), capabilities("twilio", "+8619000000001")
SITE = "https://incident.example.com"
TOLD = [
    {"about": STOPPED, "kind": "sms", "shown": "…0001"},
    *(
        {"about": about, "kind": "mail", "shown": f"{'long.' * 40}name@example.com", "by": by}
        for about in (ADDED, REMOVED)
        for by in ("Lin Jia", "Maximiliane von Bregenz", "欧阳修竹司马相如诸葛")
    ),
    *({"about": about, "kind": kind, "shown": "…0001"} for about in (ADDED, REMOVED) for kind in WayKind),
    *(
        {"about": about, "kind": "voice", "shown": "…0001", "by": "Maximiliane von Bregenz"}
        for about in (ADDED, REMOVED)
    ),
    *({"about": about, "kind": "voice", "shown": "…0001", "by": "欧阳修竹司马相如诸葛"} for about in (ADDED, REMOVED)),
    *(
        {"about": BROKE, "kind": "sms", "shown": "…0001", "why": outcome.reason.key}
        for outcome in OUTCOMES.values()
        if outcome.is_the_ways_fault and outcome.reason.key != "page.failed.opted_out"
    ),
]


def said(purpose: str, facts: dict[str, Any], way: WayKind, locale: str, able: Any = EVERYWHERE) -> str:
    return about_way(purpose, facts, way, locale, able, site=SITE, code="012345")[1]


@pytest.mark.parametrize("locale", LOCALES)
def test_every_text_about_a_way_is_one_part(locale: str) -> None:
    texts = [said(CODE, {"minutes": 15}, WayKind.SMS, locale, able) for able in (EVERYWHERE, CHINA)]
    texts += [said(TRIAL, {}, WayKind.SMS, locale), *(said(WAY, facts, WayKind.SMS, locale) for facts in TOLD)]
    assert [(text, count(text).parts) for text in texts if count(text).parts != 1] == []


@pytest.mark.parametrize("locale", LOCALES)
def test_a_text_carries_the_code_and_a_link_only_where_links_get_through(locale: str) -> None:
    with_link, without = (said(CODE, {"minutes": 15}, WayKind.SMS, locale, able) for able in (EVERYWHERE, CHINA))
    assert "012345" in with_link
    assert f"{SITE}/me" in with_link
    assert "012345" in without
    assert "http" not in without


@pytest.mark.parametrize("locale", LOCALES)
def test_a_call_spells_the_digits_and_a_mail_has_a_subject(locale: str) -> None:
    spoken = said(CODE, {"minutes": 15}, WayKind.VOICE, locale)
    assert "012345" not in spoken
    assert [c for c in spoken if c.isdigit()] == list("012345")
    subject, body = about_way(CODE, {"minutes": 15}, WayKind.MAIL, locale, EVERYWHERE, site=SITE, code="012345")
    assert subject
    assert "012345" in body
