"""The guards of `make check`, tried on files that break them: a guard that passes everything guards nothing."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tools import check_house, check_locks

ROOT = Path(__file__).parents[2]
HASH = "    --hash=sha256:" + "0" * 64


def house_faults(tmp_path: Path, text: str, name: str = "incident/some.py") -> list[str]:
    file = tmp_path / "some.py"
    file.write_text(text)
    return list(check_house.faults(file, name))


@pytest.mark.parametrize(
    "text",
    [
        "from datetime import datetime\nat = datetime.now()\n",
        "from datetime import datetime as dt\nask = dt.utcnow\n",
        "import datetime\nat = datetime.datetime.now(datetime.UTC)\n",
        "import datetime as d\nday = d.date.today()\n",
        "import time\nat = time.time()\n",
        "from time import sleep as rest\nrest(1)\n",
        "import random\nx = random.random()\n",
        "from random import shuffle\nshuffle([])\n",
        "import uuid\nname = uuid.uuid4().hex\n",
        "from uuid import uuid4\nname = uuid4()\n",
        "import secrets\nkey = secrets.token_urlsafe()\n",
        "def late():\n    import random\n    return random.choice([1])\n",
    ],
)
def test_time_and_chance_are_found_under_any_name_but_in_their_own_files(text: str, tmp_path: Path) -> None:
    assert len(house_faults(tmp_path, text)) == 1
    assert house_faults(tmp_path, text, "incident/clock.py") == []


@pytest.mark.parametrize(
    "text",
    [
        "from datetime import UTC, datetime\nat = datetime.fromisoformat('2026-11-22').astimezone(UTC)\n",
        "import random\ndice = random.Random(1).random()\n",
        "import secrets\nsame = secrets.compare_digest('a', 'b')\n",
        "def now(clock):\n    return clock.now()\n",
        "import uuid\nread = uuid.UUID(hex='0' * 32)\n",
    ],
)
def test_what_is_handed_in_or_seeded_is_allowed(text: str, tmp_path: Path) -> None:
    assert house_faults(tmp_path, text) == []


def test_long_files_and_long_functions_are_found(tmp_path: Path) -> None:
    function = "def long():\n" + "    x = 1\n" * 45
    assert "long has 46 lines" in house_faults(tmp_path, function)[0]
    assert house_faults(tmp_path, "def long():\n" + "    x = 1\n" * 44) == []
    assert "401 lines" in house_faults(tmp_path, "x = 1\n" * 401)[0]
    assert house_faults(tmp_path, "x = 1\n" * 400) == []


def test_the_house_guard_ends_with_one_and_names_the_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "incident").mkdir()
    (tmp_path / "incident" / "late.py").write_text("import time\n\nat = time.time()\n")
    assert check_house.main(tmp_path) == 1
    assert capsys.readouterr().out.startswith("incident/late.py:3: time.time")


def lock_faults(tmp_path: Path, text: str) -> list[str]:
    file = tmp_path / "requirements.lock"
    file.write_text(text)
    return list(check_locks.lock_faults(file))


def test_pins_hashes_and_comments_make_a_lock(tmp_path: Path) -> None:
    text = f"# made by a tool\nanyio==4.16.0 \\\n{HASH} \\\n{HASH}\nuvloop==0.22 ; sys_platform != 'win32' \\\n{HASH}\n"
    assert lock_faults(tmp_path, text) == []


@pytest.mark.parametrize(
    "line",
    [
        "--extra-option x",
        "anyio>=4",
        "anyio @ https://host/anyio.whl",
        "-r other.txt",
        "git+https://host/anyio",
        "./anyio",
    ],
)
def test_anything_else_in_a_lock_is_found(line: str, tmp_path: Path) -> None:
    assert len(lock_faults(tmp_path, f"{line}\nredis==8.1 \\\n{HASH}\n")) == 1


def test_a_pin_without_a_hash_is_found(tmp_path: Path) -> None:
    (fault,) = lock_faults(tmp_path, f"anyio==4.16.0 \\\nredis==8.1 \\\n{HASH}\n")
    assert fault == "requirements.lock:1: anyio==4.16.0 has no hash"


@pytest.mark.parametrize(
    "line",
    [
        "https://Py" + "Pi.org/simple",
        "pip install --index" + "-url x",
        "find" + "_links = x",
        "files.python" + "hosted.org",
    ],
)
def test_a_file_that_names_an_index_is_found(line: str, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(f"FROM x\n{line}\n")
    (fault,) = check_locks.index_faults(tmp_path, ["Dockerfile"])
    assert fault.startswith("Dockerfile:2:")


def test_a_lock_that_would_name_one_is_found_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "uv.lock").write_text("version = 1\n")
    assert len(list(check_locks.index_faults(tmp_path, ["uv.lock"]))) == 1


def test_a_dependency_that_nobody_locked_is_found(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[project]\ndependencies = ["Typing_Extensions>=4"]\n[dependency-groups]\nbuild = []\ntest = ["ruff>=0.1"]\n'
    )
    (tmp_path / "requirements.lock").write_text("typing-extensions==4.1 \\\n")
    (tmp_path / "requirements-test.lock").write_text("typing-extensions==4.1 \\\n")
    (fault,) = check_locks.missing_faults(tmp_path)
    assert fault.startswith("requirements-test.lock:1: ruff")


def test_the_floors_of_the_book_are_the_ones_that_must_stay_pure() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    by_id = {contract["id"]: contract for contract in contracts}
    lowest_two = by_id["floors"]["layers"][-2:]
    modules = {f"incident.{name.strip()}" for layer in lowest_two for name in layer.split(":")}
    pure = {name for name in by_id["pure"]["source_modules"] if name.startswith("incident.")}
    assert pure == modules
