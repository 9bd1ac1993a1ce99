"""What is sent to do harm: it takes no longer for its size than honest payloads, and nothing of it comes back."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from incident.errors import BadInput
from incident.intake import TRANSLATORS, Door
from incident.intake.mapping import Mapping
from incident.intake.pagerduty import enqueue
from incident.intake.sms import reported
from incident.notify.replies import Unknown, parse
from incident.words import LOCALES, words_for
from tests.intake.payloads import NOW, alert, as_json, cap, event, group, info, zabbix

SIZE = 1024 * 1024
"""No body is larger: the web turns it away before it is read."""
CPU_S = 3.0
"""Of this machine's time, however busy it is. All take some tens of milliseconds; with the square it would be hours."""
SECRET = "hunter2-0123456789-abcdef"

TEXTS = {
    "letters": "a",
    "blanks": " ",
    "lines": " \n ",
    "accents": "e\u0301",
    "joiners": "\u200d",
    "families": "👩\u200d👩\u200d👧",
    "overrides": "\u202e\u200b",
    "Chinese": "网络中断",
    "ligatures": "\ufdfa",
    "words": "link down ",
    "camels": "LinkDown",
    "capitals": "ABCd",
    "macros": "{A",
    "stars": "*A",
    "tags": "<a>&amp;",
    "quotes": '"',
    "backslashes": "\\",
}


def translate(form: str, body: bytes, mapping: Any = None) -> BadInput | None:
    """The refusal, or None."""
    door = Door(mapping=Mapping.model_validate(mapping)) if mapping else Door()
    try:
        if form == "pagerduty":
            enqueue(body, lambda: "new")
        else:
            TRANSLATORS[form](body, door, NOW)
    except BadInput as bad:
        return bad
    return None


def filled(form: str, text: str) -> bytes:
    """A good payload with this text wherever one may stand."""
    match form:
        case "zabbix":
            return zabbix(trigger=text, hostname=text, item=text, severity=text, eventid=text, message=text, x=text)
        case "cap":
            plain = text.replace("&", "&amp;").replace("<", "&lt;")
            return cap(info(headline=plain, description=plain, event=plain, area=f"<areaDesc>{plain}</areaDesc>"))
        case "pagerduty":
            payload = {"summary": text, "source": text, "severity": "critical", "class": text, "custom_details": text}
            return event(payload=payload, dedup_key=text[:200], client=text)
        case "generic":
            return as_json({"title": text, "symptom": text, "place": text, "labels": {text: text}, "dedup_key": text})
    labels = {"alertname": text, "instance": text, "kind": text, "severity": text, text[:100] or "x": text}
    return group(alert(labels=labels, annotations={"summary": text, "description": text}, fingerprint=text))


def within(body: bytes) -> bytes:
    assert len(body) <= 1.1 * SIZE, "the web would not let it in"
    return body


@pytest.mark.parametrize("form", [*TRANSLATORS, "pagerduty"])
@pytest.mark.parametrize("text", list(TEXTS))
def test_long_texts_take_no_longer_than_their_length(form: str, text: str) -> None:
    piece = TEXTS[text]
    cost = max(len(filled(form, piece * 64)) - len(filled(form, "")), 1) / 64
    body = within(filled(form, piece * int(SIZE / cost * 0.95)))
    start = time.thread_time()
    translate(form, body)
    assert time.thread_time() - start < CPU_S


