"""Foreign text made fit to be shown, spoken and sent: composed (NFC), without control characters, within limits.

Bidirectional overrides and zero-width spaces go too, because they make a page read as something else; joiners stay,
since emoji and some scripts need them.
"""

from __future__ import annotations

import re
import unicodedata
from hashlib import sha256
from typing import Final

TITLE: Final = 200
SYMPTOM: Final = 4000
KEY: Final = 200
"""Characters of a deduplication key as given here. A report allows 255: the rest is room for the integration's name."""

_DROPPED: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
HOST: Final = 60
"""Characters of a host's name in a title: what is longer is an address that nobody reads aloud."""
_APART: Final = re.compile("[^a-z0-9]+")
_PORT: Final = re.compile(r":[0-9]{1,5}$")
_JOINERS: Final = "\u200c\u200d"
_LINES: Final = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_BLANKS: Final = re.compile(r"[^\S\n]+")
_GAPS: Final = re.compile(r" ?\n ?")
_MANY: Final = re.compile(r"\n{3,}")


def one_line(text: str) -> str:
    """Clean text with every run of white space made one blank."""
    if text.isascii() and text.isprintable():
        if "  " not in text:
            return text.strip()
    else:
        text = _DROPPED.sub("", unicodedata.normalize("NFC", _LINES.sub(" ", text)))
    return " ".join(text.split())


def lines(text: str) -> str:
    """Clean text that keeps its lines; more than one empty line in a row is made one."""
    if text.isascii() and text.isprintable():
        return one_line(text)
    clean = _DROPPED.sub("", unicodedata.normalize("NFC", _LINES.sub("\n", text)))
    return _MANY.sub("\n\n", _GAPS.sub("\n", _BLANKS.sub(" ", clean))).strip()


def without_controls(text: str) -> str:
    """The text as it is but for what nobody sees: no database takes a NUL, and an override makes a title lie."""
    return text if text.isprintable() else _DROPPED.sub("", _LINES.sub("\n", text))


def cut(text: str, limit: int) -> str:
    """At most `limit` characters: cut after a word if one ends in the last half (Chinese has no blanks), then `…`."""
    if len(text) <= limit:
        return text
    end = limit - 1
    while end > 1 and (_joined(text[end]) or text[end - 1] in _JOINERS):
        end -= 1
    head = text[:end]
    if not text[end].isspace():
        word = max(head.rfind(" "), head.rfind("\n"))
        head = head[:word] if word > limit // 2 else head
    return head.rstrip() + "…"


def headline(title: str, more: str = "") -> tuple[str, str]:
    """A title of at most 200 characters, and the symptom: if the title had to be cut, its whole text comes first."""
    whole = one_line(title)
    short = cut(whole, TITLE)
    rest = lines(more)
    parts = [whole, rest] if short != whole else [rest]
    return short, cut("\n".join(part for part in parts if part), SYMPTOM)


def located(title: str, host: str) -> str:
    """The title with the host it is about, `Disk almost full (db9)`, unless it names that host already, by its short
    name or with its port: many rules say what is wrong and leave it to the labels to say where."""
    name = one_line(_PORT.sub("", host.strip()))
    short = name if name[:1].isdigit() else name.partition(".")[0]
    if not short or _named(short.casefold(), title.casefold()):
        return title
    shown = cut(name, HOST)
    return f"{cut(title, TITLE - len(shown) - 3)} ({shown})"


def _named(host: str, title: str) -> bool:
    """Whether a title has this host as a word of its own: `db1` is not in `db10 is down`."""
    if not host.isascii():
        return host in title
    return f" {_APART.sub(' ', host).strip()} " in f" {_APART.sub(' ', title)} "


def dedup_key(form: str, name: str) -> str:
    """`form:name`, at most 200 characters. A longer name keeps its start and is told apart by a digest of the whole."""
    key = f"{form}:{one_line(name)}"
    if len(key) <= KEY:
        return key
    return f"{key[: KEY - 33]}~{digest(name)}"


def digest(*parts: str) -> str:
    """32 hex digits that are the same for the same parts, in every process and version."""
    return sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _joined(char: str) -> bool:
    """Whether a character belongs to the one before it: accents, variation selectors, skin tones, joiners."""
    return unicodedata.combining(char) > 0 or char in _JOINERS or "\ufe00" <= char <= "\ufe0f" or "🏻" <= char <= "🏿"
