"""The tables of drills: those that are planned, over, or run live, what their control did, and what is to be done."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, Float, Integer, Table, Text, UniqueConstraint

from incident.store.types import Big, Instant, metadata

drills: Final = Table(
    "drills",
    metadata,
    Column("id", Text, primary_key=True),
    Column("form", Text, nullable=False),
    Column("script", Text, nullable=False),
    Column("playbook", Text, nullable=False),
    Column("level", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("started_at", Instant, nullable=False, index=True),
    Column("ended_at", Instant, nullable=False),
    Column("profile", Text, nullable=False),
    Column("total", Float),
    Column("rating", Text),
    Column("body", Text, nullable=False),
    Column("measured", Text),
    Column("incident", Text),
    Column("upto", Big),
)
"""Drills that are over, by the seal of their log. `body` is the whole drill; total and rating are what it came to when
it was kept, and are computed anew from the body wherever they are shown by themselves. `measured` is JSON: each measure
that was observed, and whether it was reached; NULL in drills from before it was kept. A live drill's log lies in `log`
too: what is sealed of it are the entries of `incident` up to the position `upto`."""

live_drills: Final = Table(
    "live_drills",
    metadata,
    Column("mark", Text, primary_key=True),
    Column("incident", Text, nullable=False),
    Column("script", Text, nullable=False),
    Column("locale", Text, nullable=False),
    Column("profile", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("kept", Text),
)
"""Every drill that was ever started live. Its log is its incident's; `kept` is its id in `drills` once it is over."""

drill_acts: Final = Table(
    "drill_acts",
    metadata,
    Column("id", Big, primary_key=True, autoincrement=True),
    Column("mark", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("said", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("inject", Integer),
    Column("position", Big),
    UniqueConstraint("mark", "key"),
)
"""What exercise control did, only added to; `key` is what makes two watches write the same act once."""

drill_actions: Final = Table(
    "drill_actions",
    metadata,
    Column("id", Big, primary_key=True, autoincrement=True),
    Column("drill", Text, nullable=False, index=True),
    Column("area", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("start", Text),
    Column("due", Text, nullable=False),
    Column("element", Text, nullable=False),
    Column("measure", Text),
    Column("done_at", Instant),
    Column("done_by", Text),
)
"""The improvement plans of kept drills, a row for each action as it was agreed: that is never changed. Days are ISO
where they are days; `owner` is a name as it was written. Whether an action is proved is no column: later drills say so.
"""

drill_action_changes: Final = Table(
    "drill_action_changes",
    metadata,
    Column("id", Big, primary_key=True, autoincrement=True),
    Column("action", Big, nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("fields", Text, nullable=False),
    Column("reason", Text, nullable=False),
)
"""What became of an action since, only added to: `changed` (`fields` are the new ones, JSON), `done`, `withdrawn`."""

drill_plans: Final = Table(
    "drill_plans",
    metadata,
    Column("id", Text, primary_key=True),
    *(Column(name, Text, nullable=False) for name in ("script", "form", "unit", "profile")),
    Column("starts_at", Instant, nullable=False),
    *(Column(name, Text, nullable=False) for name in ("zone", "place", "aim", "flow", "expected")),
    *(Column(name, Text, nullable=False) for name in ("players", "controllers", "evaluators")),
    Column("by", Text, nullable=False),
    Column("planned_at", Instant, nullable=False),
    Column("changes", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("drill", Text, index=True),
    Column("reason", Text, nullable=False),
)
"""Drills that are planned ahead. People are ids with a space between; an empty aim, flow or expected result is what the
script says in the reader's language. `drill` is the name of the drill that was started from it, `reason` why it was
cancelled."""

drill_briefings: Final = Table(
    "drill_briefings",
    metadata,
    Column("plan", Text, primary_key=True),
    Column("person", Text, primary_key=True),
    Column("told_at", Instant),
    Column("told", Integer, nullable=False),
    Column("acknowledged_at", Instant),
    Column("acknowledged", Integer),
)
"""Who was told of a planned drill and who has said that they read it: `told` and `acknowledged` are how often the plan
had been changed then. `told_at` is NULL for who could not be told."""

drill_guests: Final = Table(
    "drill_guests",
    metadata,
    Column("id", Text, primary_key=True),
    Column("mark", Text, nullable=False, index=True),
    Column("hash", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("locale", Text, nullable=False),
    Column("days", Integer, nullable=False),
    Column("by", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("used_at", Instant),
    Column("revoked_at", Instant),
    Column("revoked_by", Text),
)
"""Links by which guests watch one drill, by the drill's mark. `days` is how long each opens after the drill's end."""

DRILL_TABLES: Final = (
    drills,
    live_drills,
    drill_acts,
    drill_actions,
    drill_action_changes,
    drill_plans,
    drill_briefings,
    drill_guests,
)
