"""What can go wrong, as values that a person can read in their own language.

A `Reason` is a key of the catalogs with its parameters. The core returns and raises reasons, never sentences;
`incident.words` turns them into English or Chinese at the edge.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

Params = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Reason:
    """`key` names a message in the catalogs, `params` fill its braces. Sorted, so that equal reasons are equal."""

    key: str
    params: Params = ()


def why(key: str, **params: object) -> Reason:
    """Make a `Reason`; values are turned into text here, once."""
    if len(params) < 2:
        return Reason(key, tuple((name, str(value)) for name, value in params.items()))
    return Reason(key, tuple(sorted((name, str(value)) for name, value in params.items())))


class IncidentError(Exception):
    """The root of every error this product raises on purpose."""


class Refused(IncidentError):
    """A command that is not legal now (HTTP 409). Nothing was written."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.key)
        self.reason: Final = reason


class Unknown(IncidentError):
    """Something was named that does not exist (HTTP 404)."""

    def __init__(self, what: str, name: str) -> None:
        super().__init__(f"{what} {name}")
        self.reason: Final = why("error.unknown", what=what, name=name)


class NoOrganisation(IncidentError):
    """Nobody is there to be paged: the organisation was never loaded (HTTP 503, so that a sender comes again)."""

    def __init__(self) -> None:
        super().__init__("no organisation")
        self.reason: Final = why("error.no_organisation")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong in the input: `pointer` is a JSON pointer to the field, `reason` says what and why."""

    pointer: str
    reason: Reason


class BadInput(IncidentError):
    """Input that cannot be used (HTTP 422). Every fault is listed; nothing was written."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__("; ".join(f"{fault.pointer}: {fault.reason.key}" for fault in faults))
        self.faults: Final = faults
