"""Everything that we ask of Twilio, held against Twilio's own description of its API.

The description is its `twilio_api_v2010.json`, whose path stands in TWILIO_OPENAPI. It is theirs, and not in this
repository: where the variable is not set these tests are skipped; where it is set the file must be readable.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from openapi_core import OpenAPI
from openapi_core.testing import MockRequest, MockResponse
from openapi_core.validation.request.exceptions import RequestBodyValidationError

from incident.notify import receipts
from incident.notify.twiml import page_call
from incident.words import LOCALES
from tests.notify.conftest import Seen, TwilioDouble
from tests.notify.test_twilio_channel import ACCOUNT, CALL, PAGE, SID, Line

SPEC = os.environ.get("TWILIO_OPENAPI")
HOST = "https://api.twilio.com"
SERVICE = "MG" + "b2" * 16

pytestmark = pytest.mark.skipif(SPEC is None, reason="TWILIO_OPENAPI does not name Twilio's description of its API")


@pytest.fixture(scope="module")
def spec() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Path(SPEC or "").read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def twilio(spec: dict[str, Any]) -> OpenAPI:
    """The three paths that we use with what they refer to: the whole has a hundred more."""
    used = ("/Messages.json", "/Calls.json")
    paths = {
        path: {verb: item for verb, item in one.items() if verb != "description"}
        for path, one in spec["paths"].items()
        if path.removeprefix("/2010-04-01/Accounts/{AccountSid}") in used or path == "/2010-04-01/Accounts/{Sid}.json"
    }
    assert len(paths) == 3
    return OpenAPI.from_dict({**spec, "paths": paths, "servers": [{"url": HOST}]})  # type: ignore[arg-type]


@pytest.fixture
def line(twilio_double: TwilioDouble) -> Iterator[Line]:
    found = Line(replace(ACCOUNT, base_url=twilio_double.url))
    yield found
    found.close()


def as_sent(seen: Seen) -> MockRequest:
    headers = {name: value for name, value in seen.headers.items() if name.lower() != "host"}
    kind = headers.get("Content-Type", "application/json")
    return MockRequest(HOST, seen.method.lower(), seen.path, headers=headers, data=seen.body, content_type=kind)


def held_to(twilio: OpenAPI, spec: dict[str, Any], seen: Seen) -> None:
    """The request is valid, and each of its fields is one that Twilio knows: what it does not know it would ignore."""
    twilio.validate_request(as_sent(seen))
    assert urlsplit(seen.path).query == ""
    pattern = seen.path.replace(f"/{SID}/", "/{AccountSid}/")
    form = spec["paths"][pattern]["post"]["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]
    assert set(seen.form) <= set(form["properties"])
    assert set(form.get("required", ())) <= set(seen.form)


@pytest.mark.parametrize("senders", [("+15005550006",), (SERVICE, "+15005550006")], ids=["number", "service"])
@pytest.mark.parametrize("life", [timedelta(0), timedelta(minutes=15), timedelta(hours=24)])
def test_a_text_is_what_twilio_expects(
    twilio: OpenAPI, spec: dict[str, Any], twilio_double: TwilioDouble, senders: tuple[str, ...], life: timedelta
) -> None:
    line = Line(replace(ACCOUNT, base_url=twilio_double.url, senders=senders))
    line.send(replace(PAGE, valid_for=life))
    line.close()
    held_to(twilio, spec, twilio_double.seen[0])


@pytest.mark.parametrize("asks", [True, False])
@pytest.mark.parametrize("locale", LOCALES)
def test_a_call_is_what_twilio_expects(
    twilio: OpenAPI, spec: dict[str, Any], twilio_double: TwilioDouble, line: Line, locale: str, asks: bool
) -> None:
    line.send(replace(CALL, locale=locale, asks=asks))
    held_to(twilio, spec, twilio_double.seen[0])


def test_a_probe_is_what_twilio_expects(twilio: OpenAPI, twilio_double: TwilioDouble, line: Line) -> None:
    twilio_double.says(200, {"sid": SID, "status": "active"})
    line.probe()
    (seen,) = twilio_double.seen
    assert (seen.method, seen.path) == ("GET", f"/2010-04-01/Accounts/{SID}.json")
    twilio.validate_request(as_sent(seen))


def test_the_doubles_answers_are_ones_that_twilio_could_give(twilio: OpenAPI, twilio_double: TwilioDouble, line: Line):
    line.send(PAGE)
    status, _, body = twilio_double.answer({})
    answer = MockResponse(data=body.encode(), status_code=status, content_type="application/json")
    twilio.validate_response(as_sent(twilio_double.seen[0]), answer)


def test_every_status_that_a_message_or_a_call_may_have_has_its_rank(spec: dict[str, Any]) -> None:
    known = spec["components"]["schemas"]
    incoming = {"receiving", "received"}  # of texts that come in
    assert set(receipts.MESSAGE) == set(known["message_enum_status"]["enum"]) - incoming
    assert set(receipts.CALL) == set(known["call_enum_status"]["enum"]) | {"initiated"}  # an event of callbacks only


def test_our_figures_are_within_what_the_description_says(spec: dict[str, Any]) -> None:
    text = fields(spec, "Messages")
    assert "from `1` to `36000`" in text["ValidityPeriod"]["description"]
    assert "greater than `5`" in text["ValidityPeriod"]["description"]
    call = fields(spec, "Calls")
    assert "maximum is `600`" in call["Timeout"]["description"]
    assert "Max 4000 characters" in call["Twiml"]["description"]
    longest = page_call("机" * 160, "zh_Hans", "https://ops.example.com/hooks/twilio/voice?send=1000000000")
    assert len(longest) < 4000
    for event in ("initiated", "ringing", "answered", "completed"):
        assert f"`{event}`" in call["StatusCallbackEvent"]["description"]


@pytest.mark.parametrize("body", [b"ValidityPeriod=15", b"To=%2B491711234567&ValidityPeriod=soon"])
def test_a_wrong_request_would_be_found(twilio: OpenAPI, twilio_double: TwilioDouble, line: Line, body: bytes) -> None:
    line.send(PAGE)
    twilio.validate_request(as_sent(twilio_double.seen[0]))
    with pytest.raises(RequestBodyValidationError):
        twilio.validate_request(as_sent(replace(twilio_double.seen[0], body=body)))


def fields(spec: dict[str, Any], what: str) -> dict[str, Any]:
    post = spec["paths"][f"/2010-04-01/Accounts/{{AccountSid}}/{what}.json"]["post"]
    found: dict[str, Any] = post["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]["properties"]
    return found
