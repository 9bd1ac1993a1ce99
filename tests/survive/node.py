"""Another machine: a network namespace of the kernel's with two cables, one to its visitors and one to the database.

`unplug` pulls the cable to the database, so that the node is alive, is reached, and can write nothing. Needs root and
`ip`; where the kernel forbids it (a container without the right to make namespaces) the test is skipped with its word.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import pytest

from tests.conftest import missing


@dataclass(frozen=True)
class Node:
    """`address` is where its visitors find it, `world` where it finds the world, `store` where the database."""

    name: str
    address: str
    world: str
    store: str
    cable: str

    @property
    def inside(self) -> tuple[str, ...]:
        """What stands before a command that runs on it."""
        return ("ip", "netns", "exec", self.name)

    def unplug(self) -> None:
        _ip("link", "set", self.cable, "down")

    def plug_in(self) -> None:
        _ip("link", "set", self.cable, "up")


@contextmanager
def other_machine() -> Iterator[Node]:
    """A node that is taken away afterwards, with all that was set up for it."""
    if shutil.which("ip") is None:
        missing("ip", "iproute2")
    number = os.getpid()
    name, third = f"incident-{number}", number % 250
    with ExitStack() as undo:
        _ip_or_skip("netns", "add", name)
        undo.callback(_ip, "netns", "del", name)
        _ip("-n", name, "link", "set", "lo", "up")
        for letter, second in (("f", 213), ("b", 214)):
            near, far = f"in{letter}{number}", f"out{letter}{number}"
            _ip_or_skip("link", "add", near, "type", "veth", "peer", "name", far, "netns", name)
            undo.callback(_ip, "link", "del", near)
            _ip("addr", "add", f"10.{second}.{third}.1/30", "dev", near)
            _ip("-n", name, "addr", "add", f"10.{second}.{third}.2/30", "dev", far)
            _ip("link", "set", near, "up")
            _ip("-n", name, "link", "set", far, "up")
        yield Node(name, f"10.213.{third}.2", f"10.213.{third}.1", f"10.214.{third}.1", f"inb{number}")


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True)


def _ip_or_skip(*arguments: str) -> None:
    try:
        _ip(*arguments)
    except subprocess.CalledProcessError as refused:
        told = refused.stderr.decode().strip().splitlines()
        pytest.skip(f"the kernel does not let this process make networks: {told[0] if told else refused}")
