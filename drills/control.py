"""What exercise control has done with a live drill, folded from its acts; and what is due. It asks for nothing.

The clock of a drill stands still while it is paused or suspended: injects are planned on that clock, and the score
takes the pauses out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from drills.score.observations import Help, Pause, Seen
from drills.script.model import Inject, Script
from incident.store.live import ActRow

SENT: Final = "sent"
SKIPPED: Final = "skipped"
REACHED: Final = "reached"
SAID: Final = "said"
PAUSE: Final = "pause"
SUSPEND: Final = "suspend"
RESUME: Final = "resume"
SEEN: Final = "seen"
END: Final = "end"

Done = Literal["done", "partly", "not"]

STRENGTH: Final = "strength"
IMPROVEMENT: Final = "improvement"


@dataclass(frozen=True, slots=True)
class Control:
    """`settled` are injects that were sent, left out, or not needed; `stopped` is since when the clock stands still."""

    started_at: datetime
    pauses: tuple[Pause, ...]
    stopped: ActRow | None
    settled: Mapping[int, ActRow]
    seen: Mapping[int, ActRow]
    remarks: tuple[ActRow, ...]
    ended: ActRow | None

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


def observed(script: Script, control: Control, names: Mapping[str, str], locale: str) -> tuple[Seen, ...]:
    """What observers saw, as the score reads it: an expected action that was done is a strength, one that was done in
    part or not at all an improvement that its objective needs."""
    found: list[Seen] = []
    for inject in script.injects:
        act = control.seen.get(inject.number)
        if act is None:
            continue
        text = inject.expected.for_locale(locale) + (f" - {act.text}" if act.text else "")
        sent = control.settled.get(inject.number)
        found.append(_seen(act, text, names, inject.objective, sent.position if sent else None))
    return (*found, *(_seen(act, act.text, names, None, None) for act in control.remarks))


def _seen(act: ActRow, text: str, names: Mapping[str, str], objective: str | None, position: int | None) -> Seen:
    who = names.get(act.by.removeprefix("person:"), act.by)
    kind: Literal["strength", "improvement"] = "strength" if act.said in ("done", STRENGTH) else "improvement"
    return Seen(kind=kind, text=text[:1000], by=who, objective=objective, position=position or None)
