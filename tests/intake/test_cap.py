"""Given a CAP message, when it is translated, then only what is actual and current pages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from incident.errors import BadInput, Fault, why
from incident.intake import Door
from incident.intake.cap import translate
from incident.levels import Kind, Level
from incident.report import Recovery, Report
from tests.intake.payloads import NOW, cap, info


def translated(body, language="en", now=NOW):
    return translate(body, Door(language=language), now)


def only(body, **how):
    (signal,) = translated(body, **how).signals
    return signal


def faults(body):
    with pytest.raises(BadInput) as refused:
        translated(body)
    return refused.value.faults


def test_an_actual_alert_is_a_report():
    report = only(cap())

    assert isinstance(report, Report)
    assert report.title == "Flash flood watch for the river district"
    assert report.symptom == "Heavy rain.\nRivers rise.\n\nMove goods to the upper floor."
    assert (report.kind, report.level) == (Kind.NATURAL_DISASTER, Level.HIGH)
    assert report.at == datetime(2026, 3, 1, 7, 50, tzinfo=UTC)
    assert report.dedup_key == "cap:alerts@weather.example.org,CN-2026-0301"
    assert (report.place, report.scope, report.reporter) == ("River district", "River district", "Weather Bureau")
    assert report.links == ("https://weather.example.org/1",)
    assert report.labels["cap.urgency"] == "Expected"
    assert report.labels["classified_by"] == "natural_disaster:category Met"


def test_version_1_1_is_tolerated_and_1_0_is_not():
    assert isinstance(only(cap(version="1.1")), Report)
    assert faults(cap(version="1.0")) == (Fault("", why("intake.not_cap")),)
    assert faults(b"<alert/>") == (Fault("", why("intake.not_cap")),)


@pytest.mark.parametrize("status", ["Exercise", "System", "Test", "Draft"])
@pytest.mark.parametrize("kind", ["Alert", "Update", "Cancel"])
def test_what_is_not_actual_pages_nobody_and_is_noted(status, kind):
    result = translated(cap(status=status, msgType=kind, references="a,b,2026-03-01T15:50:00+08:00"))

    assert result.signals == ()
    assert result.notes == (why("intake.cap_status", status=status),)


@pytest.mark.parametrize("kind", ["Ack", "Error"])
def test_acknowledgements_and_errors_are_noted(kind):
    assert translated(cap(msgType=kind)).notes == (why("intake.cap_type", type=kind),)


EARLIER = "alerts@weather.example.org,CN-2026-0300,2026-03-01T15:00:00+08:00"
EARLIEST = "alerts@weather.example.org,CN-2026-0299,2026-03-01T06:30:00-00:00"


@pytest.mark.parametrize("references", [f"{EARLIEST} {EARLIER}", f"{EARLIER}\n {EARLIEST}"])
def test_an_update_folds_into_the_earliest_message_that_it_references(references):
    update = only(cap(msgType="Update", references=references))

    assert isinstance(update, Report)
    assert update.dedup_key == "cap:alerts@weather.example.org,CN-2026-0299"


def test_a_cancel_is_a_recovery_of_what_it_references():
    first = only(cap(identifier="CN-2026-0300"))
    over = only(cap(msgType="Cancel", references=EARLIER))

    assert isinstance(over, Recovery)
    assert over.dedup_key == first.dedup_key
    assert over.at == datetime(2026, 3, 1, 7, 50, tzinfo=UTC)


def test_an_update_that_says_all_clear_is_a_recovery_even_when_expired():
    body = cap(info(responseType="AllClear"), msgType="Update", references=EARLIER)

    assert isinstance(only(body, now=NOW + timedelta(days=9)), Recovery)


def test_an_expired_alert_gives_a_note():
    at_the_end = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

    assert only(cap(), now=at_the_end - timedelta(seconds=1)).level is Level.HIGH
    assert translated(cap(), now=at_the_end).notes == (why("intake.cap_expired", at="2026-03-01T12:00:00.000Z"),)
    assert translated(cap(), now=at_the_end).signals == ()


@pytest.mark.parametrize(
    ("severity", "urgency", "level"),
    [
        ("Extreme", "Immediate", Level.CRITICAL),
        ("Extreme", "Future", Level.CRITICAL),
        ("Severe", "Immediate", Level.CRITICAL),
        ("Severe", "Expected", Level.HIGH),
        ("Moderate", "Immediate", Level.MEDIUM),
        ("Minor", "Immediate", Level.LOW),
        ("Unknown", "Unknown", Level.MEDIUM),
    ],
)
def test_severity_and_urgency_give_the_level(severity, urgency, level):
    assert only(cap(info(severity=severity, urgency=urgency))).level is level


@pytest.mark.parametrize(
    ("category", "urgency", "event", "kind"),
    [
        ("Geo", "Immediate", "Earthquake", Kind.NATURAL_DISASTER),
        ("Fire", "Immediate", "Warehouse fire", Kind.FIRE_OR_SHOCK),
        ("Fire", "Expected", "Red flag warning", Kind.NATURAL_DISASTER),
        ("Infra", "Immediate", "Water main", Kind.SYSTEM_OUTAGE),
        ("Infra", "Immediate", "Gas leak", Kind.GAS_LEAK),
        ("Security", "Immediate", "Police operation", Kind.OTHER),
    ],
)
def test_the_category_gives_the_kind(category, urgency, event, kind):
    assert only(cap(info(category=category, urgency=urgency, event=event, headline=event))).kind is kind


def test_of_several_languages_the_wished_one_is_taken():
    body = cap(info(), info(language="zh-CN", headline="山洪预警"), info(language="zh-TW", headline="山洪警報"))

    assert only(body, language="en-GB").title == "Flash flood watch for the river district"
    assert only(body, language="zh_TW").title == "山洪警報"
    assert only(body, language="zh").title == "山洪预警"
    assert only(body, language="fr").title == "Flash flood watch for the river district"


def test_of_several_blocks_in_one_language_the_gravest_that_is_current_is_taken():
    past = "2026-03-01T15:00:00+08:00"
    body = cap(
        info(severity="Minor", headline="north"),
        info(severity="Severe", headline="south"),
        info(severity="Extreme", headline="over", expires=past),
    )
    assert only(body).title == "south"


def test_an_alert_without_info_still_reports():
    body = cap(info(), note="Siren test failed").replace(info().encode(), b"")
    report = only(body)

    assert (report.title, report.level) == ("Siren test failed", Level.MEDIUM)


def test_required_elements_are_checked():
    assert faults(cap(scope="")) == (Fault("/alert/scope", why("intake.missing")),)
    assert {f.pointer for f in faults(cap(identifier="", sender="", sent="", status="", msgType="", scope=""))} == {
        f"/alert/{name}" for name in ("identifier", "sender", "sent", "status", "msgType", "scope")
    }
    assert faults(cap(info(), info(event=""), info(severity="Grim"))) == (
        Fault("/alert/info/1/event", why("intake.missing")),
        Fault(
            "/alert/info/2/severity",
            why("intake.not_one_of", allowed="Extreme, Severe, Moderate, Minor, Unknown"),
        ),
    )
    assert faults(cap(info(category="Sport")))[0].pointer == "/alert/info/0/category"
    assert faults(cap(info(area="<polygon/>")))[0].pointer == "/alert/info/0/area/0/areaDesc"
    assert faults(cap(identifier="a,b"))[0].reason == why("intake.cap_name")
    assert faults(cap(msgType="Cancel"))[0] == Fault("/alert/references", why("intake.missing"))
    assert faults(cap(msgType="Update", references="a,b"))[0].reason == why("intake.cap_reference")


@pytest.mark.parametrize(
    "sent",
    [
        "2026-03-01T07:50:00Z",
        "2026-03-01T07:50:00",
        "2026-03-01T07:50:00.5-00:00",
        "2026-02-30T07:50:00-00:00",
        "9999-12-31T23:59:59-23:00",
        "yesterday",
        "２０２６-03-01T07:50:00-00:00",
    ],
)
def test_a_time_needs_an_offset_and_takes_neither_z_nor_fractions(sent):
    assert faults(cap(sent=sent)) == (Fault("/alert/sent", why("intake.cap_time")),)


def test_utc_is_written_as_minus_zero():
    assert only(cap(sent="2026-03-01T07:50:00-00:00")).at == datetime(2026, 3, 1, 7, 50, tzinfo=UTC)


@pytest.mark.parametrize(
    "prolog",
    [
        '<!DOCTYPE alert SYSTEM "http://127.0.0.1:1/payload.dtd">',
        '<!DOCTYPE alert [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE alert [<!ENTITY % x SYSTEM "http://127.0.0.1:1/x"> %x;]>',
        '<!DOCTYPE alert [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;">]>',
        "<!DOCTYPE alert>",
    ],
)
def test_document_types_and_entities_are_refused(prolog):
    body = cap(info(headline="&x;&c;") if "ENTITY" in prolog else info(), prolog=prolog)

    assert faults(body) == (Fault("", why("intake.xml_forbidden")),)


def test_xinclude_and_foreign_elements_are_passed_over():
    body = cap().replace(
        b"<info>",
        b'<i:include xmlns:i="http://www.w3.org/2001/XInclude" href="file:///etc/passwd"/><x xmlns="u"/><info>',
    )
    assert only(body).title == "Flash flood watch for the river district"


@pytest.mark.parametrize(
    "body",
    [b"", b"<alert", b"{}", b"\xff\xfe", b"<?xml version='1.0' encoding='utf-32'?><a/>", b"<a>" * 50_000]
    + [f"<?xml version='1.0' encoding='{name}'?><a/>".encode() for name in ("nope", "rot13", "idna", "punycode")],
)
def test_what_is_no_xml_is_refused_with_a_place(body):
    (fault,) = faults(body)

    assert (fault.pointer, fault.reason.key) == ("", "intake.not_xml")
