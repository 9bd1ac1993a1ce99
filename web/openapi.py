"""The description of the HTTP API, made from the same table as the routes and from the models themselves."""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib.metadata import version
from typing import Any, Final

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import core_schema

from web.endpoint import Endpoint
from web.foreign import FOREIGN, MAPPING
from web.wire import adapter

_PARAM: Final = re.compile(r"{(\w+)}")
_PROBLEM: Final = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "pointer": {"type": "string", "description": "A JSON pointer to the field"},
                    "key": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        },
    },
}


def describe(endpoints: Iterable[Endpoint]) -> dict[str, Any]:
    """The whole document, OpenAPI 3.1."""
    shown = [endpoint for endpoint in endpoints if endpoint.described]
    shapes = _Shapes(shown)
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in shown:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint, shapes)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Incident command",
            "version": version("incident-command"),
            "description": "Errors are RFC 9457 problem details. Keys as `Authorization: Bearer KEY`. An "
            "`Idempotency-Key` makes the retry of a report or a command safe.",
        },
        "paths": paths,
        "components": {
            "schemas": {**shapes.definitions, "Problem": _PROBLEM},
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": "incident_session"},
            },
        },
    }


class _Schemas(GenerateJsonSchema):
    """A time of day is a clock's on a wall: the format `time` of JSON Schema demands an offset, which it has not."""

    def time_schema(self, schema: core_schema.TimeSchema) -> dict[str, Any]:
        return {"type": "string", "pattern": r"^[0-2]\d:[0-5]\d(:[0-5]\d(\.\d{1,6})?)?$"}


class _Shapes:
    """The schemas of all bodies and answers, with one set of definitions."""

    def __init__(self, endpoints: Iterable[Endpoint]) -> None:
        wanted: dict[tuple[Any, str], TypeAdapter[Any]] = {}
        wanted[MAPPING, "validation"] = adapter(MAPPING)
        for endpoint in endpoints:
            answers = ((shape, "serialization") for shape in (endpoint.answer, *endpoint.also.values()))
            for shape, mode in ((_body_of(endpoint), "validation"), *answers):
                if shape is not None:
                    wanted[shape, mode] = adapter(shape)
            if endpoint.query is not None:
                wanted[endpoint.query, "validation"] = adapter(endpoint.query)
        inputs: Any = [(shape, mode, kind) for (shape, mode), kind in wanted.items()]
        self._schemas, whole = TypeAdapter.json_schemas(
            inputs, ref_template="#/components/schemas/{model}", schema_generator=_Schemas
        )
        self.definitions: dict[str, Any] = whole.get("$defs", {})
        mapping = self.definitions["NewKey"]["properties"]["mapping"]
        mapping["anyOf"] = [self.body(MAPPING), {"type": "null"}]

    def body(self, shape: Any) -> dict[str, Any]:
        return dict(self._schemas[shape, "validation"])

    def answer(self, shape: Any) -> dict[str, Any]:
        return dict(self._schemas[shape, "serialization"])

    def fields(self, shape: Any) -> dict[str, Any]:
        """The properties of a query's model, wherever its schema stands."""
        schema = self.body(shape)
        name = schema.get("$ref", "").rpartition("/")[2]
        found: dict[str, Any] = (self.definitions[name] if name else schema).get("properties", {})
        return found


def _operation(endpoint: Endpoint, shapes: _Shapes) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": _operation_id(endpoint),
        "tags": [endpoint.tag],
        "summary": endpoint.says.splitlines()[0],
        "responses": _responses(endpoint, shapes),
    }
    if endpoint.role is not None:
        operation["security"] = [{"key": []}, {"session": []}]
        more = ", or an integration key" if endpoint.reports else ""
        operation["description"] = f"{endpoint.says}\n\nNeeds the role {endpoint.role} or a higher one{more}."
    foreign = FOREIGN.get(endpoint.path)
    if foreign is not None:
        operation["description"] = f"{endpoint.says}\n\n{foreign.says}"
    parameters = _parameters(endpoint, shapes)
    if parameters:
        operation["parameters"] = parameters
    body = _body_of(endpoint)
    if body is not None or foreign is not None:
        media = foreign.media if foreign is not None else "application/json"
        schema = shapes.body(body) if body is not None else {}
        operation["requestBody"] = {"required": True, "content": {media: {"schema": schema}}}
    return operation


def _body_of(endpoint: Endpoint) -> Any:
    foreign = FOREIGN.get(endpoint.path)
    return foreign.shape if foreign is not None else endpoint.body


def _operation_id(endpoint: Endpoint) -> str:
    return re.sub(r"\W+", "_", f"{endpoint.method.lower()}{endpoint.path}").strip("_")


def _parameters(endpoint: Endpoint, shapes: _Shapes) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in _PARAM.findall(endpoint.path)
    ]
    if endpoint.query is not None:
        for name, schema in shapes.fields(endpoint.query).items():
            required = endpoint.query.model_fields[name].is_required()
            found.append({"name": name, "in": "query", "required": required, "schema": schema})
    if endpoint.tag == "streams":
        found.append({"name": "Last-Event-ID", "in": "header", "required": False, "schema": {"type": "string"}})
    if endpoint.method == "POST" and endpoint.tag in ("incidents", "commands"):
        found.append({"name": "Idempotency-Key", "in": "header", "required": False, "schema": {"type": "string"}})
    return found


def _responses(endpoint: Endpoint, shapes: _Shapes) -> dict[str, Any]:
    done: dict[str, Any] = {"description": "Done"}
    if endpoint.answer is not None:
        schema = shapes.answer(endpoint.answer)
        if endpoint.many:
            schema = {
                "type": "object",
                "required": ["items", "next"],
                "properties": {
                    "items": {"type": "array", "items": schema},
                    "next": {"type": ["integer", "string", "null"]},
                },
            }
        done["content"] = {endpoint.media: {"schema": schema}}
    elif endpoint.status != 204:
        done["content"] = {endpoint.media: {}}
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    also: dict[str, Any] = {}
    for status, shape in endpoint.also.items():
        content = {endpoint.media: {"schema": shapes.answer(shape)}}
        also[str(status)] = {"description": "Done" if status < 400 else "Refused", "content": content}
    return {str(endpoint.status): done, **also, "default": {"description": "A problem", "content": problem}}
