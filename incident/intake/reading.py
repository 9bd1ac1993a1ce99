"""From bytes to a model, and from a model's complaints to faults with JSON pointers.

A fault names the place and the rule, never the value: bodies carry keys, numbers and names that must not come back in
an error or reach a log.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, from_json

from incident.errors import BadInput, Fault, Reason, why

M = TypeVar("M", bound=BaseModel)

MOST_FAULTS: Final = 20
"""Faults listed at most: a thousand bad alerts are usually one mistake."""

_BOM: Final = b"\xef\xbb\xbf"
_PLACE: Final = re.compile(r"at line (\d+) column (\d+)")
_EXPECTED: Final = {
    "string_type": "text",
    "model_type": "object",
    "dict_type": "object",
    "list_type": "list",
    "tuple_type": "list",
    "bool_type": "true_or_false",
    "bool_parsing": "true_or_false",
    "int_type": "number",
    "int_parsing": "number",
    "float_type": "number",
}


def read(model: type[M], body: bytes) -> M:
    """Parse a JSON body into a model. Raises BadInput; a byte order mark, which some senders add, is passed over."""
    try:
        return model.model_validate_json(body.removeprefix(_BOM))
    except ValidationError as error:
        raise refusal(error) from None


def read_any(body: bytes) -> Any:
    """Parse a JSON body of any shape. Raises BadInput. NaN and Infinity are no JSON and refused."""
    try:
        return from_json(body.removeprefix(_BOM), allow_inf_nan=False)
    except ValueError as error:
        raise BadInput(Fault("", _no_json(str(error)))) from None


def refusal(error: ValidationError, under: str = "") -> BadInput:
    """The faults of a model that did not fit; `under` is the pointer of the place where the model was read."""
    details = error.errors(include_url=False, include_input=False)[:MOST_FAULTS]
    return BadInput(*(Fault(under + pointer(detail["loc"]), _reason(detail)) for detail in details))


def pointer(parts: Iterable[str | int]) -> str:
    """A JSON pointer (RFC 6901). Names are the sender's, so each is cut at 80 characters."""
    return "".join("/" + str(part)[:80].replace("~", "~0").replace("/", "~1") for part in parts)


def _reason(detail: ErrorDetails) -> Reason:
    kind, about = detail["type"], detail.get("ctx", {})
    if kind in _EXPECTED:
        return why("intake.wrong_type", expected=_EXPECTED[kind])
    if kind == "timezone_naive":
        return why("intake.not_on_a_clock")
    if kind.startswith(("datetime", "timezone")):
        return why("intake.not_a_time")
    match kind:
        case "json_invalid":
            return _no_json(str(about.get("error", "")))
        case "missing":
            return why("intake.missing")
        case "string_too_short" | "too_short":
            return why("intake.empty")
        case "string_too_long":
            return why("intake.too_long", limit=about["max_length"])
        case "too_long":
            return why("intake.too_many", limit=about["max_length"])
        case "enum" | "literal_error":
            return why("intake.not_one_of", allowed=about["expected"].replace("'", "").replace(" or ", ", "))
        case "extra_forbidden":
            return why("intake.not_known")
    return why("intake.unusable")


def _no_json(complaint: str) -> Reason:
    place = _PLACE.search(complaint)
    line, column = place.groups() if place else (1, 1)
    return why("intake.not_json", line=line, column=column)
