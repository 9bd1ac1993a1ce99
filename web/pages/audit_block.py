"""How the pager itself is, in words: the last audit, the outside dead-man, what is wrong and what was."""

from __future__ import annotations

from typing import Any, Final

from web.audit import AUDIT_MOST_S, AuditView, age_s, audit_of
from web.house import House
from web.say import Reader

PAST: Final = 10
"""Findings of the past that a page shows; all of them are in the API."""


def audit_block(house: House, reader: Reader) -> dict[str, Any]:
    """What templates/audit_block.html shows. Blocks."""
    audit = audit_of(house, reader.words.locale, limit=PAST)
    return {
        "audit": audit,
        "audit_says": _checked(audit, house, reader),
        "audit_well": audit.well,
        "deadman_says": _deadman(audit, reader),
        "audit_past": [one for one in audit.history if one.closed_at],
    }


def _checked(audit: AuditView, house: House, reader: Reader) -> str:
    if audit.at is None:
        return reader.words.t("audit.never")
    ago = reader.ago(audit.at)
    if age_s(house, audit.at) > AUDIT_MOST_S:
        return reader.words.t("audit.old", ago=ago)
    if audit.standing:
        return reader.words.n("audit.checked", len(audit.standing), ago=ago)
    if audit.held_since:
        return reader.words.t("app.held")
    return reader.words.t("audit.well", ago=ago)


def _deadman(audit: AuditView, reader: Reader) -> str:
    t = reader.words.t
    if not audit.deadman:
        return t("audit.deadman.off")
    if audit.pinged_at is None:
        return t("audit.deadman.waits")
    ago = reader.ago(audit.pinged_at)
    if audit.ping_problem:
        return t("audit.deadman.unheard", ago=ago, problem=audit.ping_problem)
    return t("audit.deadman.heard", ago=ago)
