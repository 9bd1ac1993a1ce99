"""The keys that templates and scripts put together from closed sets: each is in the catalogs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path
from typing import get_args

import pytest

from drills import keeping
from drills.against import BETTER, FIGURES, SAME, UNKNOWN, WORSE
from drills.control import REACHED, SENT, SKIPPED
from drills.measures import Dimension, Item
from drills.score import Rating
from drills.script.model import Means
from incident.deadlines import What
from incident.decide.judging import JUDGED
from incident.events import KINDS
from incident.intake import TRANSLATORS
from incident.levels import Degree, Kind, Level
from incident.organisation import Role, WayKind
from incident.policy import ClockName
from incident.posts import Post, Tier
from incident.readiness.finding import About, Weight
from incident.record.communication import MEASURES, Outcome
from incident.record.dry_run import TOLD_KINDS
from incident.record.playback import ANSWERS
from incident.record.review import Review
from incident.record.trend import Step
from incident.report import ELEMENTS, Channel, Source
from incident.selection import Part
from incident.state import Phase
from incident.store import live
from incident.store.drill_actions import CHANGED, DONE, WITHDRAWN
from incident.store.drill_plans import CANCELLED, PLANNED, STARTED
from incident.store.outbox import SendState
from incident.words import words_for
from web.pages.drill_action import FIELDS as ACTION_FIELDS
from web.pages.drill_actions import ELEMENTS as PLAN_ELEMENTS
from web.pages.drills import FORMS
from web.pages.dry_samples import SAMPLES
from web.pages.incident import SHOWN
from web.pages.person import ACTS
from web.pages.playback import SPEEDS
from web.pages.playback import WORDS as PLAYBACK_WORDS
from web.pages.readiness import STATES
from web.pages.wall import WORDS
from web.pages.ways import ACTS as WAY_ACTS
from web.render import PAGE_WORDS

WEB = Path(__file__).parents[2] / "web"

COMPOSED: dict[str, Iterable[object]] = {
    "against.fact": ("unit", "level", "policy", "playbook", "ladder", "first"),
    "against.figure": FIGURES,
    "against.unknown": ("people", "work", "rosters", "run"),
    "against.verdict": (BETTER, WORSE, SAME, UNKNOWN),
    "ahead": ("players", "controllers", "evaluators"),
    "ahead.state": (PLANNED, STARTED, CANCELLED),
    "answer": ("declined", "unreachable"),
    "audience": ("internal", "customers", "partners", "authorities", "public"),
    "board.col": ("level", "code", "title", "unit", "phase", "who", "next", "opened"),
    "board.drill": ("both", "yes", "no"),
    "board.due": ("answer", "update"),
    "board.show": ("open", "all"),
    "channel": Channel,
    "clock": ClockName,
    "console.done": ("done", "partly", "not"),
    "console.remark": ("done", "not"),
    "console.settled": (SENT, SKIPPED, REACHED),
    "communication": (*MEASURES, "delivered"),
    "communication.ask": JUDGED,
    "communication.outcome": Outcome,
    "communication.says": ("timeliness", "participation"),
    "console.state": (live.RUNNING, live.PAUSED, live.SUSPENDED, live.ENDED),
    "console.by": get_args(Means),
    "degree": range(1, 6),
    "doctor.about": About,
    "doctor.weight": Weight,
    "drill.column": ACTION_FIELDS,
    "dry": TOLD_KINDS,
    "dry.ends": ("round", "quiet", "horizon"),
    "dry.sample": SAMPLES,
    "entry": KINDS.values(),
    "error.do": (400, 401, 403, 404, 405, 409, 413, 422, 429, 500, 503),
    "handover": ("unanswered", "silenced", "open", "window_starts", "window_ends"),
    "handover.state": ("nobody", "expired", "held", "solved"),
    "handover.which": ("last", "next"),
    "impact": Degree,
    "improve.did": (CHANGED, DONE, WITHDRAWN),
    "kind": Kind,
    "access.format": TRANSLATORS,
    "reports": ("answered", "restored"),
    "reports.by": Step,
    "reports.figures": Step,
    "reports.picture": ("answered", "restored"),
    "reports.span": Step,
    "language": ("en", "zh_Hans", "zh_Hant"),
    "level": Level,
    "load": ("person", "messages", "calls", "bundled", "night", "most", "roster", "shift"),
    "log": KINDS.values(),
    "actions.form": FORMS,
    "drill.dimension": Dimension,
    "drill.element": PLAN_ELEMENTS,
    "drill.form": ("simulated", keeping.LIVE, "tabletop"),
    "drill.item": Item,
    "drill.rating": Rating,
    "maintenance": ("open", "coming", "past"),
    "month": range(1, 13),
    "nav": ("board", "wall", "on_call", "playbooks", "policies", "people", "phones"),
    "person.did": ACTS,
    "phase": Phase,
    "playback": ("first", "back", "forward", "last"),
    "playback.asked": ANSWERS,
    "playback.due": What,
    "playback.speed": SPEEDS,
    "policy.calendar": ("24x7", "business"),
    "post": Post,
    "quote": (
        "result",
        "note",
        "briefing",
        "measure",
        "cause",
        "test",
        "summary",
        "needs",
        "symptom",
        *(f"{n}_reason" for n in JUDGED),
    ),
    "ready.way": STATES,
    "report": (*ELEMENTS, "serial", "customer", "service", "reporter"),
    "review": tuple(f.name for f in fields(Review) if f.name not in ("clocks_missed", "commanders")),
    "rota.fair": ("duty", "night", "weekend"),
    "rung": ("inside", "outside"),
    "risk": ("low", "medium", "high", "extreme"),
    "role": (*Role, "integration"),
    "selection": ("approved", "declined"),
    "selection.kind": ("roster", "unit", "skill"),
    "selection.n": Part,
    "selection.part": Part,
    "source": Source,
    "step_status": ("waiting", "running", "done", "failed", "skipped"),
    "swap.state": ("offered", "accepted", "declined"),
    "talk": ("out", "in"),
    "talk.state": (*SendState, "heard"),
    "tier": Tier,
    "tabletop.settled": (SENT, SKIPPED),
    "time": ("s", "min", "h", "d", "and", "now", "ago", "left", "missed", "day"),
    "timeline": SHOWN,
    "training": ("over", "soon", "later"),
    "urgency": Degree,
    "verdict": ("met", "breached", "running", "lapsed"),
    "wall": ("verifying", "reviewing", "commander"),
    "wall.past": ("answer", "update", "clock"),
    "wall.to": ("answer", "update", "clock"),
    "way": WayKind,
    "ways.did": WAY_ACTS,
    "ways.is": ("confirmed", "unconfirmed", "broken", "stopped"),
    "weekday": range(7),
    "weight": ("critical", "major", "minor"),
    "why.heard": ("taken", "declined", "unreachable", "expired", "silent"),
    "who": ("primary", "secondary", "all", "people", "skilled", "post"),
}


@pytest.mark.parametrize("prefix", COMPOSED)
def test_every_member_of_a_closed_set_has_its_words(prefix: str):
    known = words_for("en").keys
    assert [key for key in (f"{prefix}.{member}" for member in COMPOSED[prefix]) if key not in known] == []


def test_no_template_composes_a_key_that_is_not_tested_here():
    composed = set()
    for path in (WEB / "templates").glob("*.html"):
        composed |= set(re.findall(r"""\b[tn]\("([\w.]+)\." ~""", path.read_text(encoding="utf-8")))
    assert composed - {"target", "test"} <= set(COMPOSED)


def test_a_script_says_only_what_its_page_brought_along():
    known, brought = words_for("en").keys, {"wall": WORDS, "playback": PLAYBACK_WORDS, "page": PAGE_WORDS}
    for path in (WEB / "static").glob("*.js"):
        prefixes = brought[next((name for name in brought if path.name.startswith(name)), "page")]
        for key in re.findall(r"""\bt\("([\w.]+)\"""", path.read_text(encoding="utf-8")):
            assert key in known, f"{path.name}: {key}"
            assert key.startswith(prefixes), f"{path.name}: {key}"
