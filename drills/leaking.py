"""Whether a message of a live drill left it, or went out without its mark: read from what went out, when it ends.

The guard and the words see to it beforehand, each message at a time. This looks at all of them afterwards, at what was
sent and by which provider, and knows nothing of how that was decided: what it finds voids the score.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Literal

from drills.score.observations import Leak
from incident.marks import is_live
from incident.notify.guard import SIMULATED
from incident.store.live import Sent
from incident.words import LOCALES, words_for


def leaks(mark: str, sent: Iterable[Sent], names: Mapping[str, str]) -> tuple[Leak, ...]:
    """One for each message that should not have been, in the order in which they were ordered. What a drill for real
    phones (`live/...`) sent by a provider was meant to."""
    found = []
    for one in sent:
        kind = _kind(mark, one)
        if kind is not None:
            said = f"{one.way}, {names.get(one.person, one.person)}"
            found.append(Leak(kind=kind, text=said, position=one.position or None))
    return tuple(found)


def _kind(mark: str, one: Sent) -> Literal["left", "unmarked"] | None:
    if one.provider != SIMULATED and not is_live(mark):
        return "left"
    said = one.body or ""
    if one.drill != mark or (said and not any(word in said for word in _marks())):
        return "unmarked"
    return None


@cache
def _marks() -> tuple[str, ...]:
    """What one of the drill's messages says of itself, in any language, by text, call or mail."""
    keys = ("page.voice.drill", "page.mail.drill")
    found = [words_for(locale).t(key) for locale in LOCALES for key in keys]
    found += [words_for(locale).t("page.drill", line="").strip() for locale in LOCALES]
    return tuple(dict.fromkeys(found))
