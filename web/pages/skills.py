"""Skills and until when they are certified, edited by an admin: what the doctor wants renewed is renewed here.

One row a skill; what has no name any more is gone.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from itertools import count
from typing import Any, Final

from anyio import to_thread
from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from incident.errors import IncidentError, Refused, Unknown, why
from incident.organisation import Organisation, Person, Role
from incident.organisation.skills import Skill
from web import directory
from web.auth import needs, who
from web.bodies import Body
from web.house import house_of
from web.pages.forms import Form, posted, refused
from web.pages.people import person_of
from web.render import page, reader_of
from web.wire import parse

ROWS: Final = 16
"""In one form. What is beyond stays as it is, and is edited as a file."""
BLANK: Final = 1
_FIELDS: Final = ("name", "until", "waiver")


class Skills(Body):
    skills: list[Skill]


@needs(Role.ADMIN)
def show(request: Request) -> HTMLResponse:
    person = person_of(request)
    values = {
        f"skills.{row}.{name}": str(getattr(skill, name) or "")
        for row, skill in enumerate(person.skills[:ROWS])
        for name in _FIELDS
    }
    return _page(request, person, Form("skills", values, {}, 200, "", ()), _seen(person))


@needs(Role.ADMIN)
async def post(request: Request) -> Response:
    person, typed = person_of(request), await posted(request)
    seen, values = typed.pop("seen", ""), _compact(typed)

    def edit(document: dict[str, Any]) -> None:
        fields = document["people"][directory.place_of(document["people"], person.id, "person")]
        if _digest(fields["skills"]) != seen:
            raise Refused(why("rota.saved_since"))
        wanted = parse(Skills, {"skills": _rows(values)})
        fields["skills"] = [one.model_dump(mode="json") for one in wanted.skills] + fields["skills"][ROWS:]

    try:
        await directory.change(house_of(request), who(request), edit)
    except Unknown:
        raise
    except IncidentError as error:
        form = refused("skills", values, error, reader_of(request).words)
        return await to_thread.run_sync(_page, request, person, form, _seen(person_of(request)))
    return RedirectResponse(f"/people/{person.id}/skills?saved=1", 303)


def _compact(typed: Mapping[str, str]) -> dict[str, str]:
    """The rows in which anything is written, numbered anew, so that a fault points to the row that it is about."""
    rows = [{name: typed.get(f"skills.{row}.{name}", "").strip() for name in _FIELDS} for row in range(ROWS)]
    kept = (row for row in rows if any(row.values()))
    return {f"skills.{number}.{name}": value for number, row in enumerate(kept) for name, value in row.items()}


def _rows(values: Mapping[str, str]) -> list[dict[str, str | None]]:
    found: list[dict[str, str | None]] = []
    for row in count():
        if f"skills.{row}.name" not in values:
            return found
        fields = {name: values[f"skills.{row}.{name}"] or None for name in _FIELDS}
        found.append(fields | {"name": fields["name"] or ""})
    return found


def _seen(person: Person) -> str:
    return _digest([one.model_dump(mode="json") for one in person.skills])


def _digest(skills: list[dict[str, Any]]) -> str:
    return sha256(to_json(skills)).hexdigest()[:16]


def _page(request: Request, person: Person, form: Form, seen: str) -> HTMLResponse:
    organisation = house_of(request).directory.organisation()
    filled = len(_rows(form.values))
    return page(
        request,
        "skills.html",
        status=form.status,
        person=person,
        form=form,
        refused=form if form.detail else None,
        seen=seen,
        rows=range(min(ROWS, filled + BLANK)),
        beyond=person.skills[ROWS:],
        known=known_skills(organisation),
        saved=bool(request.query_params.get("saved")) and not form.detail,
    )


def known_skills(organisation: Organisation) -> list[str]:
    """The names in use, so that nobody writes one in a second way: a rung asks for it by name."""
    return sorted({skill.name for person in organisation.people for skill in person.skills})


ROUTES: Final = [
    Route("/people/{person}/skills", show),
    Route("/people/{person}/skills", post, methods=["POST"]),
]
