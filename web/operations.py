"""For those who run it: does this process live, can it write and page, and the figures of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Generic, TypeVar

import anyio
import structlog
from anyio import to_thread
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Histogram, generate_latest
from pydantic_core import to_json
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from incident.clock import Clock, iso
from incident.errors import IncidentError
from incident.notify.bell import ringing
from incident.store import holding, meta
from incident.store.engine import cause, changing, reading
from incident.store.portable.hold import held
from web import providers
from web.audit import Standing, age_s, problems
from web.endpoint import Endpoint
from web.figures import FromStore
from web.house import House
from web.hub import Health, Hub
from web.reading import reader
from web.source import StoreSource
from web.wire import answered

_log = structlog.get_logger()

UNSENT_MOST_S: Final = 30.0
"""A message that waits longer is a page that does not go out: the worker is down, or the provider."""
WATCH_MOST_S: Final = 10.0
BLIND_MOST_S: Final = 10.0
_FRESH_FOR: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Verdict:
    """One thing that must be right for this process to be of use, and the figure behind it."""

    ok: bool
    detail: str


_WELL: Final = Verdict(True, "")
_LESSER: Final = {"held": "held", "providers": "weaker", "bell": "slower"}
"""What is said and alarmed on, and no reason to turn reports away."""


T = TypeVar("T")


class Fresh(Generic[T]):
    """What asks the database, at most once a second however many want it: these paths are open to anybody."""

    def __init__(self, make: Callable[[], T], clock: Clock) -> None:
        self._make, self._clock = make, clock
        self._lock = anyio.Lock()
        self._made: tuple[datetime, T] | None = None

    async def get(self) -> T:
        async with self._lock:
            now = self._clock.now()
            if self._made is None or not timedelta(0) <= now - self._made[0] < _FRESH_FOR:
                self._made = (now, await to_thread.run_sync(self._make))
            return self._made[1]


class Metrics:
    """The registry of one app, its text and its readiness: an app in a test has its own."""

    def __init__(self, house: House, hub: Hub) -> None:
        self.text: Final = Fresh(lambda: generate_latest(self.registry), house.clock)
        began = house.clock.now()
        self.ready: Final = Fresh(lambda: Readiness.of(house, began), house.clock)
        self.own_ready: Final = Fresh(lambda: own_readiness(house), house.clock)
        self.registry: Final = CollectorRegistry()
        self.http: Final = Histogram(
            "incident_http_seconds",
            "Time to the first byte of the answer",
            ["method", "route", "status"],
            registry=self.registry,
            buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
        )
        self.registry.register(FromStore(house, hub))
        self._lines: Final[dict[tuple[str, str, int], Histogram]] = {}

    def answered(self, scope: Scope, status: int, seconds: float) -> None:
        """Count an answer by the route's own path, never by the one that was asked for."""
        line = (scope["method"], getattr(scope.get("route"), "path", "other"), status)
        histogram = self._lines.get(line)
        if histogram is None:
            method, route, _ = line
            histogram = self._lines[line] = self.http.labels(method, route, str(status))
        histogram.observe(seconds)


async def healthz(request: Request) -> Response:
    return answered(b'{"status":"ok"}')


async def readyz(request: Request) -> Response:
    """200 when it can write and page, else 503 with what is wrong.

    Without the bell paging goes on, slower by a second: a proxy must not turn reports away for that. Nor where the work
    of a restored backup is held: what is new is paged. What the auditor found is listed beside: this process may be as
    well as can be, and nobody on duty. That nobody has audited lately is 503: then nobody knows.
    """
    found = await metrics_of(request).ready.get()
    verdicts = found.checks
    ok = all(v.ok for name, v in verdicts.items() if name not in _LESSER)
    lesser = next((status for name, status in _LESSER.items() if not verdicts.get(name, _WELL).ok), "ready")
    well = "problems" if found.problems and lesser == "ready" else lesser
    body: dict[str, Any] = {
        "status": well if ok else "not ready",
        "checks": {name: {"ok": v.ok, "detail": v.detail} for name, v in verdicts.items()},
        "problems": found.problems,
    }
    return answered(to_json(body), 200 if ok else 503)


async def readyz_web(request: Request) -> Response:
    """200 when this process can write and read the log, else 503: what a proxy asks to choose among several.

    A provider that is down, or a watch, is no reason to send reports nowhere: every process would say so at once.
    """
    verdicts = await metrics_of(request).own_ready.get()
    ok = all(v.ok for v in verdicts.values())
    checks = {name: {"ok": v.ok, "detail": v.detail} for name, v in verdicts.items()}
    return answered(to_json({"status": "ready" if ok else "not ready", "checks": checks}), 200 if ok else 503)


async def metrics(request: Request) -> Response:
    return Response(await metrics_of(request).text.get(), media_type=CONTENT_TYPE_LATEST)


def metrics_of(request: Request) -> Metrics:
    found: Metrics = request.app.state.metrics
    return found


