"""What exercise control has done with a live drill, folded from its acts; and what is due. It asks for nothing.

The clock of a drill stands still while it is paused or suspended: injects are planned on that clock, and the score
takes the pauses out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal

from drills.score.observations import Answer, Help, Pause, Seen
from drills.script.model import Inject, Script
from incident.events import Entry
from incident.store.live import ActRow
from incident.words import words_for

SENT: Final = "sent"
SKIPPED: Final = "skipped"
REACHED: Final = "reached"
SAID: Final = "said"
PAUSE: Final = "pause"
SUSPEND: Final = "suspend"
RESUME: Final = "resume"
SEEN: Final = "seen"
TASK: Final = "task"
RATED: Final = "rated"
ANSWER: Final = "answer"
"""What evaluators write down: a task is `said` as `objective/task/done`; an inject that went out is rated by what it
expected; an answer is its figure from 1 to 5."""
END: Final = "end"
UNSCORED: Final = "unscored"
"""It is over and not scored: `said` is what is missing, a playbook or a policy, `text` its name; or `CUT_OFF`."""
CUT_OFF: Final = "cut_off"
CALLED_OFF: Final = "called_off"
"""Control ended it before anybody had to have answered, nobody had said anything, and nobody had seen anything."""
LEFT: Final = "left"
GIVEN_UP: Final = "given_up"
"""What the end says of a practice that nobody went on with, and of one that was broken off."""
LOST: Final = {
    CUT_OFF: "drill.live.cut_off",
    CALLED_OFF: "drill.live.called_off",
    LEFT: "practice.left",
    GIVEN_UP: "practice.given_up",
}
"""Why nothing was scored that could have been, in words."""
UNTOLD: Final = (REACHED, SEEN, TASK, RATED, ANSWER)
"""Acts that players do not hear of."""

Done = Literal["done", "partly", "not"]

PLAYED: Final = "played"
"""The text of an answer that a role player gave in a customer's place."""
STRENGTH: Final = "strength"
IMPROVEMENT: Final = "improvement"
_GUEST: Final = "guest"
REMARKS: Final = 20
"""What one guest may write down."""


def guest_by(link: str, name: str) -> str:
    """How the acts of a guest are signed: with their name of then, for a link is nobody in the organisation."""
    return f"{_GUEST}:{link}:{name}"


def guest_name(by: str) -> str | None:
    """The guest's name; None for anybody else."""
    sort, _, rest = by.partition(":")
    return rest.partition(":")[2] if sort == _GUEST else None


def full(acts: Sequence[ActRow], by: str) -> bool:
    """Whether a guest has written all that they may."""
    return guest_name(by) is not None and sum(act.by == by for act in acts) >= REMARKS


@dataclass(frozen=True, slots=True)
class Control:
    """`settled` are injects that were sent, left out, or not needed; `stopped` is since when the clock stands still; of
    `tasks` and of injects that were `rated` the last word of each evaluator, by who and `objective/task` or number."""

    started_at: datetime
    pauses: tuple[Pause, ...]
    stopped: ActRow | None
    settled: Mapping[int, ActRow]
    seen: Mapping[int, ActRow]
    remarks: tuple[ActRow, ...]
    ended: ActRow | None
    tasks: Mapping[tuple[str, str], ActRow] = field(default_factory=dict)
    rated: Mapping[tuple[str, int], ActRow] = field(default_factory=dict)
    answers: tuple[ActRow, ...] = ()

    @property
    def noted(self) -> bool:
        """Whether evaluators, guests or control have written anything down."""
        return bool(self.seen or self.remarks or self.tasks or self.rated or self.answers)

    def went_out(self, number: int | None) -> bool:
        """Whether this inject was sent or read out."""
        settled = self.settled.get(number) if number is not None else None
        return settled is not None and settled.kind == SENT

    def elapsed(self, now: datetime) -> timedelta:
        """On the drill's own clock; it stops for good at the end."""
        until = min(now, self.ended.at) if self.ended else now
        until = min(until, self.stopped.at) if self.stopped else until
        return max(timedelta(0), until - self.started_at - sum((p.end - p.start for p in self.pauses), timedelta()))

    def at(self, minute: float) -> datetime:
        """When, by the wall's clock, this minute of the drill was or will be if it is not stopped again."""
        found = self.started_at + timedelta(minutes=minute)
        for pause in self.pauses:
            if pause.start <= found:
                found += pause.end - pause.start
        return found


