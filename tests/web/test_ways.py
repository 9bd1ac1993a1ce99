"""A person's ways at the site: in their order, confirmed by a code, and one's own only; and the page's short code."""

from __future__ import annotations

import re
from typing import Any

import pytest

from incident.organisation import phone_number
from incident.store import links, phones
from incident.store.engine import reading
from tests.web.place import NUMBERS, Place
from web.limiter import Limiter

ALICE, OTHER = NUMBERS["alice"], "+12025550177"
SMS_A = "/api/people/alice/ways"


def ask(place: Place, method: str, path: str, by: str = "alice", **body: Any) -> Any:
    sent = {} if method == "GET" else {"json": body}
    return place.client.request(method, path, headers=place.session(by), **sent)


def ways(place: Place, by: str = "alice") -> Any:
    answer = ask(place, "GET", SMS_A, by)
    assert answer.status_code == 200, answer.text
    return answer.json()


def put(place: Place, *new: dict[str, Any], by: str = "alice") -> Any:
    return ask(place, "PUT", SMS_A, by, ways=list(new))


def last_text(place: Place, number: str = ALICE) -> str:
    place.deliver()
    found = place.client.get(f"/api/phones/{number}", headers=place.key("responder")).json()
    return str(found["messages"][-1]["body"])


def digits(text: str) -> str:
    return "".join(re.findall(r"\d", text))[:6]


def posted(place: Place, act: str, by: str = "alice", person: str = "alice", **fields: str) -> Any:
    headers = place.session(by) | {"accept": "text/html"}
    return place.client.post(f"/people/{person}/ways/{act}", data=fields, headers=headers)


SMS, CALL = {"kind": "sms", "address": ALICE}, {"kind": "voice", "address": ALICE}


def test_one_sees_how_one_is_reached_and_what_lacks(place: Place):
    put(place, SMS, CALL)
    seen = ways(place)
    assert [(w["kind"], w["counts"]) for w in seen["ways"]] == [("sms", False), ("voice", False)]
    assert [(s["way"][:3], s["after_s"]) for s in seen["pages"]["critical"]] == [("sms", 0), ("voi", 60)]
    assert "no way is confirmed" in seen["lacking"]


def test_a_way_is_confirmed_by_the_code_that_came_by_it(place: Place):
    name = ways(place)["ways"][0]["name"]
    assert ask(place, "POST", f"{SMS_A}/{name}/code").status_code == 201
    code = digits(last_text(place))
    wrong = ask(place, "POST", f"{SMS_A}/{name}/confirm", code="000000" if code != "000000" else "111111")
    assert (wrong.status_code, wrong.json()["errors"][0]["key"]) == (422, "way.code.wrong")
    seen = ask(place, "POST", f"{SMS_A}/{name}/confirm", code=code).json()
    assert (seen["ways"][0]["counts"], seen["ways"][0]["confirmed_by"], seen["lacking"]) == (True, "code", None)
    assert seen["fate"] == "there is one way only"


def test_a_code_by_call_is_spoken_digit_by_digit_and_asks_for_no_key(place: Place):
    put(place, SMS, CALL)
    name = ways(place)["ways"][1]["name"]
    ask(place, "POST", f"{SMS_A}/{name}/code")
    spoken = last_text(place)
    assert re.search(r"\d, \d, \d, \d, \d, \d", spoken)
    assert "Press" not in spoken
    assert ask(place, "POST", f"{SMS_A}/{name}/confirm", code=digits(spoken)).json()["ways"][1]["counts"]


def test_the_log_of_talk_and_the_logs_of_the_program_never_hold_the_code(place: Place):
    name = ways(place)["ways"][0]["name"]
    ask(place, "POST", f"{SMS_A}/{name}/code")
    code = digits(last_text(place))
    with reading(place.house.engine) as connection:
        bodies = connection.exec_driver_sql("SELECT body, facts FROM outbox").all()
    assert code not in str(bodies)


