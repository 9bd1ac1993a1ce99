"""A way counts once its owner has typed the code that came by that very way.

No code is kept anywhere: it follows from the house's secret, the way and a nonce, so that neither the database nor a
backup of it confirms anything. It lives for a quarter of an hour, is worth five attempts, and is sent again only so
often: each one costs money and rings somebody's phone.
"""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from incident.errors import BadInput, Fault, Reason, Refused, why
from incident.notify import way_news
from incident.organisation import Way
from incident.store import ways
from incident.store.ways import Code, WayId

CODE: Final = "code"
"""The purpose of the message that carries a code."""
TRIAL: Final = "trial"
"""The purpose of a test message to one way."""

LIVES: Final = timedelta(minutes=15)
TRIES: Final = 5
AGAIN_AFTER: Final = timedelta(minutes=1)
SENT_AT_MOST: Final = 5
WITHIN: Final = timedelta(hours=1)
_DIGITS: Final = 6

BY_CODE: Final = "code"
"""By whom a way is confirmed when its owner has typed the code."""


def code_of(secret: str, way: WayId, nonce: str) -> str:
    """Six digits. Whoever has not the secret has one guess in a million, five times."""
    said = f"way-code\n{way.person}\n{way.kind}\n{way.digest}\n{nonce}"
    number = int.from_bytes(hmac.digest(secret.encode(), said.encode(), "sha256"))
    return f"{number % 10**_DIGITS:0{_DIGITS}}"


def send_code(connection: Connection, person: str, way: Way, *, now: datetime, nonce: str) -> datetime:
    """Order the message with a fresh code; any earlier one is worth nothing now. The answer is until when it lives.

    Raises Refused when the last one is too recent, or too many have gone out.
    """
    about = way_news.id_of(person, way)
    before = ways.code(connection, about)
    since, sent = (before.since, before.sent) if before and now - before.since < WITHIN else (now, 0)
    if before is not None and now - before.sent_at < AGAIN_AFTER:
        raise Refused(why("way.code.too_soon", seconds=AGAIN_AFTER.seconds - (now - before.sent_at).seconds))
    if sent >= SENT_AT_MOST:
        minutes = -(-(since + WITHIN - now).seconds // 60)
        raise Refused(why("way.code.too_many", most=SENT_AT_MOST, minutes=minutes))
    until = now + LIVES
    ways.put_code(connection, about, Code(nonce, now, until, 0, since, sent + 1))
    way_news.put(connection, person, way, CODE, {"nonce": nonce, "minutes": LIVES.seconds // 60}, at=now, life=LIVES)
    return until


def confirm_by_code(connection: Connection, secret: str, way: WayId, typed: str, now: datetime) -> Reason | None:
    """Take what somebody typed. None when it was right: the way is confirmed. Else the reason why not.

    The attempt is counted before it is looked at, so commit this transaction whatever the answer is.
    """
    sent = ways.code(connection, way)
    if sent is None or now > sent.expires_at:
        return why("way.code.expired")
    digits = "".join(str(int(c)) for c in typed if c.isdecimal())
    if len(digits) != _DIGITS and sent.tries < TRIES:  # a slip of the thumb, no guess
        return why("way.code.wrong", left=TRIES - sent.tries)
    if not ways.tried(connection, way, sent.nonce, TRIES):
        return why("way.code.used_up")
    if not hmac.compare_digest(digits, code_of(secret, way, sent.nonce)):
        left = TRIES - sent.tries - 1
        return why("way.code.wrong", left=left) if left else why("way.code.used_up")
    ways.confirm(connection, [way], at=now, by=BY_CODE)
    ways.use_up(connection, way)
    return None


def vouch(connection: Connection, way: WayId, *, admin: str, reason: str, now: datetime) -> None:
    """An admin says that the way is its owner's, and why they know. Kept as such. Raises BadInput without a reason."""
    if not reason.strip():
        raise BadInput(Fault("/reason", why("way.vouch.reason")))
    ways.confirm(connection, [way], at=now, by=f"{admin}: {reason.strip()[:200]}")


def send_trial(connection: Connection, person: str, way: Way, *, now: datetime) -> None:
    """Order a test message to one way: it says what it is and asks for nothing."""
    way_news.put(connection, person, way, TRIAL, {}, at=now, life=LIVES)
