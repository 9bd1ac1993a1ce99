"""Where a chat may not lead: this machine, this network, the cloud's own metadata.

Whoever may enter a chat for themselves names a host, and our worker knocks there. So the addresses behind the name are
looked up once, all of them must be public, and the very same ones are connected to: a name that says one thing when
asked and another when used gains nothing. Redirects are not followed (`chat_channel`). A proxy from the environment
stands where it stands, and decides for itself what it lets through.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any, Final
from urllib.parse import urlsplit
from urllib.request import getproxies

_NAT64: Final = IPv6Network("64:ff9b::/96")
_here = threading.local()


class Wires:
    """What one thread has connected to. `private` lets every address pass; `refused` tells that one did not."""

    def __init__(self, *, private: bool) -> None:
        self.private: Final = private
        self.refused = self.over = False
        self._open: list[socket.socket] = []

    def add(self, wire: socket.socket) -> socket.socket:
        self._open.append(wire)
        return wire

    def break_off(self) -> None:
        """From any thread: whoever waits for an answer waits no longer, and connects to nobody else."""
        self.over = True
        for wire in self._open:
            with suppress(OSError):
                socket.socket.shutdown(wire, socket.SHUT_RDWR)


@contextmanager
def guarded(wires: Wires) -> Iterator[None]:
    """In this thread, until it ends: what is connected to is looked at first, and kept in `wires`."""
    _install()
    _here.wires = wires
    try:
        yield
    finally:
        del _here.wires


def is_public(address: str) -> bool:
    """Also of the IPv4 address inside an IPv6 one."""
    found: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address):
        found = found.ipv4_mapped or (IPv4Address(found.packed[-4:]) if found in _NAT64 else found)
    return found.is_global and not found.is_multicast


def _install() -> None:
    """urllib3 makes all of apprise's connections in one function; threads that are not guarded do not notice."""
    from urllib3.util import connection

    plain = connection.create_connection
    if getattr(plain, "guards", False):
        return

    def create_connection(address: tuple[str, int], *args: Any, **kwargs: Any) -> socket.socket:
        wires: Wires | None = getattr(_here, "wires", None)
        if wires is None:
            return plain(address, *args, **kwargs)
        if wires.over:
            raise OSError("given up")
        found = _allowed(*address, private=wires.private)
        wires.refused = not found
        problem = OSError("no public address")
        for host in found:
            try:
                return wires.add(plain((host, address[1]), *args, **kwargs))
            except OSError as error:
                problem = error
        raise problem

    create_connection.guards = True  # type: ignore[attr-defined]
    connection.create_connection = create_connection


def _allowed(host: str, port: int, *, private: bool) -> list[str]:
    """The addresses of a host, none if any of them is not public."""
    found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(one[4][0]) for one in found))
    proxies = {urlsplit(proxy).hostname for proxy in getproxies().values()}
    if private or host in proxies or all(is_public(address) for address in addresses):
        return addresses
    return []
