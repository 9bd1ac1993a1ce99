"""The order of steps as a graph: `after` names what must be finished before a step may start. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from graphlib import CycleError, TopologicalSorter

from incident.playbooks.model import Step


def cycle(steps: Iterable[Step]) -> tuple[str, ...]:
    """Ids of steps that wait for each other, in the order of waiting and with the first one again at the end.

    Empty if there is none; the first one found if there are several. Edges to unknown steps are passed over.
    """
    listed = tuple(steps)
    place = {step.id: index for index, step in enumerate(listed)}
    graph = {step.id: [before for before in step.after if before in place] for step in listed}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        ring: list[str] = error.args[1][:0:-1]  # each is named before the one that it precedes; we say "waits for"
        first = min(range(len(ring)), key=lambda index: place[ring[index]])
        turned = ring[first:] + ring[:first]
        return (*turned, turned[0])
    return ()


def ancestors(steps: Iterable[Step]) -> dict[str, frozenset[str]]:
    """For each step all steps that are finished before it may start, near and far. Ends on cycles too."""
    direct = {step.id: step.after for step in steps}
    found: dict[str, frozenset[str]] = {}
    for step_id, after in direct.items():
        seen: set[str] = set()
        waiting = list(after)
        while waiting:
            before = waiting.pop()
            if before in direct and before not in seen:
                seen.add(before)
                waiting += direct[before]
        found[step_id] = frozenset(seen)
    return found
