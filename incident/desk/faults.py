"""Which of the database's errors say that the store is down, and which that a command was at fault."""

from __future__ import annotations

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, NotSupportedError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from incident.desk.requests import Busy, StoreDown

_OF_THE_COMMAND = (DataError, IntegrityError, NotSupportedError, ProgrammingError)
_BUSY = ("locked", "busy", "lock timeout", "statement timeout", "deadlock")


def is_store_error(error: BaseException) -> bool:
    """Gone, full, locked, broken: not the fault of what was to be written."""
    if isinstance(error, PoolTimeout):
        return True
    return isinstance(error, DBAPIError) and not isinstance(error, _OF_THE_COMMAND)


def as_store_error(error: Exception) -> StoreDown:
    """The error that the caller sees: Busy when a lock was not to be had in time, StoreDown otherwise."""
    text = str(error.orig) if isinstance(error, DBAPIError) else str(error)
    kind = Busy if isinstance(error, PoolTimeout) or any(word in text for word in _BUSY) else StoreDown
    found = kind(text.splitlines()[0] if text else type(error).__name__)
    found.__cause__ = error
    return found
