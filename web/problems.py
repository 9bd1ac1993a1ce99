"""Which status an error has, and how it is said: RFC 9457 problem documents in the caller's language.

Never an echo: a problem names the field and the rule, not the value, which may be a secret. `type` is a name to
branch on; `errors` lists every bad field with a JSON pointer, or every reason why closing was refused.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from incident.decide.closing import NotReadyToClose
from incident.desk.faults import is_store_error
from incident.desk.requests import Busy, Closed, StoreDown
from incident.errors import BadInput, IncidentError, NoOrganisation, Reason, Refused, Unknown
from incident.store.codec import UnreadableEntry
from incident.store.engine import cause
from incident.words import Words
from web.language import words_of

_log = structlog.get_logger()

RETRY_S: Final = 2
"""After a busy store: the writer needs moments, an operator longer, and a sender's own back-off does the rest."""

EMPTY_RETRY_S: Final = 30
"""While nobody has loaded the organisation, or while this process waits to be exchanged for a newer one."""

KEY_REUSED: Final = "desk.key_reused"
"""An Idempotency-Key came again with another request: no conflict of the incident's, a mistake of the caller's."""


class Denied(IncidentError):
    """Who asks may not do this. `status` is 401 (nobody is signed in), 403, 429 or 503."""

    status = HTTPStatus.FORBIDDEN

    def __init__(self, reason: Reason, *, retry_after: float | None = None) -> None:
        super().__init__(reason.key)
        self.reason: Final = reason
        self.retry_after: Final = retry_after


class Forbidden(Denied):
    """The visitor is known and has not the right."""


class NotSignedIn(Denied):
    """No session, no key, or one that is over."""

    status = HTTPStatus.UNAUTHORIZED


class TooOften(Denied):
    """Too many attempts; `retry_after` says in how many seconds the next may be made."""

    status = HTTPStatus.TOO_MANY_REQUESTS


class Full(Denied):
    """There is no room for one more, whoever it is."""

    status = HTTPStatus.SERVICE_UNAVAILABLE


class TooLarge(IncidentError):
    """A body over the limit."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"more than {limit} bytes")
        self.limit: Final = limit


@dataclass(frozen=True, slots=True)
class Problem:
    """What is said about an error. `slug` ends the `type`."""

    status: int
    slug: str
    detail: str
    errors: tuple[Mapping[str, str], ...] = ()
    headers: Mapping[str, str] | None = None


def problem_of(error: Exception, words: Words) -> Problem:
    """The status and the sentences of any error. One that nobody foresaw is a 500 that says nothing about itself."""
    match error:
        case NotReadyToClose():
            return Problem(409, "refused", words.reason(error.reason), _reasons(error.lacking, words))
        case Refused() if error.reason.key == KEY_REUSED:
            fault = {"pointer": "/headers/idempotency-key", "key": KEY_REUSED, "detail": words.reason(error.reason)}
            return Problem(422, "idempotency-key-reused", words.reason(error.reason), (fault,))
        case Refused():
            return Problem(409, "refused", words.reason(error.reason))
        case Unknown():
            return Problem(404, "unknown", words.reason(error.reason))
        case BadInput():
            errors = tuple(
                {"pointer": f.pointer, "key": f.reason.key, "detail": words.reason(f.reason)} for f in error.faults
            )
            return Problem(422, "bad-input", words.n("problem.bad_input", len(errors)), errors)
        case TooLarge():
            return Problem(413, "too-large", words.t("problem.too_large", kib=error.limit // 1024))
        case Denied():
            return _denied(error, words)
        case NoOrganisation():
            return Problem(
                503, "no-organisation", words.reason(error.reason), headers={"retry-after": str(EMPTY_RETRY_S)}
            )
        case StoreDown():
            return Problem(503, "unavailable", words.reason(error.reason), headers={"retry-after": str(RETRY_S)})
        case UnreadableEntry():  # a process of the newer release can serve it, and an upgrade is soon over
            _log.warning("unreadable", problem=str(error))
            return Problem(
                503, "newer-release", words.t("problem.newer_release"), headers={"retry-after": str(EMPTY_RETRY_S)}
            )
        case HTTPException():
            key = f"problem.{error.status_code}"
            detail = words.t(key) if key in words.keys else HTTPStatus(error.status_code).description
            return Problem(error.status_code, _slug(error.status_code), detail, headers=error.headers)
    if is_store_error(error):
        return problem_of(StoreDown(), words)
    return Problem(500, "internal", words.t("problem.500"))


def document(problem: Problem) -> Response:
    """The problem as JSON."""
    body: dict[str, Any] = {
        "type": f"urn:incident:problem:{problem.slug}",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.detail,
    }
    if problem.errors:
        body["errors"] = list(problem.errors)
    content = json.dumps(body, ensure_ascii=False).encode()
    return Response(content, problem.status, problem.headers, "application/problem+json")


def respond(request: Request, error: Exception) -> Response:
    """What is answered to a request that ended with an error, whichever it was."""
    if isinstance(error, ClientDisconnect):
        return Response(
            status_code=499
        )  # hung up in the middle of the request: nobody hears this, the figures count it
    if isinstance(error, IncidentError | HTTPException):
        return expected(request, error)
    return unexpected(request, error)


def expected(request: Request, error: Exception) -> Response:
    """The answer to an error that has an answer."""
    if isinstance(error, StoreDown) and not isinstance(error, Busy | Closed):
        _log.warning("the store did not answer", path=_path(request), problem=str(error))
        request.app.state.hub.refused()
    return _for(request, problem_of(error, words_of(request)))


def unexpected(request: Request, error: Exception) -> Response:
    """The answer to every other one: its traceback goes to the log, its words nowhere."""
    if is_store_error(error):
        _log.warning("the store did not answer", path=_path(request), problem=cause(error))
        request.app.state.hub.refused()
    else:
        _log.error("request failed", path=_path(request), method=request.method, exc_info=error)
    return _for(request, problem_of(error, words_of(request)))


def wants_page(request: Request) -> bool:
    """Whether a person with a browser waits for the answer, on a path that is a page."""
    machine = request.url.path.startswith(("/api/", "/hooks/", "/v2/", "/openapi.json"))
    return not machine and "text/html" in request.headers.get("accept", "")


def _for(request: Request, problem: Problem) -> Response:
    if wants_page(request):
        page: Response = request.app.state.error_page(request, problem)
        return page
    return document(problem)


def _denied(error: Denied, words: Words) -> Problem:
    headers = {}
    if error.status is HTTPStatus.UNAUTHORIZED:
        headers["www-authenticate"] = "Bearer"
    if error.retry_after is not None:
        headers["retry-after"] = str(max(1, math.ceil(error.retry_after)))
    return Problem(error.status, _slug(error.status), words.reason(error.reason), headers=headers)


def _reasons(reasons: Sequence[Reason], words: Words) -> tuple[Mapping[str, str], ...]:
    return tuple({"pointer": "", "key": r.key, "detail": words.reason(r)} for r in reasons)


def _slug(status: int) -> str:
    return HTTPStatus(status).phrase.lower().replace(" ", "-")


def _path(request: Request) -> str:
    """The path without what stands in for a password there: keys of hooks, tokens of pages."""
    parts = request.url.path.split("/")
    return "/".join(
        "…" if i >= 2 and parts[1] in ("hooks", "a", "login") and i == len(parts) - 1 else part
        for i, part in enumerate(parts)
    )


def unsupported(part: str) -> Unknown:
    """A part of the product that this installation has not, such as simulated phones beside a real provider."""
    return Unknown("part", part)
