"""How the generic format finds the fields of a report in somebody else's JSON: a document that an administrator writes.

items: data.alerts                # where the list is; left out, the body is one item or a list of them
fields:
  title: monitor.name             # a path: names and list positions with dots between them
  symptom: /details/long.text     # or a JSON pointer, for names that hold dots
  kind: {constant: network_cut}
  level: {path: prio, values: {"1": critical, "2": high}, otherwise: medium}
  dedup_key: monitor.url
labels:
  host: node.name
labels_from: tags                 # an object whose texts and numbers all become labels
resolved_when: {path: state, equals: [up, ok]}
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

Path = Annotated[str, Field(min_length=1, max_length=500)]

Name = Literal[
    "title", "kind", "impact", "urgency", "level", "at", "place", "product", "serial", "symptom", "scope", "reporter",
    "contact", "customer", "service", "channel", "source", "dedup_key", "policy", "unit", "injury", "major", "links",
]  # fmt: skip
"""The fields of a report that a mapping can fill; labels have a place of their own."""


def steps(path: str) -> tuple[str, ...]:
    """The names and positions along a path, in either notation."""
    if path.startswith("/"):
        return tuple(part.replace("~1", "/").replace("~0", "~") for part in path[1:].split("/"))
    return tuple(path.split("."))


def _or_a_path(schema: dict[str, Any]) -> None:
    """In the description of the API: a bare text stands for the path alone."""
    whole = {**schema}
    schema.clear()
    schema["anyOf"] = [{"type": "string", "description": "A path"}, whole]


class Take(BaseModel):
    """Where a value comes from. `values` translates what is found there (compared as text, then without regard to
    case); `otherwise` stands for what is missing or not among the values. A bare text is a path."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra=_or_a_path)

    path: Path | None = None
    constant: str | bool | None = None
    values: dict[str, str] = {}
    otherwise: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _bare_path(cls, value: Any) -> Any:
        return {"path": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if (self.path is None) == (self.constant is None):
            raise ValueError("give either a path or a constant")
        return self


class Resolved(BaseModel):
    """An item is a recovery when the text at `path` is one of these, in whatever case."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: Path
    equals: Annotated[tuple[str, ...], Field(min_length=1)]


class Mapping(BaseModel):
    """Which field of a report is found where. A report needs a title, a recovery a deduplication key."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    items: Path | None = None
    fields: dict[Name, Take]
    labels: dict[Annotated[str, Field(min_length=1, max_length=200)], Take] = {}
    labels_from: Path | None = None
    resolved_when: Resolved | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if "title" not in self.fields:
            raise ValueError("a mapping needs a title")
        if self.resolved_when is not None and "dedup_key" not in self.fields:
            raise ValueError("a mapping with resolved_when needs a dedup_key")
        return self


IDENTITY: Final = Mapping.model_validate(
    {
        "fields": {name: name for name in get_args(Name)},
        "labels_from": "labels",
        "resolved_when": {"path": "status", "equals": ["resolved"]},
    }
)
"""Our own field names, as `POST /api/incidents` takes them, and `"status": "resolved"` for a recovery."""
