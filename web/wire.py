"""JSON in, JSON out: bodies and queries into models with pointers to what is wrong, answers from the reading shapes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import cache
from typing import Any, Final, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails, to_json
from starlette.requests import Request
from starlette.responses import Response

from incident.errors import BadInput, Fault, Reason, why
from incident.intake.reading import MOST_FAULTS, pointer, read_any, refusal
from incident.intake.wording import without_controls

M = TypeVar("M", bound=BaseModel)

_UNUSABLE: Final = "intake.unusable"
"""What the readers of foreign payloads say about a rule that is none of theirs; here the rule can be named."""


def parse(model: type[M], data: object, under: str = "") -> M:
    """The data as a model, without control characters. Raises BadInput with the pointer of each bad field, after
    `under`."""
    try:
        return model.model_validate(cleaned(data))
    except ValidationError as error:
        raise faulty(error, under) from None


def cleaned(data: Any) -> Any:
    """The same data without control characters in any text, names of fields included."""
    match data:
        case str():
            return without_controls(data)
        case dict():
            return {cleaned(name): cleaned(value) for name, value in data.items()}
        case list():
            return [cleaned(item) for item in data]
    return data


def faulty(error: ValidationError, under: str = "") -> BadInput:
    """The faults of a model, each with the rule that was broken and never with the value."""
    plain = refusal(error, under).faults
    details = error.errors(include_url=False, include_input=False)[:MOST_FAULTS]
    return BadInput(*(_named(fault, detail) for fault, detail in zip(plain, details, strict=True)))


def _named(fault: Fault, detail: ErrorDetails) -> Fault:
    if fault.reason.key != _UNUSABLE:
        return fault
    return Fault(fault.pointer, _rule(detail) or fault.reason)


def _rule(detail: ErrorDetails) -> Reason | None:
    about = detail.get("ctx", {})
    match detail["type"]:
        case "greater_than_equal":
            return why("api.at_least", limit=about["ge"])
        case "less_than_equal":
            return why("api.at_most", limit=about["le"])
        case "string_pattern_mismatch":
            return why("api.wrong_form")
        case "value_error":
            return why("api.rule", rule=str(about["error"])[:200])
        case "date_parsing" | "date_from_datetime_parsing" | "time_parsing":
            return why("intake.not_a_time")
    return None


async def json_of(request: Request) -> Any:
    """The body as JSON; an empty one is an empty object. Raises BadInput."""
    body = await request.body()
    return read_any(body) if body.strip() else {}


async def body_of(request: Request, model: type[M]) -> M:
    """The body as a model. Raises BadInput."""
    return parse(model, await json_of(request))


def query_of(request: Request, model: type[M]) -> M:
    """The query string as a model: each name once. Raises BadInput; its pointers begin with `/query`."""
    names = Counter(name for name, _ in request.query_params.multi_items())
    doubled = sorted(name for name, times in names.items() if times > 1)[:MOST_FAULTS]
    if doubled:
        raise BadInput(*(Fault(pointer(("query", name)), why("api.once")) for name in doubled))
    given = {name: value for name, value in request.query_params.items() if name != "lang"}
    return parse(model, given, "/query")


@cache
def adapter(shape: Any) -> TypeAdapter[Any]:
    """Pydantic's own for a shape, built once."""
    return TypeAdapter(shape)


def dump(shape: Any, value: Any) -> bytes:
    return adapter(shape).dump_json(value)


def answered(content: bytes, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(content, status, headers, "application/json")


def shown(shape: Any, value: Any, status: int = 200) -> Response:
    """A value of a reading shape as the answer."""
    return answered(dump(shape, value), status)


def listed(shape: Any, items: list[Any], following: int | str | None = None) -> Response:
    """A list as every list is answered: its items, and the cursor of the next page or null."""
    return answered(b'{"items":' + dump(list[shape], items) + b',"next":' + to_json(following) + b"}")


def with_field(name: str, value: object, body: bytes) -> bytes:
    """A JSON object with one more field at its head."""
    return b"{" + to_json(name) + b":" + to_json(value) + b"," + body[1:]
