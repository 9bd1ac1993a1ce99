"""What the handling needs and what has arrived of it."""

from __future__ import annotations

from typing import assert_never

from incident.commands import Moment, ReceiveResource, RequestResource
from incident.errors import BadInput, Fault, Unknown, why
from incident.events import Event, ResourceArrived, ResourceRequested
from incident.state import Incident


def decide(state: Incident, command: RequestResource | ReceiveResource, moment: Moment) -> tuple[Event, ...]:
    """The answers of this chapter; see `incident.decide`. Requests of an incident are numbered from 1."""
    if command.quantity < 1:
        raise BadInput(Fault("/quantity", why("error.at_least_one")))
    match command:
        case RequestResource():
            number = len(state.requests) + 1
            return (ResourceRequested(number, command.item, command.quantity, command.needed_by),)
        case ReceiveResource():
            if command.request not in state.requests:
                raise Unknown("request", str(command.request))
            return (ResourceArrived(command.request, command.quantity),)
    assert_never(command)
