"""docs/performance.md: the table of a run, with the command that makes it again and the machine it was made on."""

from __future__ import annotations

import json
import os
import platform
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

from bench.figures import Run, rows
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


@dataclass(frozen=True, slots=True)
class Failure:
    """A part that could not be measured, or found a page lost."""

    part: str
    round: int
    message: str


@dataclass
class Measured:
    """All that one call of the bench has found."""

    rounds: int
    command: str
    runs: list[Run] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)


def write(path: Path, found: Measured) -> None:
    """Put the table between its marks; what stands around it is kept. Raises Failed when the marks are gone."""
    text = path.read_text(encoding="utf-8") if path.exists() else _NEW
    head, begun, rest = text.partition(_BEGIN)
    _, ended, after = rest.partition(_END)
    if not begun or not ended:
        raise Failed(f"{path}: the marks {_BEGIN} and {_END} are not there")
    path.write_text(f"{head}{_BEGIN}\n{section(found)}{_END}{after}", encoding="utf-8")


def section(found: Measured) -> str:
    """What stands between the marks."""
    failed = [(f.part, f"failed in round {f.round}: {f.message}", "-", "-", "-") for f in found.failures]
    table = [COLUMNS, ("---", "---", "---:", "---:", "---:"), *rows(found.runs), *failed]
    lines = "\n".join(f"| {' | '.join(row)} |" for row in table)
    wanted = f"`python -m bench {found.command}`" if found.command else "`make bench`"
    return f"{_day()}, {machine()}. Made by {wanted}; the median of {found.rounds}.\n\n{lines}\n"


def as_json(found: Measured) -> str:
    """Every figure of every round, and what they were made with."""
    runs = [
        {
            "part": run.part,
            "round": run.round,
            "scenario": run.scenario,
            "target": run.target,
            "figures": {f.name: {"value": f.value, "unit": f.unit} for f in run.figures},
        }
        for run in found.runs
    ]
    about = {"made": _day(), "machine": machine(), "command": found.command, "rounds": found.rounds}
    return json.dumps({**about, "runs": runs, "failures": [asdict(f) for f in found.failures]}, indent=1) + "\n"


def _day() -> str:
    return SystemClock().now().date().isoformat()


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