def test_a_second_code_within_a_minute_is_refused(place: Place):
    name = ways(place)["ways"][0]["name"]
    assert [ask(place, "POST", f"{SMS_A}/{name}/code").status_code for _ in range(2)] == [201, 409]


def test_changing_the_address_makes_another_way_that_nobody_has_confirmed(place: Place):
    name = ways(place)["ways"][0]["name"]
    ask(place, "POST", f"{SMS_A}/{name}/confirm", by="dora", reason="called her")
    assert ways(place)["ways"][0]["confirmed_by"] == "person:dora: called her"
    put(place, {"kind": "sms", "address": OTHER})
    assert not ways(place)["ways"][0]["counts"]
    put(place, SMS)
    assert ways(place)["ways"][0]["counts"], "the number is hers as before"


def test_the_last_way_says_that_no_page_gets_through_without_it_and_comes_back_confirmed(place: Place):
    name = ways(place)["ways"][0]["name"]
    ask(place, "POST", f"{SMS_A}/{name}/code")
    ask(place, "POST", f"{SMS_A}/{name}/confirm", code=digits(last_text(place)))
    assert "No other way is left" in ask(place, "GET", "/people/alice/ways").text
    posted(place, "remove", way=name)
    assert "Add a way below and confirm it" in ask(place, "GET", "/people/alice/ways").text
    posted(place, "add", kind="sms", address=ALICE)
    assert "It was confirmed before and still is." in ask(place, "GET", "/people/alice/ways?did=add").text
    posted(place, "add", kind="sms", address=OTHER)
    assert "Now have the code sent to it" in ask(place, "GET", "/people/alice/ways?did=add").text


def test_only_an_admin_vouches_and_says_why(place: Place):
    name = ways(place)["ways"][0]["name"]
    assert ask(place, "POST", f"{SMS_A}/{name}/confirm", reason="it is mine").status_code == 403
    assert ask(place, "POST", f"{SMS_A}/{name}/confirm", by="dora", reason=" ").status_code == 422


@pytest.mark.parametrize("by", ["bob", "charlie", "vera"])
def test_nobody_but_its_owner_and_an_admin_touches_a_way(place: Place, by: str):
    assert ask(place, "GET", SMS_A, by).status_code == 403
    assert put(place, by=by).status_code == 403
    assert posted(place, "remove", by=by, way=ways(place)["ways"][0]["name"]).status_code == 403
    assert len(ways(place, "dora")["ways"]) == 1


@pytest.mark.parametrize(
    ("kind", "address", "said"),
    [
        ("sms", "110", "emergency number"),
        ("sms", "119", "emergency number"),
        ("voice", "112", "emergency number"),
        ("voice", "+86 110", "emergency number"),
        ("sms", "+49 30 23125001", "landline"),
        ("sms", ALICE, "already"),
        ("sms", NUMBERS["bob"], "bob"),
        ("sms", "12345", "country code"),
    ],
)
def test_what_must_not_be_a_way_is_refused_at_its_field(place: Place, kind: str, address: str, said: str):
    answer = posted(place, "add", kind=kind, address=address)
    assert answer.status_code == 422
    assert said in answer.text
    assert len(ways(place)["ways"]) == 1


def test_a_landline_is_called(place: Place):
    assert posted(place, "add", kind="voice", address="+49 30 23125001").status_code == 303
    assert [w["kind"] for w in ways(place)["ways"]] == ["sms", "voice"]


def test_ways_are_put_in_order_and_their_delays_set(place: Place):
    put(place, SMS, CALL)
    call = ways(place)["ways"][1]["name"]
    moved = posted(place, "up", way=call)
    assert moved.headers["location"].endswith(f"#up-{call}")
    assert [w["kind"] for w in ways(place)["ways"]] == ["voice", "sms"]
    posted(place, "up", way=call)  # it is the first already
    posted(place, "delays", way=call, critical="30", high="never", medium="", low="600")
    seen = ways(place)
    assert seen["ways"][0]["delays"] == {"critical": 30, "high": "never", "low": 600}
    assert [(s["way"][:3], s["after_s"], s["known_s"]) for s in seen["pages"]["low"]] == [
        ("sms", 0, 0),
        ("voi", 60, 600),
    ]
    posted(place, "remove", way=call)
    assert [w["kind"] for w in ways(place)["ways"]] == ["sms"]


