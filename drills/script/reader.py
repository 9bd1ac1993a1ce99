"""Scripts from their files. The shipped ones go by their names: `data-centre-outage`; a path works too."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Final

from drills.script.model import Script
from incident.errors import Unknown
from incident.source import BadSource, Document, SourceFault, read_yaml, validate

SHIPPED: Final = "scripts"


@dataclass(frozen=True, slots=True)
class Written:
    """A script with the file that it was read from, so that findings can name line and column."""

    script: Script
    document: Document


def read_script(text: str, name: str) -> Written:
    """Raises `BadSource` with every fault of the shape at its line."""
    document = read_yaml(text, name)
    return Written(validate(Script, document), document)


def shipped() -> dict[str, Path]:
    """The scripts that come with the product, by name."""
    folder = Path(str(files("drills") / SHIPPED))
    return {path.stem: path for path in sorted(folder.glob("*.yaml"))}


def found(name: str) -> Path:
    """The file of a shipped script, or the path itself. Raises Unknown."""
    path = shipped().get(name) or Path(name)
    if not path.is_file():
        raise Unknown("script", name)
    return path


def open_script(name: str) -> Script:
    """A script by name or path. Raises Unknown or `BadSource`."""
    return read_path(found(name)).script


def read_path(path: Path) -> Written:
    """Raises `BadSource`, also for what is no text, and OSError."""
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = error.start - (raw.rfind(b"\n", 0, error.start) + 1) + 1
        raise BadSource((SourceFault(str(path), line, column, "", "not UTF-8: save the file as UTF-8"),)) from None
    return read_script(text, str(path))


def read_all(paths: Iterable[Path]) -> tuple[list[Written], list[SourceFault]]:
    """What could be read, and the faults of what could not. Raises OSError."""
    written: list[Written] = []
    faults: list[SourceFault] = []
    for path in paths:
        try:
            written.append(read_path(path))
        except BadSource as bad:
            faults += bad.faults
    return written, faults
