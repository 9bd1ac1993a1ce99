"""What a person's text message wants. Pure, and strict: what is not certain is Unknown and gets one helpful answer.

`1`, ACK, 收到, 接手 take the incident, `2`, NO, 转 pass it on, `3`, DONE, 完成 resolve it; with its code if several
are open, in any order, with full-width or keycap digits and any punctuation. A question ("收到?"), two different
wishes, two codes, or any further word make it Unknown: nobody must take an incident by a sentence about it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Ack:
    """Takes the incident with this code (`C7`), or the only open one."""

    code: str | None = None


@dataclass(frozen=True, slots=True)
class Decline:
    """Passes it on: the ladder climbs at once."""

    code: str | None = None


@dataclass(frozen=True, slots=True)
class Resolve:
    code: str | None = None


@dataclass(frozen=True, slots=True)
class OptOut:
    """STOP and its like. The carrier acts on it before we do; the way must count as broken."""


@dataclass(frozen=True, slots=True)
class OptIn:
    """START and its like."""


@dataclass(frozen=True, slots=True)
class Help:
    """HELP or INFO."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """Anything else."""


Wish = Ack | Decline | Resolve
Reply = Wish | OptOut | OptIn | Help | Unknown

_WISHES: Final[Mapping[type[Wish], tuple[str, ...]]] = {
    Ack: (
        *("1", "ack", "acknowledge", "acknowledged"),
        *("收到", "已收到", "收到了", "接手", "我接手", "已接手", "接手了", "确认", "確認"),
    ),
    Decline: ("2", "no", "nack", "decline", "转", "轉", "转交", "轉交", "转下一位", "轉下一位"),
    Resolve: ("3", "done", "resolved", "完成", "已完成", "完成了", "解决", "已解决", "解決", "已解決"),
}
_WISH_OF: Final[Mapping[str, type[Wish]]] = {word: wish for wish, words in _WISHES.items() for word in words}

_STOP_WORDS: Final = ("stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout", "arret")

_CARRIER: Final[Mapping[str, OptOut | OptIn | Help]] = {
    **dict.fromkeys((*_STOP_WORDS, "td", "退订", "退訂"), OptOut()),
    **dict.fromkeys(("start", "unstop", "yes"), OptIn()),
    **dict.fromkeys(("help", "info", "帮助", "幫助", "说明", "說明"), Help()),
}
"""Words that carriers and Twilio act on themselves: never wishes of ours, whatever we would like YES to mean."""

LONGEST: Final = 40
"""No wish is longer, punctuation and all; what is longer is a letter."""

_CODE: Final = r"[a-z]\d{1,6}"
_TOKEN: Final = re.compile(
    rf"(?P<word>[a-z]+(?={_CODE}(?!\d)))|(?P<code>{_CODE}(?!\d))|(?P<digits>\d+)|(?P<letters>[a-z]+)|(?P<han>[\u4e00-\u9fff]+)"
)


def parse(text: str) -> Reply:
    """What the text wants. Never raises, whatever was sent."""
    plain = _plain(text)
    if plain is None:
        return Unknown()
    carrier = _CARRIER.get(plain)
    if carrier is not None:
        return carrier
    codes: set[str] = set()
    wishes: set[type[Wish]] = set()
    rest = _TOKEN.sub(" ", plain)
    if rest.strip():
        return Unknown()
    for found in _TOKEN.finditer(plain):
        token = found.group()
        if found.lastgroup == "code":
            codes.add(token.upper())
        elif token in _WISH_OF:
            wishes.add(_WISH_OF[token])
        else:
            return Unknown()
    if len(wishes) != 1 or len(codes) > 1:
        return Unknown()
    return wishes.pop()(next(iter(codes), None))


def _plain(text: str) -> str | None:
    """Lower case, half width, without punctuation or marks. None for a question and for a letter."""
    if len(text) > 4 * LONGEST:
        return None
    flat = unicodedata.normalize("NFKC", text).casefold()
    if "?" in flat or len(flat) > LONGEST:
        return None
    kept = [
        " " if unicodedata.category(c)[0] in "PZC" else c for c in flat if not unicodedata.category(c).startswith("M")
    ]
    return " ".join("".join(kept).split())
