"""What every answer carries, whichever way it came about; and what happens to an error at each place."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response

from incident.errors import Refused, why
from tests.web.place import Place
from web.security import HEADERS
from web.table import Table

EVERYWHERE = [name for name, _ in HEADERS]


@pytest.mark.parametrize(
    ("method", "path", "headers", "status", "route"),
    [
        ("GET", "/healthz", {}, 200, "/healthz"),
        ("GET", "/openapi.json", {}, 200, "/openapi.json"),
        ("GET", "/nowhere", {}, 404, "other"),
        ("GET", "/a%00b", {}, 404, "other"),
        ("PUT", "/healthz", {}, 405, "/healthz"),
        ("GET", "/api/people", {}, 401, "/api/people"),
        ("GET", "/api/people", {"authorization": "Bearer wrong"}, 401, "other"),  # known before the route is
        ("GET", "/", {"accept": "text/html"}, 303, "/"),
        ("POST", "/login", {"origin": "https://evil.example"}, 403, "other"),
        ("POST", "/login", {"content-length": "x"}, 400, "other"),
        ("GET", "/static/nowhere.css", {}, 404, "/static"),
    ],
)
def test_every_answer_has_the_headers_and_is_counted(
    place: Place, method: str, path: str, headers: dict[str, str], status: int, route: str
) -> None:
    answer = place.client.request(method, path, headers=headers, follow_redirects=False)
    assert answer.status_code == status
    assert {name: answer.headers.get_list(name) for name in EVERYWHERE} == {name: [value] for name, value in HEADERS}
    assert answer.headers.get_list("cache-control") == ([] if path.startswith("/static/") else ["no-store"])
    counted = place.app.state.metrics.registry.get_sample_value
    assert counted("incident_http_seconds_count", {"method": method, "route": route, "status": str(status)}) == 1


def swap(place: Place, monkeypatch: pytest.MonkeyPatch, handler: Any) -> None:
    """Every route answers with this handler."""
    found = Table.find

    def find(table: Table, scope: Any) -> Any:
        return found(table, scope)._replace(handler=handler)

    monkeypatch.setattr(Table, "find", find)


def test_a_header_that_a_handler_has_set_is_not_doubled(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    async def own(request: Request) -> Response:
        return Response(headers={"Cache-Control": "max-age=60", "X-Frame-Options": "SAMEORIGIN"})

    swap(place, monkeypatch, own)
    answer = place.client.get("/healthz")
    assert answer.headers.get_list("cache-control") == ["max-age=60"]
    assert answer.headers.get_list("x-frame-options") == ["SAMEORIGIN"]
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_language_chosen_in_the_address_is_remembered_also_with_an_error(place: Place) -> None:
    for path in ("/healthz", "/nowhere"):
        answer = place.client.get(path, params={"lang": "zh-TW"})
        assert answer.headers["set-cookie"] == "lang=zh-Hant; Path=/; Max-Age=31536000; SameSite=Lax"
        assert "set-cookie" not in place.client.get(path, params={"lang": "xx"}).headers


def test_an_error_that_nobody_foresaw_is_written_down_and_says_nothing(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def broken(request: Request) -> Response:
        raise KeyError("the secret")

    swap(place, monkeypatch, broken)
    answer = place.client.get("/healthz")
    assert (answer.status_code, answer.json()["type"]) == (500, "urn:incident:problem:internal")
    assert "secret" not in answer.text


def test_one_refusal_that_several_hear_does_not_grow(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    refusal = Refused(why("desk.key_reused"))

    async def refuse(request: Request) -> Response:
        raise refusal

    swap(place, monkeypatch, refuse)
    assert [place.client.get("/healthz").status_code for _ in range(3)] == [422] * 3
    assert refusal.__traceback__ is None


def test_an_error_after_the_answer_has_begun_ends_the_connection(
    place: Place, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    class Half(Response):
        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            raise KeyError("in the middle")

    async def half(request: Request) -> Response:
        return Half()

    swap(place, monkeypatch, half)
    with caplog.at_level(logging.ERROR), pytest.raises(KeyError, match="in the middle"):
        place.client.get("/healthz")
