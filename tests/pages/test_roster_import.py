"""A calendar file on the site: what is in it is shown with its effect, and only then taken over."""

from __future__ import annotations

import html
import re
from typing import Any

from httpx2 import Response

from tests.pages.markup import Markup, seen
from tests.pages.test_rosters import on_duty, text_of
from tests.web.place import Place

PATH = "/on-call/field-response/import"


def calendar(*events: tuple[str, str, str]) -> bytes:
    parts = "".join(
        f"BEGIN:VEVENT\r\nUID:{n}\r\nSUMMARY:{title}\r\nDTSTART:{start}\r\nDTEND:{end}\r\nEND:VEVENT\r\n"
        for n, (title, start, end) in enumerate(events, 1)
    )
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{parts}END:VCALENDAR\r\n".encode()


BOB = ("Bob", "20261124T080000Z", "20261125T080000Z")
LUNCH = ("Lunch <script>alert(1)</script>", "20261124T120000Z", "20261124T130000Z")


def upload(place: Place, data: bytes, by: str = "charlie", **fields: str) -> Response:
    headers = {"accept": "text/html", "accept-language": "en"} | place.session(by)
    files = {"file": ("duty.ics", data, "text/calendar")}
    return place.client.post(PATH, data={"as": "shifts", **fields}, files=files, headers=headers)


def confirm(place: Place, shown: Response, by: str = "charlie", **more: str) -> Response:
    """Press the button under what was shown: the text travels in the page."""
    text = re.search(r"<textarea name=\"text\"[^>]*>(.*?)</textarea>", shown.text, re.DOTALL)
    assert text is not None
    fields: dict[str, Any] = dict(Markup(shown.text).forms[-1].fields) | {"text": html.unescape(text[1]), "do": "save"}
    headers = {"accept": "text/html", "accept-language": "en"} | place.session(by)
    files = {name: (None, value) for name, value in (fields | more).items()}
    return place.client.post(PATH, files=files, headers=headers)


def test_a_file_is_shown_and_nothing_is_saved_before_the_second_press(place: Place) -> None:
    shown = upload(place, calendar(BOB))
    assert shown.status_code == 200
    assert "1 time can be taken over" in text_of(shown)
    assert "Tue 24 Nov 08:00 – Wed 25 Nov 08:00: Bob instead of Alice" in text_of(shown)
    assert Markup(shown.text).nameless == []
    assert on_duty(place, "2026-11-24T12:00:00Z") == "alice"
    assert confirm(place, shown).status_code == 303
    assert on_duty(place, "2026-11-24T12:00:00Z") == "bob"
    assert confirm(place, shown).status_code in (303, 409)
    assert len(place.house.directory.organisation().rosters[0].overrides) == 1, "the same file again changes nothing"


def test_what_cannot_be_used_is_named_and_must_be_left_out_by_a_word(place: Place) -> None:
    shown = upload(place, calendar(BOB, LUNCH))
    assert "Event 2, “Lunch <script>alert(1)</script>”: it names nobody who works here" in text_of(shown)
    assert "<script>alert" not in shown.text
    refused = confirm(place, shown, skip="")
    assert refused.status_code == 409
    assert "Some events cannot be used (1)" in text_of(refused)
    assert on_duty(place, "2026-11-24T12:00:00Z") == "alice"
    assert confirm(place, shown, skip="yes").status_code == 303
    assert on_duty(place, "2026-11-24T12:00:00Z") == "bob"


def test_a_calendar_becomes_somebodys_time_off(place: Place) -> None:
    holiday = ("Holiday", "20261124T000000Z", "20261126T000000Z")
    shown = upload(place, calendar(holiday), **{"as": "time_off", "person": "alice"})
    assert "Bob instead of Alice" in text_of(shown)
    assert confirm(place, shown).status_code == 303
    assert on_duty(place, "2026-11-25T12:00:00Z") == "bob"
    (person,) = [one for one in place.house.directory.organisation().people if one.id == "alice"]
    assert [one.reason for one in person.time_off] == ["Holiday"]


def test_a_responder_takes_over_what_is_their_own(place: Place) -> None:
    assert upload(place, calendar(BOB), by="alice").status_code == 403
    shown = upload(place, calendar(BOB), by="bob")
    assert confirm(place, shown, by="bob").status_code == 303
    assert on_duty(place, "2026-11-24T12:00:00Z") == "bob"
    seen(place, "/on-call/roster/field-response/import", by="vera", status=403)


def test_what_is_no_calendar_or_too_large_is_said_at_the_file(place: Place) -> None:
    for data, says in ((b"hello", "This is no iCalendar file"), (b"", "Choose a file."), (b" " * 600_000, "512 KB")):
        answer = upload(place, data)
        assert answer.status_code == 422
        assert says in text_of(answer), says


def test_what_changed_meanwhile_is_not_written_over(place: Place) -> None:
    shown = upload(place, calendar(BOB))
    body = {"start": "2026-11-24T08:00:00Z", "end": "2026-11-25T08:00:00Z", "person": "charlie", "reason": "x"}
    path = "/api/rosters/field-response/overrides"
    assert place.client.post(path, json=body, headers=place.key("commander")).status_code == 201
    late = confirm(place, shown)
    assert late.status_code == 409
    assert "Somebody else has changed this" in text_of(late)
    assert on_duty(place, "2026-11-24T12:00:00Z") == "charlie"
