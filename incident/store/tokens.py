"""Full text search in any language: what a text is cut into, and a question likewise.

A Latin word, a number, a part of a serial is a token; of Chinese, Japanese and Korean, each two neighbours are, and the
last character alone. So words of two characters are found. What is asked is cut by the same rule, and nothing else of
it reaches a query: letters and digits only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final
from unicodedata import normalize

_HAN: Final = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
_PART: Final = re.compile(rf"[{_HAN}]+|[^\W_{_HAN}]+")
_IS_HAN: Final = re.compile(f"[{_HAN}]")
_LONGEST: Final = 60
"""Letters of a token. Longer ones are cut, here and in the question."""
_MOST: Final = 400
"""Tokens of one incident: a report may carry a page of text."""
_ASKED: Final = 12
PREFIX: Final = 3
"""From so many letters on, the beginning of a word finds it; what is shorter must be the whole word."""
_STEM: Final = "^"
"""Stands before a stem; no token has it."""


def tokens(words: str) -> list[str]:
    """Every token of a text, each once."""
    found = dict.fromkeys(token for part in _parts(words) for token in _cut(part))
    return list(found)[:_MOST]


def stem(word: str) -> str | None:
    """The shortest beginning by which a word is found, marked as such: three letters, or one Chinese character."""
    if _IS_HAN.match(word):
        return _STEM + word[0]
    return _STEM + word[:PREFIX] if len(word) >= PREFIX else None


def stems(words: Iterable[str]) -> list[str]:
    """The stems of some tokens, each once."""
    return list(dict.fromkeys(found for word in words if (found := stem(word))))


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked, as tokens that must all be there: whole ones, and beginnings."""

    whole: tuple[str, ...]
    begun: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.whole or self.begun)

    def held_by(self, words: str) -> bool:
        there = set(tokens(words))
        return there.issuperset(self.whole) and all(
            one in there or any(token.startswith(one) for token in there) for one in self.begun
        )


def asked(question: str) -> Asked:
    """What to look for. False when there is not one letter in it."""
    whole: dict[str, None] = {}
    begun: dict[str, None] = {}
    for part in _parts(question):
        if _IS_HAN.match(part):
            if len(part) == 1:
                begun[part] = None
            whole |= dict.fromkeys(part[at : at + 2] for at in range(len(part) - 1))
        elif len(part) < PREFIX:
            whole[part] = None
        else:
            begun[part[:_LONGEST]] = None
    return Asked(tuple(whole)[:_ASKED], tuple(begun)[:_ASKED])


def plain(words: str) -> str:
    """Words as they are kept on the board and searched: in lower case, wide and narrow forms alike."""
    return normalize("NFKC", words).lower()


def _parts(words: str) -> Iterator[str]:
    return (found[0] for found in _PART.finditer(plain(words)))


def _cut(part: str) -> Iterator[str]:
    if _IS_HAN.match(part):
        return (part[at : at + 2] for at in range(len(part)))
    return iter((part[:_LONGEST],))