def shapes() -> Iterator[tuple[str, str, bytes]]:
    for form in ("alertmanager", "grafana", "generic", "zabbix", "pagerduty"):
        yield form, "deep", b'{"a":' * 170_000 + b"1" + b"}" * 170_000
        yield form, "brackets", b"[" * SIZE
        yield form, "a digit", b"9" * SIZE
        yield form, "escapes", b'"' + b"\\ud800" * (SIZE // 7) + b'"'
        yield form, "names", as_json({f"name{n}": None for n in range(50_000)})
        yield form, "same name", b"{" + b'"title":1,' * 100_000 + b'"title":1}'
    for form in ("alertmanager", "grafana"):
        yield form, "labels", group(alert(labels={f"label{n}": "x" for n in range(50_000)}))
        yield form, "bad labels", group(alert(labels={f"l{n}": n for n in range(60_000)}))
        yield form, "bad alerts", group(*({} for _ in range(1000)))
        yield form, "alerts", group(*(alert(labels={"a": "b" * 100}) for _ in range(1000)))
        yield form, "too many", b'{"alerts":[' + b",".join([b"1"] * 400_000) + b"]}"
    yield "generic", "items", as_json([{"title": "x", "labels": {"a": "b"}} for _ in range(1000)])
    yield "generic", "too many", b"[" + b",".join([b"{}"] * 300_000) + b"]"
    yield (
        "pagerduty",
        "details",
        event(
            payload={
                "summary": "x",
                "source": "x",
                "severity": "info",
                "custom_details": {f"n{n}": [n] for n in range(40_000)},
            }
        ),
    )
    yield "pagerduty", "links", event(links=[{"href": "https://a"}] * 40_000, images=[{}] * 5000)
    yield "zabbix", "tags", zabbix(tags=[{"tag": f"t{n}", "value": "x"} for n in range(25_000)])
    yield "zabbix", "tags in text", zabbix(tags=json.dumps([{"tag": "t", "value": "x"}] * 25_000))
    yield "cap", "deep", b"<a>" * 150_000 + b"</a>" * 150_000
    yield "cap", "infos", cap(*([info()] * 1400))
    yield "cap", "references", cap(msgType="Update", references="a,b,2026-03-01T15:50:00+08:00 " * 30_000)
    yield "cap", "bad references", cap(msgType="Update", references="a,b,c " * 160_000)
    yield "cap", "areas", cap(info(area="<areaDesc>x</areaDesc><areaDesc>y</areaDesc>" * 20_000))
    yield "cap", "attributes", cap(prolog="<?x " + "a" * 900_000 + "?>")
    yield "cap", "entities", cap(prolog='<!DOCTYPE a [<!ENTITY b "' + "c" * 900_000 + '">]>')


@pytest.mark.parametrize(("form", "body"), [pytest.param(f, b, id=f"{f}: {name}") for f, name, b in shapes()])
def test_no_shape_takes_longer_than_its_size(form: str, body: bytes) -> None:
    start = time.thread_time()
    refusal = translate(form, within(body))
    assert time.thread_time() - start < CPU_S
    assert refusal is None or len(refusal.faults) <= 20


def planted() -> Iterator[tuple[str, bytes]]:
    """A secret in every place where the wrong kind of value may stand."""
    bad = [SECRET, [SECRET], {"x": SECRET}, {SECRET[:4]: [SECRET]}]
    for value in bad:
        for field in ("alerts", "truncatedAlerts", "version"):
            yield "alertmanager", group(**{field: value})
        for field in ("status", "labels", "annotations", "startsAt", "endsAt", "generatorURL", "fingerprint"):
            yield "alertmanager", group(alert(**{field: value}))
            yield "grafana", group(alert(**{field: value}, values=value))
        for field in ("title", "kind", "level", "at", "impact", "injury", "links", "labels", "channel", "source"):
            yield "generic", as_json({"title": "x", field: value})
        for field in ("status", "trigger", "severity", "timestamp", "tags", "eventid"):
            yield "zabbix", zabbix(**{field: value})
        for field in ("routing_key", "event_action", "dedup_key", "payload", "client", "links", "images"):
            yield "pagerduty", event(**{field: value})
        for field in ("summary", "source", "severity", "timestamp", "component", "class"):
            payload = {"summary": "x", "source": "x", "severity": "info", field: value}
            yield "pagerduty", event(payload=payload)
    for field in ("identifier", "sender", "sent", "status", "msgType", "scope", "references"):
        yield "cap", cap(**{field: f"{SECRET}, {SECRET}"})
    for field in ("category", "urgency", "severity", "certainty", "expires"):
        yield "cap", cap(info(**{field: SECRET}))
    for form in (*TRANSLATORS, "pagerduty"):
        yield form, SECRET.encode()
        yield form, b'{"' + SECRET.encode()
        yield form, b"<a>" + SECRET.encode()


def test_a_refusal_never_says_what_was_sent() -> None:
    """Bodies carry keys, numbers and names: neither the answer nor the log may hold them."""
    refused = 0
    for form, body in planted():
        refusal = translate(form, body)
        if refusal is None:
            continue
        refused += 1
        said = [str(refusal), *(f.pointer for f in refusal.faults)]
        said += [words_for(locale).reason(f.reason) for f in refusal.faults for locale in LOCALES]
        assert not [text for text in said if SECRET in text], (form, body)
    assert refused > 100


def test_names_that_a_sender_makes_up_are_cut_before_they_are_repeated() -> None:
    refusal = translate("alertmanager", group(alert(labels={"n" * 5000: 1, "m" * 5000: {}})))
    assert refusal is not None
    assert all(len(fault.pointer) < 120 for fault in refusal.faults)


@pytest.mark.parametrize("text", list(TEXTS))
def test_a_long_text_message_is_no_wish_and_costs_nothing(text: str) -> None:
    long = TEXTS[text] * 200_000
    start = time.thread_time()
    assert parse(long) == Unknown()
    with contextlib.suppress(BadInput):  # where nothing is left of it
        reported("REPORT " + long, number="+10000000000", at=NOW, message_id="SM1")
    assert time.thread_time() - start < CPU_S
