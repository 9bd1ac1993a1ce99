"""Guests of a drill: a link opens this one drill to look at and nothing else, until its end or some days after."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from starlette.testclient import TestClient

from drills import keeping
from drills.control import REMARKS
from drills.score import profile
from drills.script.reader import open_script
from incident.store import drill_tables
from incident.store.engine import changing, reading
from tests.web import test_console as live
from tests.web import test_tabletop as table
from tests.web.place import NUMBERS, Place
from web import drilling
from web.watching import without_numbers

FIRST, SECOND, THIRD = open_script(live.SCRIPT).injects[:3]
HTML = {"accept": "text/html"}
EN = {"accept-language": "en"}


def invited(place: Place, drill: str, name: str = "Fire brigade, Mr Li", **more: object) -> tuple[str, str]:
    """The id of a link for a guest, and the secret in it."""
    body = {"name": name, **more}
    answer = place.client.post(f"/api/drills/{drill}/guests", json=body, headers=place.session("dora"))
    assert answer.status_code == 201, answer.text
    found = answer.json()
    return found["id"], found["link"].rpartition("/")[2]


def links(place: Place, drill: str) -> list[dict[str, Any]]:
    answer = place.client.get(f"/api/drills/{drill}/guests", headers=place.session("dora"))
    assert answer.status_code == 200
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


def looks(place: Place, secret: str, **headers: str) -> Any:
    client: TestClient = place.client
    client.cookies.clear()
    return client.get(f"/guest/{secret}", headers=HTML | headers)


def writes(place: Place, secret: str, **values: str) -> int:
    client: TestClient = place.client
    return client.post(f"/guest/{secret}", data=values, headers=HTML).status_code


def test_a_guest_sees_what_happened_in_their_language_and_nothing_that_lies_ahead(place: Place):
    drill = live.begun(place)
    _, secret = invited(place, drill, language="zh-Hans")
    place.later(minutes=3)
    drilling.look(place.house)
    assert live.acts(place, drill, act="send", inject=2) == 200
    assert live.acts(place, drill, act="skip", inject=3) == 200
    code = live.seen(place, drill)["incident"]
    place.act(code, "acknowledge", "bob")
    page = looks(place, secret).text
    assert '<html lang="zh-Hans"' in page
    assert "演练" in page
    assert open_script(live.SCRIPT).name.zh in page
    assert FIRST.text.zh in page
    assert SECOND.text.zh in page
    assert THIRD.text.zh not in page
    assert 'data-every="5"' in page  # follows by itself
    assert "Bob" in page
    ahead = [inject for inject in open_script(live.SCRIPT).injects if inject.number > 2]
    for inject in open_script(live.SCRIPT).injects:
        assert inject.expected.zh not in page
    assert not any(inject.text.zh in page for inject in ahead)
    english = looks(place, f"{secret}?lang=en").text
    assert SECOND.text.en in english
    assert "3 min" in english
    assert "running" in english


def test_a_guest_sees_no_number_no_way_and_nothing_real(place: Place):
    real = place.reported(title="The real one, a pump", symptom="leaks")["code"]
    place.act(real, "acknowledge", "bob")
    drill = live.begun(place)
    other = table.begun(place, "vera")
    _, secret = invited(place, drill)
    place.deliver()
    place.later(minutes=20)
    place.deliver()
    incident = live.seen(place, drill)["incident"]
    place.act(
        incident,
        "note",
        "dora",
        text="Ring +86 190 0000 0001 or 010-6234 5678, mail a.b@example.org, http://x.example/y",
    )
    page = looks(place, secret).text
    assert "Paged" in page
    for number in NUMBERS.values():
        assert number not in page
    for told in ("0000 0001", "6234", "example.org", "x.example", "SMS", "(call)", "simulated"):
        assert told not in page, told
    assert real not in page.split()
    assert "a pump" not in page
    assert other not in page
    assert 'href="/' not in page.replace('href="/static', "").replace(f'href="/guest/{secret}?lang', "")


def test_a_real_critical_stops_the_drill_and_its_guests_are_not_told_why(place: Place):
    drill = live.begun(place)
    place.act(live.seen(place, drill)["incident"], "acknowledge", "bob")
    _, secret = invited(place, drill)
    place.reported(title="The real fire", injury=True)
    drilling.look(place.house)
    assert live.seen(place, drill)["state"] == "suspended"
    page = looks(place, secret, **EN).text
    assert "The drill stands still" in page
    assert "paused" in page
    for told in ("suspended", "real fire", "Critical has", "emergency"):
        assert told not in page


def test_a_note_of_control_is_not_shown_before_it_is_known_what_it_tells(place: Place):
    """Whoever told the log and died before that was written down leaves it to the next look of control."""
    drill = live.begun(place)
    _, secret = invited(place, drill)
    assert live.acts(place, drill, act="send", inject=2) == 200
    assert live.acts(place, drill, act="skip", inject=3) == 200
    acts = drill_tables.drill_acts
    with changing(place.house.engine) as connection:
        connection.execute(acts.update().where(acts.c.kind.in_(("sent", "skipped"))).values(position=None))
    page = looks(place, secret, **EN).text
    assert SECOND.text.en not in page
    assert "[2]" not in page
    assert "leaves out" not in page
    drilling.look(place.house)
    page = looks(place, secret, **EN).text
    assert SECOND.text.en in page
    assert "called out" not in page
    assert "leaves out" not in page


def test_at_a_table_a_guest_sees_what_was_read_out_and_no_judgement(place: Place):
    drill = table.begun(place, "alice")
    _, secret = invited(place, drill)
    assert table.acts(place, drill, act="read", inject=1) == 200
    assert table.acts(place, drill, act="judge", inject=1, done="not", note="hopeless") == 200
    page = looks(place, secret, **EN).text
    assert FIRST.text.en in page
    assert SECOND.text.en not in page
    assert "Dora" in page  # who leads it
    for told in (FIRST.expected.en, "hopeless", "Alice"):
        assert told not in page


@pytest.mark.parametrize("form", [live, table], ids=["live", "tabletop"])
def test_what_a_guest_observes_reaches_control_and_report_under_their_name_and_moves_no_score(place: Place, form: Any):
    drill = form.begun(place)
    _, secret = invited(place, drill)
    if form is table:
        assert table.acts(place, drill, act="read", inject=1) == 200
        assert table.acts(place, drill, act="judge", inject=1, done="done") == 200
    place.later(minutes=2)
    assert writes(place, secret, text="The gate stood open <b>", done="not") == 303
    assert writes(place, secret, text="They asked us at once", done="done") == 303
    page = looks(place, secret, **EN).text
    assert "They asked us at once" in page
    assert "The gate stood open &lt;b&gt;" in page
    noted = form.seen(place, drill)["noted"]
    assert [(one["by"], one["done"]) for one in noted] == [("Fire brigade, Mr Li, guest", d) for d in ("done", "not")]
    assert form.acts(place, drill, act="end") == 200
    kept = form.seen(place, drill)["kept"]
    with reading(place.house.engine) as connection:
        played = keeping.find(connection, kept, profile())
    seen = played.observations.seen
    assert [(one.kind, one.by, one.guest, one.objective) for one in seen] == [
        ("improvement", "Fire brigade, Mr Li", True, None),
        ("strength", "Fire brigade, Mr Li", True, None),
    ]
    without = played.observations.model_copy(update={"seen": ()})
    assert played.score(profile()).stands == guests_less(played, without).stands
    report = place.client.get(f"/drills/{kept}/report", headers=place.session("dora") | EN).text
    assert "Watched as guests: Fire brigade, Mr Li" in report
    assert "They asked us at once (Fire brigade, Mr Li, guest)" in report


def guests_less(played: Any, observations: Any) -> Any:
    return replace(played, observations=observations).score(profile())


def test_who_never_opened_the_link_has_not_watched(place: Place):
    drill = live.begun(place)
    invited(place, drill, "Nobody came")
    assert live.acts(place, drill, act="end") == 200
    kept = live.seen(place, drill)["kept"]
    report = place.client.get(f"/drills/{kept}/report", headers=place.session("dora") | EN).text
    assert "Nobody came" not in report


def test_a_guest_writes_so_much_and_no_more(place: Place):
    _, secret = invited(place, table.begun(place))
    for number in range(REMARKS):
        assert writes(place, secret, text=f"note {number}", done="not") == 303
    assert writes(place, secret, text="one more", done="not") == 409
    assert "one more" not in looks(place, secret).text.partition("<ul>")[2]
    assert "<textarea" not in looks(place, secret).text


@pytest.mark.parametrize(
    "values",
    [
        {"text": "x"},
        {"done": "not"},
        {"text": "x", "done": "partly"},
        {"text": "x" * 501, "done": "not"},
        {"text": "x", "done": "not", "inject": "1"},
        {"answer": "5"},
        {"act": "end"},
    ],
)
def test_a_guest_does_nothing_else(place: Place, values: dict[str, str]):
    drill = table.begun(place)
    _, secret = invited(place, drill)
    assert writes(place, secret, **values) == 422
    assert table.seen(place, drill)["noted"] == []
    assert table.seen(place, drill)["state"] == "running"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("call +86 190 0000 0001 now", "call ••• now"),
        ("010-6234 5678", "•••"),
        ("(0512) 62345678.", "(•••."),
        ("请拨19000000001联系李先生", "请拨•••联系李先生"),
        ("tel0512\u00a06234\u20135678x", "tel•••x"),
        ("2026/11/26 to 2026.11.27, 2026年11月28日", "2026/11/26 to 2026.11.27, 2026年11月28日"),
        ("12345678901234567890123", "•••"),
        ("19000000001", "•••"),
        ("on 2026-11-26 at 13:30, 214 hosts, 3.5 V", "on 2026-11-26 at 13:30, 214 hosts, 3.5 V"),
        ("mail li@fire.example.cn", "mail •••"),
        ("see https://x.example/a?b=c ok", "see ••• ok"),
    ],
)
def test_numbers_and_addresses_are_taken_out_of_what_people_wrote(text: str, left: str):
    assert without_numbers(text) == left
