"""The bodies of requests: what each command needs, with its limits. What is not named here is refused.

`person` says who acts, for a key that speaks for people; a signed-in person always acts as themselves.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from incident.levels import Level
from incident.posts import Post

Short = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Long = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
Count = Annotated[int, Field(ge=1, le=1_000_000)]
Grade = Annotated[int, Field(ge=1, le=5)]


class Body(BaseModel):
    """Unknown fields are errors: a misspelt field must not be lost in silence."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Nothing(Body):
    """A command that needs no more than its name."""


class StartPlaybook(Nothing):
    """Starts the playbook of a report that waits for a click (Low): its clocks run and its people are paged."""


class PageNow(Nothing):
    """Pages at once what planned maintenance holds back."""


class Acting(Body):
    """Who acts. Only a key may say so."""

    person: Name | None = None


class Acknowledge(Acting):
    """Takes the incident: stops the ladder; the first one to answer commands."""


class Decline(Acting):
    """Cannot take it: the ladder moves up at once when nobody paged last is left."""

    note: Short | None = None


class Regrade(Body):
    """Another level, with the reason in a sentence. All clocks are recomputed; a graver level pages anew."""

    level: Level
    reason: Long


class TakeCommand(Acting):
    """Takes command of an incident that has no commander."""


class OfferCommand(Body):
    """Offers the command to somebody. The old commander stays until the new one accepts."""

    to: Name
    briefing: Long | None = None


class AcceptCommand(Acting):
    """Accepts the command that was offered."""


class FillPost(Acting):
    """Puts `person` (left out: whoever asks) into a post."""

    post: Post


class VacatePost(Acting):
    """Takes `person` (left out: whoever asks) out of a post."""

    post: Post


class StartStep(Acting):
    """Begins a step; its time limit starts to run."""

    step: Name


class FinishStep(Acting):
    """The step is done."""

    step: Name
    result: Long | None = None


class FailStep(Acting):
    """The step did not work; its fallback is what to do now."""

    step: Name
    result: Long


class SkipStep(Acting):
    """The step is left out, with the reason."""

    step: Name
    reason: Long


class AddStep(Acting):
    """One more step than the playbook has."""

    text: Long
    owner: Post
    limit_min: Annotated[int, Field(ge=1, le=60 * 24 * 60)] | None = None


class Update(Body):
    """The word: what is going on. Resets the clock of the next update."""

    text: Long
    audience: Literal["internal", "customers", "partners", "authorities", "public"] = "internal"
    restored_percent: Annotated[int, Field(ge=0, le=100)] | None = None
    customers_affected: Annotated[int, Field(ge=0, le=1_000_000_000)] | None = None
    needs: Long | None = None


class Note(Body):
    """A line in the log that changes nothing else."""

    text: Long


class Elements(Body):
    """The elements of a report that may be completed or put right."""

    title: Short | None = None
    place: Short | None = None
    product: Short | None = None
    serial: Short | None = None
    symptom: Long | None = None
    scope: Short | None = None
    customer: Short | None = None
    service: Short | None = None


class Amend(Body):
    """Elements of the report that were missing or wrong. At least one."""

    fields: Elements


class AssessRisk(Body):
    """Likelihood and consequence from 1 to 5; the risk is looked up in the matrix."""

    likelihood: Grade
    consequence: Grade
    measure: Long


class RequestResource(Body):
    """Asks for material."""

    item: Short
    quantity: Count
    needed_by: AwareDatetime | None = None


class ReceiveResource(Body):
    """`request` is the number that the request got."""

    request: Count
    quantity: Count


class RecordFindings(Body):
    """What was found and done. At least one of the two."""

    cause: Long | None = None
    measure: Long | None = None


class Restore(Body):
    """The customers have their service back; what follows is repair."""

    note: Long | None = None


class Resolve(Acting):
    """It is over. What follows is the functional test and its verification."""

    note: Long | None = None
    cause: Long | None = None
    measure: Long | None = None


class Verify(Acting):
    """The functional test and its outcome; a failed one sends the incident back into handling."""

    test: Long
    passed: bool = True


class TickCloseout(Body):
    """One item of the close-out list is confirmed."""

    item: Name


class FollowUp(Body):
    """The customer was asked again after the end."""

    text: Long


class Close(Body):
    """Ends it, once cause, measure, test and verification are recorded."""

    summary: Long | None = None


class Reopen(Body):
    """It is not over after all. Pages anew."""

    reason: Long


class JudgeCommunication(Acting):
    """The reviewer's part of how people were told: accuracy, clarity and feedback from 1 to 5, each with its reason.
    Left out: not observed. Whoever commanded the incident may not; a later judgement counts instead."""

    accuracy: Grade | None = None
    accuracy_reason: Long | None = None
    clarity: Grade | None = None
    clarity_reason: Long | None = None
    feedback: Grade | None = None
    feedback_reason: Long | None = None


class Merge(Body):
    """Folds this incident into another one, named by id or code."""

    into: Name


class NewKey(Body):
    """A key for a program. `unit` is where its reports land: those of `/api/incidents` when they name none, whatever
    comes in by a hook always. `mapping` is for the generic hook."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]*$", max_length=60)]
    role: Literal["viewer", "responder", "commander", "admin", "integration"]
    unit: Name | None = None
    mapping: dict[str, object] | None = None


class PhoneMessage(Body):
    """A text message from a simulated phone."""

    body: Annotated[str, StringConstraints(min_length=1, max_length=1600)]


class Brief(BaseModel):
    """An incident as a batch or a hook names it; `created` tells a new one from one that a repeat was folded into."""

    id: str
    code: str
    created: bool


class Taken(BaseModel):
    """What became of a payload. `notes` are sentences: what gave no signal, and why."""

    incidents: list[Brief]
    notes: list[str]