def fold(started_at: datetime, acts: Sequence[ActRow]) -> Control:
    """The end closes an open pause."""
    pauses: list[Pause] = []
    stopped: ActRow | None = None
    ended: ActRow | None = None
    for act in acts:
        if act.kind in (PAUSE, SUSPEND) and stopped is None:
            stopped = act
        elif act.kind in (RESUME, END) and stopped is not None:
            pauses.append(Pause(start=stopped.at, end=max(act.at, stopped.at)))
            stopped = None
        if act.kind == END:
            ended = act
    numbered = [(act.inject, act) for act in acts if act.inject is not None]
    return Control(
        started_at=started_at,
        pauses=tuple(pauses),
        stopped=stopped,
        settled={number: act for number, act in numbered if act.kind in (SENT, SKIPPED, REACHED)},
        seen={number: act for number, act in numbered if act.kind == SEEN},
        remarks=tuple(act for act in acts if act.kind == SEEN and act.inject is None),
        ended=ended,
        tasks={(act.by, act.said.rpartition("/")[0]): act for act in acts if act.kind == TASK},
        rated={(act.by, number): act for number, act in numbered if act.kind == RATED},
        answers=tuple(act for act in acts if act.kind == ANSWER),
    )


def due(script: Script, control: Control, now: datetime) -> Iterator[Inject]:
    """The injects whose time has come and that nobody has settled. None while the clock stands still, or at the end."""
    if control.stopped is not None or control.ended is not None:
        return
    elapsed = control.elapsed(now)
    for inject in script.injects:
        if inject.number not in control.settled and elapsed >= timedelta(minutes=inject.at_min):
            yield inject


def helps(script: Script, control: Control) -> tuple[Help, ...]:
    """The contingency injects that went out, with the entries that show them."""
    sent = ((inject, control.settled.get(inject.number)) for inject in script.injects if inject.contingency)
    return tuple(
        Help(inject=inject.number, measure=inject.measure, objective=inject.objective, position=act.position)
        for inject, act in sent
        if act is not None and act.kind == SENT and act.position
    )


def observed(
    script: Script, control: Control, entries: Sequence[Entry], names: Mapping[str, str], locale: str
) -> tuple[Seen, ...]:
    """What observers saw, as the score reads it: an expected action that was done is a strength, one that was done in
    part or not at all an improvement that its objective needs."""
    found: list[Seen] = []
    for inject in script.injects:
        act, expected = control.seen.get(inject.number), inject.expected.for_locale(locale)
        if act is not None:
            sent = control.settled.get(inject.number)
            text, position = _noted(expected, act, locale), sent.position if sent else None
            found.append(_seen(act, text, names, inject.objective, position))
        acts = [act for (_, number), act in control.rated.items() if number == inject.number]
        found += [_seen(a, _noted(expected, a, locale), names, inject.objective, _at(entries, a)) for a in acts]
    for objective in script.objectives:
        for task in objective.tasks:
            acts = [act for (_, of), act in control.tasks.items() if of == f"{objective.id}/{task.id}"]
            text = task.text.for_locale(locale)
            found += [_seen(act, _noted(text, act, locale), names, objective.id, _at(entries, act)) for act in acts]
    return (*found, *(_seen(act, act.text, names, None, _at(entries, act)) for act in control.remarks))


def answered(control: Control, entries: Sequence[Entry]) -> tuple[Answer, ...]:
    """What customers answered, or whoever played them."""
    return tuple(
        Answer(value=int(act.said), played=act.text == PLAYED, position=_at(entries, act)) for act in control.answers
    )


def _noted(text: str, act: ActRow, locale: str) -> str:
    """What was wanted, how far it was done, and the note: without the middle one it reads as if it had been done."""
    told = words_for(locale).t("drill.observed", text=text.rstrip(".。"), drill_outcome=act.said.rpartition("/")[2])
    return f"{told} - {act.text}" if act.text else told


def _at(entries: Sequence[Entry], act: ActRow) -> int | None:
    """The log position at which it was seen: it gives the note its time."""
    return next((entry.position for entry in reversed(entries) if entry.at <= act.at), None)


def _seen(act: ActRow, text: str, names: Mapping[str, str], objective: str | None, position: int | None) -> Seen:
    guest = guest_name(act.by)
    who = guest or names.get(act.by.removeprefix("person:"), act.by)
    kind: Literal["strength", "improvement"] = (
        "strength" if act.said.rpartition("/")[2] in ("done", STRENGTH) else "improvement"
    )
    return Seen(
        kind=kind,
        text=text[:1000],
        by=who,
        objective=objective,
        position=position or None,
        guest=guest is not None,
    )
