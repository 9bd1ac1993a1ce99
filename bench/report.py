"""docs/performance.md: the table of a run, with the command that makes it again and the machine it was made on."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from bench.processes import Failed
from incident.clock import SystemClock

COLUMNS: Final = ("work", "figure", "incident", "beside", "ratio")

_BEGIN: Final = "<!-- measured: begin -->"
_END: Final = "<!-- measured: end -->"
_NEW: Final = f"""# Performance

Measured by `bench/`, which anyone can run. A ratio is ours divided by the peer's of the same round: of a time less is
better, of a rate more. Rounds alternate between ours and the peer; each figure is the median of the rounds. Only
ratios travel to another machine.

The peers keep nothing: Alertmanager notifies from memory and answers before it does, the plain sse-starlette
application has no log. Ours answers, pages and shows an entry only after it is on the disk.

{_BEGIN}
{_END}
"""


def write(path: Path, found: Sequence[tuple[str, ...]], *, rounds: int, command: str) -> None:
    """Put the table between its marks; what stands around it is kept. Raises Failed when the marks are gone."""
    text = path.read_text(encoding="utf-8") if path.exists() else _NEW
    head, begun, rest = text.partition(_BEGIN)
    _, ended, after = rest.partition(_END)
    if not begun or not ended:
        raise Failed(f"{path}: the marks {_BEGIN} and {_END} are not there")
    path.write_text(f"{head}{_BEGIN}\n{section(found, rounds, command)}{_END}{after}", encoding="utf-8")


def section(found: Sequence[tuple[str, ...]], rounds: int, command: str) -> str:
    """What stands between the marks."""
    table = [COLUMNS, ("---", "---", "---:", "---:", "---:"), *found]
    lines = "\n".join(f"| {' | '.join(row)} |" for row in table)
    wanted = f"make bench, or `python -m bench {command}`" if command else "`make bench`"
    day = SystemClock().now().date().isoformat()
    return f"{day}, {machine()}. Made by {wanted}; the median of {rounds}.\n\n{lines}\n"


def machine() -> str:
    """The processor, its cores, the memory, the system, the interpreter; nothing that names the machine."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{_processor()}, {os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} {platform.release()}, "
        f"{platform.python_implementation()} {platform.python_version()}"
    )


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text(encoding="utf-8").splitlines() if cpuinfo.exists() else []
    named = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    return named or platform.processor() or platform.machine()
