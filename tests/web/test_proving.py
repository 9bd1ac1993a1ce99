"""What the next drill could prove stands where it is planned, and what is overdue where its owner looks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from incident.store import drill_actions, live
from incident.store.engine import changing
from incident.store.live import LiveRow
from tests.drills.test_actions import sat
from tests.drills.test_simulate import CASE
from tests.web.place import START, Place
from tests.web.test_drill_actions import ACTION, claimed, kept


@pytest.fixture
def left(place: Place) -> Place:
    """Four actions of one playbook: due later, overdue, done, and one whose measure a table does not look at."""
    name = kept(place, sat("not", START - timedelta(days=40)))
    for words, due, measure in (
        ("Due later.", "2026-12-20", "containment"),
        ("Long overdue.", "2026-11-01", "word"),
        ("Done already.", "2026-12-01", "acknowledge"),
    ):
        body = ACTION | {"action": words, "due": due, "measure": measure}
        answer = place.client.post(f"/api/drills/{name}/actions", json=body, headers=place.key("commander"))
        assert answer.status_code == 201, answer.text
    assert claimed(place, 3) == 200
    return place


def could(place: Place, query: str) -> list[str]:
    answer: Any = place.client.get(f"/api/drill-actions?{query}", headers=place.key("viewer")).json()
    return [one["action"] for one in answer["items"]]


def test_the_start_lists_what_it_could_prove_overdue_ones_first(left: Place):
    assert could(left, f"script={CASE}") == ["Long overdue.", "Done already.", "Due later."]
    assert could(left, f"script={CASE}&form=tabletop") == ["Long overdue.", "Done already.", "Due later."]
    for path in (f"/drills/start?script={CASE}", f"/drills/tabletop?script={CASE}"):
        page = left.client.get(path, headers=left.session("charlie")).text
        assert "This drill could prove 3 actions" in page
        assert page.index("overdue: 2026-11-01") < page.index("Done already.") < page.index("Due later.")
        assert "done, waits for proof" in page
    assert (
        "could prove" not in left.client.get("/drills/start?script=smell-of-gas", headers=left.session("charlie")).text
    )
    assert left.client.get("/api/drill-actions?script=none", headers=left.key("viewer")).status_code == 422


def test_what_is_withdrawn_or_proved_is_not_to_be_proved_any_more(left: Place):
    for action in (1, 2):
        answer = left.client.post(
            f"/api/drill-actions/{action}/withdraw", json={"reason": "Not ours."}, headers=left.key("commander")
        )
        assert answer.status_code == 200
    kept(left, sat("done", START + timedelta(hours=1)))
    assert could(left, f"script={CASE}") == []


def test_the_console_and_the_first_page_at_the_table_list_them_too(left: Place):
    dora = left.session("dora")
    for path, form in (("/drills/start", {"script": CASE}), ("/drills/tabletop", {"script": CASE, "once": "0123abcd"})):
        begun = left.client.post(path, data=form, headers=dora)
        assert begun.status_code == 303, begun.text
        assert "This drill could prove 3 actions" in left.client.get(begun.headers["location"], headers=dora).text
    assert "could prove" not in left.client.get(f"{begun.headers['location']}?inject=1", headers=dora).text


def test_whose_overdue_action_it_is_sees_it_first(left: Place):
    assert "1 action is overdue and yours to see to" in left.client.get("/drills", headers=left.session("alice")).text
    for other in ("bob", "charlie"):
        page = left.client.get("/drills", headers=left.session(other)).text
        assert "yours to see to" not in page
        assert "需要您跟进" not in page
        assert "2026-11-01" in page
    with changing(left.house.engine) as connection:
        (name,) = {row.drill for row in drill_actions.listed(connection)}
        live.add(connection, LiveRow("table/t", "", "", "en", "standard", "person:charlie", "ended", START, name))
    ran = left.client.get("/drills", headers=left.session("charlie")).text
    assert "1 action is overdue and yours to see to" in ran
