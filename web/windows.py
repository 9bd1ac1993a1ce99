"""Changes to the windows of planned maintenance. The API and the forms of the page both come through here.

Each is one transaction that saves a new version. The watch sees it within half a second and looks again at everything
that was held back (`incident.desk.watch`).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from anyio import to_thread
from pydantic import ValidationError

from incident.errors import BadInput, Refused, Unknown, why
from incident.maintenance import Window, Windows, ended, exchanged, strangers
from incident.store.maintenance import Edit
from web.auth import Visitor
from web.house import House
from web.wire import faulty

KEPT: Final = timedelta(days=30)
"""How long a window that never opens again is still listed. What it held back names it for ever."""


async def add(house: House, visitor: Visitor, window: Window) -> None:
    """Raises Refused when the id is taken, BadInput for people and units that nobody knows."""

    def edit(windows: Windows) -> Windows:
        if windows.window(window.id) is not None:
            raise Refused(why("maintenance.exists", name=window.id))
        return _with(windows, (*windows.windows, window))

    await change(house, visitor, edit)


async def replace(house: House, visitor: Visitor, name: str, window: Window) -> None:
    """Another window in the place of this one, under its id."""

    def edit(windows: Windows) -> Windows:
        known(windows, name)
        return exchanged(windows, name, window.model_copy(update={"id": name}))

    await change(house, visitor, edit)


async def remove(house: House, visitor: Visitor, name: str) -> None:
    """What it holds back is paged at once."""

    def edit(windows: Windows) -> Windows:
        known(windows, name)
        return _with(windows, tuple(one for one in windows.windows if one.id != name))

    await change(house, visitor, edit)


async def end(house: House, visitor: Visitor, name: str) -> None:
    """End what is open now; what it holds back is paged at once. A weekly window opens again next week."""
    now = house.clock.now()
    await change(house, visitor, lambda windows: ended(windows, name, now))


async def change(house: House, visitor: Visitor, edit: Edit, expected: int | None = None) -> int:
    """Let `edit` change them and save; the answer is the new version. Raises what `edit` raises, or BadInput."""

    def checked(windows: Windows) -> Windows:
        now = house.clock.now()
        new = edit(windows)
        kept = [one for one in new.windows if not (new.is_past(one, now) and new.is_past(one, now - KEPT))]
        new = new.model_copy(update={"windows": tuple(kept)})
        organisation = house.directory.organisation()
        faults = strangers(new, {u.id for u in organisation.units}, {p.id for p in organisation.people})
        if faults:
            raise BadInput(*faults)
        return new

    return await to_thread.run_sync(lambda: house.directory.edit_windows(checked, visitor.by, expected=expected))


def known(windows: Windows, name: str) -> Window:
    found = windows.window(name)
    if found is None:
        raise Unknown("window", name[:60])
    return found


def _with(windows: Windows, new: tuple[Window, ...]) -> Windows:
    try:
        return Windows(windows=new)
    except ValidationError as error:  # too many of them
        raise faulty(error) from None
