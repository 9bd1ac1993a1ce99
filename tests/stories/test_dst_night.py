"""Beijing and Berlin share a roster through the night in which Berlin's clocks go back; at three a provider dies.

In Berlin the hour from two to three comes twice: until three, the second time, T. Fischer is on duty; then Li Wei is,
who has come to work at ten in Beijing. The night before, the same Berlin hour was an hour earlier in Beijing.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import Engine, select

from incident.commands import Acknowledge, Resolve, Tick
from incident.ids import answer_code
from incident.notify.channels import Outgoing, SendFailed, Sent
from incident.notify.deliver import Delivery
from incident.notify.retries import NO_ANSWER
from incident.organisation import Organisation
from incident.organisation.people import WayKind
from incident.organisation.reach import Fact
from incident.roster import gaps, shifts
from incident.store import board, directory, links, outbox
from incident.store.engine import changing, reading
from incident.store.tables import outbox as sends_table
from tests.delivery.conftest import SECRET, House, Provider
from tests.store.conftest import engine, store_url

__all__ = ["engine", "store_url"]

BERLIN, BEIJING = "Europe/Berlin", "Asia/Shanghai"
FISCHER, LI_WEI, BOSS = "+491713920002", "+8619000000021", "+491713920001"
NIGHT = datetime(2026, 10, 24, 12, tzinfo=UTC)
THREE = datetime(2026, 10, 25, 2, 0, tzinfo=UTC)
"""Three in the morning of the 25th in Berlin, after the clocks went back at one UTC; ten in Beijing."""


def text(words: str) -> dict[str, str]:
    return {"en": words, "zh": words}


def organisation() -> Organisation:
    def somebody(name: str, zone: str, number: str, locale: str = "en") -> dict[str, object]:
        ways = [{"kind": "sms", "address": number}, {"kind": "voice", "address": number}]
        ways.append({"kind": "mail", "address": f"{name}@house.example", "delay_s": 300})
        return {"id": name, "name": name, "timezone": zone, "unit": "cloud", "locale": locale, "ways": ways}

    day = {"start": "10:00", "end": "22:00"}
    layers = [
        {"id": "berlin", "rotation": ["fischer"], "start": "2026-01-01", "handover": "09:00", "period_days": 7},
        {
            "id": "beijing",
            "rotation": ["li-wei"],
            "start": "2026-01-01",
            "handover": "10:00",
            "period_days": 7,
            "timezone": BEIJING,
            "restrictions": [day],
        },
    ]
    roster = {"id": "sun", "name": text("Follow the sun"), "unit": "cloud", "timezone": BERLIN, "layers": layers}
    boss = {"id": "boss-response", "name": text("HQ"), "unit": "hq", "timezone": BERLIN, "start": "2026-01-01"}
    return Organisation.model_validate(
        {
            "units": [
                {"id": "hq", "name": text("HQ"), "tier": "hq", "timezone": BERLIN},
                {"id": "cloud", "name": text("Cloud"), "tier": "field", "parent": "hq", "timezone": BERLIN}
                | {"products": ["cloud"]},
            ],
            "people": [
                somebody("fischer", BERLIN, FISCHER),
                somebody("li-wei", BEIJING, LI_WEI, "zh_Hans"),
                somebody("boss", BERLIN, BOSS),
            ],
            "rosters": [roster, boss | {"rotation": ["boss"]}],
        }
    )


class Named(Provider):
    """A provider that dies when it is told to: requests time out, and nobody knows what became of them."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.provider = name
        self.dead = False

    async def send(self, message: Outgoing) -> Sent:
        if self.dead:
            raise SendFailed(NO_ANSWER)
        return await super().send(message)

    def template(self, purpose: str) -> str:
        return "SMS_1"

    def says(self, purpose: str) -> bool:
        return True


