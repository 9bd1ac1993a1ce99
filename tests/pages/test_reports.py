"""The page of reports: the period as pictures, the same figures as words, and what can be read or taken along."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from incident.desk.requests import OpenReport
from incident.record.measures import Spread
from incident.record.trend import Figures, Span
from incident.report import Report
from incident.words import LOCALES
from tests.pages.markup import seen
from tests.web.place import Place
from web.pages.reports import picture


@pytest.fixture
def week(place: Place) -> Place:
    """A Critical of the day before, taken after two minutes and closed; a High of today that nobody has."""
    first = str(place.reported(title="data centre down")["id"])
    place.later(minutes=2)
    place.act(first, "acknowledge", "alice")
    place.later(minutes=28)
    place.act(first, "resolve", "alice", cause="breaker", measure="replaced")
    place.act(first, "verify", "dora", test="switched over", passed=True)
    place.clock.move(timedelta(days=1))
    place.reported(title='=HYPERLINK("http://x")', level="high", kind="other")
    return place


def trend(place: Place, **query: str) -> Any:
    answer = place.client.get("/api/statistics/trend", params=query, headers=place.key("viewer"))
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_before_anything_was_reported_it_says_so(place: Place) -> None:
    page = seen(place, "/reports").text
    assert "No incident was reported in this time." in page


def test_the_figures_on_the_page_are_those_of_the_api(week: Place) -> None:
    page = seen(week, "/reports?days=7").text
    assert "2 incidents were reported" in page
    assert "2 min" in page
    assert "90 % within 2 min, n = 1" in page
    assert "1 is still waiting" in page
    told = trend(week)
    assert told["levels"]["critical"]["answered"] == {"n": 1, "waiting": 0, "median_s": 120.0, "p90_s": 120.0}
    assert sum(span["figures"]["incidents"] for span in told["spans"]) == 2
    assert sum(level["incidents"] for level in told["levels"].values()) == 2


def test_a_quarter_is_told_by_weeks(week: Place) -> None:
    assert trend(week)["step"] == "week"
    assert "By weeks, from Monday on." in seen(week, "/reports?days=90").text


def test_a_drill_is_no_part_of_it_and_is_counted_apart(week: Place) -> None:
    report = Report(title="Practice", kind="system_outage", level="critical", product="cloud")  # type: ignore[arg-type]
    assert week.house.desk.submit(OpenReport(report, "drill:control", "drill", "d1")).result().state is not None
    page = seen(week, "/reports?days=7").text
    assert "2 incidents were reported" in page
    assert "Counted apart: 1 drill, 0 in planned maintenance." in page
    table = week.client.get("/api/statistics/incidents.csv", headers=week.key("viewer")).text
    assert "Practice" not in table


def test_what_waits_for_its_review_is_named_with_its_report(week: Place) -> None:
    page = seen(week, "/reports").text
    waiting = page.index("Reports that wait for their review")
    assert "data centre down" in page[waiting : page.index("Closed lately")]
    [link] = [link for link in seen(week, "/reports").links if link.endswith("/report")]
    assert "data centre down" in seen(week, link).text


def test_the_table_holds_each_incident_once_and_no_title_is_a_formula(week: Place) -> None:
    answer = week.client.get("/api/statistics/incidents.csv", headers=week.key("viewer"))
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row["code"] for row in rows] == ["C2", "C1"]
    assert rows[0]["title"] == '\'=HYPERLINK("http://x")'
    assert rows[0]["answered_at"] == ""
    assert rows[1]["answered_at"].endswith("Z")
    assert (rows[1]["level"], rows[1]["phase"]) == ("critical", "reviewing")


def test_a_wrong_span_is_refused_by_its_name(place: Place) -> None:
    answer = place.client.get("/reports?days=4000", headers=place.session("dora"))
    assert answer.status_code == 422
    assert (
        place.client.get("/api/statistics/trend?since=2020-01-01T00:00:00Z", headers=place.key("viewer")).status_code
        == 422
    )


def test_the_picture_stays_inside_its_frame_and_what_is_slower_stands_higher() -> None:
    start = datetime(2026, 11, 2, tzinfo=UTC)
    spans = [
        Span(start, Figures({}, Spread(1, 0, median, p90), Spread(0, 1, None, None)))
        for median, p90 in ((0.0, 0.0), (120.0, 600.0), (90_000.0, 400_000.0))
    ]
    drawn = picture([*spans, Span(start, Figures({}, Spread(0, 1, None, None), Spread(0, 1, None, None)))], _answered)
    assert [one.x for one in drawn.ranges] == [0, 1, 2], "a span that nobody has answered in is empty"
    places = [place for one in drawn.ranges for place in (one.median, one.p90)]
    assert places == sorted(places, reverse=True)
    assert all(0 < place <= 100 for place in places)
    assert [seconds for _, seconds in drawn.lines] == [10, 60, 300, 900, 3600, 14_400, 86_400]
    assert picture(spans, lambda figures: figures.restored).ranges == ()


def _answered(figures: Figures) -> Spread:
    return figures.answered


@pytest.mark.parametrize("locale", LOCALES)
def test_in_every_language(week: Place, locale: str) -> None:
    seen(week, f"/reports?days=365&lang={locale.replace('_', '-')}")
