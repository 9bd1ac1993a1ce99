"""Rosters on the site: the month, its gaps, and changes by hand with their effect told before."""

from __future__ import annotations

from httpx2 import Response

from incident.organisation import Organisation
from tests.pages.markup import Markup, seen
from tests.pages.test_forms import send
from tests.web.place import Place

FIELD = "/on-call/roster/field-response"
STAND_IN = {"person": "bob", "start": "2026-11-23T10:00", "end": "2026-11-23T20:00", "reason": "Alice is ill"}
SHIFT = "2026-11-22T08:00:00+00:00 2026-11-29T08:00:00+00:00 alice"
SWAP = {"start": "2026-11-22T08:00:00+00:00", "giver": "alice", "taker": "bob"}


def version(place: Place) -> str:
    return str(place.house.directory.version)


def on_duty(place: Place, at: str) -> str:
    answer = place.client.get("/api/on-call", params={"at": at}, headers=place.key("viewer"))
    return str(next(line for line in answer.json()["items"] if line["roster"] == "field-response")["primary"]["person"])


def text_of(answer: Response) -> str:
    return Markup(answer.text).text


def test_the_month_shows_who_is_on_duty_each_day_and_why(place: Place) -> None:
    page = seen(place, FIELD, by="vera")
    assert "Nov 2026" in page.text
    assert "All times in UTC." in page.text
    assert "until 08:00 Bob" in page.text
    assert "from 08:00 Alice" in page.text
    assert "on duty (field) until 2026-11-29 08:00 (UTC)" in page.text
    assert (page.inline, page.mismatched, page.nameless) == ([], [], [])
    assert len(page.ids) == len(set(page.ids))
    assert f"{FIELD}?month=2026-10" in page.links
    assert f"{FIELD}?month=2026-12" in page.links


def test_what_is_no_month_shows_the_present_one(place: Place) -> None:
    assert "Nov 2026" in seen(place, f"{FIELD}?month=yesterday").text
    assert "Dec 2026" in seen(place, f"{FIELD}?month=2026-12").text


def test_gaps_are_named_in_words(place: Place) -> None:
    """Duty began on 8 November at eight."""
    page = seen(place, FIELD)
    assert "Nobody is on duty for 1 time this month" in page.text
    assert "Sun 1 Nov 00:00 – Sun 8 Nov 08:00" in page.text
    assert "No gap" in seen(place, f"{FIELD}?month=2026-12").text


def test_a_gap_of_somebody_away_says_who(place: Place) -> None:
    times = {"start": "2026-12-01T00:00", "end": "2026-12-02T00:00", "person": "charlie", "reason": "Holiday"}
    assert send(place, "/on-call/me/time-off", "charlie", **times).status_code == 303
    assert "Charlie would be on duty, but has time off" in seen(place, "/on-call/unit/hq?month=2026-12").text


def test_how_it_is_shared_is_told_in_figures(place: Place) -> None:
    page = seen(place, f"{FIELD}?month=2026-12")
    assert "AliceHours 336 hAt night 126 h · 14 nightsWeekend 96 h" in page.text


def test_a_unit_shows_all_its_rosters(place: Place) -> None:
    assert "Alice" in seen(place, "/on-call/unit/field", by="vera").text
    seen(place, "/on-call/unit/nowhere", status=404)
    seen(place, "/on-call/roster/nowhere", status=404)


def test_a_stand_in_is_looked_at_and_then_saved(place: Place) -> None:
    form = STAND_IN | {"version": version(place)}
    answer = send(place, "/on-call/field-response/overrides", "charlie", **form, do="look")
    assert answer.status_code == 200
    assert "Mon 23 Nov 10:00 – Mon 23 Nov 20:00: Bob instead of Alice" in text_of(answer)
    assert "It leaves no new gap." in text_of(answer)
    assert 'value="Alice is ill"' in answer.text
    assert on_duty(place, "2026-11-23T12:00:00Z") == "alice", "nothing is saved yet"
    assert send(place, "/on-call/field-response/overrides", "charlie", **form, do="save").status_code == 303
    assert on_duty(place, "2026-11-23T12:00:00Z") == "bob"


