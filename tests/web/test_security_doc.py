"""The table of limits in docs/security.md says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from drills import guests
from drills.control import REMARKS
from incident.ical import reading
from incident.ical.feed import MOST_EVENTS as MOST_SHIFTS
from incident.intake.door import MOST_ALERTS
from incident.notify.confirming import SENT_AT_MOST, TRIES, WITHIN
from incident.store.accounts import PASSWORD_MIN
from web.acts import LONGEST_KEY
from web.auth import ANSWER_CODES, WRONG
from web.guests import LONGEST_REMARK
from web.pages.forms import MOST_FIELDS
from web.reports import MOST
from web.seats import OF_A_KEY, OF_A_PERSON, STREAMS
from web.security import BODY_LIMIT
from web.sessions import BY_ACCOUNT, BY_ADDRESS, PARALLEL, QUEUE
from web.sockets import Patience
from web.wall import STUCK_S

DOC = Path(__file__).parents[2] / "docs" / "security.md"
ROW = re.compile(r"^\| (.+?) \| ([^|]+) \|$", re.MULTILINE)


def in_time(limit: tuple[int, int]) -> str:
    return f"{limit[0]} in {limit[1]} s"


def test_the_limits_are_those_of_the_code() -> None:
    text = DOC.read_text()
    table = text[text.index("| limit | figure |") :].partition("\n\n")[0]
    most = Patience()
    assert dict(ROW.findall(table)) == {
        "limit": "figure",
        "bytes of a body": str(BODY_LIMIT),
        "bytes of a request's head": str(most.head_bytes),
        "lines of a request's head": str(most.head_lines),
        "bytes of a request as it is sent, with chunks and trailers": str(most.request_bytes),
        "seconds until the head must be there": f"{most.head_s:g}",
        "seconds until the body must be there": f"{most.body_s:g}",
        "seconds that an answer may wait for its reader": f"{most.reader_s:g}",
        "seconds that a live stream may wait for its reader": f"{STUCK_S:g}",
        "connections of a process, and never more than its open files less 250": str(most.connections),
        "connections from one address that is no proxy": str(most.of_one),
        "live streams of a process": str(STREAMS),
        "live streams of one key": str(OF_A_KEY),
        "live streams of one person": str(OF_A_PERSON),
        "wrong keys and links from one address": in_time(WRONG),
        "answer codes tried from one address": in_time(ANSWER_CODES),
        "codes to confirm one way": f"{SENT_AT_MOST} in {WITHIN.seconds} s",
        "attempts at one such code": str(TRIES),
        "wrong passwords from one address": in_time(BY_ADDRESS),
        "wrong passwords for one account": in_time(BY_ACCOUNT),
        "passwords checked at once, for strangers and for regulars each": str(PARALLEL),
        "passwords that wait to be checked, in each queue": str(QUEUE),
        "bytes of a calendar file": str(reading.MOST_BYTES),
        "events of a calendar file": str(reading.MOST_EVENTS),
        "events of a calendar file that repeat": str(reading.MOST_REPEATING),
        "times that a calendar file comes to in a year": str(reading.MOST_FOUND),
        "shifts in a calendar feed": str(MOST_SHIFTS),
        "links for guests of one drill at once": str(guests.MOST),
        "observations of one guest": str(REMARKS),
        "characters of one of them": str(LONGEST_REMARK),
        "alerts in one payload": str(MOST_ALERTS),
        "reports in one batch": str(MOST),
        "fields of a form": str(MOST_FIELDS),
        "characters of an Idempotency-Key": str(LONGEST_KEY),
    }


def test_a_password_is_as_long_as_the_page_says() -> None:
    assert f"at least {PASSWORD_MIN} characters" in DOC.read_text()
