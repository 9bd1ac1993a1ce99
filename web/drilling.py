"""Exercise control of live drills, in every web process: each looks each second, and each act is written once.

Whichever process is killed, another goes on, or the same one after its start.
"""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable
from functools import partial
from typing import Final

import anyio
from anyio import to_thread

from drills import live, practice
from drills.room import Room
from drills.simulate.plans import Outside, Plans
from web.house import House

PRACTICES: Final = 5
"""Every so many turns it looks at practices: many may go on at once, and nobody waits for them."""
_log: Final = logging.getLogger(__name__)


def room_of(house: House) -> Room:
    return Room(house.desk, house.engine, house.clock, partial(_outside, house))


def _outside(house: House) -> Outside:
    plans = Plans({policy.id: policy for policy in house.library.policies()}, house.library.playbooks())
    return Outside(house.directory.organisation(), plans)


def look(house: House, *, practices: bool = True) -> None:
    """Look at every live drill that is not kept yet, and at what people practise alone. One that fails does not hold
    up the others."""
    room = room_of(house)
    for mark in live.running(room):
        _look(room, mark, live.look)
    for mark in practice.running(room) if practices else ():
        _look(room, mark, practice.look)


def _look(room: Room, mark: str, how: Callable[[Room, str], bool]) -> None:
    try:
        how(room, mark)
    except Exception:  # it looks again in a second
        _log.warning("live drill %s could not be looked at", mark, exc_info=True)


async def control(house: House) -> None:
    """For as long as the process lives."""
    for turn in itertools.count():
        try:
            await to_thread.run_sync(partial(look, house, practices=turn % PRACTICES == 0))
        except Exception:  # the database is away: it looks again
            _log.warning("live drills could not be looked at", exc_info=True)
        await anyio.sleep(live.LOOK_S)
