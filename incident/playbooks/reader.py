"""Playbooks from their files, and the one that fits a report.

Reading is slow (about 0.1 s a file) and happens once for each process; choosing is pure and quick.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from operator import is_
from pathlib import Path

from incident.errors import Reason, Unknown, why
from incident.levels import Kind, Level
from incident.playbooks.model import FALLBACK, Playbook
from incident.playbooks.rungs import EVERY_LEVEL
from incident.source import BadSource, Document, SourceFault, read_yaml, validate


@dataclass(frozen=True, slots=True)
class Shelved:
    """A playbook with the file that it was read from, so that findings can name line and column."""

    playbook: Playbook
    document: Document


@dataclass(frozen=True, slots=True)
class Choice:
    """The playbook that starts, and why this one."""

    playbook: Playbook
    reason: Reason


def read_playbook(text: str, name: str) -> Shelved:
    """One playbook of a file that is already in memory. Raises `BadSource`."""
    document = read_yaml(text, name)
    return Shelved(validate(Playbook, document), document)


@cache
def read_library() -> tuple[Shelved, ...]:
    """The playbooks that come with the product, ordered by id."""
    folder = files(__package__) / "library"
    return _shelve((str(path), path.read_bytes()) for path in folder.iterdir() if path.name.endswith(".yaml"))


def read_files(paths: Iterable[Path]) -> tuple[Shelved, ...]:
    """Playbooks of the given files, ordered by id. Raises `BadSource` with the faults of all of them, or OSError."""
    return _shelve((str(path), path.read_bytes()) for path in paths)


def load_library() -> tuple[Playbook, ...]:
    """The playbooks that come with the product, ordered by id."""
    return tuple(shelved.playbook for shelved in read_library())


def load_files(paths: Iterable[Path]) -> tuple[Playbook, ...]:
    """Playbooks of the given files, ordered by id. Raises `BadSource` with the faults of all of them, or OSError."""
    return tuple(shelved.playbook for shelved in read_files(paths))


def merged(library: Iterable[Playbook], own: Iterable[Playbook]) -> tuple[Playbook, ...]:
    """An organisation's own playbooks over the shipped ones: the same id replaces."""
    by_id = {playbook.id: playbook for playbook in (*library, *own)}
    return tuple(by_id[key] for key in sorted(by_id))


def choose(playbooks: Iterable[Playbook], report_kind: Kind, product: str | None, words: str, level: Level) -> Choice:
    """The playbook for a report; `words` is its free text.

    A playbook for the kind beats one that only knows the words; then one for this product, with more words found,
    for fewer levels; then the smaller id. When none fits it is the fallback. Raises `Unknown` if there is no fallback.
    """
    shelf, text = _shelf(playbooks), words.lower()
    said = shelf.any_word.search(text) is not None
    fits = [
        (rank, playbook)
        for playbook in shelf.known
        if (said or report_kind in playbook.matches.kinds)
        and (rank := _fit(playbook, report_kind, (product or text).lower(), text, level))
    ]
    if fits:
        rank, best = max(fits, key=lambda pair: pair[0])  # the first of equals: the smaller id
        return Choice(best, _reason(best, report_kind, text, level, by_kind=rank[0]))
    if shelf.fallback is not None:
        chosen = why("playbook.chosen.fallback", playbook=FALLBACK, kind=report_kind, level=level)
        return Choice(shelf.fallback, chosen)
    raise Unknown("playbook", FALLBACK)


@dataclass(frozen=True, slots=True)
class _Shelf:
    """Playbooks in the order of their ids, ready to be chosen from. `any_word` finds the text that may hold a word of
    any of them: most reports hold none, and need not be asked for each."""

    of: tuple[Playbook, ...]
    known: tuple[Playbook, ...]
    fallback: Playbook | None
    any_word: re.Pattern[str]


_last: list[_Shelf] = []


def _shelf(playbooks: Iterable[Playbook]) -> _Shelf:
    """The shelf of these very playbooks; the last one is kept, for a house has one library at a time."""
    of = tuple(playbooks)
    for kept in _last:
        if len(kept.of) == len(of) and all(map(is_, kept.of, of)):
            return kept
    known = tuple(sorted(of, key=lambda playbook: playbook.id))
    words = {word for playbook in known for word in playbook.matches.words}
    found = _Shelf(
        of,
        tuple(playbook for playbook in known if playbook.id != FALLBACK),
        next((playbook for playbook in known if playbook.id == FALLBACK), None),
        re.compile("|".join(map(re.escape, sorted(words))) or r"(?!)"),
    )
    _last[:] = [found]
    return found


def contains(text: str, fragment: str) -> bool:
    """Whether a word of `text` begins with `fragment`; Chinese has no spaces, so there anywhere will do."""
    if fragment not in text:
        return False
    if fragment[0].isascii():
        return re.search(rf"(?<![a-z0-9]){re.escape(fragment)}", text) is not None
    return True


def _fit(playbook: Playbook, kind: Kind, product: str, words: str, level: Level) -> tuple[bool, bool, int, int] | None:
    """How well it fits, larger is better; None if it does not."""
    wanted = playbook.matches
    by_kind = kind in wanted.kinds
    if level not in wanted.levels:
        return None
    found = sum([contains(words, word) for word in wanted.words if word in words])
    if not (by_kind or found):
        return None
    if wanted.products and not any(contains(product, fragment) for fragment in wanted.products):
        return None
    return by_kind, bool(wanted.products), found, len(EVERY_LEVEL) - len(wanted.levels)


def _reason(playbook: Playbook, kind: Kind, words: str, level: Level, *, by_kind: bool) -> Reason:
    if by_kind:
        return why("playbook.chosen.kind", playbook=playbook.id, kind=kind, level=level)
    said = ", ".join(word for word in playbook.matches.words if contains(words, word))
    return why("playbook.chosen.words", playbook=playbook.id, said=said, level=level)


def _shelve(named: Iterable[tuple[str, bytes]]) -> tuple[Shelved, ...]:
    shelved: list[Shelved] = []
    faults: list[SourceFault] = []
    for name, raw in sorted(named):
        try:
            shelved.append(read_playbook(_decoded(raw, name), name))
        except BadSource as bad:
            faults += bad.faults
    if faults:
        raise BadSource(tuple(faults))
    return tuple(sorted(shelved, key=lambda one: (one.playbook.id, one.document.name)))


def _decoded(raw: bytes, name: str) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = error.start - (raw.rfind(b"\n", 0, error.start) + 1) + 1
        raise BadSource((SourceFault(name, line, column, "", "not UTF-8: save the file as UTF-8"),)) from None
