"""A backup of either database, restored into either: the same rows, all of them or none."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Boolean, Engine, LargeBinary, Table, Text, inspect, select, text

from incident.evolve import replay
from incident.organisation import demo_organisation
from incident.record.row import board_row
from incident.store import chain, log, migrations
from incident.store.bulk import BulkInsert
from incident.store.engine import changing, reading
from incident.store.migrations import migrate
from incident.store.portable import BadBackup
from incident.store.portable.file import Backup, proved
from incident.store.portable.restore import Restored, restore
from incident.store.portable.rows import tallied
from incident.store.portable.write import back_up
from incident.store.tables import attempts, board, outbox
from incident.store.types import metadata
from tests.backup.conftest import Opens
from tests.desk.house import START, opened_desk, report, settle_in
from tests.servers import Postgres

pytestmark = pytest.mark.long


def restored(target: Engine, backup: Backup, *, erase: bool = False, resume: bool = True) -> Restored:
    return restore(target, backup, now=START, erase=erase, resume=resume)


def tallies(engine: Engine, backup: Backup) -> dict[str, tuple[int, str]]:
    with reading(engine) as connection:
        return {form.table: tallied(connection, form) for form in backup.forms}


def tables(engine: Engine) -> set[str]:
    with engine.connect() as connection:
        return set(inspect(connection).get_table_names())


def refuses(key: str, engine: Engine, backup: Backup, **how: bool) -> None:
    before = tables(engine)
    with pytest.raises(BadBackup) as bad:
        restored(engine, backup, **how)
    assert bad.value.reason.key == key
    assert tables(engine) == before


def test_what_was_backed_up_is_there_again_and_every_board_row_is_its_logs_replay(
    engine: Engine, target: Engine, tmp_path: Path
) -> None:
    made = back_up(engine, tmp_path / "one.backup", now=START)
    engine.dispose()
    assert proved(made.path) == made
    assert made.path.stat().st_mode & 0o077 == 0
    assert made.manifest.count("board") == 12
    assert restored(target, proved(made.path)).erased == {}
    assert tallies(target, made) == dict(made.manifest.tables)
    with reading(target) as connection:
        proof = chain.verify(connection)
        assert (proof.holds, proof.head) == (True, made.manifest.head)
        for incident, row in connection.execute(select(board.c.incident, board.c.row)).all():
            state = replay(log.entries(log.of(connection, incident)))
            assert state is not None
            assert json.loads(row) == {**board_row(state, demo_organisation()), "repeats": 0}


def test_a_restored_database_counts_on_from_where_the_first_one_was(
    engine: Engine, target: Engine, tmp_path: Path
) -> None:
    made = back_up(engine, tmp_path / "one.backup", now=START)
    restored(target, made)
    with opened_desk(target) as desk:
        row = desk.submit(report("new")).result(10).row
    assert row["code"] == "C13"
    with reading(target) as connection:
        assert chain.verify(connection).holds
        assert connection.scalar(select(outbox.c.id).order_by(outbox.c.id.desc())) > made.manifest.count("outbox")


@pytest.fixture
def between(opens: Opens, tmp_path: Path, postgres_server: Postgres) -> Iterator[tuple[Engine, Engine, Path]]:
    with postgres_server.database() as url:
        yield opens(f"sqlite:///{tmp_path}/first.db"), (other := opens(url)), tmp_path
        other.dispose()


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
WHOLE = st.integers(-(2**31), 2**31 - 1)


def row_of(table: Table) -> st.SearchStrategy[tuple[object, ...]]:
    """Anything that the columns can hold; keys are told apart afterwards."""
    kinds = {Boolean: st.booleans(), Text: TEXT, LargeBinary: st.binary(max_size=12)}
    parts = []
    for column in table.columns:
        part = next((values for kind, values in kinds.items() if isinstance(column.type, kind)), None)
        part = part if part is not None else (TEXT if type(column.type).__name__ == "Json" else WHOLE)
        parts.append(st.none() | part if column.nullable else part)
    return st.tuples(*parts)


@given(data=st.data())
@settings(
    max_examples=2,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_from_sqlite_to_postgresql_and_back_are_the_same_rows(
    between: tuple[Engine, Engine, Path], data: st.DataObject
) -> None:
    first, second, folder = between
    for path in folder.glob("*.backup"):
        path.unlink()
    migrate(first)
    with changing(first) as connection:
        for table in (outbox, attempts, *(metadata.tables[name] for name in ("keys", "particulars", "sessions"))):
            connection.execute(table.delete())
            rows = data.draw(st.lists(row_of(table), max_size=5, unique_by=lambda row: row[0]))
            names = table.columns.keys()
            if "name" in names:  # a key's name is unique as well
                at = names.index("name")
                rows = list({row[at]: row for row in rows}.values())
            BulkInsert(table, *names)(connection, rows)
    one = back_up(first, folder / "one.backup", now=START)
    restored(second, one, erase=True)
    two = back_up(second, folder / "two.backup", now=START)
    assert two.manifest.tables == one.manifest.tables
    restored(first, two, erase=True)
    assert tallies(first, two) == dict(one.manifest.tables)


def test_what_is_committed_while_it_copies_is_not_in_it_and_nothing_is_halved(engine: Engine, tmp_path: Path) -> None:
    asked = []
    with opened_desk(engine) as desk:

        def meanwhile(done: int, total: int) -> None:
            asked.append(desk.submit(report(f"late-{len(asked)}")).result(10))

        made = back_up(engine, tmp_path / "one.backup", now=START, progress=meanwhile)
    assert len(asked) > 3
    assert made.manifest.count("board") == 12
    assert made.manifest.bad is None
    with closing(sqlite3.connect(made.path)) as file:
        [(last,)] = file.execute("SELECT max(position) FROM board").fetchall()
    assert last == made.manifest.entries


def test_a_database_that_holds_something_is_refused_until_its_loss_is_named(
    sqlite: Engine, target: Engine, tmp_path: Path
) -> None:
    made = back_up(sqlite, tmp_path / "one.backup", now=START)
    restored(target, made)
    refuses("backup.not_empty", target, made)
    assert restored(target, made, erase=True).erased["board"] == 12


def test_a_restore_that_dies_in_the_middle_leaves_the_target_as_it_was(
    sqlite: Engine, target: Engine, tmp_path: Path
) -> None:
    made = back_up(sqlite, tmp_path / "one.backup", now=START)

    def dies(done: int, total: int) -> None:
        if done > total / 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        restore(target, made, now=START, erase=False, resume=True, progress=dies)
    assert tables(target) == set()
    restored(target, made)
    before = tallies(target, made)
    with pytest.raises(KeyboardInterrupt):
        restore(target, made, now=START, erase=True, resume=True, progress=dies)
    assert tallies(target, made) == before


def test_a_backup_that_dies_leaves_no_file_and_never_replaces_one(engine: Engine, tmp_path: Path) -> None:
    folder = tmp_path / "copies"
    folder.mkdir()

    def dies(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        back_up(engine, folder / "one.backup", now=START, progress=dies)
    assert list(folder.iterdir()) == []
    (folder / "one.backup").write_text("mine")
    with pytest.raises(FileExistsError):
        back_up(engine, folder / "one.backup", now=START)


@pytest.fixture
def made(tmp_path: Path, opens: Opens) -> Backup:
    """A backup of a small SQLite database."""
    engine = opens(f"sqlite:///{tmp_path}/small.db")
    migrate(engine)
    settle_in(engine)
    with opened_desk(engine) as desk:
        desk.submit(report("one")).result(10)
    return back_up(engine, tmp_path / "small.backup", now=START)


@pytest.mark.parametrize(
    ("statement", "key"),
    [
        ("UPDATE log SET body = replace(body, 'down', 'fine') WHERE position = 1", "backup.altered"),
        ("UPDATE board SET unit = 'x'", "backup.altered"),
        ("DELETE FROM links", "backup.altered"),
        ("INSERT INTO meta VALUES ('a', 'b')", "backup.altered"),
        ("UPDATE manifest SET value = replace(value, '\"entries\":', '\"entrie\":')", "backup.altered"),
        ("DELETE FROM manifest", "backup.altered"),
        ('UPDATE manifest SET value = replace(value, \'"step":"\', \'"step":"9\')', "backup.newer"),
        ("PRAGMA user_version = 9", "backup.newer"),
        ("PRAGMA application_id = 0", "backup.foreign"),
        ("DROP TABLE outbox", "backup.unreadable"),
    ],
)
def test_an_altered_file_is_refused(made: Backup, statement: str, key: str) -> None:
    with closing(sqlite3.connect(made.path, isolation_level=None)) as file:
        file.execute(statement)
    with pytest.raises(BadBackup) as bad:
        proved(made.path)
    assert bad.value.reason.key == key


def test_a_file_cut_off_anywhere_is_refused(made: Backup) -> None:
    whole = made.path.read_bytes()
    for part in (0, 50, 4096, len(whole) // 2, len(whole) - 4096, len(whole) - 1):
        made.path.write_bytes(whole[:part])
        with pytest.raises(BadBackup):
            proved(made.path)


def test_a_file_that_changes_after_it_was_proved_changes_nothing(made: Backup, target: Engine) -> None:
    with closing(sqlite3.connect(made.path, isolation_level=None)) as file:
        file.execute("UPDATE outbox SET person = 'mallory'")
    refuses("backup.altered", target, made)


def test_a_log_that_was_broken_before_can_be_backed_up_and_says_where(
    sqlite: Engine, target: Engine, tmp_path: Path
) -> None:
    with changing(sqlite) as connection:
        connection.execute(text("UPDATE log SET body = '{}' WHERE position = 3"))
    made = back_up(sqlite, tmp_path / "one.backup", now=START)
    assert made.manifest.bad == 3
    restored(target, proved(made.path))
    with reading(target) as connection:
        assert chain.verify(connection).bad == 3


@pytest.fixture
def next_release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Takes the steps of the schema to those of the next release, which adds a column and fills it."""
    here, there = migrations._HERE, tmp_path / "migrations"
    shutil.copytree(here, there, ignore=shutil.ignore_patterns("__pycache__"))
    (there / "versions" / "9999_next.py").write_text(
        "import sqlalchemy as sa\nfrom alembic import op\n"
        f"revision, down_revision = '9999', {migrations.newest()!r}\n"
        "def upgrade():\n"
        "    op.add_column('outbox', sa.Column('later', sa.Text()))\n"
        "    op.execute(\"UPDATE outbox SET later = 'filled'\")\n"
    )
    monkeypatch.setattr(migrations, "_HERE", str(there))
    return lambda: monkeypatch.setattr(migrations, "_HERE", here)


