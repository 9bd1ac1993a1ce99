"""A period by days, weeks and months: nothing counted twice, nothing dropped, each figure where its report stands."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from incident.levels import Level
from incident.record.trend import Life, Step, begins, step_of, trend

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 11, 18, 4, tzinfo=UTC)  # a Wednesday, noon in Shanghai


def us(at: datetime) -> int:
    return round(at.timestamp() * 1e6)


def life(at: datetime, answered: float | None = None, restored: float | None = None, level: Level = Level.HIGH) -> Life:
    def after(seconds: float | None) -> int | None:
        return None if seconds is None else us(at + timedelta(seconds=seconds))

    return Life(level, us(at), us(at), after(answered), after(restored))


def test_a_month_is_told_by_days_a_quarter_by_weeks_a_year_by_months() -> None:
    assert [step_of(timedelta(days=days)) for days in (7, 31, 90, 365)] == [Step.DAY, Step.DAY, Step.WEEK, Step.MONTH]


def test_days_begin_at_midnight_of_the_zone_weeks_on_monday_months_on_the_first() -> None:
    days = begins(NOON - timedelta(days=2), NOON, Step.DAY, SHANGHAI)
    assert [f"{day:%m-%d %H:%M}" for day in days] == ["11-16 00:00", "11-17 00:00", "11-18 00:00"]
    weeks = begins(NOON - timedelta(days=10), NOON, Step.WEEK, SHANGHAI)
    assert [f"{week:%a %m-%d}" for week in weeks] == ["Mon 11-02", "Mon 11-09", "Mon 11-16"]
    months = begins(datetime(2026, 12, 31, tzinfo=UTC), datetime(2027, 3, 2, tzinfo=UTC), Step.MONTH, SHANGHAI)
    assert [f"{month:%Y-%m-%d}" for month in months] == ["2026-12-01", "2027-01-01", "2027-02-01", "2027-03-01"]


def test_when_the_clocks_go_back_the_day_has_25_hours_and_is_one_day() -> None:
    days = begins(datetime(2026, 10, 24, 12, tzinfo=UTC), datetime(2026, 10, 26, 12, tzinfo=UTC), Step.DAY, BERLIN)
    assert len(days) == 3
    assert days[2].timestamp() - days[1].timestamp() == 25 * 3600
    last_hour = life(datetime(2026, 10, 25, 22, 30, tzinfo=UTC))  # 23:30 in Berlin
    assert [span.figures.incidents for span in trend([last_hour], days).spans] == [0, 1, 0]


def test_a_slow_answer_stays_with_the_day_of_its_report_and_who_waits_is_counted_apart() -> None:
    late = life(NOON - timedelta(days=1), answered=26 * 3600, restored=30 * 3600)
    spans = trend(
        [late, life(NOON - timedelta(hours=1))], begins(NOON - timedelta(days=1), NOON, Step.DAY, SHANGHAI)
    ).spans
    assert [(s.figures.answered.n, s.figures.answered.waiting, s.figures.answered.median_s) for s in spans] == [
        (1, 0, 26 * 3600),
        (0, 1, None),
    ]
    assert [(s.figures.restored.n, s.figures.restored.waiting) for s in spans] == [(1, 0), (0, 1)]


def test_who_answers_before_the_first_page_kept_nobody_waiting() -> None:
    early = Life(Level.LOW, us(NOON), us(NOON + timedelta(minutes=1)), us(NOON), None)
    assert trend([early], [NOON]).levels[Level.LOW].answered.median_s == 0


def test_what_was_never_paged_waits_for_no_answer() -> None:
    quiet = Life(Level.LOW, us(NOON), None, None, None)
    figures = trend([quiet], [NOON]).levels[Level.LOW]
    assert (figures.answered.n, figures.answered.waiting, figures.restored.waiting) == (0, 0, 1)


@given(
    st.lists(st.tuples(st.integers(0, 200 * 86_400), st.sampled_from(list(Level)))),
    st.sampled_from(list(Step)),
    st.sampled_from([SHANGHAI, BERLIN]),
)
def test_however_it_is_cut_the_spans_and_the_levels_come_to_all_of_it(
    reported: list[tuple[int, Level]], step: Step, zone: ZoneInfo
) -> None:
    since = NOON - timedelta(days=200)
    lives = [life(since + timedelta(seconds=s), level=level) for s, level in reported]
    found = trend(lives, begins(since, NOON + timedelta(seconds=1), step, zone))
    assert sum(span.figures.incidents for span in found.spans) == len(lives)
    assert {level: figures.incidents for level, figures in found.levels.items()} == {
        level: sum(one.level is level for one in lives) for level in Level
    }
