"""Names that nobody can guess or meet twice. With clock.py the only place where chance enters."""

from __future__ import annotations

import hmac
import os
import secrets
from base64 import urlsafe_b64encode
from hashlib import sha256
from threading import Lock
from typing import Final

_EASY = "23456789abcdefghjkmnpqrstuvwxyz"  # no 0/o, 1/l/i: these are read out on the phone at night


_PAIRS: Final = tuple(a + b for a in _EASY for b in _EASY)
_CHANCE: Final = 4096


class _Pool:
    """Random bytes, asked of the machine some thousands at a time: asking it for sixteen costs as much, and an incident
    with its links needs many. A forked child begins with an empty pool: two processes must never draw the same."""

    def __init__(self) -> None:
        self._empty()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._empty)

    def _empty(self) -> None:
        self._lock = Lock()
        self._bytes, self._at = b"", 0

    def draw(self, count: int) -> int:
        """So many random bytes, as a number."""
        with self._lock:
            if self._at + count > len(self._bytes):
                self._bytes, self._at = os.urandom(_CHANCE), 0
            drawn = self._bytes[self._at : self._at + count]
            self._at += count
        return int.from_bytes(drawn)


_pool: Final = _Pool()


_ID: Final = 26
_HEX: Final = frozenset("0123456789abcdef")


def new_id() -> str:
    """An identifier for an incident, page or request: 26 lower-case hex digits of 104 random bits."""
    return f"{_pool.draw(_ID // 2):0{_ID}x}"


def is_id(text: str) -> bool:
    """Whether it has the form of `new_id`; nothing is looked up."""
    return len(text) == _ID and _HEX.issuperset(text)


def new_token() -> str:
    """The secret in a page's link. 12 of 31 easy characters are 59 bits: short enough for one SMS part."""
    number, pairs = _pool.draw(12), []  # 96 bits for 59: no token is likelier than another by more than 2**-36
    for _ in range(6):
        number, place = divmod(number, len(_PAIRS))
        pairs.append(_PAIRS[place])
    return "".join(pairs)


_ANSWER: Final = 8


def answer_code(token: str) -> str:
    """A link's secret in short, to be typed at the site where no link gets through: its first eight letters, 40 bits.
    It opens that page only while an answer is wanted, and guessing is limited there."""
    return token[:_ANSWER]


def typed_code(text: str) -> str | None:
    """The answer code that somebody typed, however they wrote it; None for what cannot be one."""
    letters = "".join(c for c in text.casefold() if c.isalnum())
    return letters if len(letters) == _ANSWER and all(c in _EASY for c in letters) else None


def new_key() -> str:
    """A key for an integration or a program, 43 characters from 256 random bits. Only its hash is stored."""
    return secrets.token_urlsafe(32)


def hashed(secret: str) -> str:
    """The SHA-256 of a key, session or sign-in: what is stored. Every secret here has at least 59 random bits, and
    looking it up by its hash tells a guesser nothing by its timing."""
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def derived_key(secret: str, purpose: str) -> str:
    """A key that the same installation always makes the same, from its own secret: the demo's hook, for one."""
    return urlsafe_b64encode(hmac.digest(secret.encode(), purpose.encode(), "sha256")).decode().rstrip("=")
