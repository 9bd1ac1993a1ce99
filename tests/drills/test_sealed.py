"""A live drill's seal is held against the log in the real tables: what somebody changes there voids the score."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, delete, select, update

from drills import attendance, keeping
from drills.calendar import trends
from drills.cli import main
from drills.control import END
from drills.keeping import Kept
from drills.score import profile
from drills.score.seal import Altered, digest, seal, written
from incident.commands import JudgeCommunication
from incident.desk.requests import Act, OpenReport
from incident.events import Entry, Noted
from incident.levels import Kind, Level
from incident.report import Report
from incident.store import codec
from incident.store import drills as table
from incident.store import log as log_store
from incident.store.drill_tables import drills as kept_drills
from incident.store.engine import changing, open_engine, reading, writing
from incident.store.migrations import migrate
from incident.store.tables import log
from incident.words import LOCALES, words_for
from tests.desk.house import opened_desk, settle_in
from tests.drills.test_live import CASE, START, Hall
from tests.drills.test_simulate import outside, played

from incident.clock import MovedClock  # isort: skip

pytestmark = pytest.mark.long


@pytest.fixture(params=["sqlite", "postgresql"])
def hall(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Hall]:
    """A live drill that is over and kept, with a real incident in between and the engine's own entries behind it."""
    sqlite = request.param == "sqlite"
    url = f"sqlite:///{tmp_path / 'incident.db'}" if sqlite else request.getfixturevalue("postgres_url")
    engine = open_engine(url)
    migrate(engine)
    settle_in(engine)
    clock = MovedClock(START)
    with opened_desk(engine, clock) as desk:
        hall = Hall(engine, desk, clock)
        hall.takes(2, "li-wei")
        hall.opens()
        hall.runs(4)
        desk.submit(OpenReport(Report(title="disk", kind=Kind.OTHER, level=Level.LOW), "key:m")).result(10)
        hall.runs(2)
        hall.wishes(END)
        for _ in range(3):
            hall.wait()
        judged = JudgeCommunication("zhao-min", clarity=4, clarity_reason="everybody knew who had it")
        desk.submit(Act(hall.entries()[-1].incident, judged, "person:zhao-min")).result(10)
        _written_behind(hall, "called over", "written up")
        yield hall
    engine.dispose()


def _written_behind(hall: Hall, *texts: str) -> None:
    """What an older release wrote into a drill's log after its end, and a newer one may: the desk takes no more
    than how its review judges the communication."""
    last, at = hall.entries()[-1], hall.clock.now()
    with writing(hall.engine) as connection:
        head = log_store.head(connection)
        entries = [
            Entry(head.position + n, last.incident, last.seq + n, at, "system", Noted(text))
            for n, text in enumerate(texts, 1)
        ]
        log_store.append(connection, head, [log_store.Line(e, codec.encode(e.event), hall.name) for e in entries])


class _Undone(Exception):
    pass


@contextmanager
def altered(hall: Hall, *statements: object) -> Iterator[Connection]:
    """The tables as they are when somebody has changed them behind the program's back; undone afterwards."""
    try:
        with changing(hall.engine) as connection:
            for statement in statements:
                assert connection.execute(statement).rowcount  # type: ignore[call-overload]
            yield connection
            raise _Undone
    except _Undone:
        pass


def kept(connection: Connection) -> Kept:
    (one,) = keeping.listed(connection)
    return one


def positions(hall: Hall) -> tuple[list[int], list[int]]:
    """Of the drill's entries up to its end, and of what the engine wrote behind it."""
    with reading(hall.engine) as connection:
        upto = kept(connection).row.upto
    assert upto
    every = [entry.position for entry in hall.entries()]
    return [p for p in every if p <= upto], [p for p in every if p > upto]


def test_what_the_engine_writes_after_the_end_voids_nothing(hall: Hall):
    _, behind = positions(hall)
    assert len(behind) == 3
    with reading(hall.engine) as connection:
        one = kept(connection)
        assert one.altered is None
        assert not keeping.find(connection, one.row.id, profile()).score(profile()).void
    with altered(hall, update(log).where(log.c.position == behind[-1]).values(body='{"text":"other"}')) as connection:
        assert kept(connection).altered is None


def test_the_drill_speaks_for_whoever_acted_in_it_unless_it_is_void(hall: Hall):
    with reading(hall.engine) as connection:
        total = kept(connection).row.total
        found = attendance.totals(connection, profile().id, START)
        assert dict(found) == ({"li-wei": [total]} if total is not None else {})
        assert total is not None
        assert not attendance.totals(connection, "first-hour", START), "another profile is another thing"
        assert not attendance.totals(connection, profile().id, START + timedelta(days=1))
    inside, _ = positions(hall)
    with altered(hall, update(log).where(log.c.position == inside[0]).values(body='{"text":"other"}')) as connection:
        assert not attendance.totals(connection, profile().id, START)


