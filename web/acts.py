"""Every command that may be put to an incident from outside: its body, the role it takes, and how it is built.

The API and the forms of the pages both come through `act` and `report`; nothing else in the web writes to an
incident, except what answers pages by phone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from anyio import to_thread
from pydantic_core import to_json

from incident import commands
from incident.commands import Command
from incident.desk.requests import Act as Putting
from incident.desk.requests import Idempotency, Outcome
from incident.errors import BadInput, Fault, Refused, Unknown, why
from incident.ids import is_id
from incident.organisation import Organisation, Role, is_played
from incident.record.naming import named
from incident.store import board
from incident.store.board import Listed
from incident.store.engine import reading
from web import bodies
from web.asking import asked
from web.auth import Visitor, check
from web.house import House
from web.problems import Forbidden
from web.wire import parse

LONGEST_KEY: Final = 255
"""Characters of an Idempotency-Key."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts in a command: the signed-in person, or the one whom a key speaks for."""

    visitor: Visitor
    organisation: Organisation

    @property
    def via(self) -> str:
        return self.visitor.via

    def acting(self, body: bodies.Acting) -> str:
        """Raises BadInput when a key names nobody, or a signed-in person somebody else."""
        me = self.visitor.person
        if me is not None and body.person not in (None, me):
            raise BadInput(Fault("/person", why("api.act_as_yourself")))
        return me or self.named(body)

    def named(self, body: bodies.Acting) -> str:
        """The person in the body, else the one who asks: for posts, which one gives to others. Whether there is such a
        played person, in a practice, the core says."""
        name = body.person or self.visitor.person
        if name is None:
            raise BadInput(Fault("/person", why("api.person_needed")))
        if self.organisation.person(name) is None and not is_played(name):
            raise BadInput(Fault("/person", why("api.person_unknown")))
        return name


@dataclass(frozen=True, slots=True)
class Act:
    """`role` is what it takes; who commands the incident needs only be a responder."""

    body: type[bodies.Body]
    build: Callable[[Any, Actor], Command]
    role: Role = Role.RESPONDER


def _judged(body: bodies.JudgeCommunication, who: Actor) -> Command:
    given = body.model_dump(exclude={"person"})
    return commands.JudgeCommunication(who.acting(body), **given)


COMMANDS: Final[Mapping[str, Act]] = {
    "acknowledge": Act(bodies.Acknowledge, lambda b, who: commands.Acknowledge(who.acting(b), who.via)),
    "decline": Act(bodies.Decline, lambda b, who: commands.Decline(who.acting(b), who.via, b.note)),
    "regrade": Act(bodies.Regrade, lambda b, _: commands.Regrade(b.level, b.reason), Role.COMMANDER),
    "start-playbook": Act(bodies.StartPlaybook, lambda _b, _: commands.StartPlaybook()),
    "take-command": Act(bodies.TakeCommand, lambda b, who: commands.TakeCommand(who.acting(b))),
    "offer-command": Act(bodies.OfferCommand, lambda b, _: commands.OfferCommand(b.to, b.briefing), Role.COMMANDER),
    "accept-command": Act(bodies.AcceptCommand, lambda b, who: commands.AcceptCommand(who.acting(b))),
    "fill-post": Act(bodies.FillPost, lambda b, who: commands.FillPost(b.post, who.named(b))),
    "vacate-post": Act(bodies.VacatePost, lambda b, who: commands.VacatePost(b.post, who.named(b))),
    "start-step": Act(bodies.StartStep, lambda b, who: commands.StartStep(b.step, who.acting(b))),
    "finish-step": Act(bodies.FinishStep, lambda b, who: commands.FinishStep(b.step, who.acting(b), b.result)),
    "fail-step": Act(bodies.FailStep, lambda b, who: commands.FailStep(b.step, who.acting(b), b.result)),
    "skip-step": Act(bodies.SkipStep, lambda b, who: commands.SkipStep(b.step, who.acting(b), b.reason)),
    "add-step": Act(
        bodies.AddStep, lambda b, who: commands.AddStep(b.text, b.owner, who.acting(b), limit_min=b.limit_min)
    ),
    "update": Act(
        bodies.Update,
        lambda b, _: commands.Update(b.text, b.audience, b.restored_percent, b.customers_affected, b.needs),
    ),
    "note": Act(bodies.Note, lambda b, _: commands.Note(b.text)),
    "amend": Act(bodies.Amend, lambda b, _: commands.Amend(b.fields.model_dump(exclude_none=True))),
    "assess-risk": Act(bodies.AssessRisk, lambda b, _: commands.AssessRisk(b.likelihood, b.consequence, b.measure)),
    "request-resource": Act(
        bodies.RequestResource, lambda b, _: commands.RequestResource(b.item, b.quantity, b.needed_by)
    ),
    "receive-resource": Act(bodies.ReceiveResource, lambda b, _: commands.ReceiveResource(b.request, b.quantity)),
    "record-findings": Act(bodies.RecordFindings, lambda b, _: commands.RecordFindings(b.cause, b.measure)),
    "restore": Act(bodies.Restore, lambda b, _: commands.Restore(b.note)),
    "resolve": Act(bodies.Resolve, lambda b, who: commands.Resolve(who.acting(b), who.via, b.note, b.cause, b.measure)),
    "verify": Act(bodies.Verify, lambda b, who: commands.Verify(who.acting(b), b.test, passed=b.passed)),
    "tick-closeout": Act(bodies.TickCloseout, lambda b, _: commands.TickCloseout(b.item)),
    "follow-up": Act(bodies.FollowUp, lambda b, _: commands.FollowUp(b.text)),
    "close": Act(bodies.Close, lambda b, _: commands.Close(b.summary), Role.COMMANDER),
    "reopen": Act(bodies.Reopen, lambda b, _: commands.Reopen(b.reason)),
    "judge-communication": Act(bodies.JudgeCommunication, _judged),
    "page-now": Act(bodies.PageNow, lambda _b, _: commands.PageNow()),
    "merge": Act(bodies.Merge, lambda b, _: commands.Merge(b.into), Role.COMMANDER),
}
"""By the name in the path, `POST /api/incidents/{id}/{command}`."""


