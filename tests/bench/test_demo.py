"""The story is told to its end, and whoever breaks it off finds nothing left running."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from incident.clock import monotonic

# Whoever starts the tests in the background has had Ctrl-C ignored for all that is started by them: it is heard again.
HEARING = (
    "import runpy, signal; signal.signal(signal.SIGINT, signal.default_int_handler);"
    " runpy.run_module('bench.demo', run_name='__main__', alter_sys=True)"
)
DEMO = (sys.executable, "-c", HEARING, "--payload", "--rate", "60")
LONGEST_S = 240

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc"),
]


def left_over(folder: Path) -> list[str]:
    """Processes that have this folder in their environment or on their command line."""
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdecimal() and int(process.name) != os.getpid():
            try:
                text = (process / "environ").read_bytes() + (process / "cmdline").read_bytes()
            except OSError:  # it has just ended, or is somebody else's
                continue
            if os.fsencode(folder) in text:
                found.append(process.name)
    return found


def start(folder: Path) -> subprocess.Popen[str]:
    env = {**os.environ, "TMPDIR": str(folder), "PYTHONUNBUFFERED": "1"}
    return subprocess.Popen(DEMO, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def test_the_whole_story_from_the_alert_to_the_verified_end(tmp_path: Path) -> None:
    with start(tmp_path) as demo:
        told, _ = demo.communicate(timeout=LONGEST_S)
    assert demo.returncode == 0, told[-4000:]
    for turn in ("took it", "headquarters is paged", "closing still needs", "closed the incident", "The log is whole"):
        assert turn in told
    assert left_over(tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def test_broken_off_in_the_middle_it_leaves_nothing(tmp_path: Path) -> None:
    with start(tmp_path) as demo:
        assert demo.stdout is not None
        until = monotonic() + LONGEST_S
        while "one SMS, one part" not in (line := demo.stdout.readline()):
            assert line, "the story ended before its first page"
            assert monotonic() < until
        assert len(left_over(tmp_path)) >= 5  # the demo itself, serve, Redis, web, worker, watch
        demo.send_signal(signal.SIGINT)
        demo.communicate(timeout=LONGEST_S)
    assert demo.returncode == 130
    assert left_over(tmp_path) == []
    assert list(tmp_path.iterdir()) == []
