"""Whoever guesses keys, links or passwords costs nobody else anything: right ones pass, and as quickly as before."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import anyio
import pytest
from argon2 import PasswordHasher
from starlette.testclient import TestClient

from incident.store import links
from incident.store.engine import reading
from tests.web.place import Place, organisation, secret
from web.auth import address_of
from web.kept import Kept
from web.limiter import Limiter
from web.problems import TooOften
from web.sessions import QUEUE, Sessions

pytestmark = pytest.mark.long

PASSWORD = "correct horse battery"
WRONG = {"authorization": "Bearer not-a-key"}


@pytest.fixture
def signing(place: Place) -> Place:
    """alice and bob have passwords, hashed in a millisecond."""
    sessions: Sessions = place.app.state.gate.sessions
    sessions._hasher = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    for name in ("alice", "bob"):
        sessions.set_password(name, PASSWORD)
    return place


def at(place: Place, host: str) -> TestClient:
    """A browser at another address."""
    return TestClient(place.app, base_url="http://127.0.0.1:8000", client=(host, 1), follow_redirects=False)


def sign_in(client: TestClient, name: str, password: str) -> int:
    status: int = client.post("/login", data={"name": name, "password": password}).status_code
    return status


def test_a_right_key_passes_from_where_hundreds_of_wrong_ones_came(place: Place) -> None:
    """The monitor and whoever guesses may be behind the same proxy."""
    place.app.state.gate.wrong = Limiter(30, 10**6)  # nothing comes back while this test runs
    statuses = [place.client.get("/api/incidents", headers=WRONG).status_code for _ in range(300)]
    assert statuses == [401] * 30 + [429] * 270
    assert place.client.get("/api/incidents", headers=place.key("viewer")).status_code == 200
    hook = f"/hooks/generic/{secret('integration')}"
    assert place.client.post(hook, json={"title": "down"}).status_code == 200
    assert place.client.post("/hooks/generic/wrong", json={"title": "down"}).status_code == 429
    for _ in range(3):
        assert int(place.client.get("/api/incidents", headers=WRONG).headers["retry-after"]) >= 1


def test_a_right_link_opens_from_where_many_wrong_ones_came(place: Place) -> None:
    incident = place.reported()["id"]
    place.deliver()
    with reading(place.house.engine) as connection:
        token = links.of(connection, [incident])[incident, "alice"]
    statuses = [place.client.get(f"/a/abcdefghjk{n:02}").status_code for n in range(40)]
    assert (statuses[0], statuses[-1]) == (404, 429)
    assert place.client.get(f"/a/{token}").status_code == 200


def test_guesses_push_no_right_answer_out_of_what_is_kept() -> None:
    kept: Kept[str, str | None] = Kept(5, size=10, now=lambda: 0.0)
    kept.get("right", lambda: "found")
    for number in range(100):
        kept.get(f"wrong {number}", lambda: None)
    assert kept.has("right")
    assert kept.has("wrong 99")
    assert not kept.has("wrong 1"), "what is remembered is bounded"
    kept.forget("wrong 99")
    assert kept.get("wrong 99", lambda: "made since") == "made since"


def test_hammering_at_an_account_does_not_keep_its_owner_out_where_they_usually_sign_in(signing: Place) -> None:
    home, elsewhere = at(signing, "192.0.2.1"), at(signing, "198.51.100.9")
    assert sign_in(home, "alice", PASSWORD) == 303
    statuses = [sign_in(elsewhere, "alice", f"guess number {n}") for n in range(15)]
    assert statuses[-1] == 429
    assert sign_in(at(signing, "203.0.113.5"), "alice", PASSWORD) == 429, "a stranger's place, right or not"
    assert sign_in(home, "alice", PASSWORD) == 303
    assert [sign_in(home, "alice", "wrong") for _ in range(11)][-1] == 429, "at home one guesses no more than elsewhere"


def test_a_whole_shift_signs_in_from_one_office(signing: Place) -> None:
    office = at(signing, "192.0.2.1")
    assert {sign_in(office, name, PASSWORD) for _ in range(15) for name in ("alice", "bob")} == {303}
    assert [sign_in(office, f"nobody{n}", "wrong") for n in range(21)][-1] == 429
    assert sign_in(office, "alice", PASSWORD) == 303, "who is known there"


def test_right_passwords_do_not_wash_off_wrong_ones(signing: Place) -> None:
    """An attacker with an account of their own must not get more guesses by it."""
    elsewhere = at(signing, "198.51.100.9")
    statuses = []
    for number in range(30):
        sign_in(elsewhere, "bob", PASSWORD)
        statuses.append(sign_in(elsewhere, f"alice{number}", "wrong"))
    assert statuses[-1] == 429


def test_one_network_of_ipv6_is_one_guesser(signing: Place) -> None:
    statuses = [sign_in(at(signing, f"2001:db8:1:2::{n:x}"), f"nobody{n}", "wrong") for n in range(1, 23)]
    assert statuses[-1] == 429
    assert sign_in(at(signing, "2001:db8:1:3::1"), "nobody", "wrong") == 401


@pytest.mark.parametrize(
    ("host", "counted"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8::1:2:3:4", "2001:db8::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unknown", "unknown"),
        ("not:an:address", "not:an:address"),
        ("x" * 5000, "x" * 64),
    ],
)
def test_the_name_under_which_an_address_is_counted(host: str, counted: str) -> None:
    request: Any = type("Request", (), {"client": type("Client", (), {"host": host})})
    assert address_of(request) == counted


def test_passwords_wait_in_a_queue_that_is_bounded_and_whoever_is_known_in_another(signing: Place) -> None:
    """argon2 takes a core and 64 MB: one at a time for strangers, one for regulars."""
    sessions: Sessions = signing.app.state.gate.sessions
    sessions._by_address = sessions._by_account = Limiter(1000, 1)
    going, hashing = threading.Event(), _Counted(sessions._verify)
    blocked = _Counted(lambda person, password: going.wait(30) and False)

    async def guess(number: int) -> None:
        with pytest.raises(Exception, match=r"api\."):
            await sessions.check_password(organisation(), f"nobody{number}", "wrong", "198.51.100.9")

    async def storm() -> None:
        await sessions.check_password(organisation(), "alice", PASSWORD, "192.0.2.1")
        sessions._verify = blocked  # type: ignore[method-assign]
        async with anyio.create_task_group() as tasks:
            for number in range(QUEUE + 1):
                tasks.start_soon(guess, number)
            await anyio.wait_all_tasks_blocked()
            with pytest.raises(TooOften):
                await sessions.check_password(organisation(), "bob", PASSWORD, "198.51.100.9")
            sessions._verify = hashing  # type: ignore[method-assign]
            assert await sessions.check_password(organisation(), "alice", PASSWORD, "192.0.2.1") == "alice"
            going.set()

    anyio.run(storm)
    assert blocked.most == 1


class _Counted:
    """How many are in it at once."""

    def __init__(self, work: Callable[..., bool]) -> None:
        self.work, self.now, self.most, self.lock = work, 0, 0, threading.Lock()

    def __call__(self, *given: Any) -> bool:
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)
        try:
            return self.work(*given)
        finally:
            with self.lock:
                self.now -= 1
