"""Playing back: each entry of a closed incident, or of a drill that is over, with the state right after it."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from incident.organisation import Role
from incident.record.playback import Frame
from web.endpoint import Endpoint
from web.playback import Tape, of_drill, of_incident
from web.wire import listed, query_of

MOST: Final = 200
"""Frames in one answer: a state weighs more than an entry."""


class PlaybackQuery(BaseModel):
    """`after` is a sequence number: the cursor of the page before."""

    model_config = ConfigDict(extra="forbid")

    after: Annotated[int, Field(ge=0, le=10**15)] = 0
    limit: Annotated[int, Field(ge=1, le=MOST)] = 100


def get_incident(request: Request) -> Response:
    wanted = query_of(request, PlaybackQuery)
    return _listed(of_incident(request), wanted)


def get_drill(request: Request) -> Response:
    wanted = query_of(request, PlaybackQuery)
    return _listed(of_drill(request, request.path_params["drill"]), wanted)


def _listed(tape: Tape, wanted: PlaybackQuery) -> Response:
    found = tape.played(wanted.after, wanted.limit)
    more = bool(found) and found[-1].seq < tape.entries[-1].seq
    return listed(Frame, found, found[-1].seq if more else None)


ENDPOINTS: Final = (
    Endpoint(
        "GET",
        "/api/incidents/{id}/playback",
        get_incident,
        Role.VIEWER,
        "incidents",
        "A closed incident played back: each entry with the incident as it stood right after it.",
        query=PlaybackQuery,
        answer=Frame,
        many=True,
    ),
    Endpoint(
        "GET",
        "/api/drills/{drill}/playback",
        get_drill,
        Role.VIEWER,
        "drills",
        "A drill that is over played back: each entry with the incident as it stood right after it.",
        query=PlaybackQuery,
        answer=Frame,
        many=True,
    ),
)
