"""Laws of every translator: any bytes give a result or BadInput, and a result is fit for the core."""

from __future__ import annotations

import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.errors import BadInput
from incident.intake import TRANSLATORS, Door
from incident.intake.pagerduty import enqueue
from incident.intake.sms import reported
from incident.report import Recovery, RemoteAck, Report
from incident.words import LOCALES, words_for
from tests.intake.payloads import NOW, alert, as_json, cap, event, group, info, zabbix

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)
VALID = {
    "alertmanager": group(alert(), alert(status="resolved")),
    "grafana": group(alert(values={"A": 1}, valueString="x", panelURL="https://a")),
    "zabbix": zabbix(eventid="7", timestamp="1772352000", tags=[{"tag": "site", "value": "x"}]),
    "generic": as_json([{"title": "a", "level": "high", "at": "2026-03-01T08:00:00Z", "labels": {"a": "b"}}]),
    "pagerduty": event(),
}


def unsound(form: str, body: bytes) -> list[str]:
    """What breaks a law when this body comes in at this door; nothing when it is a result or a refusal, and fit."""
    try:
        if form == "pagerduty":
            signals = [enqueue(body, lambda: "new").signal]
        else:
            signals = list(TRANSLATORS[form](body, Door(language="zh"), NOW).signals)
    except BadInput as bad:
        return unsound_refusal(bad)
    return [fault for signal in signals for fault in unsound_signal(form, signal)]


def unsound_refusal(bad: BadInput) -> list[str]:
    faults = [] if 1 <= len(bad.faults) <= 20 else [f"{len(bad.faults)} faults"]
    for fault in bad.faults:
        if fault.pointer and not fault.pointer.startswith("/"):
            faults.append(f"{fault.pointer} is no pointer")
        faults += [
            f"{fault.reason.key} is not said in {locale}"
            for locale in LOCALES
            if words_for(locale).reason(fault.reason) == fault.reason.key
        ]
    return faults


def unsound_signal(form: str, signal: Report | Recovery | RemoteAck) -> list[str]:
    faults = []
    if type(signal).model_validate_json(signal.model_dump_json()) != signal:
        faults.append("does not come back from the log as it went in")
    if signal.dedup_key is not None and not signal.dedup_key.startswith(f"{form}:"):
        faults.append(f"{signal.dedup_key} is another door's")
    if isinstance(signal, Report) and not signal.title.strip():
        faults.append("nothing to show as a title")
    return faults


@pytest.mark.parametrize("form", [*TRANSLATORS, "pagerduty"])
@given(st.binary(max_size=300))
def test_any_bytes_give_a_result_or_bad_input(form, body):
    assert unsound(form, body) == []


@pytest.mark.parametrize("form", list(VALID))
@given(JSON)
def test_any_json_gives_a_result_or_bad_input(form, value):
    assert unsound(form, json.dumps(value).encode()) == []


@pytest.mark.parametrize("form", list(VALID))
@given(data=st.data(), value=JSON)
def test_a_good_payload_with_any_field_replaced_gives_a_result_or_bad_input(form, data, value):
    payload = json.loads(VALID[form])
    at = copy.deepcopy(payload)
    spot = at
    while True:
        key = data.draw(st.sampled_from(sorted(spot)) if isinstance(spot, dict) else st.integers(0, len(spot) - 1))
        if not isinstance(spot[key], dict | list) or not spot[key] or data.draw(st.booleans()):
            spot[key] = value
            break
        spot = spot[key]
    assert unsound(form, json.dumps(at).encode()) == []


@pytest.mark.parametrize("form", [*VALID, "cap"])
@given(st.data())
def test_a_good_payload_with_bytes_cut_out_changed_and_put_in_gives_a_result_or_bad_input(form, data):
    body = bytearray(VALID[form] if form in VALID else cap())
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(body)))
        end = min(len(body), start + data.draw(st.integers(0, 20)))
        body[start:end] = data.draw(
            st.binary(max_size=8) | st.sampled_from([b"\x00", b'"', b"{", b"]", b"\xff", b"\\u0000"])
        )
    assert unsound(form, bytes(body)) == []


ELEMENTS = ["identifier", "sender", "sent", "status", "msgType", "scope", "references", "note"]
PARTS = ["language", "category", "event", "urgency", "severity", "expires", "headline", "web", "area", "contact"]


@given(st.sampled_from(ELEMENTS), st.sampled_from(PARTS), st.text(max_size=30), st.text(max_size=30))
def test_a_cap_message_with_any_text_gives_a_result_or_bad_input(name, part, one, other):
    escaped = [
        text.encode("utf-8", "replace").decode().replace("&", "&amp;").replace("<", "&lt;") for text in (one, other)
    ]
    assert unsound("cap", cap(info(**{part: escaped[1]}), **{name: escaped[0]})) == []


@given(st.integers(min_value=10**18))
def test_numbers_of_any_size_are_no_crash(number):
    for form in VALID:
        assert unsound(form, b'{"title":%d,"at":%d,"status":%d,"trigger":%d}' % ((number,) * 4)) == []
    assert unsound("generic", b'{"title":' + b"9" * 5000 + b"}") == []


@given(st.text(max_size=300))
def test_any_text_message_is_a_report_none_or_refused(text):
    try:
        report = reported("REPORT " + text, number="+10000000000", at=NOW, message_id="SM1")
    except BadInput:
        return
    assert report is None or isinstance(report, Report)


def test_the_table_holds_the_hooks_of_the_contract():
    assert set(TRANSLATORS) == {"alertmanager", "grafana", "zabbix", "cap", "generic"}
