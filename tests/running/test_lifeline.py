"""Children end with their parent, by the kernel's hand or by their own."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from incident.running import lifeline

CHILD = """
import os, sys, threading
from incident.running import lifeline
assert lifeline.follow_parent(os.environ, every=0.02, by_kernel=False)
print("following", flush=True)
threading.Event().wait()
"""
PARENT = f"""
import os, subprocess, sys, threading
env = {{**os.environ, "{lifeline.PARENT}": str(os.getpid())}}
subprocess.Popen([sys.executable, "-c", sys.argv[1]], env=env)
threading.Event().wait()
"""


def test_a_child_that_the_kernel_does_not_end_follows_its_parent() -> None:
    # The pipe ends when both have closed it: reading to its end waits for the child, without its id.
    parent = subprocess.Popen([sys.executable, "-c", PARENT, CHILD], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    assert parent.stdout.readline() == b"following\n"
    parent.kill()
    assert parent.communicate(timeout=30)[0] == b""


def test_a_process_without_a_supervisor_follows_nobody() -> None:
    assert not lifeline.follow_parent({}, by_kernel=False)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux binds children to their parent in the kernel")
def test_where_the_kernel_sees_to_it_no_thread_is_started() -> None:
    assert not lifeline.follow_parent({lifeline.PARENT: str(os.getppid())})


def test_a_child_is_in_a_group_of_its_own_and_is_told_its_parent() -> None:
    code = f"import os, sys; sys.exit(os.getpgid(0) != os.getpid() or os.environ['{lifeline.PARENT}'] != sys.argv[1])"
    child = lifeline.start([sys.executable, "-c", code, str(os.getpid())], dict(os.environ))
    assert child.wait(timeout=30) == 0
