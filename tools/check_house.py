"""What ruff and import-linter cannot say: where time and chance may come from, and how long things may grow.

`python -m tools.check_house [FOLDER]` prints each fault as path:line and ends with 1 when there is one.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

CODE: Final = ("incident", "drills", "web")
LONGEST_FILE: Final = 400
LONGEST_FUNCTION: Final = 45

LISTS_OF_TABLES: Final = "incident/store/migrations/versions/"
"""A migration is one long declaration that is never changed once it has landed: its functions may be long."""

OPEN_TO_CHANCE: Final = frozenset({"incident/clock.py", "incident/ids.py", "incident/wiring.py"})
"""The only files that may ask what time it is or throw dice. Everywhere else both are arguments."""

FORBIDDEN: Final = frozenset(
    {
        *(f"datetime.datetime.{name}" for name in ("now", "utcnow", "today")),
        "datetime.date.today",
        *(f"time.{name}" for name in ("time", "time_ns", "monotonic", "monotonic_ns", "sleep", "localtime", "gmtime")),
        *(f"uuid.uuid{number}" for number in (1, 3, 4, 5, 6, 7, 8)),
    }
)
MODULES: Final = ("random", "secrets")
"""Modules of chance of which nothing may be used, but for comparing and for a generator with a seed of its own."""
ALLOWED: Final = frozenset({"secrets.compare_digest", "random.Random"})

_LEADS_TO: Final = frozenset({"datetime", "time", "uuid", *MODULES})


def faults(path: Path, name: str) -> Iterator[str]:
    """Every fault in one file; `name` is its path as the rules know it."""
    text = path.read_text(encoding="utf-8")
    length = len(text.splitlines())
    if length > LONGEST_FILE:
        yield f"{name}:1: {length} lines; {LONGEST_FILE} is the limit: split it by its subject"
    tree = ast.parse(text, filename=name)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > LONGEST_FUNCTION and not name.startswith(LISTS_OF_TABLES):
                yield f"{name}:{node.lineno}: {node.name} has {lines} lines; {LONGEST_FUNCTION} is the limit"
    if name not in OPEN_TO_CHANCE:
        for line, what in sorted(_chance(tree)):
            yield f"{name}:{line}: {what}: time and chance are arguments (a Clock, incident.ids, a seeded Random)"


def _chance(tree: ast.Module) -> set[tuple[int, str]]:
    """Lines that use the machine's clock or dice, whatever name they were imported under."""
    names = dict(_imported(tree))
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute | ast.Name):
            full = _full_name(node, names)
            if full is not None and _is_forbidden(full):
                found.add((node.lineno, full))
    return found


def _imported(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """What each name of the file stands for: `dt` for `datetime`, `datetime` for `datetime.datetime`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.partition(".")[0] in _LEADS_TO:
                    yield alias.asname or alias.name.partition(".")[0], alias.name
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module in _LEADS_TO:
            for alias in node.names:
                yield alias.asname or alias.name, f"{node.module}.{alias.name}"


def _full_name(node: ast.expr, names: dict[str, str]) -> str | None:
    if isinstance(node, ast.Name):
        return names.get(node.id)
    if isinstance(node, ast.Attribute):
        owner = _full_name(node.value, names)
        return None if owner is None else f"{owner}.{node.attr}"
    return None


def _is_forbidden(full: str) -> bool:
    module, _, rest = full.partition(".")
    if module in MODULES:
        return bool(rest) and not any(full == good or full.startswith(good + ".") for good in ALLOWED)
    return full in FORBIDDEN


def main(root: Path) -> int:
    found = [
        fault
        for folder in CODE
        for path in sorted((root / folder).rglob("*.py"))
        for fault in faults(path, path.relative_to(root).as_posix())
    ]
    sys.stdout.writelines(fault + "\n" for fault in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else ".")))
