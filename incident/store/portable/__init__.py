"""A backup that is the same whichever database it came from: one SQLite file with every table and a manifest.

Made from one moment of a database in use, restorable into SQLite and PostgreSQL. The manifest says at which step of the
schema the rows are, how many there are of each table with the sum of their digests, and where the log's chain ends.
"""

from __future__ import annotations

from incident.errors import IncidentError, Reason


class BadBackup(IncidentError):
    """A backup that cannot be made, trusted or restored. Nothing was changed; `reason` says what to do."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.key)
        self.reason = reason
