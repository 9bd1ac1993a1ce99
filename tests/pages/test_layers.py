"""The rotations in a form: what stands is read back as it was, what is wrong is said at its field."""

from __future__ import annotations

import pytest

from incident.errors import BadInput
from incident.organisation import Organisation
from incident.roster import Roster
from tests.pages.markup import seen
from tests.pages.test_forms import send
from tests.pages.test_rosters import on_duty, text_of, version
from tests.web.place import Place, organisation
from web.pages.layer_fields import hours, layers_of, typed_of

LAYERS = [
    {
        "id": "days",
        "rotation": ["alice", "bob", "alice"],
        "start": "2026-11-08",
        "handover": "08:00",
        "period_days": 14,
        "handover_weekday": "sunday",
        "restrictions": [{"days": ["monday", "friday"], "start": "09:00", "end": "17:00"}, {"days": ["sunday"]}],
    },
    {
        "id": "nights",
        "rotation": ["charlie"],
        "start": "2026-11-08",
        "handover": "22:15:30",
        "period_minutes": 90,
        "period_days": 7,
        "timezone": "Asia/Shanghai",
        "restrictions": [{"start": "18:00", "end": "08:00"}],
    },
]


def rostered() -> Organisation:
    document = organisation().model_dump(mode="json")
    document["rosters"][0]["layers"] = LAYERS
    return Organisation.model_validate(document)


def test_a_roster_comes_back_from_its_form_as_it_was() -> None:
    made = rostered()
    roster: Roster = made.rosters[0]
    assert layers_of(typed_of(roster), made) == roster.layers


@pytest.mark.parametrize(
    ("line", "days", "times"),
    [
        ("monday-friday 09:00-17:00", "mtwtf", ("09:00", "17:00")),
        ("Mon, Wed 9:00 – 17:00", "mw", ("09:00", "17:00")),
        ("saturday-monday", "ssm", ("00:00", "00:00")),
        ("18:00-08:00", "", ("18:00", "08:00")),
        ("周一-周五 09:00-17:00", "mtwtf", ("09:00", "17:00")),
        ("週六、週日", "ss", ("00:00", "00:00")),
        ("星期日 22:00-06:00", "s", ("22:00", "06:00")),
    ],
)
def test_hours_are_read_as_people_write_them(line: str, days: str, times: tuple[str, str]) -> None:
    found = hours(line, "/0-hours")
    assert "".join(day.value[0] for day in found.days) == days
    assert (f"{found.start:%H:%M}", f"{found.end:%H:%M}") == times


@pytest.mark.parametrize("line", ["someday", "09:00", "monday 25:00-26:00", "mon-noday", "9-17", "monday 09:00-09:00"])
def test_what_is_no_hours_is_said_at_its_field(line: str) -> None:
    with pytest.raises(BadInput) as bad:
        hours(line, "/0-hours")
    assert {fault.pointer for fault in bad.value.faults} == {"/0-hours"}


def form(place: Place, **changes: str) -> dict[str, str]:
    stands = typed_of(place.house.directory.organisation().rosters[0])
    return (
        stands
        | {name.replace("_", "-", 1).lstrip("n"): value for name, value in changes.items()}
        | {"version": version(place)}
    )


def test_a_new_order_is_looked_at_and_saved(place: Place) -> None:
    fields = form(place, n0_rotation="Bob\nalice@example.com")
    looked = send(place, "/on-call/field-response/layers", "charlie", **fields, do="look")
    assert "Mon 23 Nov 02:12 – Sun 29 Nov 08:00: Bob instead of Alice" in text_of(looked)
    assert "It leaves no new gap." in text_of(looked)
    assert send(place, "/on-call/field-response/layers", "charlie", **fields, do="save").status_code == 303
    assert on_duty(place, "2026-11-23T12:00:00Z") == "bob"
    assert place.house.directory.organisation().rosters[0].layers[0].rotation == ("bob", "alice")


def test_a_restriction_names_the_gaps_that_it_makes(place: Place) -> None:
    looked = send(
        place,
        "/on-call/field-response/layers",
        "charlie",
        **form(place, n0_hours="monday-friday 09:00-17:00"),
        do="look",
    )
    assert "Mon 23 Nov 17:00 – Tue 24 Nov 09:00: NOBODY, instead of" in text_of(looked)
    assert "new gaps" in text_of(looked)


def test_a_skill_that_is_asked_for_shows_whom_it_takes_off_duty_before_it_is_saved(place: Place) -> None:
    path, asked = "/on-call/field-response/layers", form(place) | {"requires": " gas ，Gas"}
    looked = send(place, path, "charlie", **asked, do="look")
    assert "NOBODY, instead of" in text_of(looked)
    assert send(place, path, "charlie", **asked, do="save").status_code == 303
    roster = place.house.directory.organisation().roster_named("field-response")
    assert roster is not None
    assert roster.requires == ("Gas",)
    month = seen(place, "/on-call/roster/field-response?month=2026-12").text
    assert "Only who has these skills, valid, stands on this roster: Gas." in month
    assert "lacks what this roster asks for: Gas" in month
    assert "stands in the rotation and is passed over" in seen(place, "/readiness").text
    assert seen(place, "/on-call/roster/field-response/edit").forms[-1].fields["requires"] == "Gas"
    long = send(place, path, "charlie", **(form(place) | {"requires": "a,b,c,d,e,f"}), do="save")
    assert 'id="requires-fault"' in long.text


@pytest.mark.parametrize(
    ("changes", "field", "says"),
    [
        ({"n0_rotation": "alice\nmallory"}, "0-rotation", "Nobody is called"),
        ({"n0_rotation": "vera"}, "0-rotation", "may only look on"),
        ({"n0_hours": "sometimes"}, "0-hours", "is no weekday"),
        ({"n0_period": "0"}, "0-period", "1"),
        ({"n0_period": "x"}, "0-period", ""),
        ({"n0_start": "soon"}, "0-start", ""),
        ({"n0_id": "No Slug"}, "0-id", ""),
        ({"n0_id": ""}, "0-id", "at least one layer"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_kept(
    place: Place, changes: dict[str, str], field: str, says: str
) -> None:
    before = version(place)
    answer = send(place, "/on-call/field-response/layers", "charlie", **form(place, **changes), do="save")
    assert answer.status_code == 422
    assert f'id="{field}-fault"' in answer.text
    assert says in text_of(answer)
    assert version(place) == before


def test_the_form_is_a_commanders(place: Place) -> None:
    seen(place, "/on-call/roster/field-response/edit", by="alice", status=403)
    page = seen(place, "/on-call/roster/field-response/edit", by="charlie")
    assert (page.inline, page.mismatched, page.nameless) == ([], [], [])
