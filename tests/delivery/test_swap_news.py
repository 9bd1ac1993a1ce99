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


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("key", ["asked", "accepted", "declined"])
def test_a_text_about_a_swap_is_one_part(locale: str, key: str) -> None:
    name, title = swap_news._LENGTHS.get(locale, swap_news._CHINESE)
    letter = "A" if locale == "en" else "长"
    names = {"giver": letter * name, "taker": letter * name, "roster": letter * title}
    text = words_for(locale).t(f"swap.told.{key}", **names, start="11-30 09:00", end="12-07 09:00")
    assert count(text).parts == 1, text
