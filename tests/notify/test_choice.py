"""Which provider carries a message: able, then proven, then cheap; and no coming and going."""

from __future__ import annotations

import pytest

from incident.notify.capabilities import ELSEWHERE, TABLE, Capabilities
from incident.notify.choice import Candidate, Figures, Measured, choose
from incident.organisation.people import WayKind

BEIJING, BERLIN = "+8619000000001", "+491711234567"
TWILIO, ALIYUN, SECOND = Candidate("twilio"), Candidate("aliyun"), Candidate("second")
DE = (WayKind.SMS, "DE")


@pytest.fixture(autouse=True)
def second(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another provider that can do everything and costs more than Twilio in Germany does."""
    monkeypatch.setitem(TABLE, "second", {ELSEWHERE: Capabilities(cost=9), "DE": Capabilities(cost=9)})  # type: ignore[arg-type]
    monkeypatch.setitem(TABLE["twilio"], "DE", Capabilities(cost=6))  # type: ignore[arg-type]


def figures(**by_name: tuple[int, float, float]) -> Figures:
    return {(name, *DE): Measured(*measured) for name, measured in by_name.items()}


def test_to_china_the_mainland_provider_is_cheaper_and_elsewhere_it_cannot() -> None:
    assert choose([TWILIO, ALIYUN], BEIJING, "page", {}) == ("aliyun", "twilio")
    assert choose([TWILIO, ALIYUN], BERLIN, "page", {}) == ("twilio",)
    assert choose([ALIYUN], BERLIN, "page", {}) == ()


def test_it_makes_no_calls() -> None:
    assert choose([TWILIO, ALIYUN], BEIJING, "page", {}, way=WayKind.VOICE) == ("twilio",)


def test_without_approved_words_for_a_purpose_it_is_not_asked() -> None:
    mainland = Candidate("aliyun", says=lambda purpose: purpose == "page")
    assert choose([TWILIO, mainland], BEIJING, "page", {})[0] == "aliyun"
    assert choose([TWILIO, mainland], BEIJING, "notice", {}) == ("twilio",)


def test_who_is_down_comes_last_and_is_not_forgotten() -> None:
    assert choose([Candidate("aliyun", down=True), TWILIO], BEIJING, "page", {}) == ("twilio", "aliyun")
    assert choose([Candidate("twilio", down=True)], BERLIN, "page", {}) == ("twilio",)


def test_for_a_page_it_counts_that_the_person_can_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(TABLE["twilio"], "DE", Capabilities(two_way=False, url_ok=False, cost=1))  # type: ignore[arg-type]
    assert choose([TWILIO, SECOND], BERLIN, "page", {}) == ("second", "twilio")
    assert choose([TWILIO, SECOND], BERLIN, "notice", {}) == ("twilio", "second")


@pytest.mark.parametrize(
    ("measured", "standing", "order"),
    [
        # nobody is measured, or too little: the cheaper one
        ({}, (), ("twilio", "second")),
        ({"twilio": (19, 0.0, 99.0), "second": (19, 1.0, 1.0)}, (), ("twilio", "second")),
        # more arrives by the dearer one
        ({"twilio": (50, 0.7, 4.0), "second": (50, 0.95, 9.0)}, (), ("second", "twilio")),
        # a little more is no reason to change, nor to change back
        ({"twilio": (50, 0.90, 4.0), "second": (50, 0.95, 4.0)}, ("twilio", "second"), ("twilio", "second")),
        ({"twilio": (50, 0.95, 4.0), "second": (50, 0.90, 4.0)}, ("second", "twilio"), ("second", "twilio")),
        # as much arrives, in half the time
        ({"twilio": (50, 0.95, 30.0), "second": (50, 0.95, 6.0)}, ("twilio", "second"), ("second", "twilio")),
        ({"twilio": (50, 0.95, 10.0), "second": (50, 0.95, 6.0)}, ("twilio", "second"), ("twilio", "second")),
        # one that fails is left for one that nobody knows, one that works is not
        ({"twilio": (50, 0.3, 4.0)}, (), ("second", "twilio")),
        ({"twilio": (50, 0.75, 4.0)}, (), ("twilio", "second")),
    ],
)
def test_places_are_changed_for_a_clear_reason_only(
    measured: dict[str, tuple[int, float, float]], standing: tuple[str, ...], order: tuple[str, ...]
) -> None:
    assert choose([TWILIO, SECOND], BERLIN, "page", figures(**measured), standing=standing) == order
