"""The monthly round of test pages, put to the desk by whichever watch looks first. A minute's worth at a time."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime
from hashlib import sha256
from typing import Final

from sqlalchemy import Engine

from incident.clock import Clock
from incident.desk.desk import Desk
from incident.desk.requests import Idempotency, OpenReport, Outcome
from incident.errors import NoOrganisation
from incident.marks import mark_of
from incident.organisation import Organisation, Person
from incident.record import rounds
from incident.store import proofs
from incident.store.engine import reading

_log = logging.getLogger(__name__)

EVERY_S: Final = 60.0
AT_ONCE: Final = 20
"""Test pages in one minute: real pages must not queue behind them."""
SCOPE: Final = "test page"
WAIT_S: Final = 10.0


def ask(desk: Desk, person: Person, by: str, *, once: str | None = None) -> Future[Outcome]:
    """Send a test page. While one waits for this person's answer it is that one; `once` names a round."""
    digest = sha256(f"{person.id}/{once}".encode()).hexdigest()
    own = Idempotency(SCOPE, f"{person.id}/{once}", digest) if once else None
    return desk.submit(OpenReport(rounds.report_of(person), by, SCOPE, mark_of(person.id), own))


class Round:
    """Asks everybody once a month. Any number of these may run: the desk knows whom the round has asked."""

    def __init__(self, desk: Desk, engine: Engine, clock: Clock, organisation: Callable[[], Organisation]) -> None:
        self._desk, self._engine, self._clock, self._organisation = desk, engine, clock, organisation

    def look(self, now: datetime) -> int:
        """Ask whoever is due at `now`, at most twenty; how many were asked. Raises what desk and store raise."""
        try:
            self._organisation()
        except NoOrganisation:  # the first day of an installation: there is nobody to ask
            return 0
        if not rounds.due(self._organisation(), {}, now):  # nearly always: then nothing need be read
            return 0
        with reading(self._engine) as connection:
            asked = {person: proof.asked_at for person, proof in proofs.last(connection).items()}
        due = rounds.due(self._organisation(), asked, now)[:AT_ONCE]
        asking = [ask(self._desk, person, "system", once=rounds.month_of(person, now)) for person in due]
        for future in asking:
            future.result(WAIT_S)
        return len(asking)

    def run(self, stop: threading.Event) -> None:
        """Look each minute until `stop` is set."""
        while not stop.wait(EVERY_S):
            try:
                self.look(self._clock.now())
            except Exception:  # whatever it is: this thread must be there in the next month, too
                _log.exception("the round of test pages could not look; it tries again")
