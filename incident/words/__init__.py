"""Every sentence that a user reads, in English, simplified and traditional Chinese.

The catalogs are gettext files, one a subject, in `words/<locale>/<subject>.po`; their ids are names such as
`page.answer` so that a changed sentence does not lose its translations. `tests/test_words.py` fails on a key that
the code uses and a catalog lacks.
"""

from __future__ import annotations

import gettext
import io
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Final

from babel import parse_locale
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from incident.errors import Reason

LOCALES: Final = ("en", "zh_Hans", "zh_Hant")
_HANT_REGIONS: Final = frozenset({"TW", "HK", "MO"})


class Words:
    """The catalog of one locale. `words_for(locale)` gives the shared one."""

    def __init__(self, locale: str, translations: gettext.GNUTranslations, keys: frozenset[str]) -> None:
        self.locale: Final = locale
        self.keys: Final = keys
        self._translations = translations
        self._texts = {key: translations.gettext(key) for key in keys}
        self._speak: Final = frozenset(key[:at] for key in keys for at, letter in enumerate(key) if letter == ".")
        """Names whose values may have words: of `console.by.sms` both `console` and `console.by`."""

    def t(self, key: str, **params: object) -> str:
        """The sentence for a key with its braces filled. An unknown key comes back as itself: a page still goes out."""
        text = self._texts.get(key, key)
        return text.format_map({k: self.say(k, v) for k, v in params.items()}) if params else text

    def n(self, key: str, count: int, **params: object) -> str:
        """The same with a count, which is also the brace `n`; English has a plural (`key` and `key.many`)."""
        text = self._translations.ngettext(key, key + ".many", count)
        return text.format_map({"n": count, **{k: self.say(k, v) for k, v in params.items()}})

    def reason(self, reason: Reason) -> str:
        """A reason of the core as a sentence. A parameter that has a word of its own (`level.high`) is said in it."""
        return self.t(reason.key, **dict(reason.params))

    def say(self, name: str, value: object) -> object:
        """The word of a value, such as `level.high` for the level `high`; the value itself if it has none."""
        name = name.rstrip("_")
        return self._texts.get(f"{name}.{value}", value) if name in self._speak else value


def subjects() -> list[str]:
    """The names of the catalogs' subjects, such as `page` or `board`."""
    return sorted(path.name[:-3] for path in (files(__package__) / "en").iterdir() if path.name.endswith(".po"))


def read_subject(locale: str, subject: str) -> Catalog:
    """One catalog file as it stands. Raises FileNotFoundError for a subject that the locale lacks."""
    with (files(__package__) / locale / f"{subject}.po").open("rb") as file:
        return read_po(file, locale=locale)


@cache
def words_for(locale: str) -> Words:
    """The catalog of a locale, read once for each process (about 0.1 s)."""
    whole = Catalog(locale=locale)
    for subject in subjects():
        for message in read_subject(locale, subject):
            if message.id:
                whole[message.id] = message
    binary = io.BytesIO()
    write_mo(binary, whole)
    binary.seek(0)
    keys = frozenset(m.id if isinstance(m.id, str) else m.id[0] for m in whole if m.id)
    return Words(locale, gettext.GNUTranslations(binary), keys)


def locale_of(tag: str, default: str = "en") -> str:
    """The catalog for a language tag such as `zh-TW`, `zh`, `en-GB`: bare zh, CN and SG read simplified Chinese."""
    try:
        language, territory, script, *_ = parse_locale(tag.strip().replace("_", "-"), sep="-")
    except ValueError:
        return default
    if language == "zh":
        traditional = script == "Hant" or (script is None and territory in _HANT_REGIONS)
        return "zh_Hant" if traditional else "zh_Hans"
    return "en" if language == "en" else default


def negotiate(tags: Iterable[str], default: str = "en") -> str:
    """The first of the wished languages (best first) that we speak."""
    for tag in tags:
        found = locale_of(tag, "")
        if found:
            return found
    return default
