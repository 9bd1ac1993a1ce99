"""A small sound plan, and the means to spoil one thing in it."""

from __future__ import annotations

from datetime import date

from incident.playbooks.lint import Finding, lint
from incident.playbooks.reader import load_library, read_playbook

TODAY = date(2026, 12, 1)

PLAN = """\
id: press-jam
version: 1
name: {en: "Press jam", zh: "压机卡死"}
summary: {en: "The press does not move.", zh: "压机不动。"}
owner: {en: "Plant", zh: "工厂"}
reviewed: 2026-11-02
review_every_days: 180
matches:
  kinds: [other]
  words: [press jam, 压机]
ladder:
  - {tier: field, who: primary}
  - {tier: hq, who: all, wait_min: 3, levels: [critical, high]}
notify:
  - {tier: hq, function: management, levels: [critical, high]}
posts:
  - {post: scribe, within_min: 10, levels: [critical, high]}
steps:
  - id: people-out
    text: {en: "Stop the machine. Get everybody out.", zh: "停机，所有人撤出。"}
    owner: safety
    limit_min: 2
    weight: critical
    life_safety: true
  - id: first-word
    text: {en: "Send the first word.", zh: "发出首次通报。"}
    owner: liaison
    action: notify
    limit_min: 5
    after: [people-out]
    levels: [critical, high]
  - id: repair
    text: {en: "Repair it.", zh: "修好它。"}
    owner: operations
    after: [people-out, first-word]
closeout:
  - {id: functional-test, text: {en: "It was tried.", zh: "已试机。"}}
  - {id: verification, text: {en: "Somebody else confirmed it.", zh: "他人已确认。"}}
"""


def spoiled(old: str, new: str) -> str:
    """The plan with one thing changed, which must be there."""
    assert PLAN.count(old) == 1, f"{old!r} stands {PLAN.count(old)} times in the plan"
    return PLAN.replace(old, new)


def linted(text: str, **options: object) -> tuple[Finding, ...]:
    """Findings for one plan beside the shipped library."""
    return lint([read_playbook(text, "plan.yaml")], today=TODAY, beside=load_library(), **options)  # type: ignore[arg-type]


def found(text: str, **options: object) -> list[str]:
    """The same as `file:line:column rule`."""
    return [f"{finding.place} {finding.rule}" for finding in linted(text, **options)]