def readiness(house: House) -> dict[str, Verdict]:
    """Every check by its name. English: it is read by machines and by whoever runs them."""
    found = {"database": _tried(lambda: _write(house)), "bell": _tried(lambda: _ring(house))}
    if found["database"].ok:
        found |= _late(StoreSource(house).health())
        found["organisation"] = _somebody(house)
        found["held"] = _nothing_held(house)
        found |= _providers(house)
        found["limits"] = _held_by_limits(house)
    return found


@dataclass(frozen=True, slots=True)
class Readiness:
    """The checks, and beside them what the auditor found wrong with the pager."""

    checks: dict[str, Verdict]
    problems: list[dict[str, Any]]

    @classmethod
    def of(cls, house: House, began: datetime) -> Readiness:
        """`began` is when this process did: an auditor that never was is given some minutes from there."""
        checks, found = readiness(house), None
        if checks.get("database", _WELL).ok:
            with reading(house.engine) as connection:
                found = Standing.read(connection, house)
            checks = checks | {"audit": Verdict(*found.verdict(house, began))}
        return cls(checks, problems(found, reader(house, "en")) if found else [])


def own_readiness(house: House) -> dict[str, Verdict]:
    """The checks that speak of this process and its way to the database alone."""
    blind = house.tail.blind_s
    log_read = Verdict(blind <= BLIND_MOST_S, f"unread for {blind:.1f} s")
    return {"database": _tried(lambda: _write(house)), "log": log_read}


def _nothing_held(house: House) -> Verdict:
    """Whether the work of a restored backup still waits for `incident resume`."""
    with reading(house.engine) as connection:
        found = held(connection)
    if found is None:
        return Verdict(True, "nothing")
    since = iso(found.since)
    return Verdict(False, f"{found.messages} messages, {found.incidents} incidents since {since}: incident resume")


def _providers(house: House) -> dict[str, Verdict]:
    """Whether any phone can be rung; and, which is less, whether every provider is up."""
    with reading(house.engine) as connection:
        away = providers.down(connection, house)
    rings = providers.somebody_rings(away, house)
    by_whom = "simulated: no provider of texts or calls is set up" if house.simulated else "can be rung"
    return {
        "providers": Verdict(not away, providers.said(away) or "up"),
        "phones": Verdict(rings, by_whom if rings else "no provider of texts or calls is up"),
    }


def _held_by_limits(house: House) -> Verdict:
    """What waits to be bundled is neither lost nor late: it is said, and no reason for alarm."""
    with reading(house.engine) as connection:
        kept = holding.standing(connection)
    if kept.since is None:
        return Verdict(True, "nothing held")
    age = age_s(house, kept.since)
    return Verdict(True, f"{kept.messages} messages held for {kept.people} people, oldest {age:.0f} s")


def _somebody(house: House) -> Verdict:
    """Whether there is anybody at all to page."""
    try:
        people = house.directory.organisation().people
    except IncidentError:
        return Verdict(False, "none loaded: incident load")
    return Verdict(bool(people), f"{len(people)} people")


def _late(health: Health) -> dict[str, Verdict]:
    return {
        "pages": Verdict(health.oldest_unsent_s <= UNSENT_MOST_S, f"oldest unsent {health.oldest_unsent_s:.1f} s"),
        "watch": Verdict(health.watch_lag_ms <= WATCH_MOST_S * 1000, f"late by {health.watch_lag_ms} ms"),
        "log": Verdict(health.blind_s <= BLIND_MOST_S, f"unread for {health.blind_s:.1f} s"),
    }


def _tried(check: Callable[[], str]) -> Verdict:
    try:
        return Verdict(True, check())
    except (SQLAlchemyError, RedisError, OSError) as error:
        _log.warning("readyz.failed", problem=cause(error))
        return Verdict(False, f"{type(error).__name__}: the log of this process says why")


def _write(house: House) -> str:
    with changing(house.engine) as connection:
        meta.put(connection, "readyz", iso(house.clock.now()))
    return "written"


def _ring(house: House) -> str:
    url = house.settings.redis_url
    if url is None:
        return "none configured"
    with ringing(url.get_secret_value()) as client:
        client.ping()
    return "answers"


ENDPOINTS: Final = (
    Endpoint("GET", "/healthz", healthz, None, "operations", "This process lives.", answer=dict[str, str]),
    Endpoint(
        "GET",
        "/readyz",
        readyz,
        None,
        "operations",
        "It can write and page; 503 with what is wrong.",
        answer=dict[str, Any],
        also={503: dict[str, Any]},
    ),
    Endpoint(
        "GET",
        "/readyz/web",
        readyz_web,
        None,
        "operations",
        "This process can write; for a proxy that chooses among several.",
        answer=dict[str, Any],
        also={503: dict[str, Any]},
    ),
    Endpoint("GET", "/metrics", metrics, None, "operations", "Figures for Prometheus.", media="text/plain"),
)
