"""A swap is told to whom it concerns by the ways that page them, and never more often than anybody can bear."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from incident.notify import swap_news
from incident.notify.sms_parts import count
from incident.words import LOCALES, words_for
from tests.web.place import NUMBERS, Place, migrated, opened

FIELD = "/api/rosters/field-response"
SWAP = {"start": "2026-11-24T00:00:00Z", "end": "2026-11-25T00:00:00Z", "giver": "alice", "taker": "bob"}
ANSWER = {"start": SWAP["start"], "giver": "alice", "taker": "bob"}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return migrated(tmp_path_factory.mktemp("swaps"))


@pytest.fixture
def place(tmp_path: Path, template: Path) -> Iterator[Place]:
    with opened(tmp_path, template) as found:
        yield found


def ask(place: Place, **changes: str) -> int:
    return place.client.post(f"{FIELD}/swaps", json=SWAP | changes, headers=place.session("alice")).status_code


def answer(place: Place, by: str, said: str) -> int:
    body = ANSWER | {"answer": said}
    return place.client.post(f"{FIELD}/swaps/answer", json=body, headers=place.session(by)).status_code


def texts(place: Place, name: str) -> list[str]:
    place.deliver()
    found = place.client.get(f"/api/phones/{NUMBERS[name]}", headers=place.key("admin")).json()
    return [one["body"] for one in found["messages"]]


def test_the_other_is_told_that_they_are_asked_and_the_first_what_was_said(place: Place) -> None:
    assert ask(place) == 201
    (asked,) = texts(place, "bob")
    assert asked.startswith("Alice请您接班：field，11-24 00:00至11-25 00:00。")
    assert texts(place, "alice") == []
    assert answer(place, "bob", "accepted") == 204
    assert texts(place, "alice") == ["Bob takes your shift: field, 11-24 00:00 to 11-25 00:00."]


def test_who_declines_leaves_the_first_on_duty_and_says_so(place: Place) -> None:
    ask(place)
    answer(place, "bob", "declined")
    (told,) = texts(place, "alice")
    assert told.endswith("You stay on duty.")


def test_the_same_request_again_tells_nobody_anew(place: Place) -> None:
    ask(place)
    ask(place)
    assert len(texts(place, "bob")) == 1


def test_nobody_is_told_more_than_five_times_an_hour(place: Place) -> None:
    for hour in range(10, 18):
        assert ask(place, end=f"2026-11-25T{hour}:00:00Z") == 201
    assert len(texts(place, "bob")) == swap_news.MOST
    place.later(hours=2)
    ask(place, end="2026-11-25T20:00:00Z")
    assert len(texts(place, "bob")) == swap_news.MOST + 1


def test_who_has_no_way_is_not_told_and_the_swap_stands_all_the_same(place: Place) -> None:
    assert ask(place, taker="dora") == 201
    assert place.house.directory.organisation().rosters[0].swaps[0].taker == "dora"


def test_what_was_refused_is_told_to_nobody(place: Place) -> None:
    assert ask(place, taker="vera") == 422
    assert texts(place, "bob") == []


STAND_IN = {"person": "alice", "start": "2026-11-24T00:00:00Z", "end": "2026-11-25T00:00:00Z", "reason": "ill"}


def test_who_is_put_on_duty_by_somebody_else_is_told_and_also_that_they_need_not(place: Place) -> None:
    """A stand-in who does not know of it is nobody."""
    by = place.session("charlie")
    assert place.client.post(f"{FIELD}/overrides", json=STAND_IN, headers=by).status_code == 201
    told = "You are put on duty by Charlie: field, 11-24 00:00 to 11-25 00:00."
    assert texts(place, "alice") == [told]
    assert place.client.post(f"{FIELD}/overrides", json=STAND_IN, headers=by).status_code == 201
    assert texts(place, "alice") == [told]
    gone = {"start": STAND_IN["start"], "person": "alice"}
    assert place.client.delete(f"{FIELD}/overrides", params=gone, headers=by).status_code == 204
    assert texts(place, "alice")[1:] == [
        "You need not stand in: field, 11-24 00:00 to 11-25 00:00. Charlie took it back."
    ]


def test_who_stands_in_by_themselves_is_not_told_what_they_know(place: Place) -> None:
    place.client.post(f"{FIELD}/overrides", json=STAND_IN, headers=place.session("alice"))
    assert texts(place, "alice") == []


def test_a_swap_that_was_accepted_and_is_taken_back_is_told_to_the_other(place: Place) -> None:
    ask(place)
    answer(place, "bob", "accepted")
    before = len(texts(place, "bob"))
    assert answer(place, "alice", "withdrawn") == 204
    assert texts(place, "bob")[before:] == ["换班已撤回：field，11-24 00:00至11-25 00:00。由Alice值班。"]


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("key", ["asked", "accepted", "declined", "withdrawn", "stands_in", "not_needed"])
def test_a_text_about_a_swap_is_one_part(locale: str, key: str) -> None:
    name, title = swap_news._LENGTHS.get(locale, swap_news._CHINESE)
    letter = "A" if locale == "en" else "长"
    names = {"giver": letter * name, "taker": letter * name, "roster": letter * title}
    text = words_for(locale).t(f"swap.told.{key}", **names, start="11-30 09:00", end="12-07 09:00")
    assert count(text).parts == 1, text
