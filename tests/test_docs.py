"""What README and docs/ name is there: files, headings, tests, commands with their options, settings."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from drills.cli import commands as drill_commands
from incident.cli import commands
from incident.settings import _INTERNAL, PREFIX, Settings

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[1]
PAGES = sorted(p for p in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")) if p.name != "CHANGELOG.md")
LINK = re.compile(r"\]\(([^)\s]+)\)")
PATH = re.compile(r"`((?:tests|incident|web|drills|bench|tools|docs)/[\w/.\-]+)(?:::(\w+))?`")
COMMAND = re.compile(r"(?:^ {4}(?:.*exec (?:-T )?web |.*bin/)?|`)((?:incident|drill) [a-z][^`#|<>\n]*)", re.MULTILINE)
SETTING = re.compile(r"\bINCIDENT_[A-Z_]*[A-Z]\b")
PLACES = {"INCIDENT_SITE"}
"""Of the compose file, not of the program."""


def heading(text: str) -> str:
    """The anchor that a heading gets."""
    plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text).strip().lower()
    return re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")


def anchors(page: Path) -> set[str]:
    return {heading(line.lstrip("#")) for line in page.read_text("utf-8").splitlines() if line.startswith("#")}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    missing = []
    for target in LINK.findall(page.read_text("utf-8")):
        if target.startswith(("http:", "https:")):
            continue
        file, _, anchor = target.partition("#")
        there = (page.parent / file).resolve() if file else page
        if not there.exists() or (anchor and there.suffix == ".md" and anchor not in anchors(there)):
            missing.append(target)
    assert not missing


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_path_and_every_test_that_is_named_is_there(page: Path) -> None:
    for path, name in PATH.findall(page.read_text("utf-8")):
        assert (ROOT / path).exists(), path
        assert name in (ROOT / path).read_text("utf-8") if name else True, name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_is_one_and_has_the_options_that_are_named(page: Path) -> None:
    wrong = [line for line in COMMAND.findall(page.read_text("utf-8")) if not understood(line)]
    assert not wrong


def understood(line: str) -> bool:
    """Whether it is a command, with options that it has."""
    words = [word.strip("[],.:;…()") for word in line.replace("|", " ").split()]
    at: Any = get_command(commands(None) if words[0] == "incident" else drill_commands())
    for place, word in enumerate(words[1:], 1):
        if not hasattr(at, "commands"):
            used = {word.partition("=")[0] for word in words[place:] if word.startswith("--")}
            return used <= {name for one in at.params for name in one.opts} | {"--help"}
        if word not in at.commands:
            return False
        at = at.commands[word]
    return True


def test_every_setting_that_is_named_is_one_and_every_one_is_named() -> None:
    known = {PREFIX + name.upper() for name in Settings.model_fields} | {PREFIX + name for name in _INTERNAL} | PLACES
    for page in PAGES:
        named = set(SETTING.findall(page.read_text("utf-8")))
        assert {name for name in named - known if not any(one.startswith(name) for one in known)} == set(), page.name
    listed = (ROOT / "docs" / "running.md").read_text("utf-8")
    for name in Settings.model_fields:
        assert name.upper() in listed or any(f"_{part.upper()}`" in listed for part in (name.partition("_")[2],)), name
