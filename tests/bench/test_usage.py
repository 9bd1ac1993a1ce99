"""What a program uses is read of its whole tree of processes."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from bench.usage import memory, name_of, tree, watched

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

PARENT = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'print(sum(range(10**6))); input()'])"


def test_children_count_and_what_they_do_is_seen() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as program:
        assert program.stdout is not None
        with watched(program.pid) as used:
            assert program.stdout.readline().strip() == str(sum(range(10**6)))
            assert len(tree(program.pid)) == 2
            assert memory(program.pid) > 2**20
        program.communicate("\n")
    assert used.peak > 2**20
    assert used.cpu.total() >= 0
    assert 0 <= used.others <= 1.01
    assert memory(program.pid) == 0


def test_a_process_of_ours_is_known_by_its_command() -> None:
    assert name_of(os.getpid()) not in {"", "ended"}
    command = [sys.executable, "-c", "print('up', flush=True); input()", "incident.cli", "watch"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == b"up\n"
        assert name_of(program.pid) == "watch"
        program.communicate(b"\n")
