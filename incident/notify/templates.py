"""Approved words filled in: what is sent as parameters, and what will be read. Pure.

The signature is counted with the text, and the title is shortened until the whole is one part.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from incident.approved import OTHER, PARAM, Template
from incident.notify.sms_parts import clusters, count

TITLE: Final = "title"
LONGEST: Final = 35
"""Characters of one parameter that Alibaba Cloud takes in a notification."""

_BRACKETS: Final = str.maketrans({"【": "[", "】": "]"})


@dataclass(frozen=True, slots=True)
class Filled:
    """`body` is what the person will read, signature and all."""

    code: str
    params: Mapping[str, str]
    body: str


@dataclass(frozen=True, slots=True)
class Templates:
    """`signature` without its brackets: 【signature】 stands before each text and is no part of the template."""

    signature: str
    by_purpose: Mapping[str, Template]

    def says(self, purpose: str) -> bool:
        return purpose in self.by_purpose or OTHER in self.by_purpose

    def filled(self, purpose: str, values: Mapping[str, str]) -> Filled:
        """Raises KeyError where `says` says no. Brackets inside a parameter would read as another signature."""
        template = self.by_purpose.get(purpose) or self.by_purpose[OTHER]
        params = {name: _short(values.get(name, "").translate(_BRACKETS)) for name in template.names}
        if TITLE in params:
            params[TITLE] = self._fitting(template, params)
        return Filled(template.code, params, self._read(template, params))

    def _fitting(self, template: Template, params: Mapping[str, str]) -> str:
        """The title as long as one part allows; as long as its parameter may be if nothing would make it one part."""
        before, _, after = self._read(template, {**params, TITLE: "\x00"}).partition("\x00")
        if count(before + "…" + after).parts > 1:
            return params[TITLE]
        pieces, shown = list(clusters(params[TITLE])), params[TITLE]
        while count(before + shown + after).parts > 1:
            pieces.pop()
            shown = "".join(pieces).rstrip() + "…"
        return shown

    def _read(self, template: Template, params: Mapping[str, str]) -> str:
        return f"【{self.signature}】" + PARAM.sub(lambda found: params[found[1]], template.text)


def _short(text: str) -> str:
    """A parameter may not be empty either: Alibaba Cloud refuses the whole message."""
    text = text.strip() or "-"
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
