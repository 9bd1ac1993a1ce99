"""What is too much: bodies, attempts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.web.place import Place
from web.kept import Kept
from web.limiter import Limiter
from web.security import BODY_LIMIT


class Hand:
    """A clock for seconds that is moved by hand."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


def test_a_body_over_the_limit_is_a_problem_before_it_is_read(place: Place) -> None:
    answer = place.client.post("/api/incidents", content=b"x" * (BODY_LIMIT + 1), headers=place.key("responder"))
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"
    assert "1024 KiB" in answer.json()["detail"]


def test_a_body_that_does_not_say_its_length_is_stopped_on_the_way(place: Place) -> None:
    chunks = (b" " * 65536 for _ in range(40))
    answer = place.client.post("/api/incidents", content=chunks, headers=place.key("responder"))
    assert answer.status_code == 413


def test_attempts_come_back_with_time() -> None:
    hand = Hand()
    limiter = Limiter(2, 60, now=hand)
    for _ in range(2):
        assert limiter.wait("a") == 0.0
        limiter.count("a")
    assert limiter.wait("a") == 30.0
    assert limiter.wait("b") == 0.0
    hand.at = 30.0
    assert limiter.wait("a") == 0.0
    limiter.count("a")
    limiter.forget("a")
    assert limiter.wait("a") == 0.0


@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 10)), max_size=60))
def test_never_more_attempts_than_the_bucket_and_its_refill(tries: list[tuple[str, float]]) -> None:
    hand = Hand()
    limiter = Limiter(3, 30, now=hand)
    passed = dict.fromkeys("abc", 0)
    for name, pause in tries:
        hand.at += pause
        if limiter.wait(name) == 0.0:
            limiter.count(name)
            passed[name] += 1
    assert all(count <= 3 + hand.at / 10 + 1e-6 for count in passed.values())


def test_the_names_that_are_remembered_are_bounded() -> None:
    limiter = Limiter(1, 60, names=10, now=Hand())
    for number in range(50):
        limiter.count(str(number))
    assert limiter.wait("0") == 0.0
    assert limiter.wait("49") > 0


def test_a_look_tells_a_kept_none_from_nothing_kept() -> None:
    hand = Hand()
    kept: Kept[str, str | None] = Kept(5, now=hand)
    assert kept.look("k") is None
    kept.put("k", None)
    assert kept.look("k") == (None,)
    kept.put("k", "found")
    assert kept.look("k") == ("found",)
    hand.at = 5.1
    assert kept.look("k") is None


def test_an_answer_is_kept_for_its_time_and_no_longer() -> None:
    hand, reads = Hand(), iter(range(10))
    kept: Kept[str, int] = Kept(5, now=hand)
    assert [kept.get("k", lambda: next(reads)) for _ in range(3)] == [0, 0, 0]
    hand.at = 5.1
    assert not kept.has("k")
    assert kept.get("k", lambda: next(reads)) == 1
    kept.forget("k")
    assert kept.get("k", lambda: next(reads)) == 2
