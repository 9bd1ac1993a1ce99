"""One event of each kind with every field filled, and the golden files made of them.

A golden file is what a release once wrote: it is never changed. `python -m tests.store.samples` writes the files that
are lacking, for a new kind or a raised version, and touches no other.
"""

from __future__ import annotations

from datetime import UTC, datetime, time
from pathlib import Path

from incident.errors import Reason, why
from incident.events import (
    Absorbed,
    Acknowledged,
    AcknowledgementExpired,
    AcknowledgementWarned,
    AlertRecovered,
    AlertReturned,
    Cadence,
    ClockBreached,
    Closed,
    CloseoutTicked,
    CommandOffered,
    CommandTaken,
    CommunicationJudged,
    Declined,
    DrillEnded,
    DrillPaused,
    DrillResumed,
    Due,
    Escalated,
    Event,
    FindingsRecorded,
    FollowedUp,
    Graded,
    Hours,
    Merged,
    Noted,
    Notified,
    Paged,
    PageDelivered,
    PageFailed,
    PagingHeld,
    PagingReleased,
    PlaybookStarted,
    PostFilled,
    PostVacated,
    Regraded,
    Remark,
    Reopened,
    ReportAmended,
    Reported,
    Resolved,
    ResourceArrived,
    ResourceRequested,
    Restored,
    RiskAssessed,
    Rung,
    SpanExceeded,
    StepAdded,
    StepFailed,
    StepFinished,
    StepOverdue,
    StepPlan,
    StepSkipped,
    StepStarted,
    Summoned,
    Terms,
    Updated,
    UpdateMissed,
    Verified,
)
from incident.levels import Degree, Kind, Level
from incident.posts import Post, Tier
from incident.report import Channel, Source
from incident.store.codec import encode

GOLDEN = Path(__file__).parent / "golden"

AT = datetime(2026, 3, 1, 2, 14, 15, 123456, tzinfo=UTC)
LATER = datetime(2026, 3, 1, 2, 29, 15, tzinfo=UTC)
WHY = why("grade.matrix", impact="high", urgency="medium", level="high")
BARE = Reason("alarm.opened")
CADENCE = Cadence(300, 300, 1200, 1200)
HOURS = Hours(inside=False, opens=time(8, 30), closes=time(18), timezone="Asia/Shanghai", country="CN")
TERMS = Terms(("maria",), "gas certificate", Post.SAFETY, in_turn=True, repeat=2, hours=HOURS)
LADDER = (Rung(Tier.FIELD, "primary", "response", 300), Rung(Tier.HQ, "people", "management", 600, TERMS))
CLOCKS = (Due("response", LATER), Due("activate", AT, assumed=True))
STEP = StepPlan("cut-power", Post.SAFETY, "critical", 300, ("evacuate",), life_safety=True, text="断电 Cut the power")
PEOPLE = (Summoned("li-wei", WHY), Summoned("maria", BARE))
REMARKS = (Remark("huang-lei", why("skill.expired", skill="gas", until="2026-02-28")),)

REPORTED = Reported(
    code="C7",
    title="机房断电 Data centre down",
    kind=Kind.SYSTEM_OUTAGE,
    happened_at=AT,
    channel=Channel.MONITOR,
    source=Source.SYSTEM,
    unit="beijing-it",
    routed=WHY,
    impact=Degree.HIGH,
    urgency=Degree.MEDIUM,
    stated=Level.HIGH,
    place="Hall 3",
    product="db-cluster",
    serial="SN-1",
    symptom='no answer "at all"\nsince two',
    scope="all customers",
    reporter="A. Reporter",
    customer="ACME",
    service="gold",
    dedup_key="alert/7",
    labels={"severity": "critical", "机房": "三号"},
    links=("https://example.org/graph",),
    injury=True,
    major=True,
    missing=("serial",),
    previous="4f0c",
    drill="drill-3",
)
GRADED = Graded(
    level=Level.HIGH,
    reasons=(WHY, BARE),
    policy="it-emergency",
    policy_version=3,
    policy_digest="ab" * 32,
    clocks=CLOCKS,
    cadence=CADENCE,
    playbook="system-outage",
    playbook_version=2,
    playbook_digest="cd" * 32,
    playbook_reason=BARE,
    ladder=LADDER,
    closeout=("cause-known", "verification"),
)

SAMPLES: tuple[Event, ...] = (
    REPORTED,
    GRADED,
    Regraded(Level.CRITICAL, Level.HIGH, "smoke seen", CLOCKS, CADENCE, LADDER),
    PlaybookStarted("system-outage", 2, "cd" * 32, (STEP,), automatic=False),
    ReportAmended({"place": "Hall 4", "serial": "SN-2"}),
    Merged("9a7f"),
    Absorbed("9a7f", "C8"),
    Paged(2, 1, 0, Tier.REGION, PEOPLE, BARE, LATER, PEOPLE[1:], 2, REMARKS),
    Escalated(1, Tier.REGION, BARE, REMARKS),
    Notified(PEOPLE, BARE),
    PageDelivered(2, "li-wei", "sms"),
    PageFailed(2, "li-wei", "voice", why("page.failed.unreachable", code=30003)),
    Acknowledged("li-wei", "sms", rostered=False),
    Declined("li-wei", "voice", "on a plane"),
    ClockBreached("response", LATER),
    PagingHeld("core-switch", "Core switch 核心交换机", "firmware", "maria", LATER),
    PagingReleased(why("maintenance.over", name="Core switch"), CLOCKS),
    DrillPaused(why("drill.paused.real")),
    DrillResumed(AT),
    DrillEnded(),
    AcknowledgementWarned("li-wei", AT, LATER),
    AcknowledgementExpired("li-wei", AT, 3),
    CommandOffered("maria", "power is back, cooling is not"),
    CommandTaken("maria", "li-wei"),
    PostFilled(Post.LIAISON, "maria"),
    PostVacated(Post.LIAISON, "maria"),
    SpanExceeded(8),
    StepStarted("cut-power", "li-wei"),
    StepFinished("cut-power", "li-wei", "done in 3 min"),
    StepFailed("cut-power", "li-wei", "the switch is stuck"),
    StepSkipped("cut-power", "li-wei", "no power on site"),
    StepAdded(STEP, "li-wei"),
    StepOverdue("cut-power", LATER),
    Updated("half of it is back", LATER, "customers", 50, 1200, "two disks"),
    UpdateMissed(AT, LATER),
    Noted("the cleaner heard it"),
    RiskAssessed(3, 4, "high", "keep the doors open"),
    ResourceRequested(1, "disk-4tb", 6, LATER),
    ResourceArrived(1, 4),
    FindingsRecorded("a worn relay", "replaced"),
    AlertRecovered("all green"),
    AlertReturned(),
    Restored("all customers back"),
    Resolved("li-wei", "relay replaced"),
    Verified("failover tried", passed=True, person="maria"),
    CloseoutTicked("customers-told"),
    FollowedUp("called ACME"),
    Closed("a relay wore out"),
    CommunicationJudged("maria", 4, None, 2, "one figure was wrong", None, "nobody asked the caller back"),
    Reopened("it is down again"),
)


def golden(kind: str, version: int) -> Path:
    return GOLDEN / f"{kind}.{version}.json"


def main() -> None:
    GOLDEN.mkdir(exist_ok=True)
    for event in SAMPLES:
        kind, version, body = encode(event)
        path = golden(kind, version)
        if not path.exists():
            path.write_text(body + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
