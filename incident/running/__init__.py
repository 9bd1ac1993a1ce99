"""What runs the program on one machine: the embedded Redis, the supervisor of `incident serve`, the logs."""

from __future__ import annotations

from typing import Final

from incident.errors import IncidentError, Reason


class CannotStart(IncidentError):
    """Nothing was started, or what was is stopped again. `reason` says what to do; the command ends with 2."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.key)
        self.reason: Final = reason
