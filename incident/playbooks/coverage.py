"""Which kind of incident at which level has a playbook of its own (S33, S34). Pure."""

from __future__ import annotations

from collections.abc import Iterable

from incident.levels import Kind, Level
from incident.playbooks.model import FALLBACK, Playbook

Coverage = dict[tuple[Kind, Level], tuple[str, ...]]


def coverage(playbooks: Iterable[Playbook]) -> Coverage:
    """For each kind and level the ids of the playbooks made for it.

    One that is only for certain products leaves the others uncovered, so it does not count; nor does the fallback,
    except for the kind `other`.
    """
    known = tuple(playbooks)
    return {
        (kind, level): tuple(playbook.id for playbook in known if _covers(playbook, kind, level))
        for kind in Kind
        for level in Level
    }


def gaps(playbooks: Iterable[Playbook]) -> tuple[tuple[Kind, Level], ...]:
    """The kinds and levels that only the fallback would serve."""
    return tuple(cell for cell, ids in coverage(playbooks).items() if not ids)


def _covers(playbook: Playbook, kind: Kind, level: Level) -> bool:
    wanted = playbook.matches
    if wanted.products or (playbook.id == FALLBACK and kind is not Kind.OTHER):
        return False
    return kind in wanted.kinds and level in wanted.levels
