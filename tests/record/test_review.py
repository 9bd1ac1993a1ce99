"""The post-incident report: its figures are folded from the log, nothing is typed twice."""

from datetime import timedelta

from incident.commands import AcceptCommand, OfferCommand, Resolve, Update
from incident.record.measures import measure
from incident.record.review import review
from incident.record.view import Reader
from incident.report import Source
from incident.words import words_for
from tests.core.house import START, Story


def told(story: Story):
    return review(story.incident, story.log, Reader(story.organisation, None, words_for("en"), story.now))


def test_the_figures_of_a_handled_incident():
    story = Story().opened(at=START - timedelta(minutes=3), source=Source.CUSTOMER).later(minutes=6).taken("bob")
    story.later(minutes=1).does(Update("no power in hall 3")).later(minutes=12).does(Update("power is back"))
    story.does(OfferCommand("charlie")).does(AcceptCommand("charlie"))
    story.later(minutes=19).does(Resolve("charlie", "web", cause="breaker", measure="replaced"))
    figures = told(story)
    assert figures.noticed_s == 180
    assert figures.answered_s == 360
    assert figures.resolved_s == (6 + 1 + 12 + 19) * 60
    assert figures.closed_s is None
    assert (figures.pages, figures.escalations) == (2, 1)
    assert figures.longest_silence_s == 19 * 60
    assert [c.name for c in figures.commanders] == ["Bob", "Charlie"]
    assert figures.updates == 2
    assert "response" not in figures.clocks_missed


def test_an_incident_that_nobody_answered_has_no_answer_time_and_names_the_missed_clock():
    figures = told(Story().opened().later(minutes=40))
    assert figures.answered_s is None
    assert "response" in figures.clocks_missed
    assert figures.commanders == ()


def test_when_it_happened_is_told_by_source_and_is_the_report_itself_where_that_does_not_say():
    seen = Story().opened(at=START - timedelta(minutes=10), source=Source.CUSTOMER)
    silent = Story().opened(source=Source.SYSTEM)
    both = [m for s in (seen, silent) if (m := measure(s.log))]
    assert [(m.source, m.reported_at - m.happened_at) for m in both] == [
        ("customer", timedelta(minutes=10)),
        ("system", timedelta(0)),
    ]
