"""Given any JSON and a mapping, when it is translated, then the mapped fields make reports and recoveries."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from incident.errors import BadInput, Fault, why
from incident.intake import Door
from incident.intake.generic import translate
from incident.intake.mapping import Mapping
from incident.levels import Degree, Kind, Level
from incident.report import Channel, Recovery, Report, Source
from tests.intake.payloads import NOW, as_json

UPTIME = Mapping.model_validate(
    {
        "fields": {
            "title": "monitor_friendly_name",
            "symptom": "alert_details",
            "kind": {"constant": "system_outage"},
            "dedup_key": "monitor_url",
            "level": {"path": "prio", "values": {"1": "critical", "2": "high"}, "otherwise": "medium"},
        },
        "labels": {"duration": "alert_friendly_duration", "from": {"constant": "uptime"}},
        "resolved_when": {"path": "alert_type_friendly_name", "equals": ["Up"]},
    }
)
DOWN = {
    "monitor_url": "server1.example.com",
    "monitor_friendly_name": "Web shop",
    "alert_type": "1",
    "alert_type_friendly_name": "Down",
    "alert_details": "Host Is Unreachable",
}


def translated(value, mapping=None):
    door = Door() if mapping is None else Door(mapping=mapping)
    return translate(as_json(value), door, NOW)


def only(value, mapping=None):
    (signal,) = translated(value, mapping).signals
    return signal


def faults(value, mapping=None):
    with pytest.raises(BadInput) as refused:
        translated(value, mapping)
    return refused.value.faults


def test_a_mapping_finds_the_fields_of_somebody_elses_json():
    report = only(DOWN, UPTIME)

    assert (report.title, report.symptom) == ("Web shop", "Host Is Unreachable")
    assert (report.kind, report.level) == (Kind.SYSTEM_OUTAGE, Level.MEDIUM)
    assert report.dedup_key == "generic:server1.example.com"
    assert report.labels == {"from": "uptime"}


def test_a_mapping_knows_a_recovery():
    over = only(DOWN | {"alert_type_friendly_name": "up"}, UPTIME)

    assert over == Recovery(dedup_key="generic:server1.example.com", at=None, note="Web shop\nHost Is Unreachable")


@pytest.mark.parametrize(("given", "level"), [(1, Level.CRITICAL), ("2", Level.HIGH), (3, Level.MEDIUM)])
def test_values_are_translated_and_the_rest_is_otherwise(given, level):
    assert only(DOWN | {"prio": given}, UPTIME).level is level


def test_paths_lead_through_names_positions_and_pointers():
    mapping = Mapping.model_validate(
        {
            "items": "data.alerts",
            "fields": {"title": "names.1", "symptom": "/a.b/c~1d", "dedup_key": "id"},
            "labels_from": "tags",
        }
    )
    item = {"names": ["x", "second"], "a.b": {"c/d": "deep"}, "id": 7, "tags": {"n": 3, "on": True, "deep": {}}}
    report = only({"data": {"alerts": [item]}}, mapping)

    assert (report.title, report.symptom, report.dedup_key) == ("second", "deep", "generic:7")
    assert report.labels == {"n": "3", "on": "true"}


def test_a_bad_item_is_pointed_at_inside_the_list():
    mapping = Mapping.model_validate({"items": "data.alerts", "fields": {"title": "a.name"}})

    assert faults({"data": {"alerts": [{"a": {"name": "x"}}, {"a": {"name": {}}}, 3]}}, mapping) == (
        Fault("/data/alerts/1/a/name", why("intake.wrong_type", expected="text")),
        Fault("/data/alerts/2", why("intake.wrong_type", expected="object")),
    )
    assert faults({"data": {}}, mapping) == (Fault("/data/alerts", why("intake.wrong_type", expected="list")),)


def test_the_identity_takes_our_own_fields():
    report = only(
        {
            "title": "Milling line stands still",
            "kind": "network_cut",
            "level": "critical",
            "impact": "high",
            "urgency": "low",
            "at": "2026-03-01T09:00:00+01:00",
            "place": "Hall 3",
            "serial": 4711,
            "channel": "device",
            "source": "system",
            "dedup_key": "line-3",
            "injury": True,
            "labels": {"plc": "S7"},
            "links": ["https://example.com/1", "javascript:alert(1)"],
        }
    )
    assert isinstance(report, Report)
    assert (report.kind, report.level, report.impact, report.urgency) == (
        Kind.NETWORK_CUT,
        Level.CRITICAL,
        Degree.HIGH,
        Degree.LOW,
    )
    assert (report.at, report.place, report.serial, report.injury) == (NOW, "Hall 3", "4711", True)
    assert (report.channel, report.source) == (Channel.DEVICE, Source.SYSTEM)
    assert (report.dedup_key, report.labels, report.links) == (
        "generic:line-3",
        {"plc": "S7"},
        ("https://example.com/1",),
    )


def test_the_identity_takes_a_list_and_status_resolved():
    signals = translated([{"title": "a", "dedup_key": "k"}, {"status": "resolved", "dedup_key": "k"}]).signals

    assert [type(s) for s in signals] == [Report, Recovery]
    assert signals[0].dedup_key == signals[1].dedup_key


def test_without_a_deduplication_key_each_report_stands_alone():
    assert only({"title": "a"}).dedup_key is None


@pytest.mark.parametrize(
    ("item", "fault"),
    [
        ({}, Fault("/0/title", why("intake.missing"))),
        ({"title": " \u200b\n"}, Fault("/0/title", why("intake.empty"))),
        ({"title": "a", "at": "2026-03-01T09:00"}, Fault("/0/at", why("intake.not_a_time"))),
        ({"title": "a", "injury": "maybe"}, Fault("/0/injury", why("intake.wrong_type", expected="true_or_false"))),
        ({"title": "a", "impact": "huge"}, Fault("/0/impact", why("intake.not_one_of", allowed="high, medium, low"))),
        ({"status": "resolved"}, Fault("/0/dedup_key", why("intake.missing"))),
    ],
)
def test_a_bad_field_of_the_identity_is_pointed_at(item, fault):
    assert faults([item]) == (fault,)


def test_limits_and_other_shapes():
    assert faults([{"title": "a"}] * 1001) == (Fault("", why("intake.too_many", limit=1000)),)
    assert faults("a") == (Fault("", why("intake.wrong_type", expected="object")),)
    assert translated([]).notes == (why("intake.nothing"),)
    with pytest.raises(BadInput):
        translate(b'{"title": NaN}', Door(), NOW)


@pytest.mark.parametrize(
    "document",
    [
        {"fields": {"symptom": "a"}},
        {"fields": {"title": {"path": "a", "constant": "b"}}},
        {"fields": {"title": {}}},
        {"fields": {"title": "a", "colour": "b"}},
        {"fields": {"title": "a"}, "resolved_when": {"path": "s", "equals": ["ok"]}},
        {"fields": {"title": ""}},
    ],
)
def test_a_mapping_that_cannot_work_is_refused(document):
    with pytest.raises(ValidationError):
        Mapping.model_validate(document)
