"""How an inject, and what evaluators wrote down, is shown to those who run a drill, live or at a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drills.control import ANSWER, PLAYED, RATED, SAID, SEEN, TASK, Control, guest_name
from drills.script.model import Inject, Script
from incident.clock import iso
from incident.store.live import ActRow
from incident.words import words_for


def inject_as(script: Script, control: Control, inject: Inject, locale: str) -> dict[str, Any]:
    """The inject itself, and what has become of it."""
    settled = control.settled.get(inject.number)

    def called(name: str) -> str:
        actor = script.actor(name)
        return actor.name.for_locale(locale) if actor else name

    return {
        "number": inject.number,
        "at_min": inject.at_min,
        "from": called(inject.sender),
        "to": called(inject.to),
        "by": inject.by,
        "text": inject.text.for_locale(locale),
        "expected": inject.expected.for_locale(locale),
        "contingency": inject.contingency,
        "settled": settled.kind if settled else None,
        "settled_at": iso(settled.at) if settled else None,
    }


def noted(
    script: Script, control: Control, acts: tuple[ActRow, ...], names: Mapping[str, str], locale: str
) -> list[dict[str, Any]]:
    """What stands of it, and what control said in words of its own, the newest first. `of` is the task in words, or the
    number of an inject."""
    tasks = {f"{o.id}/{task.id}": task.text.for_locale(locale) for o in script.objectives for task in o.tasks}
    last = {id(act) for act in (*control.tasks.values(), *control.rated.values())}
    return [
        {
            "at": iso(act.at),
            "by": _named(act.by, names, locale),
            "kind": act.kind,
            "inject": act.inject,
            "of": tasks.get(act.said.rpartition("/")[0], ""),
            "done": act.said.rpartition("/")[2],
            "played": act.kind == ANSWER and act.text == PLAYED,
            "text": "" if act.kind == ANSWER else act.text,
        }
        for act in reversed(acts)
        if (act.kind in (TASK, RATED) and id(act) in last)
        or act.kind in (ANSWER, SAID)
        or (act.kind == SEEN and act.inject is None)
    ]


def _named(by: str, names: Mapping[str, str], locale: str) -> str:
    guest = guest_name(by)
    return words_for(locale).t("guest.by", name=guest) if guest else names.get(by, by)
