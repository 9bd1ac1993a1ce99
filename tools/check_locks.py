"""The locks hold names and hashes and nothing else, and no file names a package index.

Which index a machine uses is the machine's own setting; a file that named one would carry one machine's into every
other. `python -m tools.check_locks [FOLDER]` prints each fault as path:line and ends with 1 when there is one.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

LOCKS: Final = ("requirements.lock", "requirements-test.lock")
LOCKS_OF_OTHERS: Final = ("uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "pylock.toml", "package-lock.json")

_PIN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(\[[a-z0-9,._-]+\])?==[0-9][^\s;=]*( ; [\w\s.'\"<>=!()]+)? \\")
_HASH: Final = re.compile(r"    --hash=sha256:[0-9a-f]{64}( \\)?")
_COMMENT: Final = re.compile(r"\s*#.*")

# In pieces, so that this file does not name them either.
_INDEX: Final = re.compile(
    "|".join(
        (
            r"\bpy" + r"pi\b",
            r"python" + r"hosted",
            r"registry\." + r"npmjs",
            r"(extra[-_])?index" + r"[-_]url",
            r"find" + r"[-_]links",
            r"trusted" + r"[-_]host",
        )
    ),
    re.IGNORECASE,
)
_FLAG_THAT_OMITS_IT: Final = "--no-emit-index-url"


def lock_faults(path: Path) -> Iterator[str]:
    """Lines of a lock that are neither a pin, a hash nor a comment, and pins that no hash follows."""
    pinned: tuple[int, str] | None = None
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if _HASH.fullmatch(line):
            pinned = None
            continue
        if pinned is not None:
            yield f"{path.name}:{pinned[0]}: {pinned[1]} has no hash"
        pinned = (number, line.partition(" ")[0]) if _PIN.fullmatch(line) else None
        if pinned is None and line and not _COMMENT.fullmatch(line):
            yield f"{path.name}:{number}: not a pin, a hash or a comment"
    if pinned is not None:
        yield f"{path.name}:{pinned[0]}: {pinned[1]} has no hash"


def index_faults(root: Path, names: list[str]) -> Iterator[str]:
    """Files that name an index or its host, and locks that would."""
    for name in names:
        path = root / name
        if path.name in LOCKS_OF_OTHERS:
            yield f"{name}:1: the locks are {' and '.join(LOCKS)}; this kind names where packages came from"
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except (UnicodeDecodeError, FileNotFoundError):  # a picture, or deleted but still in git's list
            continue
        for number, line in enumerate(text.splitlines(), 1):
            if _INDEX.search(line.replace(_FLAG_THAT_OMITS_IT, "")):
                yield f"{name}:{number}: names a package index; that is each machine's own setting"


def missing_faults(root: Path) -> Iterator[str]:
    """Dependencies of pyproject.toml that the lock does not pin: somebody forgot `make lock`."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    groups = project["dependency-groups"]
    wanted = {
        "requirements.lock": [*project["project"]["dependencies"], *groups["build"]],
        "requirements-test.lock": [*project["project"]["dependencies"], *groups["build"], *groups["test"]],
    }
    for lock, requirements in wanted.items():
        pins = {_normal(line) for line in (root / lock).read_text(encoding="utf-8").splitlines() if "==" in line}
        for requirement in requirements:
            if _normal(requirement) not in pins:
                yield f"{lock}:1: {requirement} of pyproject.toml is not in it: make lock"


def _normal(requirement: str) -> str:
    """The name alone, as packages are compared: lower case, runs of - _ . as one dash."""
    name = re.match(r"[A-Za-z0-9._-]+", requirement.strip())
    return re.sub(r"[-_.]+", "-", name.group().lower()) if name else ""


def tracked(root: Path) -> list[str]:
    """The files that git holds, or all of a folder that is no repository."""
    git = subprocess.run(["git", "-C", root, "ls-files", "-z"], capture_output=True, text=True, check=False)  # noqa: S603, S607
    if git.returncode == 0:
        return [name for name in git.stdout.split("\0") if name]
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())


def main(root: Path) -> int:
    found = [fault for lock in LOCKS for fault in lock_faults(root / lock)]
    found += [*missing_faults(root), *index_faults(root, tracked(root))]
    sys.stdout.writelines(fault + "\n" for fault in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else ".")))
