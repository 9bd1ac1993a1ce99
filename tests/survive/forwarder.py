"""A TCP door before a server: it can be moved to another server, and it knows nothing of what passes through it."""

from __future__ import annotations

import contextlib
import select
import socket
import threading

Upstream = str | tuple[str, int]
"""The path of a unix socket, or a host and a port."""


class Forwarder:
    """Listens at `host`, a port of its own. `moved_to` breaks every connection and leads new ones elsewhere."""

    def __init__(self, host: str, upstream: Upstream) -> None:
        self._upstream = upstream
        self._listening = socket.create_server((host, 0), backlog=128)
        self.port = int(self._listening.getsockname()[1])
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    def moved_to(self, upstream: Upstream) -> None:
        self._upstream = upstream
        self._break()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._break()

    def _break(self) -> None:
        with self._lock:
            for end in self._open:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._join, args=(near,), daemon=True).start()

    def _join(self, near: socket.socket) -> None:
        try:
            far = _connected(self._upstream)
        except OSError:
            near.close()
            return
        with self._lock:
            self._open |= {near, far}
        with contextlib.suppress(OSError):
            _pump(near, far)
        with self._lock:
            self._open -= {near, far}
        near.close()
        far.close()


def _connected(upstream: Upstream) -> socket.socket:
    if isinstance(upstream, str):
        far = socket.socket(socket.AF_UNIX)
        try:
            far.connect(upstream)
        except OSError:
            far.close()
            raise
        return far
    return socket.create_connection(upstream, timeout=5)


def _pump(near: socket.socket, far: socket.socket) -> None:
    """Until either end is done."""
    other = {near: far, far: near}
    while True:
        for end in select.select([near, far], [], [])[0]:
            data = end.recv(65536)
            if not data:
                return
            other[end].sendall(data)