def test_the_month_that_is_changed_is_the_one_that_is_shown_and_it_says_that_it_is_saved(place: Place) -> None:
    later = STAND_IN | {"start": "2026-12-23T10:00", "end": "2026-12-23T20:00"}
    path = "/on-call/field-response/overrides"
    looked = send(place, path, "charlie", **later, do="look")
    assert "Dec 2026" in text_of(looked)
    assert f'href="{FIELD}?month=2027-01"' in looked.text, "the next month is that of the roster's own page"
    wrong = send(place, path, "charlie", **later | {"end": "2026-12-23T09:00"}, do="look")
    assert "Dec 2026" in text_of(wrong)
    there = send(place, path, "charlie", **later).headers["location"]
    assert there == f"{FIELD}?month=2026-12&did=override"
    page = seen(place, there, by="charlie").text
    assert "Dec 2026" in page
    assert "Saved. Whoever stands in is on duty then." in page
    asked = send(place, "/on-call/field-response/swaps", "alice", shift=SHIFT, taker="bob").headers["location"]
    assert "It counts when they accept" in seen(place, asked, by="alice").text
    assert "Saved" not in seen(place, f"{FIELD}?did=nothing", by="charlie").text


def test_a_responder_stands_in_and_sends_nobody_else(place: Place) -> None:
    assert send(place, "/on-call/field-response/overrides", "alice", **STAND_IN).status_code == 403
    assert send(place, "/on-call/field-response/overrides", "bob", **STAND_IN).status_code == 303
    gone = {"person": "bob", "start": "2026-11-23T10:00:00+00:00"}
    assert send(place, "/on-call/field-response/overrides/remove", "alice", **gone).status_code == 403
    looked = send(place, "/on-call/field-response/overrides/remove", "charlie", **gone, do="look")
    assert "Alice instead of Bob" in text_of(looked)
    assert send(place, "/on-call/field-response/overrides/remove", "bob", **gone).status_code == 303
    assert on_duty(place, "2026-11-23T12:00:00Z") == "alice"


def test_who_only_looks_sees_no_form(place: Place) -> None:
    assert {form.action for form in seen(place, FIELD, by="vera").forms} == {"/logout"}


def test_what_somebody_else_saved_meanwhile_is_not_written_over(place: Place) -> None:
    old = version(place)
    assert send(place, "/on-call/field-response/overrides", "bob", **STAND_IN).status_code == 303
    late = STAND_IN | {"person": "charlie", "version": old, "do": "save"}
    answer = send(place, "/on-call/field-response/overrides", "charlie", **late)
    assert answer.status_code == 409
    assert "Somebody else has changed this" in text_of(answer)
    assert 'value="Alice is ill"' in answer.text
    assert on_duty(place, "2026-11-23T12:00:00Z") == "bob"


def test_a_change_of_something_else_disturbs_nobody(place: Place) -> None:
    old = version(place)
    times = {"start": "2026-12-01T00:00", "end": "2026-12-02T00:00"}
    assert send(place, "/on-call/me/time-off", "charlie", **times).status_code == 303
    assert version(place) != old
    form = STAND_IN | {"version": old, "do": "save"}
    assert send(place, "/on-call/field-response/overrides", "charlie", **form).status_code == 303


