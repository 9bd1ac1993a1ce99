"""Answers by phone: the simulated ones, and a provider's webhooks with their signatures."""

from __future__ import annotations

import asyncio
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from twilio.request_validator import RequestValidator

from incident.notify.channels import Outgoing
from incident.notify.simulated import SimulatedChannel
from incident.organisation import WayKind
from incident.store import sends
from incident.store.engine import reading
from tests.web.place import NUMBERS, Place, opened

TOKEN = "0123456789abcdef0123456789abcdef"
PUBLIC = "https://ops.example.com"
ALICE, BOB = NUMBERS["alice"], NUMBERS["bob"]


def texts(place: Place, number: str, body: str) -> list[str]:
    """Text from that phone; what came back, newest last."""
    before = len(messages(place, number))
    answer = place.client.post(f"/api/phones/{number}/messages", json={"body": body}, headers=place.key("responder"))
    assert answer.status_code == 201, answer.text
    new = answer.json()["messages"][before:]
    assert new[0]["direction"] == "from_phone"
    return [message["body"] for message in new[1:]]


def messages(place: Place, number: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = place.client.get(f"/api/phones/{number}", headers=place.key("responder")).json()[
        "messages"
    ]
    return found


def incident(place: Place, code: str) -> dict[str, Any]:
    found: dict[str, Any] = place.client.get(f"/api/incidents/{code}", headers=place.key("viewer")).json()
    return found


def test_the_phones_are_listed_with_their_people(place: Place) -> None:
    listed = place.client.get("/api/phones", headers=place.key("responder")).json()
    assert [(one["number"], one["person"]) for one in listed["items"]] == [(NUMBERS[n], n) for n in NUMBERS]


def test_a_page_stands_on_the_phone_and_1_takes_it(place: Place) -> None:
    place.reported()
    place.deliver()
    page = messages(place, ALICE)[0]
    assert page["direction"] == "to_phone"
    assert "C1" in page["body"]
    assert texts(place, ALICE, "1") == ["C1 is yours, Alice. Reply 3 C1 when it is resolved."]
    found = incident(place, "C1")
    assert found["commander"]["person"] == "alice"
    assert found["alarm"]["ringing"] is False


def test_the_answer_is_in_the_person_s_language(place: Place) -> None:
    place.reported()
    place.later(minutes=10)
    place.act("C1", "note", text="x")
    place.client.post("/api/incidents/C1/acknowledge", json={"person": "bob"}, headers=place.key("responder"))
    assert texts(place, BOB, "完成 C1")[0]


def test_2_passes_it_on_and_the_next_is_paged_at_once(place: Place) -> None:
    place.reported()
    assert texts(place, ALICE, "转") == ["C1 is passed on. The next on the ladder is paged now."]
    found = incident(place, "C1")
    assert [one["answer"] for one in found["alarm"]["paged"] if one["person"] == "alice"] == ["declined"]
    assert found["alarm"]["rung"] > 1


def test_with_several_open_the_code_is_asked_for(place: Place) -> None:
    place.reported()
    place.reported(title="Second")
    asked = texts(place, ALICE, "1")
    assert "C1" in asked[0]
    assert "C2" in asked[0]
    assert incident(place, "C1")["commander"] is None
    assert "C2 is yours" in texts(place, ALICE, "收到 C2")[0]
    assert incident(place, "C1")["commander"] is None
    assert "C1 is yours" in texts(place, ALICE, "1")[0]


def test_who_answers_second_is_told_who_has_it(place: Place) -> None:
    place.reported()
    texts(place, ALICE, "2")
    place.client.post("/api/incidents/C1/acknowledge", json={"person": "bob"}, headers=place.key("responder"))
    assert texts(place, ALICE, "1 C1") == ["C1 is already with Bob. Nothing for you to do."]


@pytest.mark.parametrize("said", ["1", "1 C1"])
def test_who_is_offered_the_command_and_answers_by_text_is_told_where_it_is_accepted(place: Place, said: str) -> None:
    place.reported()
    texts(place, ALICE, "1")
    place.act("C1", "offer-command", "alice", to="charlie")
    place.deliver()
    (answer,) = texts(place, NUMBERS["charlie"], said)
    assert answer == "C1 is with Alice, who offers you the command. Read the briefing and accept it on the site."
    assert incident(place, "C1")["commander"]["person"] == "alice"


def test_3_resolves_what_one_commands(place: Place) -> None:
    place.reported()
    place.reported(title="Second")
    texts(place, ALICE, "1 C2")
    assert "C2 is marked resolved" in texts(place, ALICE, "3")[0]
    assert incident(place, "C2")["phase"] == "verifying"
    assert incident(place, "C1")["phase"] == "activated"


def test_an_answer_after_the_end_is_told_so(place: Place) -> None:
    place.reported()
    texts(place, ALICE, "1")
    texts(place, ALICE, "3")
    still = ["C1 is marked resolved. It still has to be verified and closed."]
    assert texts(place, ALICE, "2 C1") == texts(place, ALICE, "1 C1") == still
    assert texts(place, ALICE, "1") == ["No page is open for you."]


def test_an_alarm_that_went_out_by_itself_puts_nobody_in_command(place: Place) -> None:
    place.reported()
    place.client.post("/api/incidents/C1/resolve", json={"person": "bob"}, headers=place.key("responder"))
    assert texts(place, ALICE, "1 C1") == ["C1 is over. Nothing for you to do."]
    assert incident(place, "C1")["commander"]["person"] == "bob"
    assert [who["person"] for who in incident(place, "C1")["responders"]] == ["bob"]


def test_an_answer_to_what_was_merged_says_where_it_went(place: Place) -> None:
    first = place.reported()
    place.reported(title="Once more")
    place.client.post("/api/incidents/C2/merge", json={"into": first["id"]}, headers=place.key("commander"))
    merged = ["C2 was merged into C1 and is handled there. Nothing for you to do."]
    assert texts(place, ALICE, "1 C2") == merged


@pytest.mark.parametrize(("said", "digit"), [("1", 1), ("2", 2), ("NO", 2)])
def test_of_several_it_is_asked_which_one_in_the_very_words_of_the_wish(place: Place, said: str, digit: int) -> None:
    place.reported()
    place.reported(title="Second")
    asked = texts(place, ALICE, said)
    assert asked == [f"2 pages are open for you: C2, C1. Reply {digit} and the code of one, like {digit} C2."]


def test_of_several_that_one_commands_it_is_asked_which_one_is_resolved(place: Place) -> None:
    place.reported()
    place.reported(title="Second")
    for code in ("C1", "C2"):
        texts(place, ALICE, f"1 {code}")
    assert texts(place, ALICE, "3")[0].endswith("Reply 3 and the code of one, like 3 C2.")


def test_nothing_open_and_no_such_code(place: Place) -> None:
    assert texts(place, ALICE, "1") == ["No page is open for you."]
    place.reported()
    assert texts(place, ALICE, "1 C77") == ["No page with the code C77 is open for you."]


def test_what_nobody_understands_is_helped_once_an_hour(place: Place) -> None:
    place.reported()
    assert "Not understood. Reply 1 to take it" in texts(place, ALICE, "who is this?")[0]
    assert texts(place, ALICE, "hello?") == []
    place.clock.move(timedelta(minutes=61))
    assert "Not understood" in texts(place, ALICE, "hello?")[0]
    assert incident(place, "C1")["commander"] is None


def test_yes_is_no_silence_where_nothing_was_stopped(place: Place) -> None:
    """For a carrier YES is START. To a page it is an answer that takes nothing, and must not pass for one that does."""
    place.reported()
    assert "Not understood" in texts(place, ALICE, "yes")[0]
    texts(place, ALICE, "STOP")
    assert texts(place, ALICE, "START") == []


def test_help_is_not_scolded(place: Place) -> None:
    assert texts(place, ALICE, "help")[0].startswith("Reply 1 to take it, 2 to pass it on")


def test_carriers_words_are_left_to_carriers(place: Place) -> None:
    place.reported()
    assert texts(place, ALICE, "STOP") == []


def test_somebody_of_the_house_reports_by_text(place: Place) -> None:
    answer = texts(place, ALICE, "REPORT smoke in hall 3")
    assert answer[0].startswith("C1 is open")
    assert incident(place, "C1")["report"]["channel"] == "sms"


def test_a_strange_number_is_no_phone_of_ours(place: Place) -> None:
    path = "/api/phones/+12025559999"
    assert place.client.get(path, headers=place.key("responder")).status_code == 404


@pytest.fixture
def twilio(tmp_path: Path, template: Path) -> Iterator[Place]:
    """The same place with a provider configured; nothing is sent anywhere, since no worker runs."""
    env = {
        "twilio_account_sid": "AC" + "0" * 32,
        "twilio_auth_token": TOKEN,
        "twilio_from": "+12025550190",
        "public_url": PUBLIC,
    }
    folder = tmp_path / "with-provider"
    folder.mkdir()
    with opened(folder, template, **env) as found:
        yield found


def signed(place: Place, path: str, form: dict[str, str], token: str = TOKEN) -> Any:
    signature = RequestValidator(token).compute_signature(PUBLIC + path, form)
    return place.client.post(path, data=form, headers={"x-twilio-signature": signature})


def sms(place: Place, body: str, sid: str = "SM1", number: str = ALICE) -> str | None:
    answer = signed(place, "/hooks/twilio/sms", {"From": number, "Body": body, "MessageSid": sid})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/xml")
    return ET.fromstring(answer.text).findtext("Message")


def test_without_its_signature_nothing_is_read(twilio: Place) -> None:
    form = {"From": ALICE, "Body": "1", "MessageSid": "SM1"}
    twilio.reported()
    assert twilio.client.post("/hooks/twilio/sms", data=form).status_code == 403
    assert signed(twilio, "/hooks/twilio/sms", form, token="another").status_code == 403
    assert incident(twilio, "C1")["commander"] is None


FORM = {"From": ALICE, "Body": "1", "MessageSid": "SM" + "9" * 32}
SMS = "/hooks/twilio/sms"


@pytest.mark.parametrize(
    ("signed_for", "signed_form", "token", "headers"),
    [
        (PUBLIC + SMS, FORM, "f" * 32, {}),  # another account's token
        (PUBLIC + "/hooks/twilio/status", FORM, TOKEN, {}),  # another path of ours
        (PUBLIC + SMS + "?send=1", FORM, TOKEN, {}),  # another query
        (PUBLIC + SMS, {**FORM, "Body": "2"}, TOKEN, {}),  # other words
        (PUBLIC + SMS, {**FORM, "From": BOB}, TOKEN, {}),  # from somebody else
        ("https://another.example" + SMS, FORM, TOKEN, {}),  # replayed from another installation
        ("https://another.example" + SMS, FORM, TOKEN, {"host": "another.example"}),  # whose name it brings along
        ("https://another.example" + SMS, FORM, TOKEN, {"x-forwarded-host": "another.example"}),
    ],
)
def test_what_was_signed_for_something_else_is_refused_and_does_nothing(
    twilio: Place, signed_for: str, signed_form: dict[str, str], token: str, headers: dict[str, str]
) -> None:
    opened_one = twilio.reported()
    signature = RequestValidator(token).compute_signature(signed_for, signed_form)
    answer = twilio.client.post(SMS, data=FORM, headers={"x-twilio-signature": signature, **headers})
    assert answer.status_code == 403
    assert incident(twilio, opened_one["code"])["commander"] is None


def test_the_address_that_counts_is_the_configured_one_whatever_host_is_named(twilio: Place) -> None:
    opened_one = twilio.reported()
    signature = RequestValidator(TOKEN).compute_signature(PUBLIC + SMS, FORM)
    headers = {"x-twilio-signature": signature, "host": "10.0.0.7:8000"}  # behind a proxy
    assert twilio.client.post(SMS, data=FORM, headers=headers).status_code == 200
    assert incident(twilio, opened_one["code"])["commander"]["person"] == "alice"


def test_with_a_provider_there_are_no_simulated_phones_and_without_one_no_webhooks(twilio: Place, place: Place) -> None:
    assert twilio.client.get("/api/phones", headers=twilio.key("responder")).status_code == 404
    assert signed(place, "/hooks/twilio/sms", {"From": ALICE, "Body": "1"}).status_code == 404


def test_a_reply_is_answered_in_the_webhook_s_own_answer(twilio: Place) -> None:
    twilio.reported()
    assert "C1 is yours" in str(sms(twilio, "1"))
    assert incident(twilio, "C1")["commander"]["person"] == "alice"
    assert sms(twilio, "hm?", sid="SM2") is not None
    assert sms(twilio, "hm?", sid="SM5") is None
    assert sms(twilio, "1", sid="SM4", number="+12025559999") is None


def test_what_the_carrier_has_answered_by_itself_is_not_answered_again(twilio: Place) -> None:
    twilio.reported()
    form = {"From": ALICE, "Body": "Start", "MessageSid": "SM1", "OptOutType": "START"}
    assert ET.fromstring(signed(twilio, "/hooks/twilio/sms", form).text).findtext("Message") is None


def test_a_message_that_comes_twice_acts_once_and_is_answered_the_same(twilio: Place) -> None:
    twilio.reported()
    first, again = sms(twilio, "2", sid="SM1"), sms(twilio, "2", sid="SM1")
    assert first == again
    log = twilio.client.get("/api/incidents/C1/log", headers=twilio.key("viewer")).json()["items"]
    assert [entry["kind"] for entry in log].count("declined") == 1


def page_to(place: Place, person: str, code: str = "C1") -> int:
    with reading(place.house.engine) as connection:
        found = sends.of_incident(connection, incident(place, code)["id"])
    return next(one.id for one in found if one.person == person and one.purpose == "page")


def test_a_key_in_a_call_takes_it_and_another_key_asks_again(twilio: Place) -> None:
    twilio.reported()
    path = f"/hooks/twilio/voice?send={page_to(twilio, 'alice')}"
    again = signed(twilio, path, {"Digits": "7", "CallSid": "CA1", "To": ALICE})
    assert ET.fromstring(again.text).find("Gather") is not None
    taken = signed(twilio, path, {"Digits": "1", "CallSid": "CA1", "To": ALICE})
    assert "C1 is yours" in str(ET.fromstring(taken.text).findtext("Say"))
    assert incident(twilio, "C1")["commander"]["person"] == "alice"
    log = twilio.client.get("/api/incidents/C1/log", headers=twilio.key("viewer")).json()["items"]
    assert next(e for e in log if e["kind"] == "acknowledged")["fields"]["via"] == "voice"


def test_a_mailbox_that_picks_up_is_no_answer(twilio: Place) -> None:
    """The call was completed, by a machine, and nobody pressed a key."""
    twilio.reported()
    called = page_to(twilio, "alice")
    asks = signed(
        twilio, f"/hooks/twilio/voice?send={called}", {"CallSid": "CA1", "To": ALICE, "AnsweredBy": "unknown"}
    )
    assert ET.fromstring(asks.text).find("Gather") is not None
    for form in (
        {"CallStatus": "in-progress", "CallSid": "CA1", "AnsweredBy": "machine_end_beep"},
        {"CallStatus": "completed", "CallSid": "CA1", "AnsweredBy": "machine_end_beep"},
    ):
        assert signed(twilio, f"/hooks/twilio/status?send={called}", form).status_code == 204
    found = incident(twilio, "C1")
    assert (found["commander"], found["phase"], found["alarm"]["ringing"]) == (None, "activated", True)
    assert found["alarm"]["paged"][0]["delivered"] is False
    twilio.later(minutes=5)
    assert incident(twilio, "C1")["alarm"]["rung"] > 1, "the ladder climbs as if nobody had picked up"


def test_key_two_passes_it_on_to_the_next_rung(twilio: Place) -> None:
    twilio.reported()
    path = f"/hooks/twilio/voice?send={page_to(twilio, 'alice')}"
    said = signed(twilio, path, {"Digits": "2", "CallSid": "CA1", "To": ALICE})
    assert "passed on" in str(ET.fromstring(said.text).findtext("Say"))
    found = incident(twilio, "C1")
    assert (found["commander"], found["alarm"]["paged"][0]["answer"]) == (None, "declined")
    assert found["alarm"]["rung"] > 1


def test_in_a_storm_a_code_and_a_key_still_mean_their_incident_however_many_are_newer(twilio: Place) -> None:
    twilio.reported()
    twilio.reported()
    called = page_to(twilio, "alice", "C2")
    storm = [
        {"title": f"fault {n}", "kind": "system_outage", "level": "critical", "product": "cloud"} for n in range(60)
    ]
    assert twilio.client.post("/api/incidents", json=storm, headers=twilio.key("responder")).status_code == 201
    assert "C1 is yours" in str(sms(twilio, "1 C1"))
    answer = signed(twilio, f"/hooks/twilio/voice?send={called}", {"Digits": "1", "CallSid": "CA1", "To": ALICE})
    assert "C2 is yours" in str(ET.fromstring(answer.text).findtext("Say"))
    assert [incident(twilio, code)["commander"]["person"] for code in ("C1", "C2")] == ["alice", "alice"]


def test_receipts_in_any_order_end_the_same(twilio: Place) -> None:
    twilio.reported()
    path = f"/hooks/twilio/status?send={page_to(twilio, 'alice')}"
    for state in ("delivered", "sent", "queued", "delivered"):
        form = {"MessageStatus": state, "MessageSid": "SM9"}
        assert signed(twilio, path, form).status_code == 204
    log = twilio.client.get("/api/incidents/C1/log", headers=twilio.key("viewer")).json()["items"]
    assert [entry["kind"] for entry in log].count("page_delivered") == 1
    assert incident(twilio, "C1")["alarm"]["paged"][0]["delivered"] is True


def test_a_failed_receipt_for_the_last_way_climbs_at_once(twilio: Place) -> None:
    twilio.reported()
    path = f"/hooks/twilio/status?send={page_to(twilio, 'alice')}"
    form = {"MessageStatus": "undelivered", "ErrorCode": "30005", "MessageSid": "SM9"}
    assert signed(twilio, path, form).status_code == 204
    found = incident(twilio, "C1")
    assert found["alarm"]["paged"][0]["answer"] == "unreachable"
    assert found["alarm"]["rung"] > 1


def test_a_receipt_for_nothing_we_know_changes_nothing(twilio: Place) -> None:
    for query in ("?send=999", "?send=abc", ""):
        answer = signed(twilio, f"/hooks/twilio/status{query}", {"MessageStatus": "delivered", "MessageSid": "SMx"})
        assert answer.status_code == 204


def test_all_talk_about_an_incident_is_kept_with_its_words_and_without_secrets(place: Place) -> None:
    place.reported()
    place.deliver()
    texts(place, ALICE, "1")
    talk = place.client.get("/api/incidents/C1/messages", headers=place.key("responder")).json()["items"]
    out = next(m for m in talk if m["direction"] == "out" and m["way"] == "sms" and m["person"] == "alice")
    assert "C1" in out["body"]
    assert "/a/•••" in out["body"]
    assert out["state"] == "delivered"
    back = next(m for m in talk if m["direction"] == "in")
    assert (back["name"], back["body"]) == ("Alice", "1")
    assert back["answer"].startswith("C1 is yours")
    assert ALICE not in str(talk)
    page = place.client.get("/incidents/C1?show=talk", headers=place.session("dora")).text
    assert "C1 is yours" in page


def test_mailboxes_and_chats_show_what_came_beside_the_phones_and_answer_nothing(place: Place) -> None:
    robot = "dingtalk://0f1e2d3c4b5a"
    alice = place.client.get("/api/people", headers=place.key("admin")).json()["items"][0]
    alice["ways"] += [{"kind": "mail", "address": "alice@example.com"}, {"kind": "chat", "address": robot}]
    saved = place.client.put("/api/people/alice", json=alice, headers=place.key("admin"))
    assert saved.status_code == 200, saved.text
    assert robot not in saved.text
    shown = {name: value for name, value in saved.json().items() if name != "skills_until"}
    again = place.client.put("/api/people/alice", json=shown, headers=place.key("admin"))
    assert again.status_code == 200, again.text  # as it was shown, and nothing is lost
    channel = SimulatedChannel(place.house.engine, place.clock)
    message = Outgoing("1", WayKind.CHAT, robot, "Hall 3", "en", timedelta(minutes=1), subject="C1: down")
    asyncio.run(channel.send(message))
    listed = place.client.get("/api/phones", headers=place.key("responder")).json()["items"]
    assert [(one["kind"], one["last"]) for one in listed[-2:]] == [("mail", None), ("chat", "C1: down\n\nHall 3")]
    name = listed[-1]["number"]
    assert messages(place, name)[0]["body"].startswith("C1: down")
    answer = place.client.post(f"/api/phones/{name}/messages", json={"body": "1"}, headers=place.key("responder"))
    assert answer.status_code == 404
    page = place.client.get("/phones", headers=place.session("alice"))
    assert page.status_code == 200
    assert "C1: down" in page.text
    assert robot not in page.text
