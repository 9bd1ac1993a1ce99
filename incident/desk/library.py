"""Policies and playbooks for decisions: today's, handed in, and every one that an incident has ever pinned."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from sqlalchemy import Engine

from incident.errors import Unknown
from incident.playbooks.model import Playbook
from incident.policy import DEFAULT_POLICY, Policy
from incident.store import documents
from incident.store.engine import reading


class StoredLibrary:
    """The `Library` of incident.commands. What is pinned is read from the store once and kept in memory."""

    def __init__(
        self,
        engine: Engine,
        policies: Mapping[str, Policy],
        playbooks: Iterable[Playbook],
        default: str = DEFAULT_POLICY,
    ) -> None:
        self._engine: Final = engine
        self._default: Final = default
        self._pinned_policies: dict[str, Policy] = {}
        self._pinned_playbooks: dict[str, Playbook] = {}
        self.replace(policies, playbooks)

    def replace(self, policies: Mapping[str, Policy], playbooks: Iterable[Playbook]) -> None:
        """From now on these are today's. Incidents keep what they have pinned."""
        self._policies = dict(policies)
        self._playbooks = tuple(playbooks)
        self._pinned_policies |= {policy.digest: policy for policy in self._policies.values()}
        self._pinned_playbooks |= {playbook.digest: playbook for playbook in self._playbooks}

    def policy(self, name: str | None) -> Policy:
        wanted = name if name is not None else self._default
        found = self._policies.get(wanted)
        if found is None:
            raise Unknown("policy", wanted)
        return found

    def playbooks(self) -> tuple[Playbook, ...]:
        return self._playbooks

    def pinned_policy(self, digest: str) -> Policy:
        """Raises Unknown for a digest that no incident has pinned."""
        found = self._pinned_policies.get(digest)
        if found is None:
            found = self._pinned_policies[digest] = Policy.load(self._body("policy", digest))
        return found

    def pinned_playbook(self, digest: str) -> Playbook:
        """Raises Unknown for a digest that no incident has pinned."""
        found = self._pinned_playbooks.get(digest)
        if found is None:
            found = self._pinned_playbooks[digest] = Playbook.load(self._body("playbook", digest))
        return found

    def at_hand(self, playbook: str) -> bool:
        """Whether `pinned_playbook` will answer for this digest without asking the store."""
        return playbook in self._pinned_playbooks

    def _body(self, kind: documents.DocumentKind, digest: str) -> str:
        with reading(self._engine) as connection:
            document = documents.get(connection, digest)
        if document is None or document.kind != kind:
            raise Unknown(kind, digest)
        return document.body
