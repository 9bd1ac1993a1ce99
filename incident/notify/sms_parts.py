"""How many SMS parts a text costs, and how to make it cost one.

A text goes out in GSM-7 (160 units, 153 a part when there are several) if every character is in that alphabet,
else in UCS-2 (70, 67). Characters of GSM-7's extension table, `[` and `]` among them, cost two units; a character
outside the basic plane costs two in UCS-2. Neither pair may be divided between two parts.
Figures: 3GPP TS 23.038, sections 6.2.1 and 6.1.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import Final

_BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION: Final = frozenset("\f^{}\\[~]|€")
_COST: Final = {**dict.fromkeys(_BASIC, 1), **dict.fromkeys(_EXTENSION, 2)}

_LOOK_ALIKE: Final = str.maketrans(
    {
        "‘": "'", "’": "'", "‚": "'", "‛": "'", "`": "'", "´": "'", "′": "'",
        "“": '"', "”": '"', "„": '"', "″": '"', "«": '"', "»": '"',
        "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "―": "-", "−": "-",
        "…": "...", "•": "*", "·": "*", "×": "x", "→": "->", "←": "<-", "≥": ">=", "≤": "<=",
    }
)  # fmt: skip
"""What a word processor or a monitor puts in and an old telephone cannot: each alone would cost half of the page."""


class Encoding(StrEnum):
    GSM7 = "gsm7"
    UCS2 = "ucs2"


@dataclass(frozen=True, slots=True)
class Parts:
    """`units` are septets in GSM-7 and UTF-16 units in UCS-2; `parts` is what the carrier sends and bills."""

    encoding: Encoding
    units: int
    parts: int


_ROOM: Final = {Encoding.GSM7: (160, 153), Encoding.UCS2: (70, 67)}
# A text is looked through by one expression, not character by character: a storm is ten thousand of them.
_FOREIGN: Final = re.compile(f"[^{re.escape(''.join(sorted(_COST)))}]")
_TWICE: Final = {
    Encoding.GSM7: re.compile(f"[{re.escape(''.join(sorted(_EXTENSION)))}]"),
    Encoding.UCS2: re.compile("[\U00010000-\U0010ffff]"),
}
_TIDY: Final = re.compile("[!-~]+(?: [!-~]+)*")


class TooLong(ValueError):
    """What must not be shortened does not fit by itself."""


def encoding_of(text: str) -> Encoding:
    return Encoding.UCS2 if _FOREIGN.search(text) else Encoding.GSM7


def count(text: str) -> Parts:
    """The cost of a text. An empty one is still a message: one part."""
    encoding = encoding_of(text)
    twice = _TWICE[encoding]
    units = len(text) + len(twice.findall(text))
    whole, each = _ROOM[encoding]
    if units <= whole:
        return Parts(encoding, units, 1)
    parts, used = 1, 0
    for size in (2 if twice.match(char) else 1 for char in text):
        if used + size > each:
            parts, used = parts + 1, 0
        used += size
    return Parts(encoding, units, parts)


def plain(text: str) -> str:
    """The text in GSM-7 if look-alikes or letters without their accents can say it, else unchanged."""
    if encoding_of(text) is Encoding.GSM7:
        return text
    swapped = text.translate(_LOOK_ALIKE)
    if encoding_of(swapped) is Encoding.GSM7:
        return swapped
    bare = "".join(char if char in _COST else _without_accent(char) for char in swapped)
    return bare if encoding_of(bare) is Encoding.GSM7 else text


def _without_accent(char: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", char) if not unicodedata.combining(c))


def tidy(text: str) -> str:
    """One line of visible characters: what a stranger's report may put into somebody's page."""
    if _TIDY.fullmatch(text):  # as nearly all of them are
        return text
    composed = unicodedata.normalize("NFC", text)
    kept = (c for c in composed if c.isspace() or c in _JOINERS or unicodedata.category(c) not in _UNSEEN)
    return " ".join("".join(kept).split())


_JOINERS: Final = frozenset({"\u200d", *map(chr, range(0xE0020, 0xE0080))})
"""Zero-width joiner and emoji tags: format characters that hold one picture together."""


_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co"})


def clusters(text: str) -> Iterator[str]:
    """The text in pieces that a reader sees as one character: combining marks, joined emoji and flags stay whole."""
    piece = ""
    for char in text:
        if piece and not _continues(piece, char):
            yield piece
            piece = ""
        piece += char
    if piece:
        yield piece


def first_clusters(text: str, number: int) -> str:
    """So many of them, from the start of the text."""
    return text[:number] if text.isascii() else "".join(islice(clusters(text), number))


def _continues(piece: str, char: str) -> bool:
    if unicodedata.category(char) in ("Mn", "Mc", "Me") or char in _JOINERS or piece[-1] == "\u200d":
        return True
    if "\U0001f3fb" <= char <= "\U0001f3ff":  # skin tones
        return True
    return _is_flag_letter(char) and len(piece) == 1 and _is_flag_letter(piece)


def _is_flag_letter(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def fit(prefix: str, title: str, suffix: str, parts: int = 1) -> str:
    """The three joined, the title shortened as far as needed so that the whole costs at most `parts`.

    Prefix and suffix (level, code, what to reply, link) are never touched, but for a full stop that would follow
    the ellipsis. Raises TooLong when they alone do not fit.
    """
    whole = prefix + title + suffix
    if count(whole).parts <= parts:
        return whole
    bare = prefix + suffix
    if count(bare).parts > parts:
        raise TooLong(f"{count(bare).units} units without the title")
    pieces = list(clusters(title))
    longest, best = 0, bare
    for ellipsis in ("...", "…"):
        end = ellipsis + suffix.removeprefix(".")
        kept = _most(prefix, pieces, end, parts)
        if kept > longest:
            longest, best = kept, prefix + "".join(pieces[:kept]).rstrip() + end
    return best


def _most(prefix: str, pieces: list[str], end: str, parts: int) -> int:
    """How many pieces fit, -1 if the ends alone do not; the cost only grows with each piece, so halving finds it."""
    low, high = -1, len(pieces)
    while low < high:
        middle = (low + high + 1) // 2
        if count(prefix + "".join(pieces[:middle]) + end).parts <= parts:
            low = middle
        else:
            high = middle - 1
    return low
