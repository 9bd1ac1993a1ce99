"""Every other sentence that goes to a phone: what a reply brought, who is told, what is due, what was bundled.

A reply is answered once, after the commit. All of it bears the drill's mark when the incident does, and fits one
part wherever the names allow it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from incident.errors import Reason
from incident.notify.capabilities import Capabilities
from incident.notify.messages import PageFacts, answers, marked, one_part
from incident.notify.sms_parts import count, plain, tidy
from incident.orders import NOTICE, NUDGE, PAGE
from incident.words import Words, words_for


def notice_sms(facts: PageFacts, locale: str, capabilities: Capabilities, about: Reason | None = None) -> str:
    """Management and others are told; no answer is asked. `about` says why they are."""
    words = words_for(locale)
    no_answer = words.t("page.notice")
    said = words.t("page.notice.about", about=words.reason(about)) if about else no_answer
    tails = [said, no_answer]
    if facts.link and capabilities.url_ok:
        tails.insert(0, words.t("page.with_link", text=said, link=facts.link))
    return one_part(words, facts, capabilities, tails)


_BUNDLES: Final = {PAGE: "page.bundle", NOTICE: "limits.bundle.notice", NUDGE: "limits.bundle.nudge"}


def bundled(purpose: str, waiting: int, locale: str) -> str:
    """`6 unanswered incidents, worst:`: how many one message speaks of."""
    return words_for(locale).n(_BUNDLES[purpose], waiting)


def bundle(worst: PageFacts, waiting: int, locale: str, capabilities: Capabilities, purpose: str = PAGE) -> str:
    """Instead of one message after another: how many there are, and the worst. Drills are bundled apart."""
    words, lead = words_for(locale), bundled(purpose, waiting, locale)
    several = replace(worst, others_open=max(waiting - 1, 0))
    if purpose == PAGE:
        return one_part(words, several, capabilities, answers(words, several, capabilities), lead=lead)
    tails = [words.t("page.notice" if purpose == NOTICE else "page.update_now")]
    return one_part(words, several, capabilities, tails, lead=lead)


def taken(facts: PageFacts, person: str, locale: str, capabilities: Capabilities) -> str:
    """To the one who answered: it is theirs, and what comes next.

    Where no text comes back from, who has pressed a key is not told to send one."""
    if facts.test:
        return _said(facts, locale, "page.test.thanks")
    key = "page.taken" if capabilities.two_way else "page.taken.one_way"
    text = _said(facts, locale, key, name=_name(locale, person))
    link = facts.link if capabilities.url_ok else None
    return _if_one_part(words_for(locale).t("page.with_link", text=text, link=link), text) if link else text


def already_taken(facts: PageFacts, person: str, locale: str) -> str:
    """To the one who answered second."""
    return _said(facts, locale, "page.already_taken", name=_name(locale, person))


def accept_there(facts: PageFacts, person: str, locale: str) -> str:
    """To an answer by somebody who is offered the command: it is accepted after reading the briefing."""
    return _said(facts, locale, "page.accept_there", name=_name(locale, person))


def declined(facts: PageFacts, locale: str, *, next_paged: bool = True, later: bool = False) -> str:
    """`next_paged` tells whether somebody was paged because of it; at the top of the ladder nobody is left to be, and
    in a drill that is paused it is `later`."""
    return _said(
        facts, locale, "page.declined.later" if later else "page.declined" if next_paged else "page.declined.noted"
    )


def resolved(facts: PageFacts, locale: str) -> str:
    return _said(facts, locale, "page.resolved")


def over(facts: PageFacts, locale: str) -> str:
    """To an answer that comes after the end."""
    return _said(facts, locale, "page.over")


def refused(facts: PageFacts, reason: Reason, locale: str) -> str:
    """The wish is not legal now; the reason is what the web would show."""
    return _said(facts, locale, "page.refused", why=words_for(locale).reason(reason))


def offered(facts: PageFacts, person: str, locale: str, capabilities: Capabilities) -> str:
    """The command of an incident is offered; accepting is done on the page, after reading the briefing. Rather fewer
    words than no link: there is no other way to that page but to sign in."""
    words = words_for(locale)
    name = _name(locale, person)
    text = words.t("page.offered", name=name)
    link = facts.link if capabilities.url_ok else None
    linked = (text, words.t("page.offered.short", name=name)) if link else ()
    tails = [*(words.t("page.with_link", text=one, link=link) for one in linked), text]
    return one_part(words, facts, capabilities, tails)


def injected(facts: PageFacts, sender: str, text: str, locale: str) -> str:
    """To a player of a drill, whole, in as many parts as it takes; no answer is asked."""
    return _said(facts, locale, "inject.said", sender=_name(locale, sender), text=_name(locale, text))


def injected_voice(facts: PageFacts, sender: str, text: str, locale: str) -> str:
    """The same as a call reads it."""
    words = words_for(locale)
    mark = words.t("page.voice.drill") if facts.drill else ""
    return " ".join(part for part in (mark, words.t("inject.spoken", sender=tidy(sender), text=tidy(text))) if part)


def update_due(facts: PageFacts, minutes: int, locale: str, capabilities: Capabilities) -> str:
    """Nudge the commander: the next update is due in so many minutes, or was, if negative."""
    words = words_for(locale)
    key = "page.update_due" if minutes > 0 else "page.update_overdue"
    text = words.n(key, abs(minutes)) if minutes else words.t("page.update_now")
    link = facts.link if capabilities.url_ok else None
    tails = [words.t("page.with_link", text=text, link=link), text] if link else [text]
    return one_part(words, facts, capabilities, tails)


def still_yours(facts: PageFacts, minutes: int, locale: str, capabilities: Capabilities) -> str:
    """Ask the commander of whom nothing was heard for so many minutes. Always with the code: they may have several."""
    words = words_for(locale)
    said = words.n("quiet.ask", minutes)
    link = facts.link if capabilities.url_ok else None
    if capabilities.two_way:
        text = words.t("quiet.ask.reply", said=said, code=facts.code)
        tails = [words.t("page.with_link", text=text, link=link), text] if link else [text]
    else:
        tails = [words.t("quiet.ask.link", said=said, link=link)] if link else []
        tails.append(words.t("quiet.ask.site", said=said, code=facts.code))
    return one_part(words, facts, capabilities, tails)


def merged(facts: PageFacts, into: str, locale: str) -> str:
    """To an answer about what was folded into another: which one that is."""
    return _said(facts, locale, "page.merged", into=into)


def which_code(open_pages: Sequence[PageFacts], locale: str, digit: int = 1) -> str:
    """Several are open and the reply named none: the codes in the order given, as many as fit one part. `digit` is what
    was wished: whoever follows the example of a 1 when they wrote 2 would take what they pass on."""
    words, first = words_for(locale), open_pages[0]
    drills_only = all(page.drill for page in open_pages)
    codes = [page.code if drills_only else marked(words, page, page.code) for page in open_pages]

    def asked(shown: int) -> str:
        listed = _listed(words, codes, shown)
        text = words.n("page.which_code", len(codes), codes=listed, code=first.code, digit=digit)
        return marked(words, first, text) if drills_only else text

    texts = (asked(shown) for shown in range(len(codes), 0, -1))
    return next((text for text in texts if count(text).parts == 1), codes[0])


def _listed(words: Words, codes: Sequence[str], shown: int) -> str:
    listed = words.t("page.list").join(codes[:shown])
    return listed if shown == len(codes) else words.t("page.list.more", codes=listed, rest=len(codes) - shown)


def unknown_word(locale: str) -> str:
    """The one helpful answer to what nobody understood. After it, silence: two machines must not talk all night."""
    return words_for(locale).t("page.unknown", help=helped(locale))


def helped(locale: str) -> str:
    """To HELP: what may be answered."""
    return words_for(locale).t("page.help")


def no_such_code(code: str, locale: str) -> str:
    return words_for(locale).t("page.no_such_code", code=code)


def nothing_open(locale: str) -> str:
    return words_for(locale).t("page.nothing_open")


def _said(facts: PageFacts, locale: str, key: str, **params: object) -> str:
    words = words_for(locale)
    return marked(words, facts, words.t(key, code=facts.code, **params))


def _name(locale: str, person: str) -> str:
    return plain(tidy(person)) if locale == "en" else tidy(person)


def _if_one_part(longer: str, shorter: str) -> str:
    return longer if count(longer).parts == 1 else shorter
