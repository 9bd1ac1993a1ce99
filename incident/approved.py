"""Approved words: a mainland provider sends a template that somebody has approved, with parameters. Pure.

The text is configured as it was approved, so that it is known what will be read and what it costs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

OTHER: Final = "other"
"""The template for every purpose that has none of its own."""
NAMES: Final = ("level", "code", "title", "place", "answer", "text")
"""What a template may speak of. `answer` is what the person types at the site's page /c to open their page; `text` is
the whole sentence that would go out where no template is needed."""
PARAM: Final = re.compile(r"\$\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Template:
    """`text` as approved, with `${title}` and the like. Raises ValueError for a name that nothing is known for."""

    code: str
    text: str

    def __post_init__(self) -> None:
        unknown = [name for name in PARAM.findall(self.text) if name not in NAMES]
        if unknown or not self.text.strip() or not self.code.strip():
            raise ValueError(f"a template has a code and a text with parameters of {', '.join(NAMES)}")

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters, each once."""
        return tuple(dict.fromkeys(PARAM.findall(self.text)))


def read_templates(value: object) -> Mapping[str, Template]:
    """By purpose, from JSON or what it reads as: {"page": {"code": "SMS_1", "text": "..."}, "other": ...}.

    Raises ValueError; a template of Template is taken as it is.
    """
    found = json.loads(value) if isinstance(value, str) else value
    if not isinstance(found, Mapping) or not found:
        raise ValueError("a table of purposes")
    return {str(purpose): _template(one) for purpose, one in found.items()}


def _template(value: object) -> Template:
    if isinstance(value, Template):
        return value
    if not isinstance(value, Mapping) or value.keys() != {"code", "text"}:
        raise ValueError("each purpose has a code and a text")
    return Template(str(value["code"]), str(value["text"]))


def as_text(templates: Mapping[str, Template]) -> str:
    """What `read_templates` reads back."""
    return json.dumps({purpose: {"code": one.code, "text": one.text} for purpose, one in templates.items()})
