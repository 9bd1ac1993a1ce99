"""Lets the run set the clock of the program's processes, and of nothing else. Read by Python itself at their start.

The folder is put on the PYTHONPATH of the children alone, so that the program has no setting for it: in production
this file is not there. Eight bytes of shared memory hold by how many seconds the machine's clock is wrong; every
process sees a change at once, as it does when somebody sets a clock. (libfaketime was tried first: it makes
Python's `time.sleep` fail, because it cannot know which clock `clock_nanosleep` was asked for.)
"""

import datetime
import mmap
import os
import struct

import incident.clock

with open(os.environ["CHAOS_CLOCK"], "rb") as file:
    _OFF = mmap.mmap(file.fileno(), 8, access=mmap.ACCESS_READ)


class _Wrong(datetime.datetime):
    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> datetime.datetime:
        return datetime.datetime.now(tz) + datetime.timedelta(seconds=struct.unpack("d", _OFF[:8])[0])


incident.clock.datetime = _Wrong
