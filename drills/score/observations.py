"""What people saw of a drill that the log does not say: customers' answers, evaluators' notes, help that was given.

It is data (JSON or YAML beside the log) and is read as strictly as any input.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from drills.score.sheet import Rating
from drills.script.model import Measured, Slug

Said = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Answer(_Part):
    """A customer's answer from 1 to 5. `played` by somebody in the customer's role: labelled in the report."""

    value: Annotated[float, Field(ge=1, le=5)]
    played: bool = False
    position: int | None = None


class Seen(_Part):
    """An evaluator's note, with the log position that it speaks of. `harm`, `added_risk`, `against_plan` make M. By a
    `guest` it is what somebody from outside saw who watched."""

    kind: Literal["strength", "improvement", "wrong_act", "harm", "added_risk", "against_plan"]
    text: Said
    by: Said
    objective: Slug | None = None
    position: int | None = None
    cause: Said | None = None
    guest: bool = False


class Help(_Part):
    """A contingency inject that had to go out, and the entry that shows it."""

    inject: int
    measure: Measured
    objective: Slug
    position: int


class Pause(_Part):
    """The drill's clock stood still."""

    start: AwareDatetime
    end: AwareDatetime


class Leak(_Part):
    """A message that left the drill, or went out without its mark. Either voids the score."""

    kind: Literal["left", "unmarked"]
    text: Said
    position: int | None = None


class Override(_Part):
    """An evaluator's own rating of an objective, or of the whole (`overall`). The computed one is kept beside it."""

    of: Slug
    rating: Rating
    reason: Said
    by: Said


class Plan(_Part):
    """One line of the improvement plan. It is tracked until a later drill proves it: one that reaches its measure."""

    area: Said
    action: Said
    owner: Said
    start: Said | None = None
    due: Said
    element: Literal["planning", "organisation", "equipment", "training", "exercise"]
    measure: Measured | None = None


class Judgement(_Part):
    """What the facilitator of a tabletop saw of one measure. A tabletop has no other evidence: its score is made of
    these alone, and its log tells what was said."""

    measure: Measured
    outcome: Literal["done", "partly", "not"]
    position: int
    took_min: Annotated[float, Field(ge=0)] | None = None


class Observations(_Part):
    """Everything seen. `present` are the ids of those at a table. `ended_at` is the drill's end, the last entry if left
    out. `sealed` is the digest of the log at that moment: another one voids the score."""

    answers: tuple[Answer, ...] = ()
    seen: tuple[Seen, ...] = ()
    helps: tuple[Help, ...] = ()
    pauses: tuple[Pause, ...] = ()
    unseen: tuple[Measured, ...] = ()
    leaks: tuple[Leak, ...] = ()
    overrides: tuple[Override, ...] = ()
    plan: tuple[Plan, ...] = ()
    judged: tuple[Judgement, ...] = ()
    present: tuple[str, ...] = ()
    ended_at: AwareDatetime | None = None
    sealed: str | None = None

    def with_more(self, more: Added) -> Observations:
        """The same with what was added; an override of the same thing by the same person replaces the earlier one."""
        again = {(override.of, override.by) for override in more.overrides}
        kept = tuple(override for override in self.overrides if (override.of, override.by) not in again)
        return self.model_copy(
            update={
                "answers": (*self.answers, *more.answers),
                "seen": (*self.seen, *more.seen),
                "unseen": tuple(dict.fromkeys((*self.unseen, *more.unseen))),
                "leaks": (*self.leaks, *more.leaks),
                "overrides": (*kept, *more.overrides),
                "plan": tuple(dict.fromkeys((*self.plan, *more.plan))),
            }
        )


class Added(_Part):
    """What evaluators write down after a drill, as a YAML file. What control and the clock know is not theirs."""

    answers: tuple[Answer, ...] = ()
    seen: tuple[Seen, ...] = ()
    unseen: tuple[Measured, ...] = ()
    leaks: tuple[Leak, ...] = ()
    overrides: tuple[Override, ...] = ()
    plan: tuple[Plan, ...] = ()