class Night(House):
    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.twilio, self.aliyun, self.mail = Named("twilio"), Named("aliyun"), Named("smtp")
        with changing(engine) as connection:
            directory.save_organisation(connection, organisation(), expected=None, at=NIGHT, by="system")
        self.delivery = Delivery(
            engine=engine,
            desk=self.desk,
            directory=self,
            channels={
                WayKind.SMS: (self.twilio, self.aliyun),
                WayKind.VOICE: self.twilio,
                WayKind.MAIL: self.mail,
            },
            clock=self.clock,
            public_url="https://ic.example",
            name="night",
            jitter=lambda: 0.5,
            secret=SECRET,
        )

    def organisation(self) -> Organisation:
        house = organisation()
        known = {
            (p.id, w.kind, w.digest): Fact(confirmed_at=NIGHT, confirmed_by="code")
            for p in house.people
            for w in p.ways
        }
        return house.knowing(known)

    def it_is(self, at: datetime) -> None:
        """Time passes; watch and worker look at each moment at which something is due."""
        while True:
            with reading(self.engine) as connection:
                wake, send = board.next_wake(connection), outbox.next_at(connection)
            nearest = min((one for one in (wake, send) if one is not None), default=at)
            now = min(max(nearest, self.clock.now()), at)
            self.clock.move(now - self.clock.now())
            with reading(self.engine) as connection:
                due = board.due(connection, now, 10)
            for incident in due:
                self.does(incident, Tick())
            self.delivery.drain()
            if now >= at:
                return
            if nearest <= self.clock.now() and not due:
                self.clock.move(timedelta(seconds=1))

    def arrived(self) -> list[tuple[str, str, str]]:
        """(provider, way, to) of everything that those on the roster have ever got, in no order."""
        every = [(p.provider, m) for p in (self.twilio, self.aliyun, self.mail) for m in p.seen]
        return [(name, str(m.way), m.to) for name, m in every if m.to != BOSS]

    def solved(self, incident: str, by: str) -> None:
        self.does(incident, Resolve(by, "web", cause="found", measure="mended"))

    def token(self, incident: str, person: str) -> str:
        with reading(self.engine) as connection:
            return links.of(connection, [incident])[incident, person]


@pytest.fixture
def night(engine: Engine) -> Iterator[Night]:
    found = Night(engine)
    yield found
    found.desk.close()


def test_the_shared_roster_has_no_gap_and_no_overlap_in_the_night_of_the_change() -> None:
    house = organisation()
    roster = house.roster_named("sun")
    assert roster is not None
    found = shifts(roster, NIGHT, NIGHT + timedelta(days=2))
    assert gaps(roster, NIGHT, NIGHT + timedelta(days=2)) == ()
    assert all(before.end == after.start for before, after in pairwise(found))
    berlin = next(s for s in found if s.start <= THREE - timedelta(minutes=1) < s.end)
    assert (berlin.person, berlin.end) == ("fischer", THREE)
    assert next(s for s in found if s.start == THREE).person == "li-wei"


def test_the_page_still_arrives_once_whoever_is_on_duty_and_whoever_has_died(night: Night) -> None:
    # Half past two, the second time: Berlin is on duty, everything works, one text is enough.
    night.it_is(THREE - timedelta(minutes=30))
    first = night.opened(title="locks do not open")
    night.it_is(THREE - timedelta(minutes=29, seconds=30))
    assert night.arrived() == [("twilio", "sms", FISCHER)]
    assert night.text(FISCHER, "1", message_id="SM1") is not None
    assert night.kinds(first)[-2:] == ["acknowledged", "command_taken"]
    night.solved(first, "fischer")

    # Three: Beijing takes over, and Twilio dies. The very same text goes by the other provider, once.
    night.it_is(THREE)
    night.twilio.dead = True
    second = night.opened(title="gateway gone")
    night.it_is(THREE + timedelta(seconds=50))
    news = [one for one in night.arrived() if one != ("twilio", "sms", FISCHER)]
    assert news == [("aliyun", "sms", LI_WEI)]
    body = night.aliyun.seen[0].body
    code = answer_code(night.token(second, "li-wei"))
    assert "http" not in body
    assert code in body.casefold().replace("-", "").replace(" ", ""), "no link and no reply there: a code for the site"
    night.does(second, Acknowledge("li-wei", "web"))
    night.solved(second, "li-wei")

    # The next night at half past two Twilio is still dead, and nobody else carries Berlin's number.
    # Each way has a minute: the text, the call, then the mail.
    night.it_is(THREE + timedelta(hours=23, minutes=30))
    third = night.opened(title="cloud down")
    began = night.clock.now()
    night.it_is(began + timedelta(seconds=120))
    mails = [one for one in night.arrived() if one[0] == "smtp"]
    assert mails == [("smtp", "mail", "fischer@house.example")]
    night.does(third, Acknowledge("fischer", "link"))
    night.solved(third, "fischer")

    # Twilio comes back at four, and nothing goes out that nobody wants any more.
    night.twilio.dead = False
    so_far = sorted(night.arrived())
    night.it_is(THREE + timedelta(hours=27))
    assert sorted(one for one in night.arrived() if one not in so_far) == []
    with reading(night.engine) as connection:
        pages = connection.execute(
            select(sends_table.c.incident, sends_table.c.person, sends_table.c.way, sends_table.c.state).where(
                sends_table.c.purpose == "page", sends_table.c.state.in_(("sent", "delivered"))
            )
        ).all()
    assert sorted((row.person, row.way) for row in pages if row.incident in (first, second, third)) == [
        ("fischer", "mail"),
        ("fischer", "sms"),
        ("li-wei", "sms"),
    ]
