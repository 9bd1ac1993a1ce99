"""A dry run tells what the desk would do, from the desk's own functions; and what nobody holds, in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from incident.commands import Acknowledge, Moment, Open
from incident.events import Paged
from incident.levels import Degree, Kind, Level
from incident.maintenance import Window, Windows
from incident.record.dry_run import MOST, TOLD_KINDS, of_incident, of_report
from incident.record.dry_shapes import DryRun
from incident.record.view import Reader
from incident.rehearse import Outside
from incident.report import Report
from incident.words import LOCALES, words_for
from tests.core.house import START, Shelf, Story, organisation

REPORT = Report(title="data centre down", kind=Kind.SYSTEM_OUTAGE, level=Level.CRITICAL, product="cloud")


def outside(*absent: str) -> Outside:
    return lambda at, by: Moment(at, by, organisation(*absent), Shelf())


def run(report: Report = REPORT, *absent: str, at: datetime = START, locale: str = "en") -> DryRun:
    reader = Reader(organisation(*absent), None, words_for(locale), at)
    return of_report(report, at, "system", outside(*absent), reader)


def told(found: DryRun) -> list[tuple[str, int]]:
    return [(moment.kind, moment.after_s) for moment in found.moments if moment.kind in ("page", "gap", "nobody")]


def test_it_says_who_would_be_paged_when_until_the_second_round() -> None:
    found = run()
    story = Story().opened(kind=REPORT.kind).later(minutes=60)
    really = [
        (round((entry.at - START).total_seconds()), [who.person for who in entry.event.people])
        for entry in story.log
        if isinstance(entry.event, Paged) and entry.event.round <= 1
    ]
    pages = [(m.after_s, [p.person for p in m.people]) for m in found.moments if m.kind == "page"]
    assert pages == really
    assert found.ends == "round"
    assert (found.first_page_at, found.headquarters_at) == (START, START + timedelta(minutes=11))
    assert found.second_round_at == START + timedelta(minutes=really[-1][0] // 60)


def test_each_person_comes_with_the_reason_and_with_every_way_and_its_time() -> None:
    (asked,) = run().moments[0].people
    assert (asked.person, asked.name, asked.reason.key) == ("bob", "Bob", "roster.rotation")
    (text, call) = asked.ways
    assert (text.way, text.at, call.way) == ("sms", START, "voice")
    assert START < call.at <= START + timedelta(minutes=2)


def test_it_says_by_which_rules_and_by_when_it_would_have_to_be_answered() -> None:
    report = REPORT.model_copy(update={"level": None, "impact": Degree.HIGH, "urgency": Degree.HIGH})
    found = run(report)
    assert (found.level, found.unit, found.playbook) == ("critical", "field", "system-outage")
    assert [reason.key for reason in found.level_reasons] == ["grade.matrix"]
    assert found.routed.key.startswith("route.product")
    assert found.target == found.missed_at == START + timedelta(minutes=15)
    late = [moment for moment in found.moments if moment.late]
    assert late
    assert all(moment.at > START + timedelta(minutes=15) for moment in late)
    assert any(moment.kind == "breached" and "TARGET" in moment.says for moment in found.moments)


def test_a_rung_that_nobody_holds_is_said_aloud_where_it_is_passed() -> None:
    found = run(REPORT, "region")
    (gap,) = [moment for moment in found.moments if moment.kind == "gap"]
    assert (gap.tier, gap.rung) == ("region", 3)
    assert "NOBODY ON DUTY HERE" in gap.says
    assert [rung.n for rung in found.ladder if rung.dead] == [3]
    after = [moment for moment in found.moments if moment.kind == "page" and moment.at == gap.at]
    assert {p.person for p in after[0].people} <= {"dora", "erik"}, "the next rung at once"


def test_with_nobody_anywhere_it_says_so_and_never_pretends_a_page() -> None:
    found = run(REPORT, "field", "region", "hq")
    assert all(rung.dead for rung in found.ladder)
    assert (found.first_page_at, found.headquarters_at) == (None, None)
    assert {kind for kind, _ in told(found)} == {"gap", "nobody"}
    assert found.missed_at is not None


def test_another_night_asks_the_roster_of_that_night() -> None:
    week_later = run(at=START + timedelta(days=7))
    assert [p.person for p in week_later.moments[0].people] == ["alice"]
    assert week_later.at == START + timedelta(days=7)


def test_a_low_one_with_a_target_of_a_day_is_told_in_a_few_lines() -> None:
    found = run(REPORT.model_copy(update={"level": Level.LOW, "kind": Kind.OTHER}))
    assert len(found.moments) < MOST / 2
    assert found.missed_at == START + timedelta(hours=24)


def test_an_incident_that_rings_is_told_on_from_where_it_stands() -> None:
    story = Story().opened(kind=REPORT.kind).later(minutes=6)
    reader = Reader(organisation(), None, words_for("en"), story.now)
    found = of_incident(story.incident, story.now, outside(), reader)
    before = len(story.all_of(Paged))
    really = story.later(minutes=20).all_of(Paged)[before:]
    asked = [[p.person for p in m.people] for m in found.moments if m.kind == "page"]
    assert asked == [[who.person for who in paged.people] for paged in really[: len(asked)]]
    assert len(asked) >= 3
    assert found.code == "C7"
    assert not any(rung.dead for rung in found.ladder), "what was paged before is not dead"


def test_one_that_is_overdue_is_taken_up_now_and_not_in_the_past() -> None:
    story = Story().opened(kind=REPORT.kind)
    now = START + timedelta(minutes=30)
    found = of_incident(story.incident, now, outside(), Reader(organisation(), None, words_for("en"), now))
    assert min(moment.at for moment in found.moments) == now


def test_what_somebody_has_pages_nobody_while_they_are_heard_of() -> None:
    story = Story().opened(kind=REPORT.kind).does(Acknowledge("bob", "sms"), "person:bob")
    reader = Reader(organisation(), None, words_for("en"), story.now)
    found = of_incident(story.incident, story.now, outside(), reader)
    assert (found.taken_by, found.target, found.first_page_at is None or found.first_page_at > story.now) == (
        "Bob",
        None,
        True,
    )


def test_nothing_of_it_is_kept() -> None:
    story = Story().opened(kind=REPORT.kind)
    before = (story.incident, len(story.log))
    of_incident(story.incident, START, outside(), Reader(organisation(), None, words_for("en"), START))
    assert (story.incident, len(story.log)) == before


@pytest.mark.parametrize("locale", LOCALES)
def test_it_is_told_in_each_language(locale: str) -> None:
    found = run(REPORT, "region", locale=locale)
    for moment in found.moments:
        assert "{" not in moment.says
        assert not moment.says.startswith("dry.")
    known = words_for(locale).keys
    assert {f"dry.{kind}" for kind in TOLD_KINDS} <= known


def test_a_command_to_open_is_what_it_is_made_of() -> None:
    """The same report by the desk's command gives the same first page."""
    story = Story().does(Open(REPORT, "C7"))
    assert [p.person for p in run().moments[0].people] == [p.person for p in story.all_of(Paged)[0].people]
    assert run(at=START).at == START.astimezone(UTC)


def test_what_falls_into_planned_maintenance_waits_for_its_end_and_then_pages() -> None:
    begin = START.replace(tzinfo=None)
    window = Window(
        id="w1",
        name="Hall 3",
        reason="new batteries",
        owner="dora",
        timezone="UTC",
        start=begin - timedelta(minutes=10),
        end=begin + timedelta(minutes=50),
        products=("cloud",),
    )

    def then(at: datetime, by: str) -> Moment:
        return Moment(at, by, organisation(), Shelf(), Windows(windows=(window,)))

    held = of_report(REPORT.model_copy(update={"level": Level.HIGH}), START, "key:monitor", then, reader_at(START))
    kinds = [(moment.kind, moment.after_s) for moment in held.moments]
    assert kinds[0] == ("paging_held", 0)
    assert ("paging_released", 3000) in kinds
    assert held.first_page_at == START + timedelta(minutes=50)
    assert held.target == START + timedelta(minutes=50 + 60), "the clocks begin when it is let go"


def reader_at(at: datetime) -> Reader:
    return Reader(organisation(), None, words_for("en"), at)
