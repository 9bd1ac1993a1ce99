"""Injects that come by phone: to whoever holds the place, marked, once, and never after the end or while suspended.

What leaves is looked at where the world begins: at the provider that a delivery hands it to.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from drills import live
from drills.control import END, PAUSE, RESUME, SENT
from drills.room import Room, players
from drills.script.model import Script
from drills.script.reader import open_script
from incident.clock import MovedClock
from incident.errors import Refused
from incident.notify.channels import Outgoing
from incident.notify.deliver import Delivery
from incident.orders import INJECT
from incident.organisation import Organisation
from incident.organisation.people import WayKind
from incident.organisation.reader import demo_organisation
from incident.store.engine import open_engine, reading
from incident.store.migrations import migrate
from incident.store.tables import outbox
from tests.delivery.conftest import SECRET, Provider
from tests.desk.house import opened_desk, settle_in
from tests.drills.test_live import CASE, START, Hall

pytestmark = pytest.mark.long

MARKS = ("[DRILL]", "【演练】", "【演練】")
SPOKEN_MARKS = ("This is a drill.", "这是演练。", "這是演練。")


def script(**by: str) -> Script:
    """The case with other means: `n3="sms"` lets its third inject come as a text."""
    case = open_script(CASE).model_copy(update={"duration_min": 100})
    changed = tuple(one.model_copy(update={"by": by.get(f"n{one.number}", one.by)}) for one in case.injects)
    return case.model_copy(update={"injects": changed})


class Edge(Hall):
    """The hall with a delivery to a provider that writes down what reaches it."""

    provider: Provider

    def begins(self, case: Script, *, real_phones: bool = True) -> None:
        live.start(
            self.room, case, self.name, by="person:liu-yang", locale="en", judge="standard", real_phones=real_phones
        )
        self.provider = Provider()
        self.delivery = Delivery(
            engine=self.engine,
            desk=self.desk,
            directory=self,
            channels={WayKind.SMS: self.provider, WayKind.VOICE: self.provider},
            clock=self.clock,
            public_url="https://ic.example",
            name="one",
            jitter=lambda: 1.0,
            secret=SECRET,
        )

    def organisation(self) -> Organisation:
        return demo_organisation()

    def told(self) -> list[tuple[str, str, str]]:
        """(person, way, state) of each inject in the outbox."""
        columns = (outbox.c.person, outbox.c.way, outbox.c.state)
        with reading(self.engine) as connection:
            mine = select(*columns).where(outbox.c.purpose == INJECT).order_by(outbox.c.id)
            return [tuple(row) for row in connection.execute(mine)]

    def reached(self, words: str) -> list[Outgoing]:
        """What went out of the house with these words in it."""
        self.delivery.drain()
        return [one for one in self.provider.seen if words in one.body]

    def on_duty(self, tier: str, who: str) -> str:
        unit = self.entries()[0].event.unit  # type: ignore[union-attr]
        holders = demo_organisation().holders(unit, tier, who, "response", self.clock.now())  # type: ignore[arg-type]
        return holders[0].person


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Edge]:
    engine = open_engine(f"sqlite:///{tmp_path / 'incident.db'}")
    migrate(engine)
    settle_in(engine)
    clock = MovedClock(START)
    with opened_desk(engine, clock) as desk:
        yield Edge(engine, desk, clock)
    engine.dispose()


def test_a_call_reads_it_to_whoever_holds_the_place_and_the_log_names_them(hall: Edge):
    hall.takes(1, "li-wei")
    hall.begins(script())
    hall.wishes(SENT, 3)
    (call,) = hall.reached("counters are closed") or hall.reached("网点都停了")
    assert call.way is WayKind.VOICE
    assert call.body.startswith(SPOKEN_MARKS)
    assert not call.asks  # no key of this call answers a page
    who = hall.on_duty("hq", "primary")
    assert hall.told()[0][:2] == (who, "voice")
    person = demo_organisation().person(who)
    assert person is not None
    assert call.to in {way.address for way in person.ways}
    assert [note for note in hall.notes() if note.startswith("[3]") and f"(told to {person.name} in a call)" in note]


def test_a_text_bears_the_mark_and_is_whole(hall: Edge):
    hall.begins(script(n3="sms"))
    hall.wishes(SENT, 3)
    (text,) = hall.reached("I need a time.") or hall.reached("给我一个时间")
    assert text.way is WayKind.SMS
    assert text.body.startswith(MARKS)
    assert any("as a text)" in note for note in hall.notes())


def test_a_shipped_script_lets_the_customer_text_the_region_in_the_middle_of_it(hall: Edge):
    case = open_script("customer-cut-off")
    (text,) = (one for one in case.injects if one.by == "sms")
    hall.takes(1, "li-wei")
    hall.begins(case)
    hall.runs(int(text.at_min) + 2)
    who = demo_organisation().person(hall.on_duty("region", "primary"))
    assert who is not None
    (sent,) = (one for one in hall.reached(text.text.for_locale(who.locale)) if one.way is WayKind.SMS)
    assert sent.body.startswith(MARKS)
    assert not sent.asks
    assert sent.to in {way.address for way in who.ways}
    (note,) = (note for note in hall.notes() if note.startswith(f"[{text.number}]"))
    assert f"(sent to {who.name} as a text)" in note
    hall.wishes(END)
    played = hall.played()
    assert any(f"[{text.number}]" in getattr(entry.event, "text", "") for entry in played.entries)


def test_what_comes_by_another_means_or_to_no_player_is_only_read(hall: Edge):
    case = script()
    to_customer = case.injects[2].model_copy(update={"to": "key-customer"})
    hall.begins(case.model_copy(update={"injects": (*case.injects[:2], to_customer, *case.injects[3:])}))
    for number in (1, 3, 5):
        hall.wishes(SENT, number)
    assert hall.told() == []
    assert not any("(" in note for note in hall.notes() if note.startswith("["))


def test_a_drill_inside_rings_no_real_phone(hall: Edge):
    hall.begins(script(), real_phones=False)
    hall.wishes(SENT, 3)
    hall.delivery.drain()
    assert hall.provider.seen == []
    assert [state for _, _, state in hall.told()] == ["set_aside"]


@pytest.mark.parametrize("sent_before", [True, False])
def test_after_the_end_none_goes_out(hall: Edge, sent_before: bool):
    hall.begins(script())
    if sent_before:
        hall.wishes(SENT, 3)
    hall.wishes(END)
    if not sent_before:
        with pytest.raises(Refused):
            hall.wishes(SENT, 3)
    hall.delivery.drain()
    assert hall.provider.seen == []
    assert [state for _, _, state in hall.told()] == (["cancelled"] if sent_before else [])


def test_while_a_real_critical_suspends_it_none_goes_out_not_even_by_hand(hall: Edge):
    hall.takes(1, "li-wei")
    hall.real(10, taken=40)
    hall.begins(script())
    hall.runs(10)
    hall.wishes(SENT, 3)  # waits to go out as the real one comes
    live.look(hall.room, hall.name)
    with pytest.raises(Refused):
        hall.wishes(SENT, 2)
    assert [state for _, _, state in hall.told()] == ["cancelled"]
    hall.runs(40)
    hall.wishes(RESUME)
    hall.wishes(SENT, 2)
    assert [state for _, _, state in hall.told()] == ["cancelled", "waiting"]


def test_a_pause_by_hand_holds_none_that_control_sends_by_hand(hall: Edge):
    hall.begins(script(n3="sms"))
    hall.wishes(PAUSE)
    hall.wishes(SENT, 3)
    live.look(hall.room, hall.name)  # what the ladder ordered is put off again, and only that
    assert hall.reached("I need a time.") or hall.reached("给我一个时间")


def test_whom_an_inject_told_is_a_player(hall: Edge):
    hall.begins(script())
    hall.wishes(SENT, 3)
    assert hall.on_duty("hq", "primary") in set(players(hall.standing()))


def test_several_that_look_at_once_send_it_once(postgres_url: str):
    engine = open_engine(postgres_url)
    migrate(engine)
    settle_in(engine)
    clock = MovedClock(START)
    with opened_desk(engine, clock) as desk, opened_desk(engine, clock) as other:
        hall = Edge(engine, desk, clock)
        hall.takes(1, "li-wei")
        hall.begins(script())
        hall.wait()
        clock.move(timedelta(minutes=30))
        rooms = [hall.room, Room(other, engine, clock, hall.room.outside)]
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda room: live.look(room, hall.name), rooms * 4))
        assert len(hall.told()) == 2  # the second and the third come by phone
        assert len(hall.notes()) == len(set(hall.notes()))
    engine.dispose()
