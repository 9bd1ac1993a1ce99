"""The address of a chat: a URL as apprise reads it, whose parts are the robot's own secrets.

Whoever knows the URL may write as the robot. So it is stored whole and shown by its kind and a short digest only; a
document that was shown so and comes back is read as "what stands".
"""

from __future__ import annotations

import hashlib
import re
from typing import Final

SCHEMAS: Final = frozenset(
    {
        "dingtalk", "wecombot", "feishu", "lark", "schan", "pushplus", "wxpusher", "bark", "barks",
        "slack", "workflow", "workflows", "tgram", "discord", "gchat", "wxteams", "webex", "zulip", "pover", "line",
        "ntfy", "ntfys", "gotify", "gotifys", "mmost", "mmosts", "rocket", "rockets",
    }
)  # fmt: skip
"""What may be written to: services that show a message to people. apprise knows many more, among them some that write
files, run programs on this machine or send any body to any address: what is not here is refused."""

MASK: Final = "***"
_LONGEST: Final = 1000
_SHAPE: Final = re.compile(r"([a-z0-9]+)://([!-~]+)")
_MASKED: Final = re.compile(r"[a-z0-9]+://\*\*\*[0-9a-f]{12}")


def chat_address(text: str) -> str:
    """The URL with its kind in small letters. Raises ValueError, which never repeats what was written."""
    kind, separator, rest = text.strip().partition("://")
    address = f"{kind.lower()}{separator}{rest}"
    if len(address) > _LONGEST or not _SHAPE.fullmatch(address):
        raise ValueError("write the chat as a URL such as dingtalk://TOKEN or ntfys://HOST/TOPIC, without spaces")
    if kind.lower() not in SCHEMAS:
        raise ValueError(f"no such chat can be written to: the URL begins with one of {', '.join(sorted(SCHEMAS))}")
    return address


def masked(address: str) -> str:
    """What may be shown: `dingtalk://***` and twelve digits, by which two can be told apart."""
    kind = address.partition("://")[0]
    return address if is_masked(address) else f"{kind}://{MASK}{hashlib.sha256(address.encode()).hexdigest()[:12]}"


def is_masked(address: str) -> bool:
    return bool(_MASKED.fullmatch(address))
