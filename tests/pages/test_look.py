"""The tokens: every pair of colours that stand on each other reads; levels differ by more than colour."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

STATIC = Path(__file__).parents[2] / "web" / "static"
CSS = (STATIC / "app.css").read_text(encoding="utf-8")
PAIRS = dict(re.findall(r"--([\w-]+): light-dark\((#\w{6}, #\w{6})\)", CSS))
LEVELS = dict(re.findall(r"--(critical|high|medium|low|on-level): (#\w{6})", CSS))
GROUNDS = ("page", "surface", "sunken")


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """As WCAG 2 counts it."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def colour(token: str, theme: int) -> str:
    return PAIRS[token].split(", ")[theme]


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("token", ["ink", "quiet", "accent", "live", "amber", "red"])
def test_text_reads_on_every_ground(token: str, ground: str, theme: int):
    assert contrast(colour(token, theme), colour(ground, theme)) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_what_is_pressed_reads_and_its_edge_is_seen(theme: int):
    assert contrast(colour("on-accent", theme), colour("accent", theme)) >= 4.5
    assert min(contrast(colour("edge", theme), colour(ground, theme)) for ground in GROUNDS) >= 3


@pytest.mark.parametrize("level", ["critical", "high", "medium", "low"])
def test_a_level_reads_on_its_colour(level: str):
    assert contrast(LEVELS["on-level"], LEVELS[level]) >= 4.5


def test_the_levels_are_the_palette_that_colour_blind_people_tell_apart():
    assert [LEVELS[x] for x in ("critical", "high", "medium", "low")] == ["#d55e00", "#e69f00", "#f0e442", "#56b4e9"]


def test_each_level_has_a_shape_of_its_own():
    shapes = re.findall(r"\.is-(\w+) \.shape \{ clip-path: ([^;]+);", CSS)
    assert {level for level, _ in shapes} == {"critical", "high", "medium", "low"}
    assert len({shape for _, shape in shapes}) == 4


@pytest.mark.parametrize("path", sorted(STATIC.glob("*.css")), ids=lambda path: path.name)
def test_a_stylesheet_uses_no_token_that_is_not_there(path: Path):
    text = path.read_text(encoding="utf-8")
    known = set(re.findall(r"--([\w-]+):", CSS + text)) | {"tone"}
    assert set(re.findall(r"var\(--([\w-]+)", text)) <= known
    assert text.count("{") == text.count("}")


def test_motion_is_short_and_can_be_done_without():
    for path in STATIC.glob("*.css"):
        for moving in re.finditer(r"(?:transition|animation)[^;]*?(\d+)ms", path.read_text(encoding="utf-8")):
            assert int(moving[1]) <= 200
    assert "prefers-reduced-motion: no-preference" in CSS
