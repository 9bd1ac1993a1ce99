"""Policies: which level a report gets, what is due when, how often word is given, what the figures aim at."""

from incident.policy.compare import Row, compare
from incident.policy.figures import Cadence, ClockName, Goal, GoalName, Span, Step, Target
from incident.policy.lint import Finding, lint
from incident.policy.model import DEFAULT_POLICY, ClockDue, Policy, Verdict, Waiver, verdict
from incident.policy.reader import load_policies, parse_policy, read_policies
from incident.policy.strictest import STRICTEST, strictest

__all__ = [
    "DEFAULT_POLICY",
    "STRICTEST",
    "Cadence",
    "ClockDue",
    "ClockName",
    "Finding",
    "Goal",
    "GoalName",
    "Policy",
    "Row",
    "Span",
    "Step",
    "Target",
    "Verdict",
    "Waiver",
    "compare",
    "lint",
    "load_policies",
    "parse_policy",
    "read_policies",
    "strictest",
    "verdict",
]
