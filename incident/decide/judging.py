"""How the communication was, in the word of a reviewer: somebody who did not command it."""

from __future__ import annotations

from typing import Final

from incident.commands import JudgeCommunication, Moment
from incident.decide.people import known
from incident.errors import BadInput, Fault, Refused, why
from incident.events import CommunicationJudged, Event
from incident.marks import is_drill
from incident.state import Incident, Phase

JUDGED: Final = ("accuracy", "clarity", "feedback")


def under_way(state: Incident) -> bool:
    """Whether it is a drill that has not ended: it is reviewed after that, not by those who play."""
    return is_drill(state.report.drill) and state.sealed_at is None and state.phase is not Phase.CLOSED


def decide(state: Incident, command: JudgeCommunication, moment: Moment) -> tuple[Event, ...]:
    """The same judgement twice is one. Raises BadInput for a figure without its reason, a reason without its figure,
    or nothing at all; Refused for who ever commanded the incident, and while a drill goes on."""
    if under_way(state):
        raise Refused(why("communication.drill_runs"))
    person = known(command.person, moment)
    if person in state.commanders:
        raise Refused(why("refused.judge_own", person=person))
    faults = []
    for name in JUDGED:
        figure, reason = getattr(command, name), getattr(command, f"{name}_reason")
        if figure is not None and not reason:
            faults.append(Fault(f"/{name}_reason", why("communication.reason_needed")))
        if figure is None and reason:
            faults.append(Fault(f"/{name}", why("communication.figure_needed")))
    if all(getattr(command, name) is None for name in JUDGED) and not faults:
        faults.append(Fault("/accuracy", why("communication.nothing_judged")))
    if faults:
        raise BadInput(*faults)
    judged = CommunicationJudged(
        person,
        command.accuracy,
        command.clarity,
        command.feedback,
        command.accuracy_reason,
        command.clarity_reason,
        command.feedback_reason,
    )
    return () if judged == state.judged else (judged,)
