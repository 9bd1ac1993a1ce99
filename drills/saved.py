"""A drill as one file: the script and the playbook that it pinned, its log, who stood where, and what was seen.

JSON, so that it can be read in ten years. What is in it is checked like any input; a score is never stored, it is
computed anew from here each time. The observations hold the seal: a log that somebody has changed voids the score.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from drills.score import Observations, Profile, of_script
from drills.score import profile as profile_of
from drills.score.observations import Added, Leak
from drills.score.profile import DEFAULT
from drills.score.seal import Copy, Written, digest, written
from drills.script.model import Script
from drills.simulate.play import Played
from incident.calendars import ZoneName
from incident.errors import BadInput, Fault, why
from incident.events import Entry
from incident.playbooks.model import Playbook
from incident.policy import Policy
from incident.posts import Tier
from incident.store.codec import Encoded, UnreadableEntry, decode

FORM: Final = "incident-drill/1"


class _Line(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    position: int
    incident: str
    seq: int
    at: AwareDatetime
    by: str
    kind: str
    version: int
    body: str


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    form: Literal["incident-drill/1"]
    seed: int
    locale: Literal["en", "zh_Hans", "zh_Hant"]
    zone: ZoneName
    script: Script
    playbook: Playbook
    policy: Policy
    names: dict[str, str]
    cast: dict[str, Tier]
    observations: Observations
    profile: str = DEFAULT
    entries: Annotated[tuple[_Line, ...], Field(min_length=1)]


def dump(played: Played, policy: Policy, judge: str = DEFAULT) -> str:
    """The same drill always gives the same text. `judge` is the profile that it was scored by."""
    lines = [json.dumps(_as_line(entry), ensure_ascii=False, sort_keys=True) for entry in played.entries]
    head = {
        "form": FORM,
        "seed": played.seed,
        "locale": played.locale,
        "zone": played.zone,
        "script": json.loads(played.script.dump()),
        "playbook": json.loads(played.playbook.dump()),
        "policy": json.loads(policy.dump()),
        "names": dict(played.names),
        "cast": {person: str(tier) for person, tier in played.cast.items()},
        "observations": played.observations.model_dump(mode="json", exclude_defaults=True),
        **({"profile": judge} if judge != DEFAULT else {}),
    }
    return _written(head, lines)


def _written(head: Mapping[str, object], lines: Iterable[str]) -> str:
    text = json.dumps(head, ensure_ascii=False, sort_keys=True, indent=1)
    return text.removesuffix("\n}") + ',\n "entries": [\n  ' + ",\n  ".join(lines) + "\n ]\n}\n"


def observed(text: str, more: Added) -> str:
    """A saved drill with more observations; its log and its seal stay as they are."""
    data = json.loads(text)
    seen = Observations.model_validate(data["observations"]).with_more(more)
    data["observations"] = seen.model_dump(mode="json", exclude_defaults=True)
    lines = [json.dumps(entry, ensure_ascii=False, sort_keys=True) for entry in data.pop("entries")]
    return _written(data, lines)


def load(path: Path, judge: str | None = None) -> tuple[Played, Profile]:
    """Read a file that `dump` wrote, and the profile: another one, or its own. Raises BadInput for anything else,
    Unknown and OSError."""
    file = _parsed(path.read_bytes(), str(path))
    held = profile_of(judge or file.profile)
    return _played(file, str(path), held), held


def read(text: str | bytes, path: str, profile: Profile) -> Played:
    """What `dump` wrote; `path` is how faults name it. Raises BadInput for anything else."""
    return _played(_parsed(text, path), path, profile)


def _parsed(text: str | bytes, path: str) -> _File:
    try:
        return _File.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = "/".join(str(step) for step in first["loc"])
        raise BadInput(Fault(f"{path}: /{where}", why("drill.saved.unreadable", said=first["msg"]))) from None


def _played(file: _File, path: str, profile: Profile) -> Played:
    try:
        entries = tuple(_entry(line) for line in file.entries)
    except UnreadableEntry as error:
        raise BadInput(Fault(path, why("drill.saved.unreadable", said=error))) from None
    return Played(
        script=file.script,
        playbook=file.playbook,
        entries=entries,
        observations=file.observations,
        expected=of_script(file.script, file.playbook, file.policy, profile),
        cast=file.cast,
        names=file.names,
        seed=file.seed,
        locale=file.locale,
        started_at=min(entry.at for entry in entries),
        zone=file.zone,
        copy=Copy(digest(map(_written_line, file.entries))),
    )


def lines(text: str) -> list[Written]:
    """The log of a drill that `dump` wrote, as it was written. Raises ValueError for anything else."""
    return lines_and_leaks(text)[0]


def lines_and_leaks(text: str) -> tuple[list[Written], tuple[Leak, ...]]:
    """The same, and the messages that left it or lacked its mark."""
    try:
        found = json.loads(text)
        entries = [Written(**line | {"at": datetime.fromisoformat(line["at"])}) for line in found["entries"]]
        return entries, tuple(Leak.model_validate(leak) for leak in found["observations"].get("leaks", ()))
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a saved drill: {error!r}") from error


def _written_line(line: _Line) -> Written:
    return Written(**dict(line))


def _as_line(entry: Entry) -> dict[str, object]:
    line = written(entry)
    return line._asdict() | {"at": line.at.isoformat(timespec="microseconds")}


def _entry(line: _Line) -> Entry:
    event = decode(*Encoded(line.kind, line.version, line.body))
    return Entry(line.position, line.incident, line.seq, line.at, line.by, event)
