"""What a program's processes use, read from /proc: processor time by process, and memory with what is shared once."""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from incident.clock import monotonic

LOOK_EVERY_S: Final = 2.0
"""Seldom: a look at a few hundred megabytes costs twenty milliseconds of a processor that is being measured."""

_OURS: Final = "incident-"

_TICKS: Final = os.sysconf("SC_CLK_TCK")


def tree(pid: int) -> list[int]:
    """The process and all that it has started and that still live."""
    found = [pid]
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text(encoding="ascii").split():
                found += tree(int(child))
    except OSError:  # it has just ended
        return found
    return found


def name_of(pid: int) -> str:
    """A process of ours by what it calls itself (web, worker ...) or its command, any other by its program."""
    try:
        called = Path(f"/proc/{pid}/comm").read_text(encoding="ascii", errors="replace").strip()
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return "ended"
    if called.startswith(_OURS):
        return called.removeprefix(_OURS)
    names = [word.decode(errors="replace") for word in words if word]
    if "incident.cli" in names:
        return names[names.index("incident.cli") + 1]
    return Path(names[0].split()[0]).name.rstrip(":") if names else "ended"


def cpu_s(pid: int) -> Counter[str]:
    """Seconds of processor time so far, by process."""
    found: Counter[str] = Counter()
    for each in tree(pid):
        found[name_of(each)] += _ticks(Path(f"/proc/{each}/stat")) / _TICKS  # type: ignore[assignment]
    return found


def threads_s(pid: int) -> dict[str, list[float]]:
    """The same by thread, each process's busiest first."""
    found: dict[str, list[float]] = {}
    for each in tree(pid):
        try:
            ticks = [_ticks(task / "stat") for task in Path(f"/proc/{each}/task").iterdir()]
        except OSError:
            continue
        found.setdefault(name_of(each), []).extend(n / _TICKS for n in ticks)
    return {name: sorted(seconds, reverse=True) for name, seconds in found.items()}


def _ticks(stat: Path) -> int:
    try:
        fields = stat.read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    except OSError:
        return 0
    return int(fields[11]) + int(fields[12])


def memory(pid: int) -> int:
    """Bytes of all its processes together: the proportional set size, which counts what they share once."""
    return sum(_pss(each) for each in tree(pid))


def _pss(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)


def busy_s() -> float:
    """Seconds of processor time that this machine has worked so far, for whomever; what its host took away counts."""
    user, nice, system, _idle, _wait, *rest = map(int, Path("/proc/stat").read_text(encoding="ascii").split()[1:9])
    return (user + nice + system + sum(rest)) / _TICKS


@dataclass
class Used:
    """What was used in a stretch of time. `peak` is in bytes; `others` is the share of all processors that went to
    whoever had nothing to do with the run, which spoils it."""

    peak: int
    cpu: Counter[str]
    threads: dict[str, list[float]]
    others: float = 0.0


@contextmanager
def watched(pid: int) -> Iterator[Used]:
    """Look at the processes while the block runs. What it yields is whole when the block has ended."""
    before, threads = cpu_s(pid), threads_s(pid)
    begun, busy, own = monotonic(), busy_s(), cpu_s(os.getpid()).total()
    used, over = Used(memory(pid), Counter(), {}), threading.Event()

    def look() -> None:
        while not over.wait(LOOK_EVERY_S):
            used.peak = max(used.peak, memory(pid))

    looking = threading.Thread(target=look, name="usage")
    looking.start()
    try:
        yield used
    finally:
        over.set()
        looking.join()
        used.peak = max(used.peak, memory(pid))
        others = busy_s() - busy - (cpu_s(os.getpid()).total() - own)
        used.others = max(0.0, others / (monotonic() - begun) / (os.cpu_count() or 1))
        used.cpu = cpu_s(pid)
        used.cpu.subtract(before)
        after = threads_s(pid)
        used.threads = {name: _less(now, threads.get(name, [])) for name, now in after.items()}


def _less(now: list[float], before: list[float]) -> list[float]:
    """Roughly: threads are matched by their rank, which is right for those that matter."""
    return [round(a - b, 2) for a, b in zip(now, [*before, *[0.0] * len(now)], strict=False)]
