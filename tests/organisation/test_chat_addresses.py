"""A chat's address is a secret: stored whole, shown masked, and a document that was shown comes back without loss."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from incident.errors import BadInput
from incident.levels import Level
from incident.organisation import Organisation, Way, WayKind, demo_organisation, dump_organisation, parse_organisation
from incident.organisation.chat_address import SCHEMAS, is_masked, masked
from incident.organisation.reader import unmasked
from incident.source import BadSource

ROBOT = "dingtalk://SECab12cd34@0f1e2d3c4b5a"


def with_chat(address: str, person: int = 0) -> Organisation:
    document = demo_organisation().model_dump(mode="json")
    document["people"][person]["ways"].append({"kind": "chat", "address": address})
    return Organisation.model_validate(document)


def test_a_chat_is_kept_whole_and_shown_masked() -> None:
    way = Way(kind=WayKind.CHAT, address=" DingTalk://SECab12cd34@0f1e2d3c4b5a ")
    assert way.address == ROBOT
    assert way.shown == masked(ROBOT)
    assert way.shown.startswith("dingtalk://***")
    assert "0f1e2d3c4b5a" not in way.shown
    assert "0f1e2d3c4b5a" not in repr(way)
    assert way.after(Level.LOW, texts=True) == 0, "beside the text"


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd",
        "exec://rm",
        "syslog://localhost",
        "dbus://",
        "json://127.0.0.1/x",
        "mailto://u:p@example.com",
        "twilio://AC:t@+1/+2",
        "https://hooks.slack.com/services/T/B/x",
        "slack://T 1/B/x",
        "ntfy://ho\nst/x",
        "slack:/x",
        "slack://",
        "ntfy://" + "x" * 1000,
    ],
)
def test_what_is_no_chat_is_refused_and_not_repeated(address: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Way(kind=WayKind.CHAT, address=address)
    said = caught.value.errors(include_input=False, include_url=False)[0]["msg"]
    assert address not in said


def test_a_dump_shows_no_chat_and_loads_again_as_what_stands() -> None:
    standing = with_chat(ROBOT)
    text = dump_organisation(standing)
    assert "SECab12cd34" not in text
    assert masked(ROBOT) in text
    again = parse_organisation(text, "org.yaml")
    assert unmasked(again, lambda: standing) == standing


def test_a_mask_stands_for_the_same_persons_chat_only() -> None:
    standing, taken = with_chat(ROBOT, person=0), with_chat(masked(ROBOT), person=1)
    for old in (standing, None):
        with pytest.raises(BadInput) as caught:
            unmasked(taken, lambda old=old: old)  # type: ignore[misc]
        (fault,) = caught.value.faults
        assert fault.pointer.startswith("/people/1/ways/")


def test_without_chats_nobody_is_asked_what_stands() -> None:
    plain = demo_organisation()
    assert unmasked(plain, lambda: pytest.fail("asked")) is plain


def test_a_file_with_a_bad_chat_is_refused_without_its_secret() -> None:
    text = (
        dump_organisation(demo_organisation())
        .replace("kind: sms", "kind: chat", 1)
        .replace("'+8619000000001'", "exec://hush-hush", 1)
    )
    with pytest.raises(BadSource) as caught:
        parse_organisation(text, "org.yaml")
    assert "hush-hush" not in str(caught.value)


def test_masks_are_recognised_and_no_kind_is_missing() -> None:
    assert is_masked(masked(ROBOT))
    assert masked(masked(ROBOT)) == masked(ROBOT)
    assert not is_masked(ROBOT)
    assert not SCHEMAS & {"file", "exec", "json", "xml", "form", "syslog", "dbus", "gnome", "mailto", "twilio"}
