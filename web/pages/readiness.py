"""Readiness: who can be reached and when that was last proved, what stands in the way of the next page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from incident.organisation import Organisation, Role
from incident.organisation.reach import Standing
from incident.readiness import Weight, grouped
from incident.record.naming import sentence
from web.api.readiness import ProofShown, doctor_of, pages_of, send, send_all
from web.auth import needs, who
from web.house import house_of
from web.pages.audit_block import audit_block
from web.pages.forms import posted
from web.render import page, reader_of
from web.say import Reader

STATES: Final = ("stopped", "broken", "good", "unproven")


@dataclass(frozen=True, slots=True)
class Row:
    """Somebody who can be paged: their ways as (kind, state), their last test page in words."""

    person: str
    name: str
    ways: tuple[tuple[str, str], ...]
    proof: ProofShown
    stands: str
    tone: str


@needs(Role.VIEWER)
def show(request: Request) -> HTMLResponse:
    reader, house, looked = reader_of(request), house_of(request), doctor_of(request).look()
    names = {unit.id: reader.text(unit.name) for unit in looked.organisation.units}
    names |= {roster.id: reader.text(roster.name) for roster in looked.organisation.rosters}
    names |= {person.id: person.name for person in looked.organisation.people}
    names |= {playbook.id: reader.text(playbook.name) for playbook in house.library.playbooks()}
    visitor = who(request)
    return page(
        request,
        "readiness.html",
        looked=looked,
        groups=grouped(looked.found),
        weights={str(weight): looked.count(weight) for weight in Weight},
        rows=[_row(one, looked.organisation, reader) for one in pages_of(house)],
        names=names,
        says=lambda reason: sentence(reason, looked.organisation, reader.words),
        me=visitor.person,
        anybody=visitor.may(Role.COMMANDER),
        everybody=visitor.may(Role.ADMIN),
        sent=request.query_params.get("sent", "")[:12],
        **audit_block(house, reader),
    )


def _row(proof: ProofShown, organisation: Organisation, reader: Reader) -> Row:
    ways = tuple((str(one.way.kind), _state(one)) for one in organisation.ways(proof.person))
    words = reader.words
    if proof.became is None or proof.asked_at is None:
        return Row(proof.person, proof.name, ways, proof, words.t("ready.never"), "bad")
    said = words.t(f"ready.became.{proof.became}", ago=reader.ago(proof.at or proof.asked_at), via=_via(proof, reader))
    tone = {"answered": "good", "waiting": "wait"}.get(proof.became, "bad")
    return Row(proof.person, proof.name, ways, proof, said, tone)


def _state(one: Standing) -> str:
    if one.fact.stopped_at is not None:
        return "stopped"
    if one.fact.broken_at is not None:
        return "broken"
    return "good" if one.proven else "unproven"


def _via(proof: ProofShown, reader: Reader) -> object:
    return reader.words.say("via", proof.via) if proof.via else ""


@needs(Role.RESPONDER)
async def test_one(request: Request) -> Response:
    await posted(request)
    sent = await to_thread.run_sync(send, house_of(request), who(request), request.path_params["person"])
    return RedirectResponse(f"/readiness?sent={sent.code}#people", 303)


@needs(Role.ADMIN)
async def test_all(request: Request) -> Response:
    await posted(request)
    sent = await to_thread.run_sync(send_all, house_of(request), who(request))
    return RedirectResponse(f"/readiness?sent={len(sent)}#people", 303)


ROUTES: Final = [
    Route("/readiness", show),
    Route("/readiness/test-pages", test_all, methods=["POST"]),
    Route("/readiness/{person}/test-page", test_one, methods=["POST"]),
]