def test_a_swap_counts_when_the_other_accepts(place: Place) -> None:
    ask = {"shift": SHIFT, "taker": "bob", "note": "Dentist"}
    looked = send(place, "/on-call/field-response/swaps", "alice", **ask, do="look")
    assert "Bob instead of Alice" in text_of(looked)
    assert send(place, "/on-call/field-response/swaps", "alice", **ask).status_code == 303
    assert on_duty(place, "2026-11-24T12:00:00Z") == "alice"
    assert "1 swap waits for your answer" in seen(place, "/?lang=en", by="bob").text
    mine = seen(place, "/on-call/me?lang=en", by="bob").text
    assert "Alice asks you to take over on field" in mine
    assert "You would be on duty from Sun 22 Nov 08:00 to Sun 29 Nov 08:00." in mine
    assert "Dentist" in mine
    assert "waits for an answer" in seen(place, "/on-call/me", by="alice").text
    answer = send(place, "/on-call/field-response/swaps/answer", "bob", **SWAP, answer="accepted", next="/on-call/me")
    assert (answer.status_code, answer.headers["location"]) == (303, "/on-call/me?did=accepted")
    assert "Saved: the shift is yours." in seen(place, "/on-call/me?did=accepted&lang=en", by="bob").text
    assert on_duty(place, "2026-11-24T12:00:00Z") == "bob"
    assert "took the shift of Alice in a swap" in seen(place, FIELD).text
    assert "waits for your answer" not in seen(place, "/?lang=en", by="bob").text


def test_a_part_of_a_shift_can_be_swapped(place: Place) -> None:
    ask = {"shift": SHIFT, "taker": "bob", "start": "2026-11-24T08:00", "end": "2026-11-25T08:00"}
    assert send(place, "/on-call/field-response/swaps", "alice", **ask).status_code == 303
    part = SWAP | {"start": "2026-11-24T08:00:00+00:00"}
    assert send(place, "/on-call/field-response/swaps/answer", "bob", **part, answer="accepted").status_code == 303
    days = ("2026-11-23T12:00:00Z", "2026-11-24T12:00:00Z", "2026-11-25T12:00:00Z")
    assert [on_duty(place, day) for day in days] == ["alice", "bob", "alice"]


def test_nobody_accepts_for_somebody_else_and_who_accepted_does_not_slip_away(place: Place) -> None:
    ask = {"shift": SHIFT, "taker": "bob"}
    assert send(place, "/on-call/field-response/swaps", "bob", **ask).status_code == 403, "it is not Bob's shift"
    send(place, "/on-call/field-response/swaps", "alice", **ask)
    for other in ("alice", "charlie", "dora"):
        accept = send(place, "/on-call/field-response/swaps/answer", other, **SWAP, answer="accepted")
        assert accept.status_code == 403, other
    send(place, "/on-call/field-response/swaps/answer", "bob", **SWAP, answer="accepted")
    twice = send(place, "/on-call/field-response/swaps/answer", "bob", **SWAP, answer="declined")
    assert twice.status_code == 404
    back = send(place, "/on-call/field-response/swaps/answer", "bob", **SWAP, answer="withdrawn")
    assert back.status_code == 403
    assert on_duty(place, "2026-11-24T12:00:00Z") == "bob"
    assert send(place, "/on-call/field-response/swaps/answer", "alice", **SWAP, answer="withdrawn").status_code == 303
    assert on_duty(place, "2026-11-24T12:00:00Z") == "alice"


def test_time_off_says_whom_it_brings_on_duty(place: Place) -> None:
    times = {"start": "2026-11-24T00:00", "end": "2026-11-25T00:00", "reason": "Holiday"}
    looked = send(place, "/on-call/me/time-off", "alice", **times, do="look")
    assert "Tue 24 Nov 00:00 – Wed 25 Nov 00:00: Bob instead of Alice" in text_of(looked)
    assert "field Tue 24 Nov" not in text_of(looked), "of one roster its name is not said"
    assert send(place, "/on-call/me/time-off", "alice", **times, person="bob").status_code == 403
    assert send(place, "/on-call/me/time-off", "alice", **times).status_code == 303
    assert on_duty(place, "2026-11-24T12:00:00Z") == "bob"
    assert "Holiday" in seen(place, "/on-call/me", by="alice").text
    gone = {"start": "2026-11-24T00:00:00+00:00"}
    assert send(place, "/on-call/me/time-off/remove", "alice", **gone).status_code == 303
    assert on_duty(place, "2026-11-24T12:00:00Z") == "alice"


