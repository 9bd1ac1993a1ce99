"""What was once written can be read for ever, and cannot change its shape unseen."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from incident.events import EVENTS, KINDS, Event, Noted, Updated
from incident.store import codec
from incident.store.codec import UnreadableEntry, decode, encode
from tests.store.samples import GOLDEN, SAMPLES, golden

NAMES = [KINDS[type(event)] for event in SAMPLES]


def test_there_is_a_sample_of_every_kind() -> None:
    assert sorted(NAMES) == sorted(KINDS[event] for event in EVENTS)


@pytest.mark.parametrize("event", SAMPLES, ids=NAMES)
def test_what_is_written_is_read_back(event: Event) -> None:
    assert decode(*encode(event)) == event


@pytest.mark.parametrize("event", SAMPLES, ids=NAMES)
def test_the_encoding_is_the_golden_one(event: Event) -> None:
    """Fails when a kind has no golden file, or was changed without raising its version (see codec.py)."""
    kind, version, body = encode(event)
    assert golden(kind, version).read_text("utf-8") == body + "\n"


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.json")), ids=lambda path: path.name)
def test_every_golden_file_can_still_be_read(path) -> None:  # type: ignore[no-untyped-def]
    kind, version, _ = path.name.split(".")
    event = decode(kind, int(version), path.read_text("utf-8"))
    assert KINDS[type(event)] == kind


def test_a_kind_that_nobody_knows_is_named() -> None:
    with pytest.raises(UnreadableEntry, match="'exploded'"):
        decode("exploded", 1, "{}")


def test_a_version_of_a_newer_release_is_named() -> None:
    with pytest.raises(UnreadableEntry, match="noted version 2 was written by a newer release"):
        decode("noted", 2, '{"text":"x"}')


def test_a_broken_body_is_named_without_its_content() -> None:
    with pytest.raises(UnreadableEntry, match="noted version 1: text: Field required") as caught:
        decode("noted", 1, '{"secret":"12345"}')
    assert "12345" not in str(caught.value)


def test_a_field_of_a_newer_release_is_passed_over() -> None:
    assert decode("noted", 1, '{"text":"x","added_later":1}') == Noted("x")


def test_an_old_shape_is_brought_up_step_by_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codec, "VERSIONS", {"noted": 3})
    monkeypatch.setattr(
        codec,
        "UPCASTERS",
        {("noted", 1): lambda f: {"words": f["note"]}, ("noted", 2): lambda f: {"text": f["words"].upper()}},
    )
    assert decode("noted", 1, '{"note":"old"}') == Noted("OLD")
    assert decode("noted", 2, '{"words":"newer"}') == Noted("NEWER")
    assert encode(Noted("x"))[:2] == ("noted", 3)


def test_a_gap_in_the_upcasters_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codec, "VERSIONS", {"noted": 3})
    with pytest.raises(UnreadableEntry, match="no way from noted version 1 to version 2"):
        decode("noted", 1, "{}")


def test_times_are_written_in_utc_to_the_microsecond() -> None:
    due = datetime(2026, 3, 1, 2, 14, 15, 1, tzinfo=UTC)
    assert json.loads(encode(Updated("x", due)).body)["next_due"] == "2026-03-01T02:14:15.000001Z"
