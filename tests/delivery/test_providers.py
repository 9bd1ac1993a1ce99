"""Two providers for the same way: one is down at three in the morning, and the page still arrives, once."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from incident.notify.capabilities import ELSEWHERE, TABLE, Capabilities
from incident.notify.channels import Outgoing, SendFailed, Sent
from incident.notify.deliver import Delivery
from incident.notify.providers import IN_A_ROW
from incident.notify.retries import NO_ANSWER, REFUSED, Outcome, outcome
from incident.organisation.people import WayKind
from incident.store import providers
from incident.store.engine import changing, reading
from incident.store.tables import attempts, outbox
from tests.delivery.conftest import SECRET, House, Provider

DENIED = outcome(20003, 401)
UNKNOWN_NUMBER = outcome(21211, 400)
OVERLOADED = outcome(None, 503)


class First(Provider):
    """Twilio, which can be asked whether it is up."""

    provider = "twilio"

    def __init__(self) -> None:
        super().__init__()
        self.fails: Outcome | None = None
        self.hangs = self.silent = False
        self.asked = 0

    async def send(self, message: Outgoing) -> Sent:
        if self.hangs:
            await asyncio.sleep(30)
        if self.fails:
            raise SendFailed(self.fails)
        return await super().send(message)

    async def probe(self) -> None:
        self.asked += 1
        if self.silent:
            await asyncio.sleep(30)
        if self.fails:
            raise SendFailed(self.fails)


class Second(First):
    provider = "second"


class Pair:
    def __init__(self, house: House) -> None:
        self.house, self.first, self.second = house, First(), Second()
        self.delivery = self.worker("one")

    def worker(self, name: str) -> Delivery:
        return Delivery(
            engine=self.house.engine,
            desk=self.house.desk,
            directory=self.house,
            channels={WayKind.SMS: (self.first, self.second), WayKind.VOICE: self.first},
            clock=self.house.clock,
            public_url="https://ic.example",
            name=name,
            jitter=lambda: 0.5,
            secret=SECRET,
        )

    def by(self, provider: Provider) -> int:
        return sum(message.way == "sms" for message in provider.seen)

    def housekeeping(self, delivery: Delivery | None = None) -> None:
        (delivery or self.delivery)._provider_watch.look(now=True)

    def tried(self) -> list[tuple[str, str]]:
        with reading(self.house.engine) as connection:
            rows = connection.execute(select(attempts.c.provider, attempts.c.outcome).order_by(attempts.c.id))
            return [(row.provider, row.outcome) for row in rows]

    def states(self) -> list[tuple[str, str, bool]]:
        with reading(self.house.engine) as connection:
            return [(one.provider, one.way, one.up) for one in providers.every(connection)]


@pytest.fixture
def pair(house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pair]:
    monkeypatch.setitem(TABLE, "second", {ELSEWHERE: Capabilities(two_way=False, cost=9)})  # type: ignore[arg-type]
    found = Pair(house)
    yield found
    found.delivery._finish()


def eventually(holds: Callable[[], Any]) -> None:
    end = time.monotonic() + 30
    while not holds() and time.monotonic() < end:
        threading.Event().wait(0.01)
    assert holds()


def test_a_provider_that_refuses_us_does_not_cost_the_page_a_second(pair: Pair):
    pair.first.fails = DENIED
    incident = pair.house.opened()
    pair.delivery.drain()
    assert (pair.by(pair.first), pair.by(pair.second)) == (0, 1)
    assert pair.tried() == [("twilio", "next_way"), ("second", "sent")]
    assert pair.house.states(incident)[0][1:] == ("sms", "sent")


def test_the_words_follow_the_provider(pair: Pair):
    pair.house.opened()
    pair.delivery.drain()
    assert "Reply 1" in pair.first.seen[0].body
    pair.first.fails = DENIED
    pair.house.opened(title="lift stuck")
    pair.delivery.drain()
    assert "Reply" not in pair.second.seen[0].body
    assert "https://ic.example/a/" in pair.second.seen[0].body


def test_which_provider_took_it_stands_in_the_outbox(pair: Pair):
    pair.first.fails = OVERLOADED
    pair.house.opened()
    pair.delivery.drain()
    with reading(pair.house.engine) as connection:
        assert connection.scalar(select(outbox.c.provider).where(outbox.c.state == "sent")) == "second"


def test_what_is_wrong_with_the_number_is_not_tried_by_another(pair: Pair):
    pair.first.fails = UNKNOWN_NUMBER
    pair.house.opened()
    pair.delivery.drain()
    assert pair.by(pair.second) == 0


def test_where_nobody_takes_it_the_page_comes_again(pair: Pair):
    pair.first.fails = pair.second.fails = OVERLOADED
    incident = pair.house.opened()
    pair.delivery.drain()
    assert pair.house.states(incident)[0][1:] == ("sms", "waiting")
    assert [provider for provider, _ in pair.tried()] == ["twilio", "second"]
    pair.second.fails = None
    pair.house.clock.move(timedelta(seconds=2))
    pair.delivery.drain()
    assert pair.by(pair.second) == 1


def test_a_provider_that_hangs_leaves_time_for_the_other(pair: Pair, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("incident.notify.sending.NEXT_S", 0.1)
    pair.first.hangs = True
    pair.house.opened()
    pair.delivery.drain()
    assert pair.by(pair.second) == 1
    assert pair.tried()[0] == ("twilio", "again")


def test_who_is_down_is_passed_over_and_told_to_everybody(pair: Pair):
    pair.first.fails = DENIED
    pair.house.opened()
    pair.delivery.drain()
    pair.first.fails = None
    pair.house.opened(title="lift stuck")
    pair.delivery.drain()
    assert (pair.by(pair.first), pair.by(pair.second)) == (0, 2)  # not asked again before it says that it is up
    pair.housekeeping()
    assert pair.states() == [("twilio", "sms", False)]


def test_another_worker_believes_it(pair: Pair):
    pair.first.fails = DENIED
    pair.house.opened()
    pair.delivery.drain()
    pair.housekeeping()
    pair.first.fails = None
    other = pair.worker("two")
    pair.housekeeping(other)
    pair.house.opened(title="lift stuck")
    other.drain()
    assert pair.by(pair.first) == 0
    other._finish()


def test_it_is_asked_without_a_page_and_comes_back(pair: Pair):
    pair.first.fails = DENIED
    pair.house.opened()
    pair.delivery.drain()
    pair.housekeeping()
    assert pair.first.asked == 0  # five seconds first
    for wait, asked in ((6, 1), (6, 1), (6, 2)):  # then ten
        pair.house.clock.move(timedelta(seconds=wait))
        pair.housekeeping()
        eventually(lambda asked=asked: pair.first.asked == asked)
    pair.first.fails = None
    pair.house.clock.move(timedelta(seconds=30))
    pair.housekeeping()
    eventually(pair.delivery._providers.changed)
    pair.housekeeping()
    assert pair.states() == [("twilio", "sms", True)]
    pair.house.opened(title="lift stuck")
    pair.delivery.drain()
    assert pair.by(pair.first) == 1


def test_one_lost_answer_is_no_outage(pair: Pair):
    pair.first.answers = {number: [SendFailed(NO_ANSWER)] for number in ("+12025550101", "+12025550102")}
    pair.house.opened()
    pair.delivery.drain()
    pair.house.opened(title="lift stuck")
    pair.delivery.drain()
    assert IN_A_ROW == 2
    assert pair.by(pair.first) == 2  # the first one was counted as seen, and went by the second as well
    pair.housekeeping()
    assert pair.states() == []


def test_a_refusal_of_the_words_says_nothing_about_the_provider(pair: Pair):
    pair.first.fails = REFUSED
    for title in ("one", "two", "three"):
        pair.house.opened(title=title)
    pair.delivery.drain()
    pair.housekeeping()
    assert pair.states() == []


def test_the_order_follows_what_was_delivered(pair: Pair):
    for number in range(40):
        pair.house.opened(title=f"lift {number} stuck")
    pair.delivery.drain()
    assert pair.by(pair.first) == 40
    with changing(pair.house.engine) as connection:  # of Twilio's texts one report came back, and a bad one
        one = select(outbox.c.id).where(outbox.c.state == "sent").limit(1).scalar_subquery()
        connection.execute(outbox.update().where(outbox.c.id == one).values(state="failed"))
    pair.house.clock.move(timedelta(minutes=5))
    pair.housekeeping()
    pair.first.seen.clear()
    pair.house.opened(title="one more")
    pair.delivery.drain()
    assert pair.by(pair.second) == 1


def test_who_never_reports_is_not_measured(pair: Pair):
    for number in range(40):
        pair.house.opened(title=f"lift {number} stuck")
    pair.delivery.drain()
    pair.house.clock.move(timedelta(minutes=5))
    pair.housekeeping()
    pair.house.opened(title="one more")
    pair.delivery.drain()
    assert pair.by(pair.second) == 0


def test_figures_that_cannot_be_made_stop_no_page(pair: Pair, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("incident.notify.providers.figures", lambda *_: 1 / 0)
    pair.housekeeping()
    pair.house.opened()
    pair.delivery.drain()
    assert pair.by(pair.first) == 1


def test_what_could_not_be_written_is_written_later(pair: Pair, monkeypatch: pytest.MonkeyPatch):
    pair.first.fails = DENIED
    pair.house.opened()
    pair.delivery.drain()
    with monkeypatch.context() as away:
        away.setattr("incident.store.providers.put", _refuses)
        with pytest.raises(OperationalError):
            pair.housekeeping()
    pair.housekeeping()
    assert pair.states() == [("twilio", "sms", False)]


def _refuses(*_: Any) -> None:
    raise OperationalError("INSERT", {}, Exception("the database is away"))


def test_a_worker_that_ends_does_not_wait_for_an_answer_that_nobody_gives(pair: Pair):
    pair.first.fails = DENIED
    pair.house.opened()
    pair.delivery.drain()
    pair.first.silent = True
    pair.house.clock.move(timedelta(seconds=10))
    pair.housekeeping()
    eventually(lambda: pair.first.asked)
    start = time.monotonic()
    pair.delivery._finish()
    assert time.monotonic() - start < 2
