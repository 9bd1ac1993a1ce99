"""What a simulated drill may look at from outside: one organisation and the plans in force, held in memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from incident.commands import Moment
from incident.errors import Unknown
from incident.organisation import Organisation
from incident.playbooks.model import Playbook
from incident.playbooks.reader import load_library
from incident.policy import DEFAULT_POLICY, Policy
from incident.policy.reader import load_policies
from incident.posts import Tier


class Plans:
    """The `Library` of incident.commands. Nothing is older than today here: what is pinned is what is in force."""

    def __init__(self, policies: Mapping[str, Policy], playbooks: Iterable[Playbook]) -> None:
        self._policies = dict(policies)
        self._playbooks = tuple(playbooks)

    def policy(self, name: str | None) -> Policy:
        wanted = name if name is not None else DEFAULT_POLICY
        found = self._policies.get(wanted)
        if found is None:
            raise Unknown("policy", wanted)
        return found

    def pinned_policy(self, digest: str) -> Policy:
        found = next((policy for policy in self._policies.values() if policy.digest == digest), None)
        if found is None:
            raise Unknown("policy", digest)
        return found

    def playbooks(self) -> tuple[Playbook, ...]:
        return self._playbooks

    def playbook(self, name: str) -> Playbook:
        found = next((playbook for playbook in self._playbooks if playbook.id == name), None)
        if found is None:
            raise Unknown("playbook", name)
        return found

    def pinned_playbook(self, digest: str) -> Playbook:
        found = next((playbook for playbook in self._playbooks if playbook.digest == digest), None)
        if found is None:
            raise Unknown("playbook", digest)
        return found


def shipped_plans() -> Plans:
    return Plans(load_policies(), load_library())


@dataclass(frozen=True, slots=True)
class Outside:
    """`outside(now, by)` is the moment of a decision: what `incident.rehearse` asks for."""

    organisation: Organisation
    plans: Plans

    def __call__(self, now: datetime, by: str) -> Moment:
        return Moment(now, by, self.organisation, self.plans)

    @property
    def cast(self) -> dict[str, Tier]:
        """At which tier each person stands, by the unit that they belong to."""
        units = {unit.id: unit.tier for unit in self.organisation.units}
        return {person.id: units[person.unit] for person in self.organisation.people}
