"""Children that do not outlive their parent, even when it is killed -9.

On Linux the kernel does it: the child is sent SIGTERM when the *thread* that started it ends, so children are
started from a main thread only. Elsewhere a child of our own watches its parent's id (`follow_parent`).
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final

PARENT: Final = "INCIDENT_PARENT_PID"
"""The environment variable that tells one of our own children whom to follow."""

_PR_SET_PDEATHSIG: Final = 1
_LIBC: Final = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def bind(parent: int) -> None:
    """In a child that was just made: end with the parent, where the kernel does it.

    Also runs between fork and exec: only calls that need no lock of the interpreter's.
    """
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it died before the kernel was told
            os._exit(1)


def named(name: str) -> None:
    """Show this process under a name in `top` and `ps -o comm`: copies of one process have its command line."""
    with suppress(OSError):  # elsewhere than on Linux, or in a machine without /proc: a name is all that is missing
        Path("/proc/self/comm").write_text(name, encoding="ascii")


def start(
    command: Sequence[str],
    env: Mapping[str, str],
    *,
    cwd: Path | None = None,
    user: int | None = None,
    keep: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Start a child in a process group of its own, so that Ctrl-C reaches the parent alone and it stops in order.

    `user` is the numeric id to run as (root only), `keep` the descriptors that it inherits. Raises OSError when the
    command cannot be started.
    """
    parent = os.getpid()
    return subprocess.Popen(  # noqa: S603  (our own commands, never a user's)
        list(command),
        env={**env, PARENT: str(parent)},
        cwd=cwd,
        user=user,
        group=user,
        extra_groups=[] if user is not None else None,
        stdin=subprocess.DEVNULL,
        pass_fds=tuple(keep),
        process_group=0,
        preexec_fn=partial(bind, parent),  # noqa: PLW1509  (the parent has one thread)
    )


def follow_parent(env: Mapping[str, str], *, every: float = 1.0, by_kernel: bool = _LIBC is not None) -> bool:
    """In a child: end this process soon after the parent that started it, where the kernel does not see to it.

    Called once at the start of `incident web | worker | watch`. False when there is nothing to do.
    """
    if by_kernel or PARENT not in env:
        return False
    parent = int(env[PARENT])

    def watch() -> None:
        asleep = threading.Event()
        while os.getppid() == parent:
            asleep.wait(every)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="follow-parent", daemon=True).start()
    return True


def is_stopped(pid: int) -> bool:
    """Whether somebody stopped this child of ours (SIGSTOP). A debugger that holds it is somebody else's business."""
    if not hasattr(os, "waitid"):  # macOS: only its silence tells
        return False
    with suppress(ChildProcessError):  # it has ended and was waited for
        return os.waitid(os.P_PID, pid, os.WSTOPPED | os.WNOHANG | os.WNOWAIT) is not None
    return False
