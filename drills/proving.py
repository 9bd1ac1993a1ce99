"""What the next drill could prove: the actions of its playbook that are left and whose measure it would observe.

A drill proves an action only if its owner has said that it is done before the drill begins, so both are of interest to
whoever plans it: what is done and waits for proof, and what is open still and should be done by then.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final, Literal

from sqlalchemy import Connection

from drills import actions, keeping
from drills.actions import Tracked
from drills.measures import Item, Measure
from drills.score import Expected, of_script, profile
from drills.score.profile import DEFAULT
from drills.script.model import Script
from drills.simulate.plans import Outside
from incident.errors import Unknown
from incident.store import drill_actions as table

Form = Literal["live", "tabletop"]
MOST: Final = 50


def provable(script: Script, outside: Outside, form: Form) -> frozenset[str]:
    """The measures that a drill of this form observes. At a table what the script asks, item by item; a live drill
    observes posts, steps and escalations one by one as well."""
    found = {str(task.measure) for objective in script.objectives for task in objective.tasks}
    found |= {str(Measure(item)) for item in Item}
    if form == "live":
        found |= _parts(script, outside)
    return frozenset(found)


def _parts(script: Script, outside: Outside) -> set[str]:
    try:
        playbook, policy = outside.plans.playbook(script.playbook), outside.plans.policy(script.policy)
    except Unknown:  # withdrawn: the drill cannot start either, and its start says so
        return set()
    held: Expected = of_script(script, playbook, policy, profile(DEFAULT))
    return {
        *(str(Measure(Item.POSTS, post)) for post, _ in held.posts),
        *(str(Measure(Item.STEPS, step.id)) for step in held.steps),
        *(str(Measure(Item.ESCALATION, one.to)) for one in held.escalations),
    }


def left_to_prove(connection: Connection, script: Script, outside: Outside, form: Form, today: date) -> list[Tracked]:
    """Overdue ones first, then the next due; at most `MOST`."""
    wanted = provable(script, outside, form)
    rows = [row for row in table.listed(connection, playbook=script.playbook) if row.planned.measure in wanted]
    done = any(row.done_at is not None for row in rows)
    sheets = keeping.sheets(connection, {script.playbook}) if done else []
    return sorted_left(actions.track(row, sheets, today) for row in rows)[:MOST]


def sorted_left(found: Iterable[Tracked]) -> list[Tracked]:
    """Those that are left, overdue ones first."""
    return sorted(actions.in_order(found), key=lambda one: not one.overdue)
