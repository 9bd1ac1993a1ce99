"""Alibaba Cloud's reports and replies: behind a secret path, in batches, whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from incident.store import sends
from incident.store.engine import reading
from tests.web.place import NUMBERS, Place, opened, person

SECRET = "a-path-that-nobody-guesses-5f2e"
ALIYUN = {
    "aliyun_access_key_id": "LTAI5tNotARealKey",
    "aliyun_access_key_secret": "not-a-real-secret",
    "aliyun_sign_name": "北光家居",
    "aliyun_templates": json.dumps({"other": {"code": "SMS_1", "text": "${text}"}}),
    "aliyun_hook_secret": SECRET,
}


@pytest.fixture
def place(tmp_path: Path, template: Path) -> Iterator[Place]:
    with opened(tmp_path, template, **ALIYUN) as found:
        yield found


def pushed(place: Place, what: str, body: Any, secret: str = SECRET) -> Any:
    return place.client.post(f"/hooks/aliyun/{secret}/{what}", content=json.dumps(body))


def paged(place: Place) -> tuple[str, int]:
    incident = place.reported()["id"]
    with reading(place.house.engine) as connection:
        return incident, sends.of_incident(connection, incident)[0].id


def report(send: int, **changed: Any) -> dict[str, Any]:
    """As documented for SmsReport."""
    return {
        "phone_number": "1381111****",
        "send_time": "2026-11-26 10:00:00",
        "report_time": "2026-11-26 10:00:02",
        "success": True,
        "err_code": "DELIVERED",
        "err_msg": "用户接收成功",
        "sms_size": "1",
        "biz_id": "9007^0",
        "out_id": str(send),
        **changed,
    }


def states(place: Place, incident: str) -> list[str]:
    with reading(place.house.engine) as connection:
        return [str(one.state) for one in sends.of_incident(connection, incident)]


def test_a_report_of_delivery_reaches_the_log(place: Place) -> None:
    incident, send = paged(place)
    answer = pushed(place, "reports", [report(send), report(send), report(999_999)])
    assert (answer.status_code, answer.json()) == (200, {"code": 0, "msg": "接收成功"})
    assert states(place, incident)[0] == "delivered"
    log = place.client.get(f"/api/incidents/{incident}/log", headers=place.key("viewer")).json()["items"]
    assert [entry["kind"] for entry in log].count("page_delivered") == 1


def test_a_report_of_failure_goes_on_to_the_next_way_or_rung(place: Place) -> None:
    incident, send = paged(place)
    answer = pushed(place, "reports", [report(send, success=False, err_code="MK:0013", err_msg="空号")])
    assert answer.status_code == 200
    assert states(place, incident)[0] == "failed"
    log = place.client.get(f"/api/incidents/{incident}/log", headers=place.key("viewer")).json()["items"]
    assert "page_failed" in [entry["kind"] for entry in log]


def test_a_reply_takes_the_incident(place: Place) -> None:
    incident, _ = paged(place)
    reply = {"phone_number": NUMBERS["alice"], "content": "1", "sequence_id": 2026, "sign_name": "北光家居"}
    # The double's people live in North America: what comes in from there is nobody's here.
    assert pushed(place, "replies", [reply]).status_code == 200
    alice = person("alice", "field", "responder", ways=[{"kind": "sms", "address": "+8619000000001"}])
    assert place.client.put("/api/people/alice", json=alice, headers=place.key("admin")).status_code == 200
    assert pushed(place, "replies", [{**reply, "phone_number": "19000000001"}]).status_code == 200
    found = place.client.get(f"/api/incidents/{incident}", headers=place.key("viewer")).json()
    assert found["commander"]["person"] == "alice"


def test_another_path_is_nobodys(place: Place) -> None:
    incident, send = paged(place)
    for what in ("reports", "replies"):
        for secret in ("another-path-that-somebody-tries", "路", SECRET[:-1]):
            assert pushed(place, what, [report(send)], secret).status_code == 403
    assert states(place, incident)[0] == "waiting"


@pytest.mark.parametrize("body", [{}, [{}], [1], "no list", [{"success": "perhaps"}], [{"success": True}] * 1001])
def test_what_is_no_report_is_refused_whole_and_not_repeated(place: Place, body: Any) -> None:
    answer = pushed(place, "reports", body)
    assert answer.status_code == 422, answer.text
    assert "perhaps" not in answer.text


def test_without_a_secret_there_is_no_door(tmp_path: Path, template: Path) -> None:
    without = {name: value for name, value in ALIYUN.items() if name != "aliyun_hook_secret"}
    with opened(tmp_path, template, **without) as place:
        assert pushed(place, "reports", []).status_code == 404
