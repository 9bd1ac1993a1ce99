"""The communication on the site: five bars in the report, the form of the reviewer, and the page of a period."""

from __future__ import annotations

from typing import Any

import pytest

from incident.desk.requests import OpenReport
from incident.report import Report
from tests.pages.markup import seen
from tests.web.place import Place

WORD = {"accuracy": "4", "accuracy_reason": "one figure was wrong", "clarity": "5", "clarity_reason": "all knew"}


@pytest.fixture
def over(place: Place) -> str:
    """alice took it in time, resolved it, and dora verified it."""
    incident = str(place.reported()["id"])
    place.later(minutes=2)
    place.act(incident, "acknowledge", "alice")
    place.act(incident, "resolve", "alice", cause="breaker", measure="replaced")
    place.act(incident, "verify", "dora", test="switched over", passed=True)
    return incident


def judged(place: Place, incident: str, by: str = "dora", **fields: str) -> Any:
    headers = place.session(by) | {"accept": "text/html"}
    path = f"/incidents/{incident}/report/communication"
    return place.client.post(path, data=fields, headers=headers, follow_redirects=False)


def test_the_report_shows_five_measures_and_says_what_nobody_observed(place: Place, over: str) -> None:
    page = seen(place, f"/incidents/{over}/report").text
    for words in ("Timeliness", "Accuracy", "Clarity", "Participation", "Feedback"):
        assert words in page
    assert "100 % of pages acknowledged in time" in page
    assert "not observed" in page
    told = place.client.get(f"/api/incidents/{over}/report", headers=place.key("viewer")).json()["communication"]
    assert [bar["measure"] for bar in told["figures"]["bars"] if bar["percent"] is None] == [
        "accuracy",
        "clarity",
        "feedback",
    ]
    assert told["figures"]["answered"] == {"n": 1, "waiting": 0, "median_s": 120.0, "p90_s": 120.0}
    log = place.client.get(f"/api/incidents/{over}/log", headers=place.key("viewer")).json()["items"]
    kinds = {entry["position"]: entry["kind"] for entry in log}
    assert [kinds[told["calls"][0][name]] for name in ("position", "answer")] == ["paged", "acknowledged"]


def test_a_reviewer_judges_and_a_later_word_counts_with_both_kept(place: Place, over: str) -> None:
    assert judged(place, over, **WORD).status_code == 303
    assert judged(place, over, by="charlie", accuracy="2", accuracy_reason="the site was wrong").status_code == 303
    page = seen(place, f"/incidents/{over}/report").text
    assert "one figure was wrong" in page
    assert "the site was wrong" in page
    assert "a later one counts" in page
    told = place.client.get(f"/api/incidents/{over}/report", headers=place.key("viewer")).json()["communication"]
    assert [one["person"] for one in told["judgements"]] == ["dora", "charlie"]
    assert told["figures"]["accuracy"] == {"n": 1, "median": 2}
    assert told["figures"]["clarity"]["median"] is None
    line = seen(place, f"/incidents/{over}").text
    assert "judged the communication: accuracy 2, clarity not observed, feedback not observed" in line


def test_who_commanded_has_no_form_and_is_told_why(place: Place, over: str) -> None:
    page = seen(place, f"/incidents/{over}/report", by="alice")
    assert [form for form in page.forms if form.action.endswith("/communication")] == []
    answer = judged(place, over, by="alice", **WORD)
    assert answer.status_code == 409
    assert "one figure was wrong" in answer.text, "nothing that was typed is lost"


def test_a_figure_without_a_reason_is_refused_at_its_field(place: Place, over: str) -> None:
    answer = judged(place, over, accuracy="4", accuracy_reason="", clarity="5", clarity_reason="all knew")
    assert answer.status_code == 422
    assert 'aria-describedby="accuracy_reason-fault"' in answer.text
    assert "all knew" in answer.text


def test_a_viewer_sees_and_does_not_judge(place: Place, over: str) -> None:
    page = seen(place, f"/incidents/{over}/report", by="vera")
    assert [form for form in page.forms if form.action.endswith("/communication")] == []
    assert judged(place, over, by="vera", **WORD).status_code == 403


def test_a_period_pools_real_incidents_and_keeps_drills_apart(place: Place, over: str) -> None:
    judged(place, over, **WORD)
    report = Report(title="Practice", kind="system_outage", level="critical", product="cloud")  # type: ignore[arg-type]
    drill = place.house.desk.submit(OpenReport(report, "drill:control", "drill", "d1")).result()
    assert drill.state is not None
    alone = OpenReport(report, "drill:control", "drill", "practice/alice/field/p1")
    assert place.house.desk.submit(alone).result().state is not None
    place.later(minutes=12)
    place.client.post("/api/people/alice/test-page", headers=place.key("responder"))
    found = place.client.get("/api/statistics/communication", headers=place.key("viewer")).json()
    real, drills = found["real"], found["drills"]
    assert (real["of"], real["figures"]["acknowledged"]["percent"]) == (1, 100.0)
    assert real["figures"]["accuracy"] == {"n": 1, "median": 4}
    assert [row["unit"] for row in real["units"]] == ["field"]
    assert [one["via"] for one in real["channels"]] == ["web"]
    assert (drills["of"], drills["figures"]["acknowledged"]["n"]) == (1, 0)
    assert drills["figures"]["calls"]["unanswered"] >= 1
    page = seen(place, "/communication?days=7", by="vera").text
    assert "Real incidents" in page
    assert "Drills" in page
    assert "4 of 5" in page


def test_a_quiet_period_says_so(place: Place) -> None:
    page = seen(place, "/communication", by="vera").text
    assert "No incident paged anybody in this time." in page
    answer = place.client.get("/communication?days=9999", headers=place.session("vera"))
    assert answer.status_code == 422
