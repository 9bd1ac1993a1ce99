"""From a posted form to the body of a command, and from a refusal back to the form with what was typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request

from incident.errors import IncidentError
from incident.intake.wording import without_controls
from incident.words import Words
from web.problems import Problem, problem_of

MOST_FIELDS: Final = 60


@dataclass(frozen=True, slots=True)
class Form:
    """A form that was refused: `name` is the command's, `values` what was typed, `faults` what is wrong by field.

    `errors` are those that belong to no field of the form.
    """

    name: str
    values: Mapping[str, str]
    faults: Mapping[str, str]
    status: int
    detail: str
    errors: tuple[Mapping[str, str], ...]

    def at(self, name: str, **fixed: str) -> Form | None:
        """This form if it is the one of that name, and of that step or item where there are several."""
        here = self.name == name and all(self.values.get(k) == v for k, v in fixed.items())
        return self if here else None


async def posted(request: Request, most: int = MOST_FIELDS) -> dict[str, str]:
    """The text fields of a posted form. Files are not asked for anywhere."""
    async with request.form(max_fields=most, max_files=0) as form:
        return {name: without_controls(value) for name, value in form.items() if isinstance(value, str)}


def body_of(values: Mapping[str, str]) -> dict[str, object]:
    """What was filled in. A blank field was left out; `fields.place` is the field `place` of the object `fields`."""
    body: dict[str, object] = {}
    for name, value in values.items():
        text = value.strip().replace("\r\n", "\n")
        if not text:
            continue
        outer, _, inner = name.partition(".")
        if inner:
            part = body.setdefault(outer, {})
            assert isinstance(part, dict)
            part[inner] = text
        else:
            body[name] = text
    return body


def refused(name: str, values: Mapping[str, str], error: IncidentError, words: Words) -> Form:
    """The form again, each fault at its field."""
    problem: Problem = problem_of(error, words)
    faults, others = {}, []
    for one in problem.errors:
        field = one["pointer"].lstrip("/").replace("/", ".")
        if field in values:
            faults[field] = one["detail"]
        else:
            others.append({"name": field, "detail": one["detail"]})
    return Form(name, values, faults, problem.status, problem.detail, tuple(others))
