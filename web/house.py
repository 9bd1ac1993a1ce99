"""What the web needs of the house that `incident.wiring` builds: tests may build a smaller one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from sqlalchemy import Engine
from starlette.requests import HTTPConnection

from incident.clock import Clock
from incident.commands import Library
from incident.desk.desk import Desk
from incident.desk.tail import Tail
from incident.maintenance import Windows
from incident.organisation import Organisation
from incident.policy import Policy
from incident.rehearse import Outside
from incident.settings import Settings


class Plans(Library, Protocol):
    """The library, which also lists today's policies, and knows which playbooks it need not read again."""

    def policies(self) -> tuple[Policy, ...]: ...
    def at_hand(self, playbook: str) -> bool: ...


class Directory(Protocol):
    """The organisation and the maintenance windows as they stand now, read again when somebody has saved since."""

    def organisation(self) -> Organisation: ...

    @property
    def at_hand(self) -> bool:
        """Whether `organisation()` will answer without asking the store."""

    @property
    def version(self) -> int:
        """Of what `organisation()` last gave."""

    def windows(self) -> Windows: ...

    @property
    def windows_version(self) -> int: ...

    def edit_windows(self, edit: Callable[[Windows], Windows], by: str, *, expected: int | None = None) -> int: ...

    def refresh(self) -> None: ...


class House(Protocol):
    """`simulated` while no telephone provider is configured: then there are phones at /phones."""

    @property
    def settings(self) -> Settings: ...
    @property
    def engine(self) -> Engine: ...
    @property
    def desk(self) -> Desk: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def library(self) -> Plans: ...
    @property
    def directory(self) -> Directory: ...
    @property
    def tail(self) -> Tail: ...
    @property
    def simulated(self) -> bool: ...

    def outside(self) -> Outside:
        """What a decision may look at from outside, at any time."""
        ...


def house_of(request: HTTPConnection) -> House:
    house: Any = request.app.state.house
    found: House = house
    return found
