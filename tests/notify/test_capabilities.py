"""What works where."""

from __future__ import annotations

import pytest

from incident.notify.capabilities import EVERYTHING, capabilities, region


@pytest.mark.parametrize(
    ("number", "country"),
    [
        ("+8613800138000", "CN"),
        ("+886912345678", "TW"),
        ("+85261234567", "HK"),
        ("+491711234567", "DE"),
        ("+14155552671", "US"),
        ("+16135550123", "CA"),
        ("12345", None),
        ("nonsense", None),
        ("", None),
    ],
)
def test_a_number_belongs_to_a_country(number: str, country: str | None) -> None:
    assert region(number) == country


def test_mainland_china_through_twilio_takes_neither_reply_nor_link() -> None:
    china = capabilities("twilio", "+8613800138000")
    assert (china.two_way, china.url_ok, china.template_required) == (False, False, True)
    assert capabilities("twilio", "+85261234567").two_way


def test_the_simulated_phones_can_do_everything() -> None:
    simulated = capabilities("simulated", "+8613800138000")
    assert (simulated.two_way, simulated.url_ok, simulated.voice_keys) == (
        EVERYTHING.two_way,
        EVERYTHING.url_ok,
        EVERYTHING.voice_keys,
    )


def test_a_country_that_the_table_lacks_has_the_usual() -> None:
    assert capabilities("twilio", "+491711234567").two_way
    assert capabilities("twilio", "nonsense").two_way


def test_a_provider_that_the_table_lacks_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        capabilities("pigeon", "+491711234567")
