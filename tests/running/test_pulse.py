"""The sign of life that a child gives: by a real pipe, from a real process."""

import os
import signal
import sys
import threading

from incident.clock import monotonic
from incident.running import lifeline, pulse
from incident.running.pulse import Pulse, beating

CHILD = """
import os, threading
from incident.running.pulse import beating
beat = beating(os.environ)
pause = threading.Event()
while True:
    beat()
    pause.wait(0.05)
"""


def heard_within(pipe: Pulse, seconds: float) -> bool:
    pause, end = threading.Event(), monotonic() + seconds
    while monotonic() < end:
        if pipe.heard():
            return True
        pause.wait(0.02)
    return False


def test_a_child_that_lives_is_heard_and_one_that_was_stopped_is_not():
    pipe = Pulse()
    env = dict(os.environ) | {pulse.VARIABLE: str(pipe.write)}
    child = lifeline.start([sys.executable, "-c", CHILD], env, keep=(pipe.write,))
    pipe.started()
    try:
        assert heard_within(pipe, 10)
        child.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, child.pid, os.WSTOPPED | os.WNOWAIT)
        pipe.heard()
        assert not pipe.heard()
        child.send_signal(signal.SIGCONT)
        assert heard_within(pipe, 10)
    finally:
        child.kill()
        child.wait()
        pipe.close()


def test_a_supervisor_that_does_not_listen_holds_up_nobody(monkeypatch):
    monkeypatch.setattr(pulse, "EVERY_S", 0.0)
    pipe = Pulse()
    try:
        beat = beating({pulse.VARIABLE: str(pipe.write)})
        for _ in range(70_000):  # more than a pipe holds
            beat()
        assert pipe.heard()
    finally:
        pipe.started()
        pipe.close()


def test_a_process_that_was_started_by_hand_beats_into_the_air():
    beating({})()
    beating({pulse.VARIABLE: "999"})()
