"""Given what Alertmanager and Grafana post, when it is translated, then each alert is a signal."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from incident.errors import BadInput, Fault, why
from incident.intake import TRANSLATORS, Door
from incident.levels import Degree, Kind, Level
from incident.report import Channel, Recovery, Report, Source
from tests.intake.payloads import NOW, alert, as_json, group


def translated(body, form="alertmanager"):
    return TRANSLATORS[form](body, Door(), NOW)


def only(body, form="alertmanager"):
    (signal,) = translated(body, form).signals
    return signal


def faults(body, form="alertmanager"):
    with pytest.raises(BadInput) as refused:
        translated(body, form)
    return refused.value.faults


def test_a_firing_alert_is_a_report_by_a_system():
    report = only(group(alert()))

    assert isinstance(report, Report)
    assert (report.title, report.symptom) == ("db1 does not answer", "No scrape for 5 minutes.")
    assert report.level is Level.CRITICAL
    assert report.at == datetime(2026, 3, 1, 7, 58, 0, 432911, tzinfo=UTC)
    assert report.dedup_key == "alertmanager:a1bc48475b20e73d"
    assert report.place == "Hall 3"
    assert (report.channel, report.source) == (Channel.MONITOR, Source.SYSTEM)
    assert report.links == ("http://prometheus:9090/graph?g0.expr=up+%3D%3D+0&g0.tab=1",)


def test_a_resolved_alert_is_a_recovery_of_the_same_key():
    firing = only(group(alert()))
    over = only(group(alert(status="resolved", endsAt="2026-03-01T09:00:00+01:00")))

    assert over == Recovery(dedup_key=firing.dedup_key, at=NOW, note="db1 does not answer")


def test_a_list_keeps_its_order_and_mixes_firing_and_resolved():
    signals = translated(group(alert(fingerprint="1"), alert(fingerprint="2", status="resolved"))).signals

    assert [(type(s), s.dedup_key) for s in signals] == [(Report, "alertmanager:1"), (Recovery, "alertmanager:2")]


@pytest.mark.parametrize(
    ("word", "level"),
    [
        ("critical", Level.CRITICAL),
        ("error", Level.HIGH),
        ("high", Level.HIGH),
        ("Major", Level.HIGH),
        ("warning", Level.MEDIUM),
        ("info", Level.LOW),
        ("none", Level.LOW),
        ("purple", Level.MEDIUM),
        ("", None),
    ],
)
def test_the_severity_label_gives_the_level_and_an_unknown_word_is_medium(word, level):
    assert only(group(alert(labels={"alertname": "X", "severity": word}))).level is level


def test_without_a_severity_the_level_is_left_to_the_matrix():
    report = only(group(alert(labels={"alertname": "X", "impact": "high", "urgency": "low"})))

    assert (report.level, report.impact, report.urgency) == (None, Degree.HIGH, Degree.LOW)


def test_labels_may_say_kind_place_product_unit_customer_service_and_injury():
    labels = {"kind": "gas_leak", "place": "Hall 1", "site": "North", "product": "boiler", "unit": "north"}
    report = only(group(alert(labels=labels | {"customer": "C-7", "service": "heat", "injury": "true"})))

    assert (report.kind, report.place, report.product, report.unit) == (Kind.GAS_LEAK, "Hall 1", "boiler", "north")
    assert (report.customer, report.service, report.injury) == ("C-7", "heat", True)
    assert "classified_by" not in report.labels


def test_the_kind_is_guessed_from_the_name_and_the_rule_is_kept():
    report = only(group(alert()))

    assert report.kind is Kind.SYSTEM_OUTAGE
    assert report.labels["classified_by"] == "system_outage:instance down"


def test_without_a_fingerprint_the_labels_in_any_order_make_the_key():
    labels = {"alertname": "X", "host": "a"}
    one = only(group(alert(fingerprint="", labels=labels)))
    other = only(group(alert(fingerprint=None, labels=dict(reversed(labels.items())), status="resolved")))
    unlike = only(group(alert(fingerprint="", labels=labels | {"host": "b"})))

    assert one.dedup_key == other.dedup_key != unlike.dedup_key


@pytest.mark.parametrize("never", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", None])
def test_times_that_no_clock_shows_are_none(never):
    assert only(group(alert(startsAt=never))).at is None
    assert only(group(alert(status="resolved", endsAt=never))).at is None


def test_without_annotations_the_name_and_instance_are_the_title():
    assert only(group(alert(annotations=None))).title == "InstanceDown db1:9100"
    assert only(group(alert(annotations={}, labels={"host": "a", "job": "b"}))).title == "host=a, job=b"


@pytest.mark.parametrize(
    ("summary", "labels", "title"),
    [
        ("Disk almost full", {"host": "andromeda"}, "Disk almost full (andromeda)"),
        ("Disk almost full", {"instance": "db9:9100"}, "Disk almost full (db9)"),
        ("db9 is down", {"instance": "db9.example.com:9100"}, "db9 is down"),
        ("db10 is down", {"instance": "db1:9100"}, "db10 is down (db1)"),
        ("Disk of 10.0.0.5 almost full", {"instance": "10.0.0.7:9100"}, "Disk of 10.0.0.5 almost full (10.0.0.7)"),
        ("磁盘将满（数据库一）", {"host": "数据库一"}, "磁盘将满（数据库一）"),
        ("Pod is crash looping", {"pod": "api-7d9f", "instance": "10.2.3.4:8080"}, "Pod is crash looping (api-7d9f)"),
        ("Replicas mismatch", {"job": "kube-state-metrics", "instance": "10.2.3.4:8080"}, "Replicas mismatch"),
    ],
)
def test_two_hosts_of_one_rule_are_told_apart_by_their_titles(summary, labels, title):
    assert only(group(alert(annotations={"summary": summary}, labels=labels))).title == title


def test_a_host_does_not_say_what_kind_of_incident_it_is():
    report = only(group(alert(annotations={"summary": "Fan slow"}, labels={"host": "gas-alarm"})))

    assert (report.title, report.kind) == ("Fan slow (gas-alarm)", Kind.OTHER)


def test_a_long_summary_is_cut_at_a_word_and_kept_whole_in_the_symptom():
    summary = "disk of the order database is full " * 10
    report = only(group(alert(annotations={"summary": summary, "description": "Clean up."})))

    assert report.title == ("disk of the order database is full " * 6)[:193].rsplit(" ", 1)[0] + "… (db1)"
    assert report.symptom == f"{summary.strip()}\nClean up."


def test_what_the_sender_left_out_is_noted():
    assert translated(group(alert(), truncatedAlerts=7)).notes == (why("intake.truncated", n=7),)
    assert translated(group()).notes == (why("intake.nothing"),)


def test_one_bad_alert_refuses_all_and_is_pointed_at():
    good = alert()
    assert faults(group(good, good, good, alert(labels=["severity"]), good)) == (
        Fault("/alerts/3/labels", why("intake.wrong_type", expected="object")),
    )
    assert faults(group(good, alert(labels={}, annotations={}))) == (Fault("/alerts/1/labels", why("intake.empty")),)


def test_every_bad_field_is_named_with_its_reason():
    bad = alert(status="on", labels={"a/b": 3}, startsAt="2026-03-01T07:58:00")
    del bad["fingerprint"]

    assert faults(group(bad)) == (
        Fault("/alerts/0/status", why("intake.not_one_of", allowed="firing, resolved")),
        Fault("/alerts/0/labels/a~1b", why("intake.wrong_type", expected="text")),
        Fault("/alerts/0/startsAt", why("intake.not_a_time")),
    )


def test_a_thousand_alerts_are_taken_and_one_more_is_refused():
    assert len(translated(group(*[alert()] * 1000)).signals) == 1000
    assert faults(group(*[alert()] * 1001)) == (Fault("/alerts", why("intake.too_many", limit=1000)),)


def test_at_most_twenty_faults_come_back():
    assert len(faults(group(*[{}] * 500))) == 20


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b"alerts=1"])
def test_what_is_no_json_is_refused_with_a_place(body):
    (fault,) = faults(body)

    assert (fault.pointer, fault.reason.key) == ("", "intake.not_json")
    assert {name for name, _ in fault.reason.params} == {"line", "column"}


def test_json_of_another_shape_is_refused():
    assert faults(b"[]") == (Fault("", why("intake.wrong_type", expected="object")),)
    assert faults(b"{}") == (Fault("/alerts", why("intake.missing")),)


def test_a_fault_never_repeats_the_value():
    secret = "sk-very-secret"
    for fault in faults(group(alert(status=secret, startsAt=secret, labels=secret))):
        assert secret not in str(fault)


def grafana(**changes):
    return as_json({"version": "1", "orgId": 1, "state": "alerting", "alerts": [alert(**changes)]})


def test_grafana_alerts_bring_values_and_links():
    body = grafana(
        annotations={"summary": "Memory high"},
        values={"A": 2473545728, "B": 0.5, "C": None},
        valueString="[ var='A' value=2.47e+09 ]",
        panelURL="https://grafana.example.com/d/1?viewPanel=2",
        silenceURL="https://grafana.example.com/alerting/silence/new",
        imageURL="not a link",
        startsAt="2026-03-01T08:58:00+01:00",
    )
    report = only(body, "grafana")

    assert report.dedup_key == "grafana:a1bc48475b20e73d"
    assert report.symptom == "[ var='A' value=2.47e+09 ]"
    assert report.labels["value.A"] == "2473545728"
    assert report.labels["value.B"] == "0.5"
    assert "value.C" not in report.labels
    assert report.links == (
        "https://grafana.example.com/d/1?viewPanel=2",
        "http://prometheus:9090/graph?g0.expr=up+%3D%3D+0&g0.tab=1",
        "https://grafana.example.com/alerting/silence/new",
    )


def test_grafana_resolves_under_the_key_that_fired():
    over = only(grafana(status="resolved", values=None), "grafana")

    assert over == Recovery(dedup_key="grafana:a1bc48475b20e73d", at=None, note="db1 does not answer")


def test_grafanas_old_format_is_refused():
    assert faults(b'{"title": "x", "state": "alerting", "evalMatches": []}', "grafana")[0].pointer == "/alerts"


def test_what_comes_again_in_the_same_bytes_is_told_again_and_refused_again():
    first, again = group(alert()), group(alert())
    assert translated(again) == translated(first)
    assert translated(group(alert(status="resolved"))) != translated(first)
    nothing = group(alert(labels={}, annotations={}))
    assert faults(nothing) == faults(nothing)