def test_a_test_message_says_what_it_is(place: Place):
    name = ways(place)["ways"][0]["name"]
    assert ask(place, "POST", f"{SMS_A}/{name}/test").status_code == 204
    assert last_text(place).startswith("[TEST] Nothing has happened.")


def test_who_sent_stop_is_told_how_to_start_again_and_gets_no_code(place: Place):
    number = phone_number(ALICE)
    place.client.post(f"/api/phones/{number}/messages", json={"body": "STOP"}, headers=place.key("responder"))
    place.house.directory.refresh()
    seen = ways(place)
    assert "no page can reach" in seen["lacking"]
    page = place.client.get("/people/alice/ways", headers=place.session("alice"))
    assert "Text START from that phone" in page.text
    assert ask(place, "POST", f"{SMS_A}/{seen['ways'][0]['name']}/code").status_code == 409
    people = place.client.get("/people", headers=place.session("dora"))
    assert "no page can reach this person" in people.text
    place.client.post(f"/api/phones/{number}/messages", json={"body": "START"}, headers=place.key("responder"))
    place.house.directory.refresh()
    assert ways(place)["pages"]["low"]


def test_me_leads_to_ones_own_ways(place: Place):
    assert ask(place, "GET", "/me").headers["location"] == "/people/alice/ways"
    assert place.client.get("/me", headers=place.key("viewer")).headers["location"] == "/people"


# The code of a page, typed where no link gets through.


def answer_code(place: Place, incident: str, person: str) -> tuple[str, str]:
    with reading(place.house.engine) as connection:
        token = links.of(connection, [incident])[incident, person]
    return token[:8], token


def type_code(place: Place, code: str) -> Any:
    return place.client.post("/c", data={"code": code}, headers={"accept": "text/html"})


def test_the_code_opens_the_page_and_answers_nothing_by_itself(place: Place):
    incident = place.reported()["id"]
    code, token = answer_code(place, incident, "alice")
    opened = type_code(place, f" {code[:4].upper()}-{code[4:]} ")
    assert (opened.status_code, opened.headers["location"]) == (303, f"/a/{token}")
    log = place.client.get(f"/api/incidents/{incident}/log", headers=place.key("viewer")).json()["items"]
    assert "acknowledged" not in [entry["kind"] for entry in log]
    assert place.client.post(f"/a/{token}/acknowledge").status_code == 303
    used = type_code(place, code)
    assert used.status_code == 422, "it is used up by the answer"
    assert "has been answered" in used.text


def test_a_code_that_nobody_was_given_says_nothing_about_what_is_open(place: Place):
    place.reported()
    answers = {type_code(place, code).text for code in ("22222222", "zzzzzzzz")}
    assert all("no page waits for this code" in text for text in answers)


def test_codes_are_tried_ten_times_a_minute_and_then_not_even_looked_at(place: Place):
    incident = place.reported()["id"]
    code, _ = answer_code(place, incident, "alice")
    place.app.state.gate.codes = Limiter(10, 60, now=lambda: 0.0)
    assert [type_code(place, "22222222").status_code for _ in range(11)] == [422] * 10 + [429]
    assert type_code(place, code).status_code == 429


def test_what_cannot_be_a_code_costs_no_try(place: Place):
    place.app.state.gate.codes = Limiter(1, 60, now=lambda: 0.0)
    assert [type_code(place, code).status_code for code in ("", "C7", "O0l1-iiii")] == [422] * 3


def test_a_person_is_written_back_as_shown_and_nothing_is_lost(place: Place):
    call = {**CALL, "delays": {"high": 30, "low": "never"}}
    put(place, SMS, call)
    everybody = place.client.get("/api/people", headers=place.key("admin")).json()["items"]
    alice = next(one for one in everybody if one["id"] == "alice")
    assert alice["ways"] == [{**SMS, "delay_s": None, "delays": {}}, {**call, "delay_s": None}]
    certified = alice | {"skills": ["gas", "network"], "skills_until": {"gas": "2026-12-31"}}
    for written in (certified, certified):
        seen = place.client.put("/api/people/alice", json=written, headers=place.key("admin")).json()
        assert seen == certified


