"""`incident archive`: the record of one incident as one file, which can be read and proved without this program."""

from __future__ import annotations

import json
import re
import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Annotated, Any, Final
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo, is_zipfile
from zoneinfo import ZoneInfo

import typer
from pydantic import TypeAdapter

from incident.cli.data import _house
from incident.cli.plans import Json
from incident.cli.run import Data
from incident.cli.say import out, words
from incident.errors import BadInput, Fault, Unknown, why
from incident.evolve import replay
from incident.organisation import as_met
from incident.record.review import Review, review
from incident.record.shapes import EntryView, IncidentView
from incident.record.timeline import entry_view
from incident.record.view import Reader, incident_view
from incident.state import Incident
from incident.store import board, log, talk
from incident.store.archived import Kept, kept
from incident.store.engine import reading
from incident.wiring import House
from incident.words import words_for

LOG: Final = "log.jsonl"
RECORD: Final = "record.json"
MESSAGES: Final = "messages.json"
README: Final = "README.txt"
_NAME: Final = 40
"""Letters of a customer's name in a code."""


@dataclass(frozen=True, slots=True)
class Record:
    """The incident as it stood at its last entry here, the figures of its handling, and what happened, in order."""

    code: str
    seq: int
    incident: IncidentView
    figures: Review
    timeline: list[EntryView]


_RECORD: Final = TypeAdapter(Record)
_MESSAGES: Final = TypeAdapter(list[talk.Message])
_KEPT: Final = TypeAdapter(Kept)


def add_to(app: typer.Typer) -> None:
    app.command()(archive)


def archive(
    incident: Annotated[str, typer.Argument(help="Its code, like C7, or its id.")],
    to: Annotated[Path | None, typer.Option("--to", help="Left out: CUSTOMER-CODE-DATE.zip, here.")] = None,
    as_json: Json = False,
    data: Data = None,
) -> int:
    """Write the record of one incident into one file: what happened, what was sent, and the entries of the log with
    the hashes that prove them. `incident verify FILE` checks it. Nothing in the database is changed."""
    with _house(data) as house:
        code, content, entries = _archived(house, incident)
    file = to or Path(f"{code}.zip")
    try:
        with file.open("xb") as written:
            written.write(content)
    except FileExistsError:
        raise BadInput(Fault(str(file), why("cli.backup.exists"))) from None
    if as_json:
        out(json.dumps({"file": str(file), "code": code, "entries": entries}))
    else:
        out(words().t("cli.archive.done", file=file, n=entries))
    return 0


def code_of(state: Incident, zone: ZoneInfo) -> str:
    """Customer, service and date: `acme-C7-20261126`; the date is that of the report, where the house is."""
    customer = re.sub(r"\W+", "_", state.report.customer or "none")[:_NAME].strip("_") or "none"
    drill = "DRILL-" if state.report.drill else ""
    return f"{drill}{customer}-{state.report.code}-{state.opened_at.astimezone(zone):%Y%m%d}"


def _archived(house: House, name: str) -> tuple[str, bytes, int]:
    """Its code, the file, and how many entries it holds, all of one moment. Raises Unknown."""
    with reading(house.engine) as connection:
        listed = board.get(connection, name)
        if listed is None:
            raise Unknown("incident", name[:40])
        stored, proofs = log.of(connection, listed.incident), kept(connection, listed.incident)
        said = talk.of(connection, listed.incident)
    entries = log.entries(stored)
    state = replay(entries)
    assert state is not None
    locale = words().locale
    playbook = house.library.pinned_playbook(state.pinned.playbook_digest) if state.pinned else None
    drill = state.report.drill
    reader = Reader(as_met(house.directory.organisation(), drill, locale), playbook, words_for(locale), state.at)
    code = code_of(state, ZoneInfo(house.settings.timezone))
    record = Record(
        code,
        state.seq,
        incident_view(state, reader),
        review(state, entries, reader),
        [entry_view(entry, drill, reader) for entry in entries],
    )
    members = {
        README: _readme(code, locale, proofs).encode(),
        RECORD: _RECORD.dump_json(record, indent=1),
        MESSAGES: _MESSAGES.dump_json(said, indent=1),
        LOG: b"".join(json.dumps(one._asdict(), ensure_ascii=False).encode() + b"\n" for one in proofs),
    }
    return code, _zipped(members, state.opened_at), len(proofs)


def _readme(code: str, locale: str, proofs: Sequence[Kept]) -> str:
    languages = ["en"] if locale == "en" else [locale, "en"]
    told = {"code": code, "n": len(proofs), "hash": proofs[-1].hash, "position": proofs[-1].position}
    return "\n\n".join(words_for(language).t("archive.readme", **told) for language in languages) + "\n"


def _zipped(members: Mapping[str, bytes], at: datetime) -> bytes:
    """The same members give the same bytes: a record that nothing was added to can be compared with an older one."""
    into = BytesIO()
    with ZipFile(into, "w", ZIP_DEFLATED) as file:
        for name, content in members.items():
            about = ZipInfo(name, at.timetuple()[:6])
            about.external_attr = 0o644 << 16
            about.compress_type = ZIP_DEFLATED
            file.writestr(about, content)
    return into.getvalue()


@dataclass(frozen=True, slots=True)
class Checked:
    """`bad` is the first sequence number that does not hold, 0 where the file itself cannot be read."""

    entries: int
    hash: str
    bad: int | None = None


_DAMAGED: Final = (BadZipFile, zlib.error, struct.error, EOFError, KeyError, RuntimeError, ValueError)
"""What zipfile makes of a file that somebody has touched; RuntimeError where it says that it is locked."""


def is_archive(file: Path) -> bool:
    return is_zipfile(file)


def check(file: Path) -> Checked:
    """Whether every entry has the hash that it says, none is missing, and the record tells of the last one."""
    content = file.read_bytes()
    try:
        with ZipFile(BytesIO(content)) as opened:
            lines = [_KEPT.validate_json(line) for line in opened.read(LOG).splitlines()]
            record: Any = json.loads(opened.read(RECORD))
    except _DAMAGED:
        return Checked(0, "", 0)
    last: Kept | None = None
    for seq, one in enumerate(lines, 1):
        if one.seq != seq or one.incident != lines[0].incident or not one.holds() or not _follows(one, last):
            return Checked(seq - 1, last.hash if last else "", seq)
        last = one
    whole = last is not None and isinstance(record, dict) and record.get("seq") == last.seq
    return Checked(len(lines), last.hash if last else "", None if whole else len(lines) + 1)


def _follows(one: Kept, last: Kept | None) -> bool:
    """Where no other incident's entry lies between two, the second one's hash covers the first one's."""
    if last is None:
        return True
    return one.position > last.position + 1 or (one.position == last.position + 1 and one.previous == last.hash)
