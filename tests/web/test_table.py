"""Given a method and a path, the table of routes finds what starlette finds that tries them all."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Mount, Route
from starlette.staticfiles import StaticFiles

from tests.web.doors import DOORS
from tests.web.place import Place
from web.app import STATIC
from web.table import Table

METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS")


def scope_of(method: str, path: str, root: str = "") -> dict[str, Any]:
    return {"type": "http", "method": method, "path": root + path, "root_path": root, "headers": []}


def by_trying(routes: list[BaseRoute], scope: dict[str, Any]) -> tuple[BaseRoute | None, Any]:
    """What starlette's router does, as its documentation says."""
    tried = [(route, *route.matches(scope)) for route in routes]
    for wanted in (Match.FULL, Match.PARTIAL):
        for route, match, more in tried:
            if match is wanted:
                return route, more.get("path_params")
    return None, None


def by_table(table: Table, scope: dict[str, Any]) -> tuple[BaseRoute | None, Any]:
    try:
        route, _ = table.find(scope)
    except HTTPException:
        return None, None
    assert scope["route"] is route
    return route, scope["path_params"]


def test_every_route_of_ours_is_found_by_every_method(place: Place) -> None:
    table = Table(place.app.routes)
    for door in DOORS:
        path = re.sub(r"\{[^}]*\}", "x7", door.path)
        for method in METHODS:
            for asked in (path, f"{path}/", f"{path}/more", path.rpartition("/")[0]):
                expected = by_trying(place.app.routes, scope_of(method, asked))
                assert by_table(table, scope_of(method, asked)) == expected, (method, asked)


def test_few_are_tried_for_any_of_them(place: Place) -> None:
    table = Table(place.app.routes)
    tried = {door.path: len(table._shelf_of(scope_of(door.method, door.path))) for door in DOORS}
    assert max(tried.values()) < 30, tried
    assert sorted(tried.values())[len(tried) // 2] <= 8


async def nothing(request: Request) -> Response:
    return Response()


PARTS = st.sampled_from(["a", "b", "c", "", "{x}", "{y:int}", "a{x}", "{x:path}"])
GIVEN = st.sampled_from(["a", "b", "c", "", "7", "ab", "-7", "a b", "é", "{x}"])


@st.composite
def _paths(draw: st.DrawFn) -> str:
    parts = draw(st.lists(PARTS, min_size=1, max_size=4))
    return "/" + "/".join(re.sub(r"\{.", f"{{n{n}", part) for n, part in enumerate(parts))


@given(
    st.lists(st.tuples(_paths(), st.sampled_from(["GET", "POST"])), max_size=12),
    st.lists(GIVEN, max_size=5),
    st.sampled_from(METHODS),
    st.sampled_from(["", "/under"]),
)
def test_any_routes_in_any_order(made: list[tuple[str, str]], parts: list[str], method: str, root: str) -> None:
    routes: list[BaseRoute] = [Route(path, nothing, methods=[verb]) for path, verb in made]
    routes.insert(len(routes) // 2, Mount("/b", StaticFiles(directory=STATIC)))
    asked = "/" + "/".join(parts)
    expected = by_trying(routes, scope_of(method, asked, root))
    assert by_table(Table(routes), scope_of(method, asked, root)) == expected


@pytest.mark.parametrize("path", ["*", "", "//", "//a", "a"])
def test_a_path_that_is_none_is_nobodys(path: str) -> None:
    assert by_table(Table([Route("/a", nothing)]), scope_of("OPTIONS", path)) == (None, None)


def test_what_serves_by_itself_is_left_to_do_so() -> None:
    [static, page] = [Mount("/static", StaticFiles(directory=STATIC)), Route("/page", nothing)]
    table = Table([static, page])
    assert table.find(scope_of("GET", "/static/a.css")) == (static, None)
    assert table.find(scope_of("GET", "/page")) == (page, nothing)
    assert table.find(scope_of("PUT", "/page")) == (page, None)  # its own `handle` says 405
