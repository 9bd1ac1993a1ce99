"""Which centre drills when, what has been drilled, and drills that are kept."""

import json
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from drills import keeping
from drills.calendar import calendar, centre_of, coverage, end_of, quarter, trends
from drills.cli import main
from drills.score import profile
from drills.score.observations import Added, Answer
from incident.errors import Unknown
from incident.organisation.reader import demo_organisation, dump_organisation
from incident.playbooks.reader import load_library
from incident.store import drills as table
from incident.store.drills import DrillRow
from incident.store.engine import changing, open_engine, reading
from incident.store.migrations import migrate
from tests.drills.test_simulate import CASE, outside, played

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


def row(
    number: int,
    day: date,
    unit: str = "beijing-it",
    playbook: str = "system-outage",
    total: float | None = 80,
    form: str = "live",
) -> DrillRow:
    at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    end = at + timedelta(hours=2)
    return DrillRow(
        f"d{number}", form, "s", playbook, "critical", unit, at, end, "standard", total, "S" if total else None
    )


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    engine = open_engine(f"sqlite:///{tmp_path / 'incident.db'}")
    migrate(engine)
    return engine


def test_quarters():
    assert [quarter(date(2026, month, 1)) for month in (1, 3, 4, 12)] == [(2026, 1), (2026, 1), (2026, 2), (2026, 4)]
    assert end_of(2026, 4) == date(2026, 12, 31)
    assert end_of(2026, 5) == date(2027, 3, 31)
    assert end_of(2026, 1) == date(2026, 3, 31)


def test_a_field_teams_drill_is_its_centres():
    organisation = demo_organisation()
    assert centre_of(organisation, "beijing-it") == "north-china"
    assert centre_of(organisation, "headquarters") == "headquarters"
    assert centre_of(organisation, "nowhere") is None


def test_each_centre_is_due_once_a_quarter():
    rows = [row(1, date(2026, 11, 2)), row(2, date(2026, 8, 1), "berlin-cloud", "smart-home-platform-down")]
    found = {due.centre.id: due for due in calendar(demo_organisation(), load_library(), rows, NOW.date())}
    assert (found["north-china"].due, found["north-china"].overdue) == (date(2027, 3, 31), False)
    assert (found["europe"].due, found["europe"].overdue) == (date(2026, 12, 31), False)  # drilled a quarter ago
    assert (found["headquarters"].due, found["headquarters"].overdue) == (date(2026, 12, 31), True)
    assert found["north-china"].playbook != "system-outage"
    assert calendar(demo_organisation(), load_library(), rows, NOW.date())[0].overdue


def test_coverage_counts_by_playbook_and_level_and_by_centre():
    rows = [row(1, date(2026, 11, 2)), row(2, date(2026, 10, 2)), row(3, date(2026, 9, 2), "berlin-cloud")]
    cells = coverage(load_library(), rows, demo_organisation(), None)
    assert (cells["system-outage", "critical"].count, cells["system-outage", "critical"].heat) == (3, 2)
    assert cells["system-outage", "high"].count == 0
    one = coverage(load_library(), rows, demo_organisation(), "europe")
    assert one["system-outage", "critical"].count == 1


def test_dice_train_nobody_and_stand_apart():
    rows = [row(1, date(2026, 11, 2), form="simulated"), row(2, date(2026, 6, 2), form="tabletop")]
    found = {due.centre.id: due for due in calendar(demo_organisation(), load_library(), rows, NOW.date())}
    assert (found["north-china"].overdue, found["north-china"].last) == (True, rows[1])
    counts = {
        form: coverage(load_library(), rows, None, None, form)["system-outage", "critical"].count
        for form in ("people", "simulated", "all")
    }
    assert counts == {"people": 1, "simulated": 1, "all": 2}


def test_the_trend_keeps_the_forms_apart():
    rows = [row(1, date(2026, 11, 2), total=60), row(2, date(2026, 11, 3), total=90, form="tabletop")]
    assert {(t.form, t.n, t.median) for t in trends(rows)} == {("live", 1, 60), ("tabletop", 1, 90)}


def test_a_trend_is_like_with_like():
    rows = [row(n, date(2026, 11, n), total=total) for n, total in ((1, 60.0), (2, 90.0), (3, 70.0))]
    rows.append(row(4, date(2026, 11, 4), total=None))
    found = trends(rows)
    assert [(t.quarter, t.n, t.median, t.low, t.high) for t in found] == [("2026 Q4", 3, 70.0, 60.0, 90.0)]


def test_a_drill_is_kept_once_and_scores_the_same(engine: Engine):
    drill, policy = played(), outside().plans.policy("drill")
    with changing(engine) as connection:
        first = keeping.keep(connection, drill, policy, profile())
        again = keeping.keep(connection, drill, policy, profile())
    with reading(engine) as connection:
        assert table.listed(connection) == [first]
        found = keeping.find(connection, first.id[:8], profile())
    assert again == first
    assert first.unit == "beijing-it"
    assert found.score(profile()) == drill.score(profile())


def test_a_changed_entry_voids_the_score_of_a_kept_drill(engine: Engine):
    with changing(engine) as connection:
        kept = keeping.keep(connection, played(), outside().plans.policy("drill"), profile())
        body = table.body_of(connection, kept.id)
        assert body is not None
        changed = body.replace("Customers have their service back", "Customers have it back")
        connection.execute(table.drills.update().values(body=changed))
    with reading(engine) as connection:
        assert keeping.find(connection, kept.id, profile()).score(profile()).void


