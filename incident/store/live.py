"""Live drills that run, and what exercise control did: acts are only added, and each is written once by its key.

`state` of a drill is what the guard asks: whether its messages may reach a real phone now.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Connection, and_, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from incident.marks import PRACTICE, TABLE
from incident.orders import ANSWER, INJECT
from incident.store.drill_tables import drill_acts, live_drills
from incident.store.engine import DRILL_LOCK
from incident.store.outbox import SendState
from incident.store.tables import WAITING, attempts, is_put_off, outbox
from incident.store.types import OFF, moved

RUNNING: Final = "running"
PAUSED: Final = "paused"
SUSPENDED: Final = "suspended"
ENDED: Final = "ended"


@dataclass(frozen=True, slots=True)
class LiveRow:
    """`incident` is empty until the desk has opened it; `script` is the whole script as it was; `kept` the seal under
    which the drill was kept after its end."""

    mark: str
    incident: str
    script: str
    locale: str
    profile: str
    by: str
    state: str
    started_at: datetime
    kept: str | None = None


@dataclass(frozen=True, slots=True)
class ActRow:
    """`position` is that of the note in the drill's log: None until it was written there, 0 for what is not told."""

    key: str
    kind: str
    by: str
    at: datetime
    inject: int | None = None
    text: str = ""
    said: str = ""
    position: int | None = None


_ROW: Final = [live_drills.c[name] for name in LiveRow.__dataclass_fields__]
_AT_A_TABLE: Final = live_drills.c.mark.startswith(TABLE)
_ALONE: Final = live_drills.c.mark.startswith(PRACTICE)
_ACT: Final = [drill_acts.c[name] for name in ActRow.__dataclass_fields__]


def starting(connection: Connection) -> None:
    """Held until the transaction ends: of two starts in the same moment the second sees the first. SQLite lets one
    transaction write at a time anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({DRILL_LOCK})"))


def add(connection: Connection, row: LiveRow) -> None:
    connection.execute(insert(live_drills), asdict(row))


def add_once(connection: Connection, row: LiveRow) -> bool:
    """False when there is one of that mark already, also when it was added in the same moment."""
    try:
        with connection.begin_nested():
            add(connection, row)
    except IntegrityError:
        return False
    return True


def find(connection: Connection, name: str, *, lock: bool = False) -> LiveRow | None:
    """By its mark, or by what follows the first part of it. `lock` holds it until the transaction ends."""
    query = select(*_ROW).where(live_drills.c.mark.in_((name, f"live/{name}")))
    row = connection.execute(query.with_for_update() if lock else query).first()
    return LiveRow(*row) if row else None


def unfinished(connection: Connection) -> list[LiveRow]:
    """Those that run, stand still, or have ended and are not yet kept. Neither tabletops, at which nobody looks, nor
    practices."""
    query = select(*_ROW).where(live_drills.c.kept.is_(None), ~_AT_A_TABLE, ~_ALONE)
    return [LiveRow(*row) for row in connection.execute(query)]


def tables(connection: Connection) -> list[LiveRow]:
    """The tabletops that have not ended, the newest first."""
    query = select(*_ROW).where(live_drills.c.kept.is_(None), _AT_A_TABLE)
    return [LiveRow(*row) for row in connection.execute(query.order_by(live_drills.c.started_at.desc()))]


def practices(
    connection: Connection, by: str | None = None, *, since: datetime | None = None, limit: int = 1000
) -> list[LiveRow]:
    """What was practised alone, by one or by anybody, the newest first."""
    query = select(*_ROW).where(_ALONE)
    query = query if by is None else query.where(live_drills.c.by == by)
    query = query if since is None else query.where(live_drills.c.started_at >= since)
    newest = query.order_by(live_drills.c.started_at.desc(), live_drills.c.mark).limit(limit)
    return [LiveRow(*row) for row in connection.execute(newest)]


def practised_now(connection: Connection) -> list[LiveRow]:
    """The practices that are not over, or not yet kept."""
    query = select(*_ROW).where(live_drills.c.kept.is_(None), _ALONE)
    return [LiveRow(*row) for row in connection.execute(query)]


def practice(connection: Connection, name: str) -> LiveRow | None:
    """By the name that its mark ends with."""
    ends = live_drills.c.mark.endswith(f"/{name}", autoescape=True)
    row = connection.execute(select(*_ROW).where(_ALONE, ends)).first()
    return LiveRow(*row) if row else None


def state_of(connection: Connection, mark: str) -> str | None:
    """None for a drill that nobody knows."""
    return connection.scalar(select(live_drills.c.state).where(live_drills.c.mark == mark))


def opened(connection: Connection, mark: str, incident: str, at: datetime) -> None:
    connection.execute(update(live_drills).where(live_drills.c.mark == mark).values(incident=incident, started_at=at))


def stand(connection: Connection, mark: str, state: str) -> None:
    connection.execute(update(live_drills).where(live_drills.c.mark == mark).values(state=state))


def kept_of(connection: Connection, by: str) -> set[str]:
    """The kept drills that somebody started, by their seals."""
    mine = (live_drills.c.by == by) & live_drills.c.kept.is_not(None)
    return {name for name in connection.scalars(select(live_drills.c.kept).where(mine)) if name}


def kept(connection: Connection, mark: str, seal: str) -> None:
    connection.execute(update(live_drills).where(live_drills.c.mark == mark).values(kept=seal))


def acts(connection: Connection, mark: str) -> tuple[ActRow, ...]:
    """In the order in which they were written."""
    query = select(*_ACT).where(drill_acts.c.mark == mark).order_by(drill_acts.c.id)
    return tuple(ActRow(*row) for row in connection.execute(query))


def act(connection: Connection, mark: str, row: ActRow) -> None:
    """Raises IntegrityError when there is one of that key: hold the drill's row and look first."""
    connection.execute(insert(drill_acts), asdict(row) | {"mark": mark})


