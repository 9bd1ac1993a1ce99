"""The severity words of other systems as our four levels, in one table.

No word at all leaves the level open, and the matrix decides. A word that we do not know counts as Medium: its sender
meant to say something, and in doubt a report is answered within two hours rather than the next day; the word itself
stays in the report's labels, so that the table can learn it. Numbers are not here, because 1 is the gravest in one
system and the mildest in the next.
"""

from __future__ import annotations

from typing import Final

from incident.levels import Degree, Level

IN_DOUBT: Final = Level.MEDIUM

_WORDS: Final = {
    Level.CRITICAL: "critical crit fatal emergency emerg disaster extreme blocker p1 sev1 紧急 緊急 特别重大 特別重大",
    Level.HIGH: "high error err major severe page alert urgent p2 sev2 重要 严重 嚴重 重大",
    Level.MEDIUM: "medium warning warn average moderate p3 sev3 一般 警告 较大 較大",
    Level.LOW: "low info information informational none minor notice debug ok normal p4 p5 sev4 sev5 轻微 輕微 信息",
}
_LEVELS: Final = {word: level for level, words in _WORDS.items() for word in words.split()}
_DEGREES: Final = {"high": Degree.HIGH, "medium": Degree.MEDIUM, "low": Degree.LOW} | {
    "高": Degree.HIGH,
    "中": Degree.MEDIUM,
    "低": Degree.LOW,
}


def known_level(word: str) -> Level | None:
    """The level of a severity word, None for one that is not in the table."""
    return _LEVELS.get(word) or _LEVELS.get(word.strip().lower())


def level_of(word: str | None) -> Level | None:
    """The level of a severity word; None without one, Medium for an unknown one."""
    if word is None or not word.strip():
        return None
    return known_level(word) or IN_DOUBT


def degree_of(word: str | None) -> Degree | None:
    """Impact or urgency; None for an unknown word, so that the matrix takes medium."""
    return _DEGREES.get(word.strip().lower()) if word else None


def is_true(word: str | None) -> bool:
    """Whether a label such as `injury` says yes."""
    return word is not None and word.strip().lower() in {"true", "yes", "1", "y", "是", "有"}
