"""A message that left a live drill, or lacked its mark, is found at the end in what went out, and voids the score."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, select, update

from drills import keeping
from drills.calendar import trends
from drills.leaking import leaks
from incident.levels import Level
from incident.notify.capabilities import EVERYTHING
from incident.notify.messages import PageFacts, page_mail, page_sms, page_voice
from incident.store.engine import changing, reading
from incident.store.live import Sent
from incident.store.tables import attempts, outbox
from tests.drills.test_live import START, Hall, hall

__all__ = ["hall"]

pytestmark = pytest.mark.long

NAMES = {"li-wei": "Li Wei"}
MARKED = "[DRILL] [CRITICAL] C1: down"
FACTS = PageFacts("C7", Level.CRITICAL, "data centre down", "Hall 3", link="https://example.com/a/x", drill=True)


def sent(**more: object) -> Sent:
    plain = {"position": 3, "person": "li-wei", "way": "sms", "drill": "d", "provider": "simulated", "body": MARKED}
    return Sent(**plain | more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("mark", "one", "kind"),
    [
        ("d", sent(), None),
        ("d", sent(body=None), None),
        ("d", sent(body="【演练】【紧急】C1 宕机"), None),
        ("d", sent(provider="twilio"), "left"),
        ("live/d", sent(provider="twilio", drill="live/d"), None),
        ("live/d", sent(provider="twilio", drill="live/d", body="[CRITICAL] C1: down"), "unmarked"),
        ("d", sent(body="[CRITICAL] C1: down"), "unmarked"),
        ("d", sent(drill=None), "unmarked"),
    ],
)
def test_what_went_out_is_read(mark: str, one: Sent, kind: str | None):
    found = leaks(mark, [one], NAMES)
    assert [leak.kind for leak in found] == ([kind] if kind else [])
    assert all((leak.text, leak.position) == ("sms, Li Wei", 3) for leak in found)


@pytest.mark.parametrize("locale", ["en", "zh_Hans", "zh_Hant"])
def test_every_way_in_every_language_bears_a_mark_that_is_known(locale: str):
    said = [page_sms(FACTS, locale, EVERYTHING), page_voice(FACTS, locale), page_mail(FACTS, locale).body]
    assert not leaks("d", [sent(body=body) for body in said], NAMES)


def went(hall: Hall, provider: str, body: str = MARKED) -> None:
    """The first message of the drill, as a worker would have settled it."""
    with changing(hall.engine) as connection:
        first = connection.scalar(select(outbox.c.id).order_by(outbox.c.id).limit(1))
        row = {"send": first, "at": START, "by": "w", "provider": provider, "outcome": "sent"}
        connection.execute(insert(attempts), row)
        connection.execute(update(outbox).where(outbox.c.id == first).values(provider=provider, body=body))


def test_a_drill_that_kept_inside_is_scored(hall: Hall):
    hall.takes(4, "li-wei")
    hall.opens()
    went(hall, "simulated")
    hall.runs()
    assert not hall.played().observations.leaks


@pytest.mark.parametrize(("provider", "body", "kind"), [("twilio", MARKED, "left"), ("simulated", "down", "unmarked")])
def test_one_that_did_not_is_void_and_counts_nowhere(hall: Hall, provider: str, body: str, kind: str):
    hall.takes(4, "li-wei")
    hall.opens()
    went(hall, provider, body)
    hall.runs()
    (leak,) = hall.played().observations.leaks
    assert leak.kind == kind
    with reading(hall.engine) as connection:
        listed = keeping.listed(connection)
        (one,) = listed
        assert one.altered
        assert (one.altered.how, one.row.total, one.row.rating) == (kind, None, None)
        assert not keeping.sound(listed)
        assert not trends(keeping.sound(listed))
        assert not keeping.sheets(connection, {one.row.playbook})
