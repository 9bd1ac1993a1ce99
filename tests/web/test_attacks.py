"""What is sent to make the server say, write or cost what it should not: each is answered plainly, never with a 5xx."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.web.place import NUMBERS, Place, opened, secret
from web.limiter import Limiter

EVIL = "evil.example"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, template: Path) -> Iterator[Place]:
    """One for all: nothing that is done to it here should leave a mark."""
    with opened(tmp_path_factory.mktemp("attacked"), template) as found:
        found.reported()
        found.app.state.hub.stopping = True
        yield found


def test_no_link_and_no_redirect_is_made_from_the_host_header(place: Place) -> None:
    """It is whatever somebody writes there; links are made from the configured address only."""
    incident = place.reported()["id"]
    for host in (EVIL, f"{EVIL}:80", "127.0.0.1:8000@evil.example", "evil.example/#"):
        headers = {"host": host, "x-forwarded-host": EVIL, "forwarded": f"host={EVIL}", "accept": "text/html"}
        for path in (
            "/",
            "/login",
            "/login/",
            "/wall/",
            "/nothing",
            "//evil.example/",
            "/static",
            f"/incidents/{incident}",
        ):
            for who in ({}, place.session("dora")):
                answer = place.client.get(path, headers=headers | who)
                assert answer.status_code < 500, path
                assert EVIL not in answer.headers.get("location", "").partition("?")[0], path
                assert answer.headers.get("location", "/").startswith("/"), path
                assert EVIL not in answer.text, path
        made = place.client.post("/api/people/bob/signin", headers=place.key("admin") | headers)
        assert made.json()["link"].startswith("http://127.0.0.1:8000/login/")


@pytest.mark.parametrize(
    "after",
    [
        "https://evil.example",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "http:evil.example",
        "javascript:alert(1)",
        " //evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "%2f%2fevil.example",
        "/%5cevil.example",
        "/..//evil.example",
    ],
)
def test_nobody_is_sent_elsewhere_by_signing_in(place: Place, after: str) -> None:
    session = place.session("dora")
    signed_in = place.client.get("/login", params={"next": after}, headers=session)
    assert signed_in.status_code == 303
    link = place.app.state.gate.sessions.make_link("bob")
    posted = place.client.post(f"/login/{link}", data={"next": after})
    for answer in (signed_in, posted):
        where = answer.headers["location"]
        assert where.startswith("/"), where
        assert where[1:2] not in ("/", "\\"), where
        assert where.isprintable()
    place.client.cookies.clear()


@pytest.mark.parametrize(
    "path",
    [
        "/static/../app.py",
        "/static/..%2fapp.py",
        "/static/%2e%2e/app.py",
        "/static/%2e%2e%2f%2e%2e%2fpyproject.toml",
        "/static/....//app.py",
        "/static//etc/passwd",
        "/static/%5c..%5capp.py",
        "/static/app.css%00.py",
        "/static/" + "a" * 5000,
        "/static/.",
        "/static/",
    ],
)
def test_only_what_lies_in_static_is_given_away(place: Place, path: str) -> None:
    answer = place.client.get(path)
    assert answer.status_code in (404, 405)
    assert "import" not in answer.text


@pytest.mark.parametrize(
    "line", ["x\r\nset-cookie: stolen=1", "x\nlocation: https://evil.example", "x\x00y", "é\u2028z"]
)
def test_no_name_breaks_out_of_a_header(place: Place, line: str) -> None:
    admin = place.key("admin")
    answers = [
        place.client.get("/wall", params={"q": line}, headers={"accept": "text/html"}),
        place.client.get("/login", params={"next": f"/{line}", "lang": line}),
        place.client.get("/login", params={"next": f"/{line}"}, headers=place.session("dora")),
        place.client.get("/api/incidents", params={"lang": line}, headers=admin),
        place.client.post("/api/incidents", json={"title": line, "dedup_key": line, "product": "cloud"}, headers=admin),
        place.client.post("/api/keys", json={"name": line, "role": "viewer"}, headers=admin),
        place.client.get(f"/api/incidents/{quote(line)}", headers=admin),
        place.client.put("/api/organisation", json={}, headers=admin | {"if-match": "1"}),
    ]
    for answer in answers:
        assert answer.status_code < 500
        assert "stolen" not in answer.headers.get("set-cookie", "")
        assert all(value.isprintable() for value in answer.headers.values())


DEEP = b"[" * 100_000 + b"]" * 100_000
DEEP_OBJECT = b'{"a":' * 50_000 + b"1" + b"}" * 50_000
BODIES: dict[str, bytes] = {
    "deep": DEEP,
    "deep objects": DEEP_OBJECT,
    "deep field": b'{"title": ' + DEEP + b"}",
    "not utf-8": b'{"title": "\xff\xfe"}',
    "half a surrogate": b'{"title": "\\ud800"}',
    "NUL": b'{"title": "a\\u0000b", "symptom": "\\u0000"}',
    "raw NUL": b'{"title": "a\x00b"}',
    "NaN": b'{"title": "x", "limit": NaN}',
    "huge number": b'{"title": ' + b"9" * 100_000 + b"}",
    "huge exponent": b'{"title": 1e999999, "quantity": 1e400}',
    "same name": b'{"title": "a", "title": "b", "text": "a", "text": "b"}',
    "bom": b'\xef\xbb\xbf{"title": "a"}',
    "utf-16": '{"title": "a"}'.encode("utf-16"),
    "nothing": b"",
    "blank": b"   ",
    "a list in a list": b"[[[]]]",
    "null": b"null",
    "text": b'"x"',
}


@pytest.mark.parametrize("name", list(BODIES))
def test_no_body_is_an_error_of_ours(place: Place, name: str) -> None:
    admin, key = place.key("admin"), secret("integration")
    sessions = place.app.state.gate.sessions
    sessions._by_address = Limiter(1000, 1)
    incident = "C1"
    machines = {
        "POST": [
            "/api/incidents",
            f"/api/incidents/{incident}/note",
            f"/api/incidents/{incident}/request-resource",
            "/api/people",
            "/api/keys",
            "/api/rosters/field-response/overrides",
            f"/api/phones/{NUMBERS['alice']}/messages",
            "/v2/enqueue",
            *(f"/hooks/{form}/{key}" for form in ("alertmanager", "grafana", "zabbix", "cap", "generic")),
        ],
        "PUT": ["/api/people/bob", "/api/people/bob/password", "/api/organisation"],
    }
    kinds = ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json; charset=\xff")
    asked = [(method, path, "application/json") for method, paths in machines.items() for path in paths]
    asked += [("POST", path, kind) for path in (f"/incidents/{incident}/note", "/report", "/login") for kind in kinds]
    for method, path, kind in asked:
        headers = admin | {"content-type": kind.encode("latin-1"), "accept": "text/html"}
        answer = place.client.request(method, path, content=BODIES[name], headers=headers)
        assert answer.status_code < 500, (method, path, kind, answer.text[:300])


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "gzip, gzip", "identity, gzip"])
def test_a_packed_body_is_not_unpacked(place: Place, encoding: str) -> None:
    """A megabyte of gzip can be a gigabyte of blanks: we unpack nothing, and what is packed is no JSON."""
    body = gzip.compress(json.dumps({"title": "x", "product": "cloud"}).encode())
    headers = place.key("responder") | {"content-encoding": encoding}
    assert place.client.post("/api/incidents", content=body, headers=headers).status_code == 422


@pytest.mark.parametrize(
    "query",
    [
        "limit=1&limit=2",
        "limit=" + "9" * 4000,
        "limit=-1",
        "before=99999999999999999999999999",
        "before=1e3",
        "q=%00",
        "q=%ff%fe",
        "q=" + "%25" * 5000,
        "q=_%25%5c'%22%3b--",
        "drill=maybe",
        "phase=open&phase=closed",
        "%00=1",
        "=",
        "&&&;;;",
        "q[]=1",
        "lang=%00&lang=" + "x" * 5000,
    ],
)
def test_no_query_is_an_error_of_ours(place: Place, query: str) -> None:
    viewer = place.key("viewer")
    for path in (
        "/api/incidents",
        "/api/incidents/C1/log",
        "/api/on-call",
        "/api/statistics",
        "/",
        "/wall",
        "/on-call",
    ):
        for accept in ("text/html", "application/json"):
            assert place.client.get(f"{path}?{query}", headers=viewer | {"accept": accept}).status_code < 500, path


def test_a_query_of_very_many_names_takes_no_longer_than_its_length(place: Place) -> None:
    """Four times as many take some four times as long; looking at each pair would take sixteen times."""
    viewer = place.key("viewer")

    def cost(count: int) -> float:
        names = "&".join(f"{n:x}=" for n in range(count))
        start = time.process_time()
        assert place.client.get(f"/api/incidents?{names}", headers=viewer).status_code == 422
        return time.process_time() - start

    cost(10)
    few, many = (min(cost(count) for _ in range(5)) for count in (1500, 6000))
    assert many < 10 * few


@pytest.mark.parametrize("number", ["0", "-1", "999999999999999999999", "1" * 500, "٣", "1_000", "0x10", "1.5", ""])
def test_no_number_in_a_path_or_header_is_an_error_of_ours(place: Place, number: str) -> None:
    admin = place.key("admin")
    answers = [
        place.client.get("/api/stream", headers=admin | {"last-event-id": number.encode()}),  # type: ignore[dict-item]
        place.client.get("/api/stream", params={"after": number}, headers=admin),
        place.client.get(f"/api/incidents/C{number}", headers=admin),
        place.client.put("/api/organisation", json={}, headers=admin | {"if-match": number.encode()}),  # type: ignore[dict-item]
        place.client.post(f"/api/incidents/{number}/receive-resource", json={"request": number}, headers=admin),
        place.client.post("/api/incidents", content=b"{}", headers=admin | {"content-length": "2"}),
    ]
    assert not [answer.status_code for answer in answers if answer.status_code >= 500]


def test_one_key_for_two_requests_is_one_request_and_never_somebody_elses(place: Place) -> None:
    """Idempotency keys are the caller's own, long ones are refused, and none is shared between the parts of a batch."""
    body = {"title": "down", "product": "cloud", "level": "high"}

    def post(key: str, role: str, **more: Any) -> Any:
        headers = place.key(role) | {"idempotency-key": key}
        return place.client.post("/api/incidents", json=body | more, headers=headers)

    first, again = post("k1", "responder"), post("k1", "responder")
    assert first.json()["id"] == again.json()["id"]
    assert post("k1", "commander").json()["id"] != first.json()["id"]
    assert post("k1", "responder", title="another").status_code == 422
    assert post("k" * 300, "responder").status_code == 422
    assert post("k\x7f", "responder").status_code < 500


def test_a_cookie_of_any_size_and_shape_signs_nobody_in(place: Place) -> None:
    for value in ("x", "x" * 20_000, "a=b; incident_session=c", "\xff\xfe", '"', "%00"):
        cookie = f"incident_session={value}; lang={value}".encode("latin-1")
        answer = place.client.get("/api/incidents", headers={b"cookie": cookie})
        assert answer.status_code == 401


@pytest.mark.parametrize(
    "scheme", ["Bearer", "bearer ", "Bearer  ", "Basic YTpi", "Bearer " + "x" * 20_000, "Bearer \xff"]
)
def test_an_authorization_of_any_shape_is_401(place: Place, scheme: str) -> None:
    headers = {"authorization": scheme.encode("latin-1")}
    assert place.client.get("/api/incidents", headers=headers).status_code == 401
