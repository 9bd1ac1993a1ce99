"""Given a message of a Zabbix media type, when it is translated, then it reports, recovers or acknowledges."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from incident.errors import BadInput, Fault, why
from incident.intake import Door
from incident.intake.zabbix import translate
from incident.levels import Kind, Level
from incident.report import Recovery, RemoteAck, Report
from tests.intake.payloads import NOW, as_json, zabbix


def only(body):
    (signal,) = translate(body, Door(), NOW).signals
    return signal


def faults(body):
    with pytest.raises(BadInput) as refused:
        translate(body, Door(), NOW)
    return refused.value.faults


def test_a_problem_is_a_report():
    report = only(zabbix(eventid=10528, event_timestamp="1772352000", opdata="Current: 0"))

    assert report.title == "Zabbix agent on mes.example.com is unreachable for 5 minutes"
    assert report.symptom == "Agent ping\nCurrent: 0"
    assert report.dedup_key == "zabbix:10528"
    assert report.at == datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
    assert report.labels["hostname"] == "mes.example.com"
    assert report.kind is Kind.SYSTEM_OUTAGE
    assert report.links == ("https://zabbix.example.com/tr_events.php?triggerid=14032&eventid=10528",)


@pytest.mark.parametrize(
    ("word", "level"),
    [
        ("Disaster", Level.CRITICAL),
        ("High", Level.HIGH),
        ("Average", Level.MEDIUM),
        ("Warning", Level.MEDIUM),
        ("Information", Level.LOW),
        ("Not classified", Level.MEDIUM),
        ("灾难", Level.CRITICAL),
        ("Blazing", Level.MEDIUM),
        ("{EVENT.SEVERITY}", None),
    ],
)
def test_severity_names_are_zabbixs(word, level):
    assert only(zabbix(severity=word)).level is level


@pytest.mark.parametrize("status", ["RESOLVED", "OK", "ok"])
@pytest.mark.parametrize("known", [{"eventid": "10528"}, {"triggerid": 14032}, {}])
def test_a_recovery_meets_its_problem(status, known):
    assert only(zabbix(status=status, **known)).dedup_key == only(zabbix(**known)).dedup_key
    assert isinstance(only(zabbix(status=status, **known)), Recovery)


def test_macros_that_were_not_expanded_count_as_missing():
    body = {"eventid": "{EVENT.ID}", "triggerid": "*UNKNOWN*", "item": "*UNKNOWN*"}
    one, other = only(zabbix(**body)), only(zabbix(**body, hostname="erp.example.com"))

    assert one.dedup_key != other.dedup_key
    assert one.symptom is None
    assert faults(zabbix(trigger="{EVENT.NAME}")) == (Fault("/trigger", why("intake.empty")),)


def test_an_acknowledgement_in_zabbix_is_no_answer_of_ours():
    signal = only(zabbix(eventid="7", event_update_status="1", event_ack="Yes"))

    assert isinstance(signal, RemoteAck)
    assert signal.dedup_key == "zabbix:7"


def test_a_comment_in_zabbix_only_repeats_the_report():
    assert isinstance(only(zabbix(event_update_status="1", event_ack="No")), Report)


@pytest.mark.parametrize("tags", [[{"tag": "site", "value": "North"}], '[{"tag":"site","value":"North"}]'])
def test_tags_and_fields_of_ones_own_are_labels(tags):
    report = only(zabbix(tags=tags, product="MES 4", kind="software_fault"))

    assert (report.place, report.product, report.kind) == ("North", "MES 4", Kind.SOFTWARE_FAULT)
    assert report.labels["site"] == "North"


@pytest.mark.parametrize("tags", [None, 7, "site:North", [1, {"tag": 1}], {"a": 1}])
def test_tags_of_another_form_do_not_lose_the_alert(tags):
    assert isinstance(only(zabbix(tags=tags)), Report)


def test_the_names_of_other_media_types_are_known():
    body = {"event_status": "PROBLEM", "event_name": "Disk full", "event_severity": "High", "host_name": "a"}
    report = only(as_json(body | {"event_id": "5"}))

    assert (report.title, report.level, report.dedup_key) == ("Disk full (a)", Level.HIGH, "zabbix:5")


def test_bad_fields_are_pointed_at():
    assert faults(b"{}") == (
        Fault("/status", why("intake.missing")),
        Fault("/trigger", why("intake.missing")),
    )
    assert faults(zabbix(status="MAYBE"))[0].pointer == "/status"
    assert faults(zabbix(hostname=["a"])) == (Fault("/hostname", why("intake.wrong_type", expected="text")),)
    assert [f.pointer for f in faults(zabbix(timestamp="yesterday"))] == ["/timestamp"]
