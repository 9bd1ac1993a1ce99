"""The web application: every route, every layer, the hub of live streams; built from a house, never at import.

`uvicorn web.app:create --factory` runs it. What a request passes before its handler stands in `web/front.py`.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Final

import anyio
from anyio import to_thread
from pydantic_core import to_json
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Lifespan

from incident.running import memory
from incident.running.pulse import EVERY_S, Beat, beating
from incident.settings import Settings
from incident.wiring import open_house
from web import (
    aliyun,
    audit,
    drilling,
    dry,
    feeds,
    hooks,
    operations,
    stream,
    telephone,
)
from web.api import (
    against,
    communication,
    drill_actions,
    drill_guests,
    drill_plans,
    drills,
    incidents,
    keys,
    load,
    maintenance,
    pages,
    people,
    phones,
    plans,
    playback,
    practices,
    readiness,
    review,
    rosters,
    selection,
    shifts,
    statistics,
    tabletops,
    talk,
    training,
    trend,
    ways,
)
from web.auth import Gate
from web.endpoint import Endpoint
from web.front import Front
from web.house import House
from web.hub import Hub
from web.keys import Keys
from web.openapi import describe
from web.operations import Metrics
from web.pages import ROUTES as PAGES
from web.pages import handover
from web.pages.errors import error_page
from web.readiness import Doctor
from web.reading import States
from web.seats import Seats
from web.sessions import Sessions
from web.sockets import CONNECTIONS, room_for_connections
from web.source import StoreSource
from web.wire import answered

STATIC: Final = Path(__file__).parent / "static"
READERS: Final = 40
"""Requests that may wait for the database at once, each on a worker thread."""

ENDPOINTS: Final[tuple[Endpoint, ...]] = (
    *aliyun.ENDPOINTS,
    *telephone.ENDPOINTS,  # before the hooks, whose path would match these too
    *hooks.ENDPOINTS,
    *incidents.ENDPOINTS,
    *talk.ENDPOINTS,
    *pages.ENDPOINTS,
    *dry.ENDPOINTS,
    *review.ENDPOINTS,
    *playback.ENDPOINTS,
    *against.ENDPOINTS,
    *stream.ENDPOINTS,
    *people.ENDPOINTS,
    *training.ENDPOINTS,
    *selection.ENDPOINTS,
    *ways.ENDPOINTS,
    *rosters.ENDPOINTS,
    *shifts.ENDPOINTS,
    *feeds.ENDPOINTS,
    *maintenance.ENDPOINTS,
    *handover.ENDPOINTS,
    *plans.ENDPOINTS,
    *drills.ENDPOINTS,
    *tabletops.ENDPOINTS,
    *drill_guests.ENDPOINTS,
    *drill_actions.ENDPOINTS,
    *drill_plans.ENDPOINTS,
    *practices.ENDPOINTS,
    *readiness.ENDPOINTS,
    *keys.ENDPOINTS,
    *statistics.ENDPOINTS,
    *trend.ENDPOINTS,
    *load.ENDPOINTS,
    *communication.ENDPOINTS,
    *phones.ENDPOINTS,
    *audit.ENDPOINTS,
    *operations.ENDPOINTS,
)


def create() -> Starlette:
    """The application of this process, on the settings of its environment. It closes its house when it ends."""
    house = open_house(Settings.load())
    house.library.wake()  # not at the first report
    app = build(house, close=house.close)
    memory.settled()
    return app


def build(house: House, *, close: Callable[[], None] | None = None) -> Starlette:
    """The application on a house; `close` is called at the end when the house is the app's own."""
    sessions = Sessions(house.engine, house.clock, secure=house.settings.public_url.startswith("https://"))
    programs = Keys(house.engine, house.clock)
    gate = Gate(house, sessions, programs)
    hub = Hub(StoreSource(house, programs.note_used), house.clock)
    metrics = Metrics(house, hub)
    app = Starlette(
        routes=_routes(),
        lifespan=_living(house, hub, close),
    )
    front = Front(app.router, gate=gate, metrics=metrics, public_url=house.settings.public_url)
    app.middleware_stack = stream.Streams(front)  # in place of the one that starlette would build
    app.state.house, app.state.gate, app.state.hub, app.state.metrics = house, gate, hub, metrics
    app.state.states, app.state.error_page = States(), error_page
    app.state.seats = Seats(room_for_connections(CONNECTIONS))
    app.state.doctor = Doctor(house)
    app.state.feeds = feeds.Feeds()
    app.state.telephone = telephone.telephone_of(house)
    return app


def _routes() -> list[BaseRoute]:
    return [
        *(endpoint.route() for endpoint in ENDPOINTS if endpoint.routed),
        Route("/openapi.json", _description, methods=["GET"]),
        Mount("/static", StaticFiles(directory=STATIC), name="static"),
        *PAGES,
    ]


async def _description(request: Request) -> Response:
    """Made on the first request: the schemas of everything take a moment."""
    return answered(await to_thread.run_sync(_described))


@cache
def _described() -> bytes:
    return to_json(describe(ENDPOINTS))


async def _beats(beat: Beat) -> None:
    """The sign of life of this process: its event loop comes round."""
    while True:
        beat()
        await anyio.sleep(EVERY_S)


def _living(house: House, hub: Hub, close: Callable[[], None] | None) -> Lifespan[Starlette]:
    @asynccontextmanager
    async def living(app: Starlette) -> AsyncIterator[None]:
        to_thread.current_default_thread_limiter().total_tokens = READERS
        async with anyio.create_task_group() as tasks:
            await tasks.start(hub.run, house.tail)
            tasks.start_soon(stream.farewell, hub)
            tasks.start_soon(_beats, beating(os.environ))
            tasks.start_soon(drilling.control, house)
            yield
            hub.stop()
            tasks.cancel_scope.cancel()
        if close is not None:
            await to_thread.run_sync(close)

    return living