def told(connection: Connection, mark: str, key: str, position: int) -> None:
    mine = (drill_acts.c.mark == mark) & (drill_acts.c.key == key)
    connection.execute(update(drill_acts).where(mine).values(position=position))


def put_off(connection: Connection, mark: str, incident: str) -> None:
    """While the drill is paused: whatever of it waits to go out is put off, as a restored backup's is. Once more takes
    in what has come back to be tried again. What control itself sends goes out, and so does a reply to somebody."""
    waits = and_(_waiting(mark, incident), ~is_put_off, outbox.c.purpose.not_in((INJECT, ANSWER)))
    connection.execute(update(outbox).where(waits).values(not_before=moved(outbox.c.not_before, OFF)))


def let_go(connection: Connection, mark: str, incident: str, length: timedelta) -> None:
    """The pause is over: what was put off goes out as long after it as it would have gone out after its beginning."""
    waits = _waiting(mark, incident) & is_put_off
    later = {
        "not_before": moved(outbox.c.not_before, length - OFF),
        "expires_at": moved(outbox.c.expires_at, length),
    }
    connection.execute(update(outbox).where(waits).values(**later))


def withdraw(connection: Connection, mark: str, incident: str, now: datetime) -> int:
    """Cancel whatever of this drill still waits to go out, by whatever purpose. How many there were."""
    cancelled = {"state": str(SendState.CANCELLED), "settled_at": now}
    return connection.execute(update(outbox).where(_waiting(mark, incident)).values(**cancelled)).rowcount


@dataclass(frozen=True, slots=True)
class Sent:
    """A message about a drill's incident that a provider took, once for each provider; `position` is 0 where no entry
    ordered it, `body` what was said."""

    position: int
    person: str
    way: str
    drill: str | None
    provider: str
    body: str | None


def went_out(connection: Connection, incident: str) -> list[Sent]:
    """Whatever went out about an incident, whichever mark it bears, in the order in which it was ordered."""
    of = (outbox.c.position, outbox.c.person, outbox.c.way, outbox.c.drill, attempts.c.provider, outbox.c.body)
    taken = select(*of).join_from(outbox, attempts, attempts.c.send == outbox.c.id)
    taken = taken.where(outbox.c.incident == incident, attempts.c.outcome == "sent")
    return [Sent(*row) for row in connection.execute(taken.order_by(outbox.c.id, attempts.c.id))]


def _waiting(mark: str, incident: str) -> ColumnElement[bool]:
    return and_(outbox.c.incident == incident, outbox.c.drill == mark, outbox.c.state == WAITING)
