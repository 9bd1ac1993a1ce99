"""Changing and withdrawing an action: nothing is overwritten, what is proved stays, and paper shows both."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, Engine

from drills import improving, keeping
from drills.actions import Tracked
from drills.improving import Edit, standing
from drills.planned import on_paper
from drills.report.drill import report
from drills.score import profile
from drills.score.observations import Added, Plan
from drills.story import Telling
from incident.errors import BadInput, Refused, Unknown
from incident.organisation.reader import demo_organisation
from incident.store.drill_actions import Change
from incident.store.engine import changing, open_engine, reading
from incident.store.migrations import migrate
from incident.words import LOCALES, words_for
from tests.drills.test_actions import DONE, TODAY, sat
from tests.drills.test_simulate import outside

pytestmark = pytest.mark.long

PLAN = Plan.model_validate(
    {
        "area": "Containment",
        "action": "Label the breakers.",
        "owner": "Zhao Min",
        "start": "2026-11-20",
        "due": "2026-12-31",
        "element": "equipment",
        "measure": "containment",
    }
)
NOW = DONE + timedelta(hours=1)


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    sqlite = request.param == "sqlite"
    engine = open_engine(f"sqlite:///{tmp_path / 'incident.db'}" if sqlite else request.getfixturevalue("postgres_url"))
    migrate(engine)
    with changing(engine) as connection:
        found = sat("not", DONE - timedelta(days=9))
        name = keeping.keep(connection, found, outside().plans.policy("drill"), profile(), "tabletop").id
        keeping.observe(connection, name, Added(plan=(PLAN,)))
    yield engine
    engine.dispose()


def one(connection: Connection) -> Tracked:
    (found,) = standing(connection, TODAY).every
    return improving.held(connection, found.row.id, TODAY)


def change(connection: Connection, *, why: str = "", hours: float = 1, **fields: object) -> None:
    noted = Change("", "person:liu-yang", DONE + timedelta(hours=hours), {}, why)
    improving.change(connection, one(connection), Edit.model_validate(fields), demo_organisation(), noted)


def test_a_change_stands_beside_the_plan_as_it_was_agreed(engine: Engine):
    with changing(engine) as connection:
        change(connection, owner="li-wei", due="2027-01-31", why="Zhao Min has left.")
        change(connection, hours=2, due="2027-02-15", start=None)
    with reading(engine) as connection:
        row = one(connection).row
    assert (row.planned.owner, row.planned.due, row.planned.start) == ("Li Wei", "2027-02-15", None)
    assert (row.first.owner, row.first.due, row.first.start) == ("Zhao Min", "2026-12-31", "2026-11-20")
    told = [(c.by, c.reason, fields) for c, fields in improving.history(row)]
    assert told == [
        (
            "person:liu-yang",
            "Zhao Min has left.",
            [("owner", "Zhao Min", "Li Wei"), ("due", "2026-12-31", "2027-01-31")],
        ),
        ("person:liu-yang", "", [("start", "2026-11-20", None), ("due", "2027-01-31", "2027-02-15")]),
    ]


def test_the_same_again_is_no_change_and_a_file_read_twice_adds_nothing(engine: Engine):
    with changing(engine) as connection:
        change(connection, owner="Zhao Min", due="2026-12-31")
        change(connection, action="Label every breaker.")
        keeping.observe(connection, one(connection).row.drill, Added(plan=(PLAN,)))
        row = one(connection).row
    assert len(row.changes) == 1
    assert row.first.action == "Label the breakers."


def test_what_is_done_stays_so_with_another_day_and_is_open_again_with_other_words(engine: Engine):
    with changing(engine) as connection:
        improving.claim(connection, one(connection), "person:zhao-min", DONE)
        change(connection, due="2027-01-31", owner="li-wei")
        assert one(connection).state == "done"
        change(connection, measure="acknowledge")
        assert one(connection).state == "open"
        keeping.keep(
            connection, sat("done", DONE + timedelta(days=2)), outside().plans.policy("drill"), profile(), "tabletop"
        )
        assert one(connection).state == "open"  # nobody has said it of the measure that it names now
        improving.claim(connection, one(connection), "person:li-wei", DONE + timedelta(days=1))
        assert one(connection).state == "proved"
        assert [c.kind for c in one(connection).row.changes] == ["done", "changed", "changed", "done"]


def test_what_is_proved_or_withdrawn_is_not_changed_any_more(engine: Engine):
    with changing(engine) as connection:
        improving.claim(connection, one(connection), "person:zhao-min", DONE)
        keeping.keep(
            connection, sat("done", DONE + timedelta(days=2)), outside().plans.policy("drill"), profile(), "tabletop"
        )
        for act in (lambda: change(connection, due="2027-01-31"), lambda: _withdrawn(connection)):
            with pytest.raises(Refused, match=r"actions\.is_proved"):
                act()


def _withdrawn(connection: Connection) -> None:
    improving.withdraw(connection, one(connection), Change("", "command", NOW, {}, "The breakers are gone."))


def test_what_is_withdrawn_is_counted_apart_and_cannot_be_claimed(engine: Engine):
    with changing(engine) as connection:
        _withdrawn(connection)
        found = standing(connection, date(2027, 3, 1))
        assert (found.left, found.closure.actions, found.closure.withdrawn, found.closure.overdue) == ([], 0, 1, 0)
        assert found.closure.found_in == 1
        for act in (
            lambda: _withdrawn(connection),
            lambda: change(connection, due="2027-01-31"),
            lambda: improving.claim(connection, one(connection), "person:zhao-min", NOW),
        ):
            with pytest.raises(Refused, match=r"actions\.is_withdrawn"):
                act()


def test_who_has_not_read_the_last_change_is_refused(engine: Engine):
    with changing(engine) as connection:
        change(connection, due="2027-01-31")
        improving.unseen(one(connection), 1)
        with pytest.raises(Refused, match=r"improve\.moved_on"):
            improving.unseen(one(connection), 0)


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"owner": "nobody"}, "/owner"),
        ({"measure": "step.none"}, "/measure"),
        ({"due": "2026-11-01"}, "/due"),
        ({"start": "2027-01-01"}, "/due"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(engine: Engine, fields: dict[str, object], where: str):
    with changing(engine) as connection:
        with pytest.raises(BadInput) as refused:
            change(connection, **fields)
        assert [fault.pointer for fault in refused.value.faults] == [where]
        assert not one(connection).row.changes
        for name in ("999", "x", "-1"):
            with pytest.raises(Unknown):
                improving.held(connection, name, TODAY)


@pytest.mark.parametrize("locale", LOCALES)
def test_paper_shows_the_plan_as_agreed_and_beside_it_how_it_stands(engine: Engine, locale: str):
    with changing(engine) as connection:
        change(connection, owner="li-wei", element="training")
        _withdrawn(connection)
        played, row = improving.opened(connection, one(connection).row.drill)
        plan = standing(connection, TODAY, row.id)
    reader = Telling(played, words_for(locale), ZoneInfo(played.zone))
    page = report(reader, played.score(profile()), on_paper(reader, plan.every, TODAY))
    part = page[page.index(f"<h2>{reader.words.t('drill.report.plan')}</h2>") :]
    agreed, _, now = part[: part.index("</tr>", part.index("<tbody>"))].partition("<b>")
    assert "Zhao Min" in agreed
    assert "2026-12-31" in agreed
    assert "Li Wei" in now
    assert "The breakers are gone." in now
    assert str(TODAY) in part
    assert "improve." not in part


def test_the_command_lists_changes_and_withdraws(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    from drills.cli import main

    data = ["--data", str(tmp_path)]
    engine = open_engine(f"sqlite:///{tmp_path / 'incident.db'}")
    migrate(engine)
    with changing(engine) as connection:
        name = keeping.keep(
            connection, sat("not", DONE - timedelta(days=9)), outside().plans.policy("drill"), profile(), "tabletop"
        ).id
        keeping.observe(connection, name, Added(plan=(PLAN,)))
    engine.dispose()
    assert main(["action", "change", "1", "--due", "2027-09-30", "--reason", "No parts before.", *data]) == 0
    assert "2026-12-31 -> 2027-09-30 · No parts before." in capsys.readouterr().out
    assert main(["actions", name[:8], "--json", *data]) == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert (found["due"], found["agreed"]["due"], found["changes"][0]["by"]) == ("2027-09-30", "2026-12-31", "command")
    assert main(["action", "change", "1", *data]) == 2
    assert main(["action", "change", "1", "--due", "soon", *data]) == 2
    assert main(["action", "withdraw", "1", "--reason", " ", *data]) == 2
    assert main(["action", "withdraw", "1", "--reason", "Not ours.", *data]) == 0
    assert main(["action", "withdraw", "1", "--reason", "Not ours.", *data]) in (1, 2)
    capsys.readouterr()
    assert main(["actions", *data]) == 0
    assert "withdrawn on" in capsys.readouterr().out
