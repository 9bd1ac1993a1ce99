"""The states of the incidents that were touched last, so that a command does not replay its incident's whole log."""

from __future__ import annotations

from collections import OrderedDict

from incident.state import Incident


class StateCache:
    """Keeps the `size` states used last (some 8 kB each). Whoever takes one checks its `seq` against the board's."""

    def __init__(self, size: int = 1024) -> None:
        self._size = size
        self._states: OrderedDict[str, Incident] = OrderedDict()

    def get(self, incident: str) -> Incident | None:
        state = self._states.get(incident)
        if state is not None:
            self._states.move_to_end(incident)
        return state

    def put(self, state: Incident) -> None:
        self._states[state.id] = state
        self._states.move_to_end(state.id)
        if len(self._states) > self._size:
            self._states.popitem(last=False)

    def __len__(self) -> int:
        return len(self._states)
