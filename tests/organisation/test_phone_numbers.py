"""Numbers are kept in one form, and an ambulance is never texted."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from incident.organisation import Way, WayKind, phone_number


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("+49 171 3920001", "+491713920001"),
        ("+49 (0) 171".replace("(0) ", "") + "/392 00-01", "+491713920001"),
        ("+86 190 0000 0001", "+8619000000001"),
        ("+1 (212) 555-0101", "+12125550101"),
        ("+44.20.7946.0018", "+442079460018"),
    ],
)
def test_a_number_is_kept_in_e164(written: str, kept: str) -> None:
    assert phone_number(written) == kept
    assert phone_number(kept) == kept


@pytest.mark.parametrize(
    "number", ["110", "112", "119", "120", "911", "999", "+49 112", "+86 110", "+86 119", "+1 911"]
)
def test_an_emergency_number_is_refused(number: str) -> None:
    with pytest.raises(ValueError, match="is an emergency number"):
        phone_number(number)


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("0171 3920001", r"with \+ and the country code"),
        ("190 0000 0001", r"with \+ and the country code"),
        ("+49 171", "no such number exists"),
        ("+86 100 0000 0001", "no such number exists"),
        ("+999 123456", "no phone number"),
        ("+", "no phone number"),
        ("+49 171 392000x", "no such number|no phone number"),
    ],
)
def test_what_is_no_number_is_refused_with_what_to_do(number: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        phone_number(number)


def test_an_address_of_a_mail_is_kept_without_the_space_around_it() -> None:
    assert Way(kind=WayKind.MAIL, address=" li@nordlicht.example ").address == "li@nordlicht.example"


@pytest.mark.parametrize(
    ("kind", "address", "said"),
    [
        ("mail", "+491713920001", "no e-mail address"),
        ("mail", "li@nordlicht", "no e-mail address"),
        ("mail", "Li <li@nordlicht.example>", "no e-mail address"),
        ("sms", "li@nordlicht.example", "country code"),
        ("pigeon", "+491713920001", "'sms', 'voice', 'mail' or 'chat'"),
    ],
)
def test_an_address_must_suit_its_way(kind: str, address: str, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Way.model_validate({"kind": kind, "address": address})
