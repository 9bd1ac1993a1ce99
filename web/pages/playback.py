"""Playing back on the site: a picture of the whole log, its words, and the state at any moment of it.

Everything that a browser shows of the state comes from `/api/.../playback`; without a script the page is the picture
and the whole timeline. Nothing is written.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from incident.organisation import Role
from incident.record.playback import states
from incident.record.shapes import IncidentView
from incident.record.view import incident_view
from incident.record.why import pages_of
from web.auth import needs, who
from web.pages.timeline import Said, lines
from web.playback import Tape, of_drill, of_incident
from web.playback_drawing import Drawing, drawing
from web.render import page, reader_of, some_words
from web.say import Reader
from web.time_scale import Scale

SPEEDS: Final = ("entry", "1", "10", "60", "600")
"""How many seconds pass in one: or one entry each second, which no silence makes longer."""
USUAL: Final = "entry"
WORDS: Final = (
    *("time.", "entry.", "level.", "phase.", "clock.", "verdict.", "post.", "playback.", "answer.", "fact.unfilled"),
    *("wall.nobody", "wall.unreachable", "fact.offered_to", "list.comma"),
)
"""The part of the catalogs that its script speaks."""


@needs(Role.VIEWER)
def incident(request: Request) -> HTMLResponse:
    tape = of_incident(request)
    return _page(request, tape, {"back": f"/incidents/{tape.state.id}", "title": tape.state.report.title})


@needs(Role.VIEWER)
def drill(request: Request) -> HTMLResponse:
    tape = of_drill(request, request.path_params["id"])
    title = reader_of(request).text(tape.script.name) if tape.script else tape.name
    return _page(request, tape, {"back": "/drills", "title": title})


def _page(request: Request, tape: Tape, more: dict[str, Any]) -> HTMLResponse:
    reader = reader_of(request)
    told = replace(reader, now=tape.entries[0].at)  # days are named where they are others than its first
    seen, said, drawn = pictured(tape, told)
    return page(
        request,
        "playback.html",
        tape=tape,
        told=told,
        view=seen,
        lines=said,
        drawn=drawn,
        places={line.seq: drawn.scale.x(line.at) for line in said},
        lasted=(tape.entries[-1].at - tape.entries[0].at).total_seconds(),
        speeds=SPEEDS,
        usual=USUAL,
        may_compare=who(request).may(Role.COMMANDER) and seen.phase == "closed" and not seen.drill,
        script_words=some_words(reader.words, WORDS),
        **more,
    )


def pictured(tape: Tape, told: Reader, places: Scale | None = None) -> tuple[IncidentView, list[Said], Drawing]:
    """The incident as it stands at the end, its whole log in words, and as a picture."""
    seen = incident_view(tape.state, tape.reader)
    texts = {step.id: step.text for step in seen.steps} | {item.id: item.text for item in seen.closeout}
    said = lines(tape.views(), texts, told, folded=False)
    pages = pages_of(tape.entries, tape.reader)
    return seen, said, drawing(list(states(tape.entries)), pages, said[::-1], told, places)


ROUTES: Final = [Route("/incidents/{id}/playback", incident), Route("/drills/{id}/playback", drill)]
