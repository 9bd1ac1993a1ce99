"""Copies of a process: what they keep of it, what they must not, and how they end. Each is made by a fresh program."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="nothing is forked elsewhere")

BEGIN = """
import fcntl, json, os, random, signal, sys, threading
from pathlib import Path
from incident import ids
from incident.running import forked
env = {"PATH": os.environ["PATH"], "ONLY": "this"}
"""


def told(code: str) -> dict[str, Any]:
    """What a program printed that makes copies of itself."""
    done = subprocess.run([sys.executable, "-c", BEGIN + code], capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr
    return {**json.loads(done.stdout.splitlines()[-1]), "stderr": done.stderr}


def test_a_copy_finds_what_a_started_program_finds() -> None:
    seen = told("""
lock = os.open(sys.executable, os.O_RDONLY)
mine, its = os.pipe()
read, write = os.pipe()
signal.signal(signal.SIGTERM, lambda *_: None)
signal.signal(signal.SIGCHLD, lambda *_: None)
signal.set_wakeup_fd(os.open("/dev/null", os.O_WRONLY | os.O_NONBLOCK))

def look():
    handlers = {n.name: repr(signal.getsignal(n)) for n in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD)}
    print(json.dumps({
        "open": sorted(int(e.name) for e in Path("/proc/self/fd").iterdir() if e.exists()),
        "handlers": handlers, "blocked": len(signal.pthread_sigmask(signal.SIG_BLOCK, [])),
        "wakeup": signal.set_wakeup_fd(-1), "env": dict(os.environ), "group": os.getpgid(0) == os.getpid(),
        "stdin": sys.stdin.read(),
    }))
    return 0

child = forked.start("look", look, env, keep=(its,), stdout=write)
os.close(write)
said = os.read(read, 65536).decode()
print(json.dumps({**json.loads(said), "code": child.wait(30), "its": its, "parent": os.getpid(),
                  "kept": signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL}))
""")
    assert seen["open"] == [0, 1, 2, seen["its"]]
    assert seen["handlers"]["SIGTERM"] == seen["handlers"]["SIGCHLD"] == repr(signal.SIG_DFL)
    assert "default_int_handler" in seen["handlers"]["SIGINT"]
    assert (seen["blocked"], seen["wakeup"], seen["group"], seen["stdin"]) == (0, -1, True, "")
    assert seen["env"] == {"PATH": os.environ["PATH"], "ONLY": "this", "INCIDENT_PARENT_PID": str(seen["parent"])}
    assert (seen["code"], seen["kept"]) == (0, True)


def test_two_copies_never_draw_the_same_chance() -> None:
    seen = told("""
ids.new_id(), random.random()

def draw():
    print(json.dumps([ids.new_id(), ids.new_token(), ids.new_key(), random.random()]))
    return 0

drawn = []
for _ in range(3):
    read, write = os.pipe()
    child = forked.start("draw", draw, env, stdout=write)
    os.close(write)
    drawn += json.loads(os.fdopen(read).read())
    child.wait(30)
print(json.dumps({"drawn": drawn}))
""")
    assert len(set(seen["drawn"])) == 12


def test_it_ends_with_the_code_of_its_work_as_a_command_does() -> None:
    seen = told("""
def breaks():
    raise ValueError("broke")

def asked():
    signal.raise_signal(signal.SIGTERM)
    return 0

def late():
    threading.Timer(0.05, lambda: os.write(2, b"the thread was waited for")).start()
    return 0

works = {"no": lambda: 1, "breaks": breaks, "asked": asked, "exits": lambda: sys.exit(7), "late": late}
print(json.dumps({name: forked.start(name, work, env).wait(30) for name, work in works.items()}))
""")
    assert {name: seen[name] for name in ("no", "breaks", "asked", "exits", "late")} == {
        "no": 1,
        "breaks": 1,
        "asked": -15,
        "exits": 7,
        "late": 0,
    }
    assert "ValueError: broke" in seen["stderr"]
    assert "the thread was waited for" in seen["stderr"]


def test_a_lock_of_the_parent_s_is_free_when_the_parent_has_ended(tmp_path: Path) -> None:
    """A copy holds what its parent had open: the data folder would stay locked until the last child has gone."""
    seen = told(f"""
lock = os.open({str(tmp_path / "lock")!r}, os.O_CREAT | os.O_RDWR)
fcntl.flock(lock, fcntl.LOCK_EX)
read, write = os.pipe()

def wait():
    print("waiting", flush=True)
    threading.Event().wait()
    return 0

child = forked.start("wait", wait, env, stdout=write)
os.read(read, 64)
os.close(lock)
other = os.open({str(tmp_path / "lock")!r}, os.O_RDWR)
fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
try:
    child.wait(0)
except Exception as problem:
    name = type(problem).__name__
child.kill()
print(json.dumps({{"code": child.wait(30), "early": name, "poll": child.poll()}}))
""")
    assert (seen["code"], seen["early"], seen["poll"]) == (-9, "TimeoutExpired", -9)


def test_a_process_with_a_second_thread_makes_no_copies() -> None:
    seen = told("""
alone = forked.possible()
stop = threading.Event()
threading.Thread(target=stop.wait).start()
both = forked.possible()
stop.set()
print(json.dumps({"alone": alone, "both": both}))
""")
    assert (seen["alone"], seen["both"]) == (True, False)


@pytest.mark.long
def test_nothing_that_the_program_loads_beforehand_starts_a_thread_or_leaves_anything_open() -> None:
    seen = told("""
from incident.cli.loaded import load
before = set(os.listdir("/proc/self/fd"))
load()
print(json.dumps({"left": sorted(set(os.listdir("/proc/self/fd")) - before), "possible": forked.possible(),
                  "alembic": "alembic" in sys.modules}))
""")
    assert (seen["left"], seen["possible"], seen["alembic"]) == ([], True, False)
