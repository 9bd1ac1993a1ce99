"""The laws: from what was read to what is wrong with it. Nothing is read here, and no clock is asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from incident.audit.model import Finding, Limits, Rule
from incident.audit.seen import House, Leased, Unsent, Untold, Watched
from incident.record.urgency import AFTER

_HELD: Final = timedelta(days=10_000)
"""The work of a restored backup is put off by a century until somebody lets it go: `/readyz` says so by itself."""


def judge(
    *,
    now: datetime,
    limits: Limits,
    watched: Iterable[Watched] = (),
    unsent: Iterable[Unsent] = (),
    leased: Iterable[Leased] = (),
    untold: Iterable[Untold] = (),
    house: House | None = None,
    began: datetime | None = None,
) -> list[Finding]:
    """Everything that is wrong, the gravest rule first and in it the longest.

    `began` is when the process that asks did, if it is the watch: what others should have done while all of it was
    down is given its time from there.
    """
    found = [finding for one in watched for finding in _incident(one, now, limits, began)]
    found += _waiting(unsent, now, limits)
    found += _together(Rule.LEASE, ((o.incident, o.code, o.until) for o in leased), now - limits.lease)
    found += _together(Rule.UNTOLD, ((o.incident, o.code, o.ended_at) for o in untold), now - limits.untold)
    found += _house(house, now, limits, began) if house else ()
    weight = {rule: place for place, rule in enumerate(Rule)}
    found = list({finding.key: finding for finding in reversed(found)}.values())  # a law is broken once by each
    return sorted(found, key=lambda finding: (weight[finding.rule], finding.since))


def _incident(one: Watched, now: datetime, limits: Limits, began: datetime | None) -> Iterator[Finding]:
    if one.wake_at is not None and one.wake_at - now > _HELD:
        return
    if one.log_seq != one.seq and now - one.at > limits.just_now:
        yield _behind(one.at, one.incident, one.code, one.seq, one.log_seq)
        return  # what else the row says is as old as the row
    found = _who_has_it(one)
    if found is not None and now - one.at > limits.just_now:
        yield Finding(found, one.at, one.incident, one.code)
        return
    late = one.wake_at is None or one.next_at is None or one.wake_at - one.next_at > limits.just_now
    if one.ringing and one.next_at is not None and late:  # the row's times are cut at milliseconds
        yield Finding(Rule.OVERSLEPT, one.at, one.incident, one.code)
    if one.wake_at is not None and now - max(one.wake_at, began or one.wake_at) > limits.wake:
        yield Finding(Rule.LATE_WAKE, one.wake_at, one.incident, one.code)
    if one.unreachable and now - (since := one.paged_at or one.opened_at) > limits.unreachable:
        yield Finding(Rule.UNREACHABLE, since, one.incident, one.code)


def _who_has_it(one: Watched) -> Rule | None:
    """The first law: every open incident has an owner, or is asked for, or waits: for the end of maintenance, or, once
    solved, for its test."""
    if one.commander is not None or one.phase in AFTER:
        return None
    if one.held and one.wake_at is not None:
        return None
    if one.ringing:
        return Rule.PAGELESS if not one.unreachable and not one.ordered else None
    return Rule.ABANDONED if one.wake_at is None else Rule.SILENT


def _waiting(unsent: Iterable[Unsent], now: datetime, limits: Limits) -> list[Finding]:
    """One finding an incident, whatever number of its messages wait: the oldest tells."""
    late: dict[str, list[Unsent]] = {}
    for one in unsent:
        most = limits.unsent(one.level, first=one.first, answer=one.answer, held=one.held)
        if not one.reached and now - one.since > most:
            late.setdefault(one.incident, []).append(one)
    return [_unsent(messages) for messages in late.values()]


def _unsent(messages: Sequence[Unsent]) -> Finding:
    oldest = min(messages, key=lambda one: one.since)
    params = {"person": oldest.person, "way": oldest.way, "attempts": str(oldest.attempts)}
    return Finding(Rule.UNSENT, oldest.since, oldest.incident, oldest.code, len(messages), params)


def _together(rule: Rule, found: Iterable[tuple[str, str, datetime]], before: datetime) -> list[Finding]:
    late: dict[tuple[str, str], list[datetime]] = {}
    for incident, code, at in found:
        if at < before:
            late.setdefault((incident, code), []).append(at)
    return [Finding(rule, min(times), incident, code, len(times)) for (incident, code), times in late.items()]


def _house(house: House, now: datetime, limits: Limits, began: datetime | None) -> Iterator[Finding]:
    for rule, heard in ((Rule.WORKER, house.worker_at), (Rule.WEB, house.web_at)):
        if heard is not None and now - max(heard, began or heard) > limits.alive:
            yield Finding(rule, heard)
    unread = house.unread_since
    if unread is not None and now - max(unread, began or unread) > limits.clerk:
        yield Finding(Rule.CLERK, unread, count=house.unread)
    head = house.head
    if head is not None and head.shown != head.seq and now - head.at > limits.just_now:
        yield _behind(head.at, head.incident, head.code or head.incident, head.shown, head.seq)


def _behind(since: datetime, incident: str, code: str, shown: int | None, seq: int) -> Finding:
    return Finding(Rule.BOARD, since, incident, code, params={"seq": str(shown or 0), "log": str(seq)})