def test_a_changed_removed_or_added_entry_is_named_and_voids_the_score(hall: Hall):
    inside, behind = positions(hall)
    at, incident = inside[3], hall.incident
    here = log.c.position == at
    with reading(hall.engine) as connection:
        real = connection.scalar(select(log.c.position).where(log.c.incident != incident, log.c.position < inside[-1]))
        body = connection.scalar(select(log.c.body).where(here)) or ""
    assert real
    early = update(log).where(log.c.position == behind[-1]).values(at=START)
    cases: list[tuple[object, Altered]] = [
        (update(log).where(here).values(body=_one_letter_else(body)), Altered(at, "changed")),
        (update(log).where(here).values(by="person:gao"), Altered(at, "changed")),
        (update(log).where(here).values(at=START + timedelta(seconds=7)), Altered(at, "changed")),
        (update(log).where(here).values(kind="noted"), Altered(at, "changed")),
        (update(log).where(here).values(drill=None), Altered(at, "changed")),
        (delete(log).where(here), Altered(at, "removed")),
        (delete(log).where(log.c.incident == incident), Altered(inside[0], "removed")),
        (update(log).where(log.c.position == real).values(incident=incident, seq=900), Altered(real, "added")),
        (early, Altered(behind[-1], "added")),
    ]
    for statement, expected in cases:
        with altered(hall, statement) as connection:
            one = kept(connection)
            assert one.altered == expected
            score = keeping.find(connection, one.row.id, profile()).score(profile())
            (gate,) = (gate for gate in score.gates if gate.void)
            assert (score.void, score.total, score.stands, gate.position) == (True, None, None, expected.position)
            assert not keeping.sound(keeping.listed(connection))
            assert not trends(keeping.sound(keeping.listed(connection)))
            assert not keeping.sheets(connection, {one.row.playbook})
    with reading(hall.engine) as connection:  # put right again, it counts again
        assert keeping.sound(keeping.listed(connection))
        assert keeping.sheets(connection, {"system-outage"})


def _one_letter_else(body: str) -> str:
    """The body of an entry with one letter changed in a text of it."""
    fields = json.loads(body)
    name = next(name for name, value in fields.items() if isinstance(value, str))
    return json.dumps(fields | {name: fields[name] + "x"})


@pytest.mark.parametrize("locale", LOCALES)
def test_the_reason_is_told_in_the_readers_language(locale: str):
    for how in ("changed", "removed", "added", "copy"):
        said = words_for(locale).reason(Altered(31, how).why)
        assert "31" in said
        assert "log_" not in said


def test_an_altered_copy_is_void_though_somebody_has_sealed_it_anew(hall: Hall):
    with reading(hall.engine) as connection:
        name = kept(connection).row.id
        body = table.body_of(connection, name) or ""
    data = json.loads(body)
    data["entries"][2]["by"] = "person:gao"
    data["observations"]["sealed"] = "0" * 64
    with altered(hall, update(kept_drills).values(body=json.dumps(data))) as connection:
        assert kept(connection).altered == Altered(data["entries"][2]["position"], "copy")
        assert keeping.find(connection, name, profile()).score(profile()).void


def test_a_kept_simulation_and_tabletop_are_held_against_their_seal(tmp_path: Path):
    engine = open_engine(f"sqlite:///{tmp_path / 'incident.db'}")
    migrate(engine)
    with changing(engine) as connection:
        policy = outside().plans.policy("drill")
        keeping.keep(connection, played(seed=1), policy, profile())
        name = keeping.keep(connection, played(seed=2), policy, profile(), "tabletop").id
        assert len(keeping.sound(keeping.listed(connection))) == 2
        body = table.body_of(connection, name) or ""
        changed = body.replace("Customers have their service back", "Customers have it back")
        connection.execute(update(kept_drills).where(kept_drills.c.id == name).values(body=changed))
        (void,) = (one for one in keeping.listed(connection) if one.altered)
    assert void.row.id == name
    assert void.altered is not None
    assert void.altered.how == "copy"
    engine.dispose()


def test_a_drill_from_before_an_event_got_a_field_keeps_its_seal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """The release after writes the same event in another version: what was sealed is what was written then."""
    engine = open_engine(f"sqlite:///{tmp_path / 'incident.db'}")
    migrate(engine)
    drill = played()
    with changing(engine) as connection:
        name = keeping.keep(connection, drill, outside().plans.policy("drill"), profile()).id
    monkeypatch.setattr(codec, "VERSIONS", {**codec.VERSIONS, "noted": 2})
    monkeypatch.setattr(codec, "UPCASTERS", {**codec.UPCASTERS, ("noted", 1): lambda fields: fields})
    assert seal(drill.entries) != name
    with reading(engine) as connection:
        assert not keeping.find(connection, name, profile()).score(profile()).void
        assert kept(connection).altered is None
    engine.dispose()


def test_the_seal_is_the_digest_of_what_was_written():
    entries = played().entries
    assert seal(entries) == digest(written(entry) for entry in reversed(entries))


def test_the_calendar_tells_which_drills_are_void(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    from incident.cli import main as incident
    from incident.organisation.reader import demo_organisation, dump_organisation

    file = tmp_path / "organisation.yaml"
    file.write_text(dump_organisation(demo_organisation()), encoding="utf-8")
    assert incident(["load", str(file), "--data", str(tmp_path)]) == 0
    main(["simulate", CASE, "--keep", "--data", str(tmp_path)])
    engine = open_engine(f"sqlite:///{tmp_path / 'incident.db'}")
    with changing(engine) as connection:
        body = table.body_of(connection, name := kept(connection).row.id) or ""
        connection.execute(update(kept_drills).values(body=body.replace("person:", "person:x-", 1)))
    engine.dispose()
    capsys.readouterr()
    main(["calendar", "--data", str(tmp_path)])
    assert f"{CASE} {name[:8]}" in capsys.readouterr().out
    main(["calendar", "--data", str(tmp_path), "--json"])
    assert name in [one for due in json.loads(capsys.readouterr().out) for one in due["void"]]
    assert main(["score", name[:9], "--data", str(tmp_path)]) == 1
    assert "Void" in capsys.readouterr().out
