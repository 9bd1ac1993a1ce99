"""An error as a page in words: what happened, what it means, what to do."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import HTMLResponse

from web.auth import Visitor, safe_next
from web.house import house_of
from web.language import words_of
from web.problems import Problem
from web.render import page

_KNOWN: Final = frozenset({400, 401, 403, 404, 405, 409, 413, 422, 429, 500, 503})


def error_page(request: Request, problem: Problem) -> HTMLResponse:
    """May be asked for before anybody knows who the visitor is."""
    if getattr(request.state, "visitor", None) is None:
        locale = words_of(request).locale
        zone = ZoneInfo(house_of(request).settings.timezone).key
        request.state.visitor = Visitor(None, "", None, locale, zone)
    hint = f"error.do.{problem.status if problem.status in _KNOWN else 500}"
    back = safe_next(urlsplit(request.headers.get("referer", "")).path or "/")
    answer = page(request, "error.html", status=problem.status, problem=problem, hint=hint, back=back)
    answer.headers.update(problem.headers or {})
    return answer
