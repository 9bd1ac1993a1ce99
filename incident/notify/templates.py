"""Approved words: what a mainland provider sends is a template that somebody has approved, with parameters. Pure.

The text of a template is configured as it was approved, so that it is known what will be read and what it costs: the
signature is counted with it, and the title is shortened until the whole is one part.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from incident.notify.sms_parts import clusters, count

OTHER: Final = "other"
"""The template for every purpose that has none of its own."""
NAMES: Final = ("level", "code", "title", "place", "text")
"""What a template may speak of. `text` is the whole sentence that would go out where no template is needed."""
TITLE: Final = "title"
LONGEST: Final = 35
"""Characters of one parameter that Alibaba Cloud takes in a notification."""

_PARAM: Final = re.compile(r"\$\{(\w+)\}")
_BRACKETS: Final = str.maketrans({"【": "[", "】": "]"})


@dataclass(frozen=True, slots=True)
class Template:
    """`text` as approved, with `${title}` and the like. Raises ValueError for a name that nothing is known for."""

    code: str
    text: str

    def __post_init__(self) -> None:
        unknown = [name for name in _PARAM.findall(self.text) if name not in NAMES]
        if unknown or not self.text.strip() or not self.code.strip():
            raise ValueError(f"a template has a code and a text with parameters of {', '.join(NAMES)}")

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(_PARAM.findall(self.text)))


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
        if count(before + "一" + after).parts > 1:
            return params[TITLE]
        pieces, shown = list(clusters(params[TITLE])), params[TITLE]
        while count(before + shown + after).parts > 1:
            pieces.pop()
            shown = "".join(pieces).rstrip() + "…"
        return shown

    def _read(self, template: Template, params: Mapping[str, str]) -> str:
        return f"【{self.signature}】" + _PARAM.sub(lambda found: params[found[1]], template.text)


def _short(text: str) -> str:
    """A parameter may not be empty either: Alibaba Cloud refuses the whole message."""
    text = text.strip() or "-"
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