async def act(
    house: House,
    visitor: Visitor,
    incident_id: str,
    name: str,
    body: Mapping[str, object],
    *,
    idempotency_key: str | None = None,
) -> Outcome:
    """Put a command to an incident, named by id or code, and wait for the commit.

    Raises Unknown, BadInput, Forbidden, Refused, or StoreDown; then nothing was written.
    """
    spec = COMMANDS.get(name)
    if spec is None:
        raise Unknown("command", name[:40])
    check(visitor, Role.RESPONDER)
    given = parse(spec.body, body)
    incident = await _meant(house, visitor, spec, incident_id)
    await at_hand(house)
    command = spec.build(given, Actor(visitor, house.directory.organisation()))
    once = idempotency(visitor, idempotency_key, f"{incident}/{name}", body)
    if isinstance(command, commands.Merge):
        command = commands.Merge(await to_thread.run_sync(_other, house, command.into, incident))
    return await _put(house, Putting(incident, command, visitor.by, idempotency=once))


async def _meant(house: House, visitor: Visitor, spec: Act, incident: str) -> str:
    """The id of the incident that is named, if the visitor may put such a command to it. Raises Unknown or Forbidden.

    Looked up only for a code, or to see who commands it: of an id that is none the desk says so, and going to a
    worker thread costs as much as the desk.
    """
    if visitor.may(spec.role) and is_id(incident):
        return incident
    standing = await to_thread.run_sync(find, house, incident)
    commands_it = visitor.person is not None and standing.as_dict().get("commander") == visitor.person
    if not (visitor.may(spec.role) or commands_it):
        raise Forbidden(why("api.needs_role_or_command", role=spec.role))
    return standing.incident


async def at_hand(house: House) -> None:
    """Have the organisation looked up on a worker thread, if that is due: what asks for it next will not block."""
    if not house.directory.at_hand:
        await to_thread.run_sync(house.directory.organisation)


async def act_as(house: House, person: str, incident_id: str, command: Command) -> Outcome:
    """Put a command in the name of somebody who came by the link in their page."""
    return await _put(house, Putting(incident_id, command, f"person:{person}"))


async def _put(house: House, request: Putting) -> Outcome:
    """Wait for the commit. A refusal comes back with people's names where the core knows their ids only."""
    try:
        [outcome] = await asked(house.desk, [request])
    except Refused as error:
        if type(error) is not Refused:
            raise
        raise Refused(named(error.reason, house.directory.organisation(), "en")) from None
    return outcome


def _other(house: House, into: str, incident: str) -> str:
    """The id of the incident to merge into. Raises BadInput."""
    try:
        other = find(house, into).incident
    except Unknown:
        raise BadInput(Fault("/into", why("api.no_such_incident"))) from None
    if other == incident:
        raise BadInput(Fault("/into", why("api.merge_with_itself")))
    return other


def find(house: House, incident_id: str) -> Listed:
    """The board's row of an incident, by id or code. Blocks. Raises Unknown."""
    with reading(house.engine) as connection:
        found = board.get(connection, incident_id)
    if found is None:
        raise Unknown("incident", incident_id[:40])
    return found


def idempotency(visitor: Visitor, key: str | None, what: str, body: object) -> Idempotency | None:
    """A key is the caller's own: the same one of somebody else is another. Raises BadInput for one that is too long."""
    if not key:
        return None
    if len(key) > LONGEST_KEY:
        raise BadInput(Fault("/headers/idempotency-key", why("intake.too_long", limit=LONGEST_KEY)))
    digest = sha256(what.encode() + b"\n" + to_json(body, fallback=str)).hexdigest()
    return Idempotency(visitor.by, key, digest)
