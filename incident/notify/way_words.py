"""What a message says that is about no incident: the code that confirms a way, a test, what has become of another of
the person's ways, a swap.

A text fits one part; a call says its words twice and asks for no key.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from incident.errors import why
from incident.notify.capabilities import Capabilities
from incident.notify.confirming import CODE, TRIAL
from incident.notify.sms_parts import count, plain
from incident.notify.swap_news import ASKED, SWAP
from incident.notify.way_news import WAY
from incident.organisation import WayKind
from incident.words import Words, words_for

_ADDRESS: Final = 2
"""Letters of an address that are left however little room there is."""
PURPOSES: Final = (CODE, TRIAL, WAY, SWAP)


def about_way(
    purpose: str, facts: Mapping[str, Any], way: WayKind, locale: str, able: Capabilities, *, site: str, code: str
) -> tuple[str | None, str]:
    """The subject, where the way has one, and the words. `site` is where codes are typed; `code` is the six digits
    where the purpose is to carry them."""
    words = words_for(locale)
    heard = way is WayKind.VOICE
    match purpose:
        case "code":
            spoken = words.t("way.say.pause").join(code)
            text = words.t("way.text.code", code=code, minutes=facts["minutes"])
            said = words.t("way.say.code", code=spoken) if heard else _linked(text, f"{site}/me", way, able, words)
        case "trial":
            said = words.t("way.say.trial" if heard else "way.text.trial")
        case "way":
            said = _news(facts, words, in_one_part=way is WayKind.SMS)
        case "swap":
            told = {name: str(facts[name]) for name in ("giver", "taker", "roster", "start", "end")}
            said = words.t(str(facts["about"]), **told)
            if facts["about"] == ASKED:
                said = _linked(said, f"{site}/on-call/me", way, able, words)
        case _:
            raise ValueError(f"no words for the purpose {purpose}")
    if way is WayKind.SMS and locale == "en":
        said = plain(said)
    subject = words.t("swap.mail.subject" if purpose == SWAP else "way.mail.subject")
    return (subject if way in (WayKind.MAIL, WayKind.CHAT) else None), said


def _news(facts: Mapping[str, Any], words: Words, *, in_one_part: bool) -> str:
    """What has become of a way. A long address is shortened until a text is one part."""
    reason = why(str(facts["why"]), **facts.get("params", {})) if facts.get("why") else None
    address = str(facts.get("shown", ""))

    def said(address: str) -> str:
        return words.t(
            str(facts["about"]),
            way=words.t(f"way.{facts['kind']}"),
            address=address,
            why=words.reason(reason) if reason else "",
            by=facts.get("by") or words.t("way.by.console"),
        )

    for kept in range(len(address) - 1, _ADDRESS, -1) if in_one_part else ():
        text = said(address)
        if count(plain(text) if words.locale == "en" else text).parts == 1:
            return text
        address = f"{str(facts['shown'])[:kept]}…"
    return said(address)


def _linked(text: str, link: str, way: WayKind, able: Capabilities, words: Words) -> str:
    """The same with a link, where one gets through, is read and leaves a text in one part."""
    linked = words.t("page.with_link", text=text, link=link)
    fits = way is not WayKind.SMS or count(linked).parts == 1
    return linked if able.url_ok and way is not WayKind.VOICE and fits else text
