"""Exercise control of live drills, in every web process: each looks each second, and each act is written once.

Whichever process is killed, another goes on, or the same one after its start.
"""

from __future__ import annotations

import logging
from functools import partial
from typing import Final

import anyio
from anyio import to_thread

from drills import live
from drills.room import Room
from drills.simulate.plans import Outside, Plans
from web.house import House

_log: Final = logging.getLogger(__name__)


def room_of(house: House) -> Room:
    return Room(house.desk, house.engine, house.clock, partial(_outside, house))


def _outside(house: House) -> Outside:
    plans = Plans({policy.id: policy for policy in house.library.policies()}, house.library.playbooks())
    return Outside(house.directory.organisation(), plans)


def look(house: House) -> None:
    """Look at every live drill that is not kept yet. One that fails does not hold up the others."""
    room = room_of(house)
    for mark in live.running(room):
        try:
            live.look(room, mark)
        except Exception:  # it looks again in a second
            _log.warning("live drill %s could not be looked at", mark, exc_info=True)


async def control(house: House) -> None:
    """For as long as the process lives."""
    while True:
        try:
            await to_thread.run_sync(look, house)
        except Exception:  # the database is away: it looks again
            _log.warning("live drills could not be looked at", exc_info=True)
        await anyio.sleep(live.LOOK_S)
