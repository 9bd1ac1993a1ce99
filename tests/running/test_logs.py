"""What a log may never hold, however it gets there: by an event, a library's logger, a traceback."""

from __future__ import annotations

import io
import json
import logging
import sqlite3
from collections.abc import Iterator

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import OperationalError

from incident import ids
from incident.running.logs import GONE, NUMBER, Redaction, configure

REDACT = Redaction(("a-very-own-secret",))


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What all loggers of this process write, as JSON; the loggers are put back afterwards."""
    root, stream = logging.getLogger(), io.StringIO()
    level = root.level
    configure("web", "json", ("a-very-own-secret",), stream)
    ours = root.handlers[0]
    yield stream
    root.removeHandler(ours)  # those before it were pytest's for the setup, which are closed by now
    root.setLevel(level)
    structlog.reset_defaults()


def written(stream: io.StringIO) -> list[dict[str, str]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_says_when_who_and_what(lines: io.StringIO) -> None:
    structlog.get_logger("incident.relay").info("handed over", incident="7f3a", pages=2)
    (line,) = written(lines)
    assert line["timestamp"].endswith("Z")
    assert {**line, "timestamp": "-"} == {
        "timestamp": "-",
        "process": "web",
        "level": "info",
        "logger": "incident.relay",
        "event": "handed over",
        "incident": "7f3a",
        "pages": 2,
    }


def test_what_a_library_logs_is_redacted_too(lines: io.StringIO) -> None:
    logging.getLogger("rq").warning("failed to text %s with %s", "+8613900000001", "Bearer abcdef123456")
    (line,) = written(lines)
    assert line["event"] == f"failed to text {NUMBER} with Bearer {GONE}"


def test_a_traceback_is_kept_and_redacted(lines: io.StringIO) -> None:
    try:
        raise ValueError("no such number: +4930123456789, key a-very-own-secret")
    except ValueError:
        structlog.get_logger().exception("delivery failed")
        logging.getLogger("twilio").exception("delivery failed")
    for line in written(lines):
        assert "ValueError: no such number" in line["exception"]
        assert "4930123456789" not in line["exception"]
        assert "a-very-own-secret" not in line["exception"]
    assert len(written(lines)) == 2


def test_a_database_that_is_full_is_one_line_with_its_own_words(lines: io.StringIO) -> None:
    def written_to() -> None:
        raise OperationalError("INSERT INTO log VALUES (?)", {}, sqlite3.OperationalError("database or disk is full"))

    for log in (logging.getLogger("a library").exception, structlog.get_logger("ours").exception):
        try:
            written_to()
        except OperationalError:
            log("it tries again")
    for line in written(lines):
        assert line["problem"] == "database or disk is full"
        assert line["at"].startswith("test_logs.py:")
        assert "exception" not in line
        assert "INSERT" not in json.dumps(line)


def test_the_chatter_of_the_provider_s_client_is_left_out(lines: io.StringIO) -> None:
    logging.getLogger("twilio.http_client").info("POST Request: To=...")
    assert written(lines) == []


@pytest.mark.parametrize(
    "text",
    [
        "+8613900000001",
        "+86 139 0000 0001",
        "0086 13900000001",
        "13900000001",
        "139 0000 0001",
        "+1 (500) 555-0006",
        "+49-30-1234567",
    ],
)
def test_a_number_is_hidden_however_it_is_written(text: str) -> None:
    assert REDACT.text(f"to {text}, now") == f"to {NUMBER}, now"


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-22T20:00:00.000Z",
        "2026-11-22T20:00:00+10:00",
        "position 1234567",
        "epoch 1763841600 and 1763841600123 ms",
        "C7",
        "10.0.0.1:8000",
        "sha256:" + "0123456789abcdef" * 4,
        "SM" + "0123456789abcdef" * 2,
        "7d0e4b9a51c84f2e9b63d1f0aa",
        "GET /incidents/7f3a 200",
        "/hooks/twilio/sms",
        "/api/incidents/7f3a/acknowledge",
    ],
)
def test_what_an_operator_needs_is_left_alone(text: str) -> None:
    assert REDACT.text(text) == text


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("Authorization: Bearer abc.def-123456", "abc.def"),
        ("{'Authorization': 'Basic QUM6dG9rZW4='}", "QUM6dG9rZW4"),
        ("{'X-Twilio-Signature': 'abcDEF123='}", "abcDEF"),
        ("postgresql://incident:hunter2@db/incident", "hunter2"),
        ("GET /a/k3x9mmnpqrst 200", "k3x9mmnpqrst"),
        ("GET /login/k3x9mmnpqrst 303", "k3x9mmnpqrst"),
        ("POST /hooks/alertmanager/abc-DEF_123", "abc-DEF"),
        ("GET /login?token=k3x9mmnpqrst&next=/", "k3x9mmnpqrst"),
        ("the secret is a-very-own-secret.", "a-very-own-secret"),
    ],
)
def test_secrets_in_the_middle_of_a_text_are_hidden(text: str, secret: str) -> None:
    assert secret not in REDACT.text(text)
    assert GONE in REDACT.text(text)


def test_a_key_that_was_made_here_is_hidden_wherever_it_stands() -> None:
    for _ in range(200):
        key = ids.new_key()
        assert key not in REDACT.text(f"made {key} for monitoring")


def test_what_a_name_calls_secret_is_hidden_whatever_it_is() -> None:
    event = REDACT(None, "info", {"headers": {"Cookie": "s=1", "Accept": "*/*"}, "auth_token": 7, "dedup_key": "disk"})
    assert event == {"headers": {"Cookie": GONE, "Accept": "*/*"}, "auth_token": GONE, "dedup_key": "disk"}


shapes = st.recursive(
    st.sampled_from(["+8613900000001", b"+8613900000001", 13900000001, "Bearer abcdefgh"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b"]), inner, max_size=2),
    max_leaves=8,
)


@given(shapes)
def test_no_depth_hides_a_number_from_the_redaction(shape: object) -> None:
    text = repr(REDACT(None, "info", {"event": "x", "detail": shape}))
    assert "13900000001" not in text
    assert "abcdefgh" not in text


def test_an_object_is_written_as_its_redacted_text() -> None:
    class Request:
        def __str__(self) -> str:
            return "to=+8613900000001"

    assert REDACT(None, "info", {"request": Request()})["request"] == f"to={NUMBER}"


def test_the_console_shows_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    root, stream = logging.getLogger(), io.StringIO()
    handlers = root.handlers[:]
    configure("serve", "console", (), stream)
    structlog.get_logger().warning("worker ended", code=-9, number="+8613900000001")
    root.handlers[:] = handlers
    structlog.reset_defaults()
    assert "worker ended" in stream.getvalue()
    assert "13900000001" not in stream.getvalue()
    assert "\x1b[" not in stream.getvalue(), "colours outside of a terminal"
