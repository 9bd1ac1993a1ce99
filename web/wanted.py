"""What a practice wanted, shown when it is over: the playbook's steps and the script's messages, each with what became
of it. One learns by what one did not do as much as by what one did."""

from __future__ import annotations

from typing import Any

from drills.room import Standing
from drills.score.sheet import minutes
from drills.simulate.play import Played
from incident.events import Entry, StepFinished
from incident.words import Words


def wanted_of(played: Played, found: Standing, words: Words) -> dict[str, Any]:
    """`took_min` are minutes from the beginning, None for what was never done; `seq` is the entry that shows it."""
    return {"steps": _steps(played, words), "messages": _messages(found, words)}


def _steps(played: Played, words: Words) -> list[dict[str, Any]]:
    done = {entry.event.step: entry for entry in played.entries if isinstance(entry.event, StepFinished)}
    return [
        {
            "id": step.id,
            "text": step.text.for_locale(words.locale),
            "owner": str(step.owner),
            "weight": step.weight,
            "limit_min": step.limit_min,
            "life_safety": step.life_safety,
            "expect": step.expect.for_locale(words.locale) if step.expect else None,
            **_took(played, done.get(step.id)),
        }
        for step in played.playbook.steps_for(played.script.level)
    ]


def _took(played: Played, entry: Entry | None) -> dict[str, Any]:
    if entry is None:
        return {"took_min": None, "seq": None}
    return {"took_min": minutes((entry.at - played.started_at).total_seconds() / 60), "seq": entry.seq}


def _messages(found: Standing, words: Words) -> list[dict[str, Any]]:
    settled = found.control.settled
    return [
        {
            "number": inject.number,
            "at_min": inject.at_min,
            "text": inject.text.for_locale(words.locale),
            "expected": inject.expected.for_locale(words.locale),
            "contingency": inject.contingency,
            "came": settled[inject.number].kind if inject.number in settled else None,
        }
        for inject in found.script.injects
    ]
