"""The bare program is a floor only if it writes what ours writes: each row once, in the same tables, and all sent."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from bench.bare import all_rows, one_row
from bench.targets import provider
from bench.work import Work, load, marks

ALERTS = 60


@pytest.mark.long
def test_the_bare_program_writes_the_rows_of_ours_for_every_alert(tmp_path: Path) -> None:
    with provider(tmp_path) as double, all_rows(tmp_path, double) as target:
        load(target, double, Work("some", ALERTS, clients=4), marks(ALERTS))
        load(target, double, Work("some more", ALERTS, batch=20), marks(ALERTS))
    with closing(sqlite3.connect(tmp_path / "incident.db")) as kept:
        entries = Counter(incident for (incident,) in kept.execute("SELECT incident FROM log"))
        assert len(entries) == 2 * ALERTS + 1
        assert len(set(entries.values())) == 1, "as many entries as our program wrote for the sample"
        titles = [json.loads(row)["title"] for (row,) in kept.execute("SELECT row FROM board")]
        assert len(set(titles)) == 2 * ALERTS + 1
        assert set(kept.execute("SELECT state, attempts FROM outbox")) == {("sent", 1)}
        assert len(list(kept.execute("SELECT DISTINCT send FROM attempts"))) == 2 * ALERTS + 1
        links = kept.execute("SELECT count(DISTINCT hash), count(*) FROM log").fetchone()
        assert links[0] == links[1]


@pytest.mark.long
def test_or_one_row_for_an_alert_and_one_for_its_message(tmp_path: Path) -> None:
    with provider(tmp_path) as double, one_row(tmp_path, double) as target:
        load(target, double, Work("some", ALERTS, batch=20), marks(ALERTS))
    with closing(sqlite3.connect(tmp_path / "bare.db")) as kept:
        assert kept.execute("SELECT count(*) FROM bare").fetchone() == (2 * ALERTS,)
