"""Which incident an answer by phone is about: what is not certain is asked back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.levels import Level
from incident.notify.inbound import AskWhich, Choice, Meant, NoSuchCode, NothingOpen, OpenPage, choose
from incident.notify.messages import PageFacts
from incident.notify.replies import Ack, Decline, Resolve, Wish


def page(code: str, *, waiting: bool = False, mine: bool = False, over: bool = False) -> OpenPage:
    return OpenPage(f"id-{code}", PageFacts(code, Level.HIGH, "x"), waiting, mine, over)


def meant(choice: Choice) -> str:
    assert isinstance(choice, Meant)
    return choice.page.facts.code


def test_the_only_one_that_waits_is_meant() -> None:
    pages = [page("C3", mine=True), page("C2", waiting=True), page("C1", over=True)]
    assert meant(choose(Ack(), pages)) == "C2"
    assert meant(choose(Decline(), pages)) == "C2"
    assert meant(choose(Resolve(), pages)) == "C3"


def test_of_two_that_wait_neither_is_guessed() -> None:
    choice = choose(Ack(), [page("C2", waiting=True), page("C1", waiting=True), page("C3")])
    assert isinstance(choice, AskWhich)
    assert [p.facts.code for p in choice.pages] == ["C2", "C1"]


def test_three_ends_the_only_one_that_waits_and_never_by_a_slip_what_a_colleague_has() -> None:
    rings, taken = page("C2", waiting=True), page("C1")
    assert meant(choose(Resolve(), [rings])) == "C2"
    assert choose(Resolve(), [taken]) == AskWhich((taken,))
    assert meant(choose(Resolve("C1"), [taken])) == "C1"
    assert meant(choose(Resolve(), [rings, page("C3", mine=True)])) == "C3"


def test_a_code_names_its_incident_also_when_it_is_over() -> None:
    assert meant(choose(Ack("C1"), [page("C2", waiting=True), page("C1", over=True)])) == "C1"
    assert choose(Ack("C9"), [page("C2", waiting=True)]) == NoSuchCode("C9")


def test_with_nothing_that_waits_the_only_open_one_is_meant() -> None:
    assert meant(choose(Ack(), [page("C2"), page("C1", over=True)])) == "C2"
    assert choose(Ack(), [page("C1", over=True)]) == NothingOpen()
    assert choose(Resolve(), []) == NothingOpen()


@pytest.mark.parametrize("wish", [Ack, Decline, Resolve])
@given(flags=st.lists(st.tuples(st.booleans(), st.booleans(), st.booleans()), max_size=6))
def test_without_a_code_what_is_over_is_never_meant(wish: type[Wish], flags: list[tuple[bool, bool, bool]]) -> None:
    pages = [page(f"C{n}", waiting=w, mine=m, over=o) for n, (w, m, o) in enumerate(flags)]
    choice = choose(wish(), pages)
    if isinstance(choice, Meant):
        assert not choice.page.over
    if isinstance(choice, NothingOpen):
        assert all(p.over for p in pages)


def test_who_was_asked_whether_they_still_have_it_means_that_one() -> None:
    asked = OpenPage("id-C3", PageFacts("C3", Level.HIGH, "x"), waiting=False, mine=True, over=False, asked=True)
    assert meant(choose(Ack(), [asked, page("C2", mine=True)])) == "C3"
    assert isinstance(choose(Ack(), [asked, page("C1", waiting=True)]), AskWhich)
