"""A small disk of our own, that can be filled: a tmpfs, which only root may mount."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

SIZE_MB: Final = 384
_FILLER: Final = "filler"


class Disk:
    """`real` is False where nothing could be mounted: then it is a plain folder and must not be filled."""

    def __init__(self, folder: Path, *, real: bool) -> None:
        self.folder, self.real = folder, real

    def fill(self) -> None:
        """To the last byte. What others write at this moment may take a little of it away again."""
        if not self.real:
            raise RuntimeError("this is somebody's real disk")
        with (self.folder / _FILLER).open("ab", buffering=0) as file:
            at = file.tell()
            for size in (1 << 24, 1 << 20, 1 << 12):
                with suppress(OSError):
                    while True:
                        os.posix_fallocate(file.fileno(), at, size)
                        at += size

    def free(self) -> None:
        (self.folder / _FILLER).unlink(missing_ok=True)


@contextmanager
def small(folder: Path) -> Iterator[Disk]:
    """Mounted for the length of the block, if this process may."""
    folder.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m,mode=0755", "chaos", str(folder)]
    mounted = os.getuid() == 0 and subprocess.run(command, check=False, capture_output=True).returncode == 0
    try:
        yield Disk(folder, real=mounted)
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", str(folder)], check=False, capture_output=True)
