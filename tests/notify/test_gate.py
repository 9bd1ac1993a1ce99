"""What the gate makes of the messages that are due to one contact: each by itself, in one, or later."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from incident.notify.gate import HELD, plan
from incident.notify.limits import LAST_CALL, LIMITS
from incident.orders import NOTICE, OFFER, PAGE, QUIET, TO
from incident.organisation.people import WayKind
from incident.store.holding import NOTHING, Kept, Known, Past
from incident.store.outbox import Outgoing, SendState

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SMS = LIMITS[WayKind.SMS]


def send(number: int, *, purpose: str = PAGE, drill: str | None = None, to: str = "a", life: float = 30) -> Outgoing:
    return Outgoing(
        *(number, f"i{number}", number, 1, "li", "sms", purpose, 1, False, drill, {TO: to}, SendState.WAITING),
        *(NOON, NOON + timedelta(minutes=life), None, 0, None, None, None, -1, None, NOON, None),
    )


def past(*minutes: float, to: str = "a", drill: bool = False, bundle: bool = False) -> list[Past]:
    return [Past(NOON - timedelta(minutes=m), drill, bundle, to) for m in minutes]


def calm() -> bool:
    return False


def flood() -> bool:
    return True


def test_each_address_of_a_person_has_limits_of_its_own() -> None:
    found = plan([send(1, to="a"), send(2, to="b")], Known(past(1, 2, 3, 4, 5), ()), SMS, NOON, calm)
    assert [one.id for one in found.single] == [2]
    [((until, reason), held)] = found.held.items()
    assert held == [1]
    assert until == NOON + timedelta(minutes=10)
    assert reason.key == "page.held"


def test_what_is_under_way_counts_as_gone() -> None:
    known = Known([Past(None, drill=False, bundle=False, to="a")] * 5, ())
    assert plan([send(1)], known, SMS, NOON, calm).held


def test_pages_notices_and_drills_stand_in_messages_of_their_own() -> None:
    due = [send(n) for n in range(1, 5)]
    due += [send(n, purpose=NOTICE) for n in range(5, 9)] + [send(n, drill="d") for n in range(9, 13)]
    found = plan(due, Known(past(1, 2, 3), ()), SMS, NOON, calm)
    assert [[one.id for one in bundle] for bundle in found.bundles] == [[1, 2, 3, 4], [5, 6, 7, 8]]
    assert list(found.held.values()) == [[9, 10, 11, 12]], "a drill waits for what is real, not the other way round"


def test_with_something_held_the_next_one_goes_with_it() -> None:
    kept = [Kept(PAGE, None, "a")]
    assert plan([send(1)], Known(past(20), kept), SMS, NOON, calm).bundles == [[send(1)]]
    assert plan([send(1)], Known(past(20), [Kept(NOTICE, None, "a")]), SMS, NOON, calm).single == [send(1)]


def test_nothing_is_held_to_the_end_of_its_life() -> None:
    full = Known(past(1, 2, 3, 4, 5), ())
    [(until, _)] = plan([send(1, life=6)], full, SMS, NOON, calm).held
    assert until == NOON + timedelta(minutes=6) - LAST_CALL
    assert plan([send(1, life=0.5)], full, SMS, NOON, calm).single == [send(1, life=0.5)]


def test_a_flood_lets_one_bundle_in_ten_minutes_past_the_limit_and_gathers_for_a_minute() -> None:
    full, kept = past(1, 2, 3, 4, 5), [Kept(PAGE, None, "a")]
    assert plan([send(1)], Known(full, kept), SMS, NOON, flood).bundles == [[send(1)]]
    assert plan([send(1)], Known([*full, *past(6, bundle=True)], kept), SMS, NOON, flood).held
    [(until, _)] = plan([send(1)], Known(past(0.5), ()), SMS, NOON, flood).held
    assert until == NOON + timedelta(seconds=30)
    assert plan([send(1), send(2)], NOTHING, SMS, NOON, flood).bundles == [[send(1), send(2)]]


def test_a_flood_is_not_asked_about_for_the_only_message_to_somebody() -> None:
    def never() -> bool:
        raise AssertionError("asked")

    assert plan([send(1)], NOTHING, SMS, NOON, never).single == [send(1)]


def test_what_a_person_asks_for_is_never_held() -> None:
    assert not {OFFER, QUIET} & set(HELD)
