"""The doors of monitoring: foreign payloads in, all their signals to the desk at once, answered after the commit.

The integration's key stands in the path (or in a PagerDuty event's body); the dedup keys of one key are its own. A
payload is taken whole or not at all.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final, assert_never

from anyio import to_thread
from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response

from incident.desk.requests import NoteKey, OpenReport, Outcome, RecoverKey
from incident.desk.requests import Request as Wanted
from incident.errors import BadInput, Unknown, why
from incident.ids import new_id
from incident.intake import TRANSLATORS, Door
from incident.intake.mapping import IDENTITY, Mapping
from incident.intake.pagerduty import enqueue
from incident.report import Recovery, RemoteAck, Report, Signal
from incident.store.keys import Key
from incident.words import words_for
from web.asking import asked
from web.auth import gate_of
from web.bodies import Taken
from web.endpoint import Endpoint
from web.house import House, house_of
from web.keys import INTEGRATION
from web.language import words_of
from web.problems import Forbidden
from web.wire import answered

LARGE: Final = 64 * 1024
"""Bodies above this are translated on a worker thread, so that nobody else waits for them."""


async def hook(request: Request) -> Response:
    """One payload of a monitor: what became of each signal in it."""
    translate = TRANSLATORS.get(request.path_params["format"])
    if translate is None:
        raise Unknown("hook", request.path_params["format"][:40])
    house, key = house_of(request), await key_of(request, request.path_params["key"])
    body, now, door = await request.body(), house.clock.now(), _door(house, key)
    if len(body) > LARGE:
        found = await to_thread.run_sync(translate, body, door, now)
    else:
        found = translate(body, door, now)
    outcomes = await take(house, key, found.signals)
    words = words_of(request)
    incidents = _briefs(outcomes)
    notes = [*found.notes, *([why("intake.nothing_open")] if found.signals and not incidents else [])]
    answer = {"incidents": incidents, "notes": [words.reason(note) for note in notes]}
    return answered(to_json(answer))


async def events_v2(request: Request) -> Response:
    """PagerDuty's own door: its statuses, its words."""
    house = house_of(request)
    try:
        body = await request.body()
        event = enqueue(body, new_id) if len(body) <= LARGE else await to_thread.run_sync(enqueue, body, new_id)
        key = await key_of(request, event.routing_key)
    except BadInput as bad:
        words = words_for("en")
        return _invalid([f"{f.pointer or 'event'}: {words.reason(f.reason)}" for f in bad.faults])
    except Forbidden:
        return _invalid(["routing_key: no integration has this key"])
    await take(house, key, [event.signal])
    answer = {"status": "success", "message": "Event processed", "dedup_key": event.dedup_key}
    return answered(to_json(answer), 202)


async def key_of(request: Request, secret: str) -> Key:
    """The integration. Raises Forbidden, also for a key with another role: that one must not stand in a path."""
    key = await gate_of(request).key(request, secret)
    if key is None or key.role != INTEGRATION:
        raise Forbidden(why("api.wrong_key"))
    return key


async def take(house: House, key: Key, signals: Sequence[Signal]) -> list[Outcome]:
    """All signals to the desk at once: they share one commit."""
    return await asked(house.desk, [_wanted(house, key, signal) for signal in signals])


def _wanted(house: House, key: Key, signal: Signal) -> Wanted:
    by = f"key:{key.name}"
    match signal:
        case Report():
            own = signal.model_copy(update={"unit": key.unit}) if key.unit else signal
            return OpenReport(own, by, scope=key.name)
        case Recovery():
            return RecoverKey(signal.dedup_key, by, signal.note, scope=key.name)
        case RemoteAck():
            text = signal.note or words_for(house.settings.default_locale).t("api.remote_ack")
            return NoteKey(signal.dedup_key, by, text, scope=key.name)
    assert_never(signal)


def _door(house: House, key: Key) -> Door:
    language = house.settings.default_locale.replace("_", "-")
    return Door(language, Mapping.model_validate(key.mapping) if key.mapping else IDENTITY)


def _briefs(outcomes: Sequence[Outcome]) -> list[dict[str, object]]:
    """Each incident once, in the order of the payload. An all-clear for nothing that is open leaves no trace here."""
    found: dict[str, dict[str, object]] = {}
    for outcome in outcomes:
        if outcome.state is not None:
            brief = found.setdefault(
                outcome.state.id, {"id": outcome.state.id, "code": outcome.state.report.code, "created": False}
            )
            brief["created"] = bool(brief["created"]) or outcome.created
    return list(found.values())


def _invalid(errors: list[str]) -> Response:
    body = {"status": "invalid event", "message": "Event object is invalid", "errors": errors}
    return Response(json.dumps(body, ensure_ascii=False), 400, media_type="application/json")


ENDPOINTS: Final = (
    *(
        Endpoint(
            "POST",
            f"/hooks/{name}/{{key}}",
            hook,
            None,
            "hooks",
            f"What {name} sends. The integration's key stands in the path.",
            answer=Taken,
            routed=False,
        )
        for name in TRANSLATORS
    ),
    Endpoint("POST", "/hooks/{format}/{key}", hook, None, "hooks", "Every format.", described=False),
    Endpoint(
        "POST",
        "/v2/enqueue",
        events_v2,
        None,
        "hooks",
        "PagerDuty's Events API v2; the integration's key is the routing_key.",
        answer=dict[str, str],
        status=202,
        also={400: dict[str, str | list[str]]},
    ),
)
