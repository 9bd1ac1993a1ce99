"""docs/performance.md: the goals and every figure of a run, with the command that makes them again and the machine they
were made on; and the chart beside it, from the same rows."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

from bench import chart
from bench.figures import OTHERS, SPOILT, Figure, Row, Run, rows
from bench.goals import Goal
from bench.processes import Failed
from incident.clock import SystemClock

PAGE: Final = Path("docs/performance.md")
CHART: Final = "pictures/performance.svg"
GOALS: Final = ("", "work", "figure", "incident", "beside", "ratio", "goal", "reached")
FIGURES: Final = ("work", "figure", "incident", "rounds", "beside", "ratio")

_BEGIN: Final = "<!-- measured: begin -->"
_END: Final = "<!-- measured: end -->"
_LEFT: Final = frozenset({"", "work", "figure", "goal", "reached"})


@dataclass(frozen=True, slots=True)
class Failure:
    """A part that could not be measured, or found a page lost."""

    part: str
    round: int
    message: str


@dataclass
class Measured:
    """All that one call of the bench has found, with what and on what; `goals` are those of the parts asked for."""

    rounds: int
    command: str
    goals: Sequence[Goal] = ()
    runs: list[Run] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    made: str = field(default_factory=lambda: f"{_day()}, commit {commit()}, {machine()}")


def write(page: Path, found: Measured) -> None:
    """Put tables and chart into the page; what stands around them is kept. Raises Failed when its marks are gone."""
    text = page.read_text(encoding="utf-8") if page.exists() else ""
    head, begun, rest = text.partition(_BEGIN)
    _, ended, after = rest.partition(_END)
    if not begun or not ended:
        raise Failed(f"{page}: the marks {_BEGIN} and {_END} are not there")
    bars = chart.bars(_matched(found))
    if bars:
        picture = page.parent / CHART
        picture.parent.mkdir(exist_ok=True)
        picture.write_text(chart.drawn(bars), encoding="utf-8")
    page.write_text(f"{head}{_BEGIN}\n{section(found, bars)}{_END}{after}", encoding="utf-8")


def section(found: Measured, bars: Sequence[chart.Bar] = ()) -> str:
    """What stands between the marks."""
    most = taken(found)
    wanted = f"`python -m bench {found.command}`" if found.command else "`make bench`"
    made = f"{found.made}. Made by {wanted}; each figure is the median of {found.rounds} rounds."
    spoilt = [f"**Others took up to {most:.0f} % of the machine meanwhile: measure again.**"] if most > SPOILT else []
    picture = [f"![How many times better than its peer: {_alternative(bars)}]({CHART})"] if bars else []
    failed = [f"**{f.part} failed in round {f.round}:** {f.message}" for f in found.failures]
    goals = [_table(GOALS, goal_cells(found))] if found.goals else []
    every = ["### Every figure", _table(FIGURES, figure_cells(found))]
    return "\n\n".join([made, *spoilt, *failed, *picture, *goals, *every]) + "\n"


def taken(found: Measured) -> float:
    """The most of the machine that others had in any run, in per cent."""
    return max((f.value for run in found.runs for f in run.figures if f.name == OTHERS), default=0.0)


def goal_cells(found: Measured) -> list[tuple[str, ...]]:
    """The table of goals, a row for each."""
    return [_goal_cells(goal, row) for goal, row in _matched(found)]


def figure_cells(found: Measured) -> list[tuple[str, ...]]:
    return [
        (row.scenario, row.title, row.said(row.own), row.rounds(), row.beside(), row.times())
        for row in rows(found.runs)
    ]


def _goal_cells(goal: Goal, row: Row | None) -> tuple[str, ...]:
    reached = str(goal.reached(row))
    if row is None:
        return (goal.letter, goal.scenario, goal.figure, "-", "-", "-", goal.said(""), reached)
    own, bound = row.said(row.own), goal.said(row.unit)
    return (goal.letter, row.scenario, row.title, own, row.beside(), row.times(), bound, reached)


def _matched(found: Measured) -> list[tuple[Goal, Row | None]]:
    """Each goal with the row that shows it."""
    every = rows(found.runs)
    return [(goal, next((row for row in every if goal.of(row)), None)) for goal in found.goals]


def _alternative(bars: Iterable[chart.Bar]) -> str:
    return "; ".join(f"{bar.work}, {bar.figure} {chart.said(bar.times)}" for bar in bars)


def _table(columns: Sequence[str], cells: Iterable[Sequence[str]]) -> str:
    return "\n".join(_lines(columns, cells))


def _lines(columns: Sequence[str], cells: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(columns)} |"
    yield f"| {' | '.join('---' if name in _LEFT else '---:' for name in columns)} |"
    for row in cells:
        yield f"| {' | '.join(row)} |"


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
    about = {"made": found.made, "command": found.command, "rounds": found.rounds}
    return json.dumps({**about, "runs": runs, "failures": [asdict(f) for f in found.failures]}, indent=1) + "\n"


def from_json(text: str, goals: Mapping[str, Sequence[Goal]]) -> Measured:
    """What `as_json` wrote; `goals` by the name of their part."""
    kept = json.loads(text)
    runs = [
        Run(
            run["scenario"],
            run["target"],
            tuple(Figure(name, **of) for name, of in run["figures"].items()),
            run["part"],
            run["round"],
        )
        for run in kept["runs"]
    ]
    failures = [Failure(**failure) for failure in kept["failures"]]
    parts = dict.fromkeys([*(run.part for run in runs), *(failure.part for failure in failures)])
    wanted = [goal for name, of in goals.items() if name in parts for goal in of]
    return Measured(kept["rounds"], kept["command"], wanted, runs, failures, kept["made"])


def _day() -> str:
    return SystemClock().now().date().isoformat()


def commit() -> str:
    """What was measured; changes that are in no commit are owned up to."""
    try:
        head = _git("rev-parse", "--short", "HEAD")
        changed = _git("status", "--porcelain", "--untracked-files=no", "--", "incident", "web")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return f"{head} with changes" if changed else head


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], capture_output=True, text=True, check=True, timeout=10).stdout.strip()


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
