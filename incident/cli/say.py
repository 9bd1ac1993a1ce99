"""How a command speaks: in the language of the terminal, one line an error."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import Progress

from incident.errors import BadInput, Fault, Reason, why
from incident.words import Words, negotiate, words_for

BAD: Final = 2


def words() -> Words:
    """The catalog for `INCIDENT_DEFAULT_LOCALE`, else for the terminal's LANG."""
    wished = (os.environ.get(name, "").split(".")[0] for name in ("INCIDENT_DEFAULT_LOCALE", "LC_ALL", "LANG"))
    return words_for(negotiate(tag for tag in wished if tag))


def complain(reason: Reason) -> str:
    return words().reason(reason)


def complain_at_length(lines: Iterable[str]) -> int:
    """Write each line to stderr; the exit code of bad input."""
    for line in lines:
        sys.stderr.write(f"incident: {line}\n")
    return BAD


def text_of(file: Path) -> str:
    """A file that somebody wrote. Raises BadInput for one that is no text."""
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise BadInput(Fault(str(file), why("cli.not_utf8"))) from None


def out(text: str = "") -> None:
    """A line on stdout."""
    sys.stdout.write(f"{text}\n")


@contextmanager
def progress() -> Iterator[Callable[[int, int], None] | None]:
    """A bar on a terminal, nothing in a pipe. What it gives is told (done so far, in all)."""
    if not sys.stderr.isatty():
        yield None
        return
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
