"""Who measures must not stand on the same processor as what is measured."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from bench.fanout import on_one_core, pinned
from bench.processes import plain_environment, running


def test_a_server_keeps_to_the_first_processor_and_whoever_loads_it_has_the_others(tmp_path: Path) -> None:
    here = os.sched_getaffinity(0)
    first = {min(here)}
    waits = [sys.executable, "-c", "import signal; signal.pause()"]
    with on_one_core(running(waits, plain_environment(), tmp_path / "log")) as server:
        assert os.sched_getaffinity(server.pid) == first
        assert os.sched_getaffinity(0) == here
        with pinned(1):
            assert os.sched_getaffinity(0) == (here - first or here)
        assert os.sched_getaffinity(0) == here
