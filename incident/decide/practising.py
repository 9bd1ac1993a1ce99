"""What one person practises alone is decided as if nobody else were there, and nobody else has a say in it."""

from __future__ import annotations

from dataclasses import replace

from incident.commands import Moment
from incident.errors import Refused, why
from incident.marks import is_practice, practised
from incident.organisation import as_met


def alone_at(mark: str | None, moment: Moment) -> Moment:
    """The moment of a decision about what bears this mark. Raises Refused for a person or program that does not
    practise there: who practises acts, and besides the clock and exercise control."""
    if mark is None or not is_practice(mark):
        return moment
    sort, _, name = moment.by.partition(":")
    if sort not in ("system", "drill") and (sort, name) != ("person", practised(mark)[0]):
        raise Refused(why("practice.not_yours"))
    return replace(moment, organisation=as_met(moment.organisation, mark))