def test_a_backup_of_an_older_release_is_brought_up_to_date_and_a_newer_one_refused(
    made: Backup,
    target: Engine,
    next_release: Callable[[], None],
    tmp_path: Path,
) -> None:
    restored(target, proved(made.path))
    with reading(target) as connection:
        assert set(connection.scalars(text("SELECT later FROM outbox"))) == {"filled"}
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == "9999"
    newer = back_up(target, tmp_path / "newer.backup", now=START)
    next_release()
    with pytest.raises(BadBackup) as bad:
        proved(newer.path)
    assert bad.value.reason.key == "backup.newer"
    with pytest.raises(BadBackup) as bad:
        back_up(target, tmp_path / "no.backup", now=START)
    assert bad.value.reason.key == "backup.newer"
    refuses("backup.newer", target, made, erase=True)


def test_a_database_of_somebody_else_is_left_alone(made: Backup, target: Engine) -> None:
    with changing(target) as connection:
        connection.execute(text("CREATE TABLE log (line TEXT)"))
    refuses("backup.not_ours", target, made, erase=True)


def test_a_postgresql_that_others_use_is_refused(made: Backup, postgres_url: str, opens: Opens) -> None:
    running, target = opens(postgres_url), opens(postgres_url)
    with running.connect() as connection:
        connection.execute(text("SELECT 1"))
        refuses("backup.in_use", target, made)
    running.dispose()
    restored(target, made)
