"""Servers that hand entries to walls: ours, nginx with nchan, and sse-starlette's plain recipe.

Ours writes each entry to the disk before anybody sees it, and asks who listens; the peers keep nothing and ask nobody.
Their events are filled up to the size of ours.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from bench.figures import OURS
from bench.load import closed_loop, request
from bench.processes import free_port, listens, plain_environment, running, until
from bench.program import Program
from bench.targets import ORGANISATION
from bench.walls import MARK

NCHAN: Final = "nchan"
NCHAN_TWO: Final = "nchan, 2 workers"
PLAIN: Final = "sse-starlette"

_EVENT_BYTES: Final = 1250
"""What an entry of ours with its board row measures."""
_MODULE: Final = Path("/usr/lib/nginx/modules/ngx_nchan_module.so")
_CONF: Final = Path(__file__).with_name("nchan.conf.in")


@dataclass(frozen=True, slots=True)
class Server:
    """A running server. `note` is the request that makes the n-th entry, `position` tells from its answer under which
    position the walls see it; `ready` comes over a stream as soon as it misses nothing more."""

    name: str
    port: int
    pid: int
    stream: str
    note: Callable[[int], bytes]
    position: Callable[[int, bytes], int]
    ready: str = "event: "
    authorization: str = ""


Child = TypeVar("Child")
Start = Callable[[Path], AbstractContextManager[Server]]


@contextmanager
def ours(folder: Path) -> Iterator[Server]:
    """`incident serve`, and one open incident to which notes are written."""
    program = Program.on(folder)
    program.command("load", str(ORGANISATION))
    bearer = f"Bearer {program.new_key('commander', 'bench')}"
    headers = {"Authorization": bearer}
    with on_one_core(program.serving()) as child:
        title = f"pump pressure lost {MARK.decode()}"
        body = {"title": title, "kind": "other", "level": "low", "place": "Hall 3"}
        report = request("POST", "/api/incidents", json.dumps(body).encode(), headers)
        opened = json.loads(closed_loop(program.port, [report]).bodies[0])
        note = request("POST", f"/api/incidents/{opened['id']}/note", b'{"text": "still so"}', headers)
        yield Server(OURS, program.port, child.pid, "/api/stream", lambda _: note, _ours_position, authorization=bearer)


def _ours_position(number: int, body: bytes) -> int:
    return int(json.loads(body)["entries"][-1]["position"])


@contextmanager
def plain(folder: Path) -> Iterator[Server]:
    """The plain application on uvicorn, with the same loop and parser as ours."""
    port, log = free_port(), folder / "plain.log"
    command = [sys.executable, "-m", "uvicorn", "bench.plain_sse:app", "--port", str(port), "--no-access-log"]
    env = {**plain_environment(), "PYTHONPATH": os.getcwd()}
    with on_one_core(running([*command, "--backlog", "4096"], env, log)) as child:
        until(lambda: listens(port), 20, "sse-starlette", child, log)
        yield Server(PLAIN, port, child.pid, "/stream", _note, _number)


def installed() -> bool:
    """Whether nginx with nchan is there (Debian: nginx-light and libnginx-mod-nchan)."""
    return _MODULE.exists() and _nginx() is not None


@contextmanager
def _nchan(folder: Path, *, workers: int) -> Iterator[Server]:
    """nginx with nchan; more than one worker is free to use every core."""
    port, log = free_port(), folder / "nginx.log"
    wanted = {
        "MODULE": str(_MODULE),
        "USER": "user root;" if os.geteuid() == 0 else "",
        "WORKERS": str(workers),
        "FOLDER": str(folder),
        "PORT": str(port),
        "LISTEN": "reuseport" if workers > 1 else "",
    }
    conf = _CONF.read_text(encoding="utf-8")
    for name, value in wanted.items():
        conf = conf.replace(f"@{name}@", value)
    path = folder / "nginx.conf"
    path.write_text(conf, encoding="utf-8")
    command = [str(_nginx()), "-p", str(folder), "-c", str(path), "-e", str(folder / "error.log")]
    started = running(command, plain_environment(), log)
    with on_one_core(started) if workers == 1 else started as child:
        until(lambda: listens(port), 20, "nginx", child, folder / "error.log")
        name = NCHAN if workers == 1 else NCHAN_TWO
        yield Server(name, port, child.pid, "/stream", _note, _number, ready="HTTP/1.1 200")


nchan: Final[Start] = partial(_nchan, workers=1)
nchan_two: Final[Start] = partial(_nchan, workers=2)


def _nginx() -> str | None:
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")


def _note(number: int) -> bytes:
    """One event as the peers are to hand it on, as large as ours."""
    head = f'{{"position": {number}, "incident": "bench", "row": "{MARK.decode()}'
    return request("POST", "/note", f'{head}{"x" * (_EVENT_BYTES - len(head) - 2)}"}}'.encode())


def _number(number: int, body: bytes) -> int:
    return number


@contextmanager
def on_one_core(start: AbstractContextManager[Child]) -> Iterator[Child]:
    """What is started has the first core; whoever measures has its own again before the block begins."""
    with ExitStack() as stack:
        with pinned(0):
            child = stack.enter_context(start)
        yield child


@contextmanager
def pinned(core: int | None) -> Iterator[None]:
    """What is started in this block keeps to one core of this machine, the first or the others; None: to all."""
    here = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_setaffinity") else []
    if core is None or len(here) < 2:
        yield
        return
    own: Sequence[int] = here[:1] if core == 0 else here[1:]
    os.sched_setaffinity(0, own)
    try:
        yield
    finally:
        os.sched_setaffinity(0, here)
