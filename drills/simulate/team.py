"""What the people of a simulated drill do once somebody has it: posts, steps, the word, and the verified close.

They work by their playbook, with the habits that the script gives them: a step takes its share of the limit, one may
be forgotten until somebody misses it, an update comes late. Each person does one thing at a time. Whatever the core
refuses is not done; nothing here knows better than it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import cycle
from random import Random
from typing import Final

from drills.script.model import Habit, Script
from drills.simulate.stage import Stage
from incident.commands import (
    AssessRisk,
    Close,
    FillPost,
    FinishStep,
    FollowUp,
    Regrade,
    Resolve,
    Restore,
    StartStep,
    TickCloseout,
    Update,
    Verify,
)
from incident.events import CommandTaken
from incident.levels import Level
from incident.organisation import Organisation
from incident.playbooks.model import Playbook
from incident.posts import Post
from incident.rehearse import Turn
from incident.state import Incident, StepState
from incident.words import Words

AUDIENCES: Final = ("customers", "partners", "authorities", "public")
_HANDS: Final = 6
"""How many others the commander draws in: within the span of control."""


class Team:
    """One team for one drill. It watches the stage and begins when somebody takes command."""

    def __init__(self, stage: Stage, script: Script, playbook: Playbook, words: Words, habit: Habit) -> None:
        self._stage, self._script, self._playbook, self._words = stage, script, playbook, words
        self._habit: Final = habit
        self._dice: Final = Random(f"{stage.seed}/team")  # noqa: S311 - a seed is what is wanted
        self._busy: set[str] = set()
        self._forgotten: set[str] = set()
        self._looked_at: set[str] = set()
        self._begun = False
        self._ending = False
        self._pool: Iterator[str] = iter(())
        stage.watchers.append(self._watch)

    @property
    def state(self) -> Incident:
        assert self._stage.state is not None
        return self._stage.state

    def remind(self, step: str | None) -> None:
        """Somebody asks after a step, or after all of them: what was forgotten is taken up."""
        self._forgotten = set() if step is None else self._forgotten - {step}
        self._work()

    def _watch(self, turn: Turn) -> None:
        if not self._begun and any(isinstance(entry.event, CommandTaken) for entry in turn.entries):
            self._begun = True
            others = colleagues(self._stage.outside.organisation, self.state)
            self._pool = cycle(others or [self._commander()])
            self._plan()

    def _commander(self) -> str:
        return self.state.commander or ""

    def _by(self, person: str) -> str:
        return f"person:{person}"

    def _plan(self) -> None:
        stage, dice = self._stage, self._dice
        for need in self._playbook.posts_for(self.state.level):
            late = need.within_min * self._habit.pace * self._spread(0.5)
            stage.after(late, lambda post=need.post: self._fill(post))  # type: ignore[misc]
        stage.after(dice.uniform(1, 4), self._work)
        stage.after(dice.uniform(1, 4), self._say)
        stage.after(dice.uniform(2, 8), self._grade)
        stage.after(dice.uniform(15, 30), self._assess)
        for wanted in self._script.expects.escalations:
            if wanted.to in AUDIENCES and not wanted.optional and dice.random() >= self._habit.forgets:
                tell: Callable[[], None] = lambda to=wanted.to: self._tell(to)  # type: ignore[misc]  # noqa: E731
                stage.after(wanted.within_min * dice.uniform(0.3, 1.05), tell)

    def _put(self, command: object, person: str | None = None) -> bool:
        return self._stage.put(command, self._by(person or self._commander()))  # type: ignore[arg-type]

    def _text(self, key: str, **params: object) -> str:
        return self._words.t(f"drill.play.{key}", **params) if params else self._words.t(f"drill.play.{key}")

    def _spread(self, sigma: float) -> float:
        return math.exp(sigma * self._dice.gauss(0.0, 1.0))

    def _fill(self, post: Post) -> None:
        if post is not Post.COMMANDER and post not in self.state.posts:
            self._put(FillPost(post, next(self._pool)))
            self._work()

    def _assess(self) -> None:
        self._put(AssessRisk(3, 4, self._text("measure")))

    def _grade(self) -> None:
        """Correct the level, or mistake it and (mostly) think better of it later."""
        right = self._script.level
        if self._dice.random() < self._habit.grades_wrongly and right.rank > 0:
            wrong = list(Level)[list(Level).index(right) + 1]
            self._put(Regrade(wrong, self._text("wrong_level")))
            if self._dice.random() < 0.7:
                self._stage.after(self._dice.uniform(15, 40), self._right)
        elif self.state.level is not right:
            self._right()

    def _right(self) -> None:
        self._put(Regrade(self._script.level, self._text("right_level")))

    def _say(self) -> None:
        """One update, and the next before it is due, or late."""
        state = self.state
        if state.resolved_at is not None or state.phase.over:
            return
        done = sum(step.status == "done" for step in state.steps.values())
        self._put(Update(self._text("update", done=done, total=len(state.steps))))
        due = self.state.word.due
        if due is None or self.state.pinned is None:
            return
        every = self.state.pinned.cadence.every_s / 60
        late = self._dice.random() < self._habit.late_word
        off = self._dice.uniform(0.1, 0.8) * every if late else -self._dice.uniform(0.02, 0.15) * every
        self._stage.at(max(due, self._stage.now) + timedelta(minutes=off), self._say)

    def _tell(self, audience: str) -> None:
        self._put(Update(self._text(f"tell_{audience}"), audience))

    def _work(self) -> None:
        """Everybody who is free takes up the next step that is theirs and may be begun."""
        if self._ending or self.state.phase.over or self.state.commander is None:
            return
        for name, step in list(self.state.steps.items()):
            if step.status != "waiting" or name in self._forgotten or self.state.waiting_for(name):
                continue
            if name not in self._looked_at:
                self._looked_at.add(name)
                if self._dice.random() < self._habit.forgets:
                    self._forget(name, step)
                    continue
            person = self._owner(step)
            if person not in self._busy and self._put(StartStep(name, person), person):
                self._busy.add(person)
                self._stage.after(self._length(step), lambda n=name, p=person: self._finish(n, p))  # type: ignore[misc]
        self._look_at_the_end()

    def _forget(self, name: str, step: StepState) -> None:
        """What others wait for is missed after a while, a critical step when it is to be closed, the rest never."""
        self._forgotten.add(name)
        if any(name in other.plan.after for other in self.state.steps.values()):
            self._stage.after(self._dice.uniform(10, 30), lambda: self.remind(name))

    def _owner(self, step: StepState) -> str:
        held = self.state.posts.get(step.plan.owner, ())
        return held[0] if held else self._commander()

    def _length(self, step: StepState) -> float:
        limit = (step.plan.limit_s or 900) / 60
        pace = min(1.6, self._habit.pace * self._spread(0.35))
        return min(limit * pace, self._script.longest_step_min * self._dice.uniform(0.7, 1.0))

    def _finish(self, name: str, person: str) -> None:
        self._busy.discard(person)
        self._put(FinishStep(name, person), person)
        wanted = self._script.expects.restore.steps
        back = all(self.state.steps[s].status == "done" for s in wanted if s in self.state.steps)
        if back and self.state.restored_at is None and not self._ending:
            self._put(Restore(self._text("restored")))
        self._work()

    def _look_at_the_end(self) -> None:
        """Nothing runs and nothing is left but what was forgotten: it is resolved, and what closing lacks comes up."""
        steps = self.state.steps.items()
        left = any(s.status == "running" or (s.status == "waiting" and n not in self._forgotten) for n, s in steps)
        vital = [n for n, s in steps if s.status == "waiting" and s.plan.weight == "critical"]
        if left or self._busy:
            return
        if vital:
            self._stage.after(self._dice.uniform(3, 10), lambda: self.remind(vital[0]))
            return
        self._ending = True
        self._stage.after(self._dice.uniform(2, 8), self._resolve)

    def _resolve(self) -> None:
        person = self._commander()
        self._put(Resolve(person, "web", None, self._text("cause"), self._text("measure")), person)
        self._stage.after(self._dice.uniform(5, 15), self._verify)

    def _verify(self) -> None:
        """By somebody who neither commands nor resolved it."""
        commander = self._commander()
        person = next(name for name in self._pool if name != commander or not self._others())
        self._put(Verify(person, self._text("test")), person)
        self._stage.after(self._dice.uniform(2, 6), self._close)

    def _others(self) -> bool:
        return bool(colleagues(self._stage.outside.organisation, self.state))

    def _close(self) -> None:
        """Tick the list, ask the customers again, close. A forgotten item comes up when closing is refused."""
        state = self.state
        pending = [item for item in (state.pinned.closeout if state.pinned else ()) if item not in state.closeout]
        first = not state.closeout
        for item in pending:
            if not first or self._dice.random() >= self._habit.forgets:
                self._put(TickCloseout(item))
        if "follow_up" in state.clocks and not state.followed_up:
            self._put(FollowUp(self._text("follow_up")))
        if not self._put(Close()):
            self._stage.after(self._dice.uniform(2, 6), self._close)


def colleagues(organisation: Organisation, state: Incident) -> list[str]:
    """Whom a commander can draw in: the own unit first, then the units above it, then the rest."""
    own = state.report.unit
    path = (own, *organisation.ancestors(own))
    order = {unit: place for place, unit in enumerate(path)}
    people = sorted(organisation.people, key=lambda person: order.get(person.unit, len(path)))
    return [person.id for person in people if person.id != state.commander][:_HANDS]