def test_no_drill_and_several_are_unknown(engine: Engine):
    policy = outside().plans.policy("drill")
    with changing(engine) as connection:
        for seed in range(1, 4):
            keeping.keep(connection, played(seed=seed), policy, profile())
    with reading(engine) as connection:
        for name in ("", "%", "zz"):
            with pytest.raises(Unknown):
                keeping.find(connection, name, profile())


def test_the_commands_keep_list_and_find(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    from incident.cli import main as incident

    file = tmp_path / "organisation.yaml"
    file.write_text(dump_organisation(demo_organisation()), encoding="utf-8")
    assert incident(["load", str(file), "--data", str(tmp_path)]) == 0
    main(["simulate", CASE, "--keep", "--data", str(tmp_path)])
    assert main(["lint", "--data", str(tmp_path)]) == 0
    capsys.readouterr()
    assert main(["calendar", "--data", str(tmp_path)]) == 1
    assert "OVERDUE" in capsys.readouterr().out
    with reading(open_engine(f"sqlite:///{tmp_path / 'incident.db'}")) as connection:
        name = table.listed(connection)[0].id
    assert main(["score", name[:10], "--data", str(tmp_path)]) in (0, 1)
    assert "points of 100" in capsys.readouterr().out
    assert main(["score", "zz", "--data", str(tmp_path)]) == 2


NOTES = """
answers: [{value: 5}, {value: 5, played: true}, {value: 4}]
seen:
  - {kind: improvement, text: Nobody wrote the times down., by: Gao, objective: the-word, cause: No scribe.}
overrides:
  - {of: overall, rating: M, reason: It was luck., by: Gao}
plan:
  - {area: Posts filled, action: Roster a scribe., owner: Zhao Min, due: 2026-12-31, element: organisation}
"""


STRANGE = """
seen:
  - {kind: harm, text: Restarted unchecked., by: Gao, objective: no-such, position: 9999}
overrides:
  - {of: data-frist, rating: M, reason: It was luck., by: Gao}
plan:
  - {area: Posts, action: Roster one., owner: Zhao Min, due: 2026-12-31, element: organisation, measure: post.cook}
"""


def test_evaluators_add_what_they_saw_and_the_log_stays(engine: Engine):
    from drills.score.observations import Added
    from incident.source import parse

    more = parse(Added, NOTES, "notes.yaml")
    with changing(engine) as connection:
        first = keeping.keep(connection, played(), outside().plans.policy("drill"), profile())
        seen = keeping.observe(connection, first.id[:9], more)
    score = seen.score(profile())
    assert not score.void
    assert score.dropped == 0
    assert (score.given, score.stands) == ("M", "M")
    with reading(engine) as connection:
        (after,) = table.listed(connection)
    assert (after.id, after.rating, after.total) == (first.id, "M", score.total)
    again = seen.observations.with_more(Added(overrides=more.overrides))
    assert len(again.overrides) == 1


def test_notes_go_into_a_saved_file_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    drill, notes = tmp_path / "d.json", tmp_path / "notes.yaml"
    main(["simulate", CASE, "--save", str(drill)])
    notes.write_text(NOTES)
    capsys.readouterr()
    assert main(["observe", str(drill), str(notes)]) == 1  # rated M by hand
    assert "not observed" not in capsys.readouterr().out.splitlines()[-1]
    assert main(["score", str(drill)]) == 1
    before = drill.read_text()
    notes.write_text(STRANGE)
    assert main(["observe", str(drill), str(notes)]) == 2
    said = capsys.readouterr().err
    for line, fault in (
        (3, "the log has no position 9999"),
        (3, "there is no 'no-such' to speak of"),
        (5, "there is no 'data-frist' to speak of: name one of somebody-has-it, data-first, the-word, overall"),
        (7, "post.cook cannot be measured here"),
    ):
        assert re.search(rf"notes\.yaml:{line}:\d+: {re.escape(fault)}", said)
    assert drill.read_text() == before, "nothing of a file with a fault is added"
    notes.write_text("answers: [{value: 9}]\n")
    assert main(["observe", str(drill), str(notes)]) == 2
    assert "notes.yaml:1:" in capsys.readouterr().err


def test_a_drill_is_told_by_its_own_profile(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    drill, notes = tmp_path / "d.json", tmp_path / "notes.yaml"
    main(["simulate", CASE, "--save", str(drill), "--profile", "first-hour"])
    for more, told in ([], "first-hour"), (["--profile", "standard"], "standard"):
        capsys.readouterr()
        main(["score", str(drill), "--json", *more])
        assert json.loads(capsys.readouterr().out)["profile"] == told
    notes.write_text("unseen: [satisfaction]\n")
    main(["observe", str(drill), str(notes)])
    main(["report", str(drill), "--html", str(tmp_path / "r.html")])
    assert "first-hour" in (tmp_path / "r.html").read_text()


def test_what_is_added_to_a_kept_drill_is_weighed_by_its_own_profile(engine: Engine):
    with changing(engine) as connection:
        first = keeping.keep(connection, played(), outside().plans.policy("drill"), profile("first-hour"))
        keeping.observe(connection, first.id, Added(answers=tuple(Answer(value=1) for _ in range(3))))
        (after,) = table.listed(connection)
    assert after.total == first.total  # customers weigh nothing there
