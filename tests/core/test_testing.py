"""A test page asks one person whether pages reach them, and nothing else happens."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from incident.commands import Acknowledge, Decline, NoteDelivery, NoteFailure, Open, Regrade, TakeCommand
from incident.deadlines import wake_at
from incident.errors import Unknown, why
from incident.events import Paged
from incident.levels import Level
from incident.marks import is_drill, is_test, mark_of
from incident.orders import PAGE, Cancel, Send, orders
from incident.organisation import Organisation
from incident.record import rounds
from incident.state import Phase
from tests.core.house import START, Story, organisation


def asked(name: str = "alice") -> Story:
    story = Story()
    person = story.organisation.person(name)
    assert person is not None
    return story.does(Open(rounds.report_of(person), "C9", None, mark_of(name)))


def sends(story: Story) -> list[Send]:
    return [o for o in orders(story.log, story.incident, story.organisation) if isinstance(o, Send)]


def test_it_pages_the_one_person_by_all_their_ways_and_starts_nothing():
    story = asked().wrote("reported", "graded", "paged").replays()
    assert [[s.person for s in paged.people] for paged in story.all_of(Paged)] == [["alice"]]
    assert {(s.person, s.way, s.purpose, s.first) for s in sends(story)} == {
        ("alice", "sms", PAGE, False),
        ("alice", "voice", PAGE, False),
    }
    assert story.incident.clocks == {}
    assert story.incident.steps == {}


def test_an_answer_ends_it_and_stops_the_call_that_would_have_followed():
    story = asked().does(Acknowledge("alice", "sms")).wrote("acknowledged", "closed").is_in(Phase.CLOSED).replays()
    assert wake_at(story.incident) is None
    assert Cancel("i1") in list(orders(story.log[-2:], story.incident, story.organisation))


def test_no_is_an_answer_too():
    asked().does(Decline("alice", "sms")).wrote("declined", "closed")


def test_silence_ends_it_after_an_hour_and_nobody_else_is_paged():
    story = asked().later(minutes=59).is_in(Phase.GRADED).later(minutes=1).wrote("closed").replays()
    assert len(story.all_of(Paged)) == 1
    assert len({s.person for s in sends(story)}) == 1


def test_when_no_way_leads_to_them_it_ends_at_once_and_says_so():
    story = asked().does(NoteFailure(1, "alice", "voice", why("page.failed.busy")))
    story.wrote("page_failed", "closed")
    story.does(NoteFailure(1, "alice", "sms", why("page.failed.busy"))).wrote()


def test_a_delivery_is_written_down_once():
    story = asked().does(NoteDelivery(1, "alice", "sms")).wrote("page_delivered")
    story.does(NoteDelivery(1, "alice", "sms")).wrote()


def test_somebody_elses_answer_proves_nothing():
    asked().refuses(Acknowledge("bob", "web"), "refused.test_of_another")


@pytest.mark.parametrize("command", [Regrade(Level.CRITICAL, "worse"), TakeCommand("alice")])
def test_nothing_else_can_be_done_to_it(command):
    asked().refuses(command, "refused.test_page")


def test_nobody_is_no_person_to_test():
    with pytest.raises(Unknown):
        Story().does(Open(rounds.report_of(organisation().people[0]), "C9", None, mark_of("nobody")))


def test_a_test_is_no_drill():
    assert is_test(mark_of("alice"))
    assert not is_drill(mark_of("alice"))
    assert not is_drill(None)
    assert is_drill("2026-q4")
    assert not is_test("2026-q4")


def at(text: str, zone: str = "Asia/Shanghai") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize(
    ("month", "day"),
    [("2026-11", "2026-11-02"), ("2026-08", "2026-08-03"), ("2026-12", "2026-12-01"), ("2027-05", "2027-05-03")],
)
def test_the_round_begins_on_the_first_weekday_of_the_month_at_ten(month, day):
    assert rounds.begins(at(f"{month}-15T12:00"), ZoneInfo("Asia/Shanghai")) == at(f"{day}T10:00")


def test_everybody_is_asked_once_in_the_days_of_the_round_and_never_at_night():
    house = living_in("Asia/Shanghai")
    people = list(house.people)
    assert rounds.due(house, {}, at("2026-11-02T09:59")) == []
    everybody = rounds.due(house, {}, at("2026-11-02T10:00"))
    assert everybody == people
    assert rounds.due(house, {}, at("2026-11-03T03:00")) == []
    before = dict.fromkeys((p.id for p in people), at("2026-10-20T12:00"))
    assert rounds.due(house, before, at("2026-11-03T11:00")) == people
    since = dict.fromkeys((p.id for p in people), at("2026-11-02T10:00"))
    assert rounds.due(house, since, at("2026-11-03T11:00")) == []
    assert rounds.due(house, {}, at("2026-11-05T10:00")) == []


def living_in(*zones: str) -> Organisation:
    """The organisation, its people living in these zones in turn."""
    sheet = organisation().model_dump()
    for n, person in enumerate(sheet["people"]):
        person["timezone"] = zones[n % len(zones)]
    return Organisation.model_validate(sheet)


def test_the_day_begins_where_the_person_lives():
    house = living_in("Asia/Shanghai", "Europe/Berlin")
    assert {p.timezone for p in rounds.due(house, {}, at("2026-11-02T10:30"))} == {"Asia/Shanghai"}
    assert {p.timezone for p in rounds.due(house, {}, at("2026-11-02T10:30", "Europe/Berlin"))} == {"Europe/Berlin"}


def test_in_the_midst_of_a_month_nobody_is_asked():
    assert rounds.due(organisation(), {}, START + timedelta(days=3)) == []
