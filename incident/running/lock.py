"""One `incident serve` for each data folder. The kernel frees the lock when its holder ends, however that ends."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from incident.errors import why
from incident.running import CannotStart

FILE: Final = "serve.lock"


@contextmanager
def only_one(data: Path, url: str) -> Iterator[None]:
    """Hold the data folder. Raises CannotStart with the holder's process id and URL when another has it.

    Children do not inherit the lock: the descriptor is closed on exec.
    """
    try:
        file = os.open(data / FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise CannotStart(why("setting.data", path=data, problem=error.strerror)) from None
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = _holder(file)
            raise CannotStart(why("running.already", **holder)) from None
        with suppress(OSError):  # a full disk: the lock holds all the same, only its holder is not named
            os.ftruncate(file, 0)
            os.pwrite(file, json.dumps({"pid": os.getpid(), "url": url}).encode(), 0)
        yield
    finally:
        os.close(file)


def running_at(data: Path) -> str | None:
    """The URL of the `incident serve` that has this data folder now; None when none does.

    Asks for its process and not for the lock: who holds that for a moment only would stop a `serve` that starts.
    """
    try:
        found = json.loads((data / FILE).read_bytes())
        os.kill(int(found["pid"]), 0)
        return str(found["url"])
    except PermissionError:  # of the signal: it runs, as another user
        return str(found["url"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _holder(file: int) -> dict[str, object]:
    """Who wrote the file. The holder writes just after it locks, so for a moment nobody is named."""
    try:
        found = json.loads(os.pread(file, 4096, 0))
        return {"pid": int(found["pid"]), "url": str(found["url"])}
    except (ValueError, KeyError, TypeError):
        return {"pid": "?", "url": "?"}
