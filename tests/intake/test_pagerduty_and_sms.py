"""Given an event of PagerDuty's API or a text message, when it is translated, then it is a signal of its door."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from incident.errors import BadInput, Fault, why
from incident.intake.pagerduty import enqueue
from incident.intake.sms import reported
from incident.levels import Kind, Level
from incident.report import Channel, Recovery, RemoteAck, Report, Source
from tests.intake.payloads import NOW, event


def sent(**changes):
    return enqueue(event(**changes), lambda: "made-here")


def payload(**changes):
    return {"summary": "Disk full", "source": "db1", "severity": "error"} | changes


def faults(**changes):
    with pytest.raises(BadInput) as refused:
        sent(**changes)
    return refused.value.faults


def test_a_trigger_is_a_report_with_the_routing_key_and_the_senders_own_dedup_key():
    got = sent()
    report = got.signal

    assert (got.routing_key, got.dedup_key) == ("R0UTING0KEY0OF0THE0INTEGRATION00", "samplekeyhere")
    assert isinstance(report, Report)
    assert report.title == "Database of the order line is not responding"
    assert (report.level, report.kind, report.place) == (Level.CRITICAL, Kind.SYSTEM_OUTAGE, "Hall 3")
    assert report.at == datetime(2026, 3, 1, 7, 58, tzinfo=UTC)
    assert report.dedup_key == "pagerduty:samplekeyhere"
    assert report.labels["class"] == "ping failure"
    assert (report.labels["load"], report.labels["pools"]) == ("0.75", '["a","b"]')
    assert report.links == (
        "https://monitor.example.com",
        "https://runbook.example.com",
        "https://graphs.example.com/1",
    )


@pytest.mark.parametrize("key", [None, "", "  "])
def test_a_trigger_without_a_key_gets_a_new_one(key):
    got = sent(dedup_key=key)

    assert (got.dedup_key, got.signal.dedup_key) == ("made-here", "pagerduty:made-here")


def test_resolve_and_acknowledge_carry_only_the_key():
    over, seen = sent(event_action="resolve", payload={}), sent(event_action="acknowledge", payload=None)

    assert over.signal == Recovery(dedup_key="pagerduty:samplekeyhere")
    assert seen.signal == RemoteAck(dedup_key="pagerduty:samplekeyhere")


@pytest.mark.parametrize(
    ("severity", "level"),
    [("critical", Level.CRITICAL), ("error", Level.HIGH), ("warning", Level.MEDIUM), ("info", Level.LOW)],
)
def test_the_four_severities_are_the_four_levels(severity, level):
    assert sent(payload=payload(severity=severity)).signal.level is level


def test_a_summary_of_1024_characters_is_cut_for_the_title_and_kept_in_the_symptom():
    summary = ("the pump of line 3 is hot " * 40)[:1024].strip()
    report = sent(payload=payload(summary=summary)).signal

    assert len(report.title) <= 200
    assert report.symptom == summary


def test_a_time_without_an_offset_is_utc_here():
    assert sent(payload=payload(timestamp="2026-03-01T08:00:00")).signal.at == NOW


def test_bad_events_are_pointed_at():
    assert faults(routing_key=None)[0].pointer == "/routing_key"
    assert faults(routing_key=" ")[0] == Fault("/routing_key", why("intake.empty"))
    assert faults(event_action="reopen")[0].reason.key == "intake.not_one_of"
    assert faults(event_action="resolve", dedup_key="") == (Fault("/dedup_key", why("intake.missing")),)
    assert faults(dedup_key="x" * 256) == (Fault("/dedup_key", why("intake.too_long", limit=255)),)
    assert faults(payload=None) == (Fault("/payload", why("intake.missing")),)
    assert faults(payload={"severity": "bad"}) == (
        Fault("/payload/summary", why("intake.missing")),
        Fault("/payload/source", why("intake.missing")),
        Fault("/payload/severity", why("intake.not_one_of", allowed="critical, error, warning, info")),
    )


def test_a_key_of_255_characters_is_still_one_key():
    one, other = (sent(dedup_key="x" * 254 + end).signal.dedup_key for end in "ab")

    assert one != other
    assert len(one) <= 200


def texted(text, person=None):
    return reported(text, number="+4915112345678", at=NOW, message_id="SM123", person=person)


@pytest.mark.parametrize(
    ("text", "title", "kind"),
    [
        ("REPORT smoke detected in hall 3", "smoke detected in hall 3", Kind.FIRE_OR_SHOCK),
        ("report: pump is hot", "pump is hot", Kind.OTHER),
        ("报告 三号厅起火", "三号厅起火", Kind.FIRE_OR_SHOCK),
        ("報告：三號廳漏氣", "三號廳漏氣", Kind.GAS_LEAK),
    ],
)
def test_a_message_that_begins_with_report_is_one(text, title, kind):
    report = texted(text)

    assert (report.title, report.kind) == (title, kind)
    assert (report.channel, report.source, report.contact) == (Channel.SMS, Source.CUSTOMER, "+4915112345678")
    assert report.dedup_key == "sms:SM123"
    assert report.at == NOW


def test_a_known_person_reports_from_inside():
    report = texted("REPORT pump hot\nsince noon", person="Li Wei")

    assert (report.source, report.reporter, report.symptom) == (Source.INTERNAL, "Li Wei", "since noon")


@pytest.mark.parametrize("text", ["1", "收到", "reporting in", "", "ACK C7"])
def test_any_other_message_is_none(text):
    assert texted(text) is None


def test_the_bare_word_asks_for_more():
    with pytest.raises(BadInput) as refused:
        texted("报告 ")
    assert refused.value.faults == (Fault("/Body", why("intake.sms_empty")),)