def test_time_off_that_leaves_nobody_is_told_in_red_before_it_is_saved(place: Place) -> None:
    times = {"start": "2026-11-24T00:00", "end": "2026-11-25T00:00"}
    looked = text_of(send(place, "/on-call/me/time-off", "charlie", **times, do="look"))
    assert "Tue 24 Nov 00:00 – Wed 25 Nov 00:00: NOBODY, instead of Charlie" in looked
    assert "It leaves a new gap." in looked


def test_the_contact_sheet_climbs_as_the_ladder_does_and_hides_numbers_from_lookers(place: Place) -> None:
    sheet = seen(place, "/on-call/contacts?unit=field", by="alice").text
    assert sheet.index("1. Field") < sheet.rindex("Alice") < sheet.index("Bob") < sheet.index("2. Headquarters")
    assert "+12025550101" in sheet
    closed = seen(place, "/on-call/contacts", by="vera").text
    assert "Numbers are shown to responders only." in closed
    assert "+1202" not in closed
    assert "@example.com" not in closed
    seen(place, "/on-call/contacts?unit=nowhere", status=404)


def skilled(place: Place, person: str, *skills: object) -> None:
    """The roster of the field asks for gas, and that is what this person can do."""
    house = place.house.directory.organisation().model_dump(mode="json")
    house["rosters"][0]["requires"] = ["gas"]
    next(one for one in house["people"] if one["id"] == person)["skills"] = list(skills)
    place.house.directory.save(Organisation.model_validate(house), "system")


def test_whoever_lacks_what_the_roster_asks_for_neither_stands_in_nor_takes_a_shift(place: Place) -> None:
    skilled(place, "alice", "gas")
    fields = {"person": "bob", "reason": "x", "start": "2026-11-24T00:00", "end": "2026-11-25T00:00"}
    for do in ("look", "save"):
        refused = send(place, "/on-call/field-response/overrides", "charlie", **fields, version=version(place), do=do)
        assert refused.status_code == 422
        assert "lacks the skill “gas”" in text_of(refused)
        assert 'id="o-person-fault"' in refused.text
    shift = "2026-11-22T08:00:00+00:00 2026-11-29T08:00:00+00:00 alice"
    for do in ("look", "save"):
        swap = {"shift": shift, "taker": "bob", "version": version(place), "do": do}
        refused = send(place, "/on-call/field-response/swaps", "alice", **swap)
        assert (refused.status_code, 'id="s-taker-fault"' in refused.text) == (422, True)
    assert place.house.directory.organisation().rosters[0].overrides == ()


def test_nobody_stands_in_or_takes_a_shift_while_they_have_time_off(place: Place) -> None:
    """It would be saved, and nobody would be on duty all the same."""
    away = {"start": "2026-11-23T00:00", "end": "2026-11-24T00:00", "person": "bob"}
    assert send(place, "/on-call/me/time-off", "charlie", **away).status_code == 303
    refused = send(place, "/on-call/field-response/overrides", "charlie", **STAND_IN, do="look")
    assert refused.status_code == 422
    assert "has time off then and would be passed over" in text_of(refused)
    part = STAND_IN | {"end": "2026-11-24T20:00"}
    assert send(place, "/on-call/field-response/overrides", "charlie", **part, do="look").status_code == 200
    ask = {"shift": SHIFT, "taker": "bob", "start": "2026-11-23T10:00", "end": "2026-11-23T20:00"}
    for do in ("look", "save"):
        assert send(place, "/on-call/field-response/swaps", "alice", **ask, do=do).status_code == 422


def test_the_choices_of_who_stands_in_begin_with_who_is_on_the_roster(place: Place) -> None:
    page = place.client.get("/on-call/roster/hq-response", headers=place.session("dora")).text
    choices = page.split('id="o-person"')[1].split("</select>")[0]
    assert choices.index("charlie") < choices.index("dora") < choices.index("alice")


def test_the_contact_sheet_says_which_certificate_has_run_out(place: Place) -> None:
    skilled(place, "alice", {"name": "gas", "until": "2026-11-01"})
    assert "gas (ran out after 2026-11-01)" in seen(place, "/on-call/contacts").text
