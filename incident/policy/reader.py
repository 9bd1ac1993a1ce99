"""Policies from their files. `extends` takes everything from another profile that the file does not set itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import Final

from incident.policy.lint import lint
from incident.policy.model import Policy
from incident.policy.strictest import STRICTEST, strictest
from incident.source import BadSource, Document, SourceFault, read_yaml, validate
from incident.words import words_for

_EXTENDS: Final = "extends"


def load_policies() -> dict[str, Policy]:
    """The profiles that come with the product by id, with `strictest` computed from them."""
    return {policy.id: policy for policy in (*_shipped(), strictest(_shipped()))}


def parse_policy(text: str, name: str, known: Mapping[str, Policy]) -> Policy:
    """One profile; `known` are those that it may extend. Raises `BadSource`, also for what the lint finds grave."""
    return read_policies([(name, text)], known)[0]


def read_policies(sources: Iterable[tuple[str, str]], known: Mapping[str, Policy]) -> tuple[Policy, ...]:
    """Profiles of files as (name, text), which may extend each other in any order and those `known`.

    Raises `BadSource` with the faults of all files, also for what the lint finds grave.
    """
    found: dict[str, Policy] = {}
    faults: list[SourceFault] = []
    waiting = [read_yaml(text, name) for name, text in sources]
    while waiting:
        ready = [document for document in waiting if _parent(document) in (None, *known, *found)]
        if not ready:
            faults += (_orphan(document) for document in waiting)
            break
        waiting = [document for document in waiting if document not in ready]
        for document in ready:
            try:
                policy = _policy(document, {**known, **found})
            except BadSource as bad:
                faults += bad.faults
                continue
            if policy.id in found or policy.id == STRICTEST:
                faults.append(document.fault(("id",), f"'{policy.id}' is taken: give the profile a name of its own"))
            found[policy.id] = policy
    if faults:
        raise BadSource(tuple(sorted(faults)))
    return tuple(found[key] for key in sorted(found))


def lint_source(text: str, name: str, known: Mapping[str, Policy]) -> tuple[SourceFault, ...]:
    """Everything that reader and lint find in one file, at its lines and in English."""
    try:
        document = read_yaml(text, name)
        if _parent(document) not in (None, *known):
            return (_orphan(document),)
        policy = validate(Policy, _whole(document, known))
    except BadSource as bad:
        return bad.faults
    return _findings(policy, document, grave_only=False)


@cache
def _shipped() -> tuple[Policy, ...]:
    folder = files("incident") / "policies"
    found = sorted((path.name, path.read_text("utf-8")) for path in folder.iterdir() if path.name.endswith(".yaml"))
    return read_policies(found, {})


def _policy(document: Document, known: Mapping[str, Policy]) -> Policy:
    policy = validate(Policy, _whole(document, known))
    grave = _findings(policy, document, grave_only=True)
    if grave:
        raise BadSource(grave)
    return policy


def _findings(policy: Policy, document: Document, *, grave_only: bool) -> tuple[SourceFault, ...]:
    words = words_for("en")
    found = (finding for finding in lint([policy]) if finding.grave or not grave_only)
    return tuple(sorted(document.fault(finding.pointer, words.reason(finding.reason)) for finding in found))


def _parent(document: Document) -> str | None:
    parent = document.data.get(_EXTENDS) if isinstance(document.data, dict) else None
    return None if parent is None else str(parent)


def _orphan(document: Document) -> SourceFault:
    said = f"there is no profile '{_parent(document)}' to extend, or the two extend each other"
    return document.fault((_EXTENDS,), said)


def _whole(document: Document, known: Mapping[str, Policy]) -> Document:
    """The file over the profile that it extends. Each key of the file replaces the whole of the parent's."""
    parent = _parent(document)
    if parent is None:
        return document
    own = {key: value for key, value in document.data.items() if key != _EXTENDS}
    return replace(document, data={**known[parent].model_dump(mode="json"), **own})