def test_the_wall_says_of_who_is_on_call_whether_a_page_reaches_them(place: Place):
    def field() -> str:
        facts = place.client.get("/wall/facts", headers=place.session("dora")).json()
        return str(next(duty["names"] for duty in facts["on_call"] if duty["unit"] == "Field"))

    on_duty = "Alice" if field().startswith("Alice") else "Bob"
    person, number = on_duty.lower(), NUMBERS[on_duty.lower()]
    assert field() == f"{on_duty} (no confirmed way)"
    name = ask(place, "GET", f"/api/people/{person}/ways", "dora").json()["ways"][0]["name"]
    ask(place, "POST", f"/api/people/{person}/ways/{name}/confirm", "dora", reason="asked in person")
    assert field() == on_duty
    place.client.post(f"/api/phones/{number}/messages", json={"body": "STOP"}, headers=place.key("responder"))
    place.house.directory.refresh()
    assert field() == f"{on_duty}: NO PAGE REACHES THEM"


def proven(place: Place, *new: dict[str, Any]) -> None:
    """Alice's ways, each of which dora has vouched for."""
    put(place, *new)
    for way in ways(place)["ways"]:
        ask(place, "POST", f"{SMS_A}/{way['name']}/confirm", by="dora", reason="called her")


def texts(place: Place, number: str) -> list[str]:
    """What arrived there, whoever's number it is by now."""
    place.deliver()
    with reading(place.house.engine) as connection:
        return [message.body for message in phones.messages(connection, number)]


NEW = {"kind": "sms", "address": OTHER}


def test_whoever_gets_a_new_way_hears_of_it_by_a_proven_one(place: Place):
    proven(place, SMS)
    assert posted(place, "add", by="dora", **NEW).status_code == 303
    assert texts(place, ALICE) == ["Dora added SMS ...0177 to your ways. Not you? Tell an admin."]
    assert posted(place, "remove", by="alice", way=ways(place)["ways"][1]["name"]).status_code == 303
    assert texts(place, ALICE)[1:] == ["Alice removed SMS ...0177 from your ways. Not you? Tell an admin."]


def test_a_number_that_takes_the_place_of_a_proven_one_is_told_to_the_one_that_goes(place: Place):
    proven(place, SMS)
    put(place, NEW, by="dora")
    told = {text.split(" to your")[0].split(" from your")[0] for text in texts(place, ALICE)}
    assert told == {"Dora added SMS ...0177", "Dora removed SMS ...0101"}, "in whichever order they arrive"
    assert texts(place, OTHER) == [], "nobody has proven that it is hers"


def test_a_whole_document_and_a_whole_person_say_it_too(place: Place):
    proven(place, SMS)
    headers = place.key("admin")
    document = place.client.get("/api/organisation", headers=headers).json()
    document["people"][0]["ways"].append(NEW)
    assert place.client.put("/api/organisation", json=document, headers=headers).status_code == 200
    person = place.client.get("/api/people", headers=headers).json()["items"][0]
    assert place.client.put("/api/people/alice", json=person | {"ways": [SMS]}, headers=headers).status_code == 200
    assert len(texts(place, ALICE)) == 2


def test_who_has_no_proven_way_and_whose_order_alone_changes_hears_nothing(place: Place):
    put(place, SMS, NEW)
    assert texts(place, ALICE) == []
    proven(place, SMS, CALL)
    before = texts(place, ALICE)
    put(place, CALL, SMS)
    assert texts(place, ALICE) == before


def test_no_more_than_five_in_an_hour(place: Place):
    proven(place, SMS)
    for last in range(8):
        put(place, SMS, {"kind": "sms", "address": f"+120255501{last + 80}"})
    assert len(texts(place, ALICE)) == 5
