"""A machine is cut off from the database in the middle of its sends: the others go on, and it says what it lacks."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from incident.clock import monotonic
from incident.ids import hashed, new_key
from incident.notify.deliver import LEASE
from incident.store import chain, keys
from incident.store.engine import DEAF_S, changing, reading
from tests.servers import Postgres
from tests.survive.forwarder import Forwarder
from tests.survive.node import Node, other_machine
from tests.survive.serve import Wall, call
from tests.survive.town import Town

pytestmark = pytest.mark.long

NOTICED = 4 * DEAF_S
"""Seconds until a cut is noticed at the latest: what hangs, what is tried in its place, and the next look."""
BUSY_S = 15.0
"""What a machine that does much else may add. On an idle one all of it takes 12 to 13 s."""


@dataclass
class Far:
    """The web on the other machine, as its visitors reach it."""

    host: str
    port: int
    key: str

    def says(self, path: str) -> int:
        return call(self, "GET", path, timeout=NOTICED)[0]


@pytest.fixture
def node() -> Iterator[Node]:
    with other_machine() as node:
        yield node


@pytest.fixture
def town(
    node: Node, tmp_path: Path, postgres_server: Postgres, postgres_url: str, clean_redis_url: str
) -> Iterator[Town]:
    """A town of two machines. The far one reaches database and bell through doors at the end of its cable."""
    town = Town(tmp_path, postgres_url, clean_redis_url, rate=1.0, world=node.world)
    database = Forwarder(node.store, f"{postgres_server.folder}/.s.PGSQL.5432")
    bell = Forwarder(node.store, urlsplit(clean_redis_url).path)
    far = {
        "database_url": f"postgresql://tester@{node.store}:{database.port}/{urlsplit(postgres_url).path[1:]}",
        "redis_url": f"redis://{node.store}:{bell.port}/0",
    }
    near = [town.start("worker"), town.start("watch")]
    town.raises(1)
    town.until(lambda: "C1" in town.twilio.codes())  # they are up
    town.until(lambda: town.unsent() is None)  # and C1 is written down: frozen before that, it would be sent again
    near[0].send_signal(signal.SIGSTOP)  # and the far worker will be the one that gets the pages
    town.start("web", inside=node.inside, host=node.address, **far)
    town.start("worker", inside=node.inside, **far)
    town.start("watch", inside=node.inside, **far)
    yield town
    town.close()
    database.close()
    bell.close()


@pytest.fixture
def web(town: Town, node: Node) -> Far:
    web = Far(node.address, 8000, new_key())
    with changing(town.house.engine) as connection:
        keys.add(connection, hashed=hashed(web.key), name="test", role="admin", now=town.house.clock.now())
    town.until(lambda: _answers(web))
    return web


def _answers(web: Far) -> bool:
    try:
        return web.says("/healthz") == 200
    except OSError:
        return False


def _reads(web: Far) -> bool:
    """Whether it says of itself that it reads the log."""
    return call(web, "GET", "/readyz/web", timeout=NOTICED)[1]["checks"]["log"]["detail"] == "unread for 0.0 s"


REPORT = {"title": "pump stopped", "kind": "other", "level": "low"}


def test_no_page_is_lost_the_others_take_over_and_the_machine_says_that_it_cannot_write(
    town: Town, node: Node, web: Far
) -> None:
    wall = Wall(web)
    town.until(lambda: wall.connections == 1)
    town.until(lambda: town.unsent() is None)  # what went out before is written down: only these are at stake
    town.twilio.open.clear()
    town.raises(3)
    town.until(lambda: len(town.twilio.codes()) == 4)  # they are in the far worker's hands

    node.unplug()
    cut = monotonic()
    town.twilio.open.set()  # the provider has taken them; the far worker cannot write it down
    near = town.children[:2]
    near[0].send_signal(signal.SIGCONT)
    town.raises(1)  # a new page does not wait for the cut one's leases
    town.until(lambda: "C5" in town.twilio.codes(), within=LEASE.total_seconds() - 1)
    assert web.says("/healthz") == 200
    town.until(lambda: web.says("/readyz/web") == web.says("/readyz") == 503, within=NOTICED)
    status, problem = call(web, "POST", "/api/incidents", REPORT, timeout=NOTICED)
    assert (status, problem["type"]) == (503, "urn:incident:problem:unavailable")
    town.until(lambda: town.unsent() is None, within=LEASE.total_seconds() + BUSY_S)
    assert monotonic() - cut < LEASE.total_seconds() + BUSY_S
    assert town.twilio.codes() == {"C1": 1, "C2": 2, "C3": 2, "C4": 2, "C5": 1}
    town.until(lambda: not _reads(web), within=NOTICED)  # not hanging: it knows that it sees nothing, and the wall too

    node.plug_in()
    town.until(lambda: web.says("/readyz/web") == 200, within=NOTICED)
    for child in near:
        town.kill(child)
    status, opened = call(web, "POST", "/api/incidents", {**REPORT, "level": "critical"})
    assert status == 201
    town.until(lambda: opened["code"] in town.twilio.codes())  # by the far worker, which never stopped
    assert all(child.poll() is None for child in town.children if child not in near)
    last = call(web, "GET", f"/api/incidents/{opened['id']}/log")[1]["items"][0]["position"]
    town.until(lambda: wall.seen and wall.seen[-1] >= last)
    wall.stop.set()
    assert wall.seen == list(range(wall.seen[0], wall.seen[0] + len(wall.seen))), "an entry was missed or seen twice"
    with reading(town.house.engine) as connection:
        assert chain.verify(connection).holds
