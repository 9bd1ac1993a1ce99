"""The word: updates on their cadence, notes at any time, and the risk assessed beside the handling."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, assert_never

from incident.commands import AssessRisk, Moment, Note, Update
from incident.errors import BadInput, Fault, why
from incident.events import Event, Noted, RiskAssessed, Updated
from incident.state import Incident, Phase

RISKS: Final = (
    ("low", "low", "low", "medium", "medium"),
    ("low", "low", "medium", "medium", "high"),
    ("low", "medium", "medium", "high", "high"),
    ("medium", "medium", "high", "high", "extreme"),
    ("medium", "high", "high", "extreme", "extreme"),
)
"""Risk class by likelihood (rows, 1 to 5) and consequence (columns, 1 to 5): a lookup, not a product. [assumed]"""


def decide(state: Incident, command: Update | Note | AssessRisk, moment: Moment) -> tuple[Event, ...]:
    """The answers of this chapter; see `incident.decide`."""
    match command:
        case Update():
            return (
                Updated(
                    text=command.text,
                    next_due=_next_due(state, moment.now),
                    audience=command.audience,
                    restored_percent=command.restored_percent,
                    customers_affected=command.customers_affected,
                    needs=command.needs,
                ),
            )
        case Note():
            return (Noted(command.text),)
        case AssessRisk():
            for name, value in (("likelihood", command.likelihood), ("consequence", command.consequence)):
                if not 1 <= value <= 5:
                    raise BadInput(Fault(f"/{name}", why("error.one_to_five")))
            risk = RISKS[command.likelihood - 1][command.consequence - 1]
            return (RiskAssessed(command.likelihood, command.consequence, risk, command.measure),)
    assert_never(command)


def _next_due(state: Incident, now: datetime) -> datetime | None:
    """After the first update the scope is due soon, then one every so often; none is owed once it is resolved."""
    if state.pinned is None or state.phase in (Phase.VERIFYING, Phase.REVIEWING):
        return None
    cadence = state.pinned.cadence
    return now + timedelta(seconds=cadence.scope_s if state.word.count == 0 else cadence.every_s)
