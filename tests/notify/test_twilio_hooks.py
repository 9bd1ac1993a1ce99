"""What Twilio may tell us, and the markup that answers it."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from starlette.datastructures import FormData
from twilio.request_validator import RequestValidator

from incident.notify.twilio_account import SMS_PATH, STATUS_PATH, Signatures, TwilioAccount
from incident.notify.twiml import ask_again, page_call, speak, text_back
from incident.words import LOCALES

TOKEN = "not-a-real-token-5f2e"
ACCOUNT = TwilioAccount(
    sid="AC" + "a1" * 16, token=TOKEN, senders=("+15005550006",), public_url="https://ops.example.com"
)
FORM = {"From": "+491711234567", "Body": "收到 C7", "MessageSid": "SM" + "1" * 32}


def signed(url: str, form: object = FORM, token: str = TOKEN) -> str:
    return str(RequestValidator(token).compute_signature(url, form))


def test_a_signature_over_our_public_address_is_good() -> None:
    guard = Signatures(ACCOUNT)
    assert guard.valid(SMS_PATH, "", FORM, signed("https://ops.example.com/hooks/twilio/sms"))
    url = "https://ops.example.com/hooks/twilio/status?send=send-1"
    assert ACCOUNT.url(STATUS_PATH, send="send-1") == url
    assert guard.valid(STATUS_PATH, "send=send-1", FORM, signed(url))


def test_doubled_fields_of_a_real_form_are_all_signed() -> None:
    form = FormData([("From", "+491711234567"), ("Tag", "b"), ("Tag", "a")])
    assert Signatures(ACCOUNT).valid(SMS_PATH, "", form, signed("https://ops.example.com/hooks/twilio/sms", form))


@pytest.mark.parametrize(
    ("query", "form", "signature"),
    [
        ("", FORM, None),
        ("", FORM, ""),
        ("", FORM, "签名"),
        ("", FORM, signed("https://evil.example/hooks/twilio/sms")),
        ("", FORM, signed("https://ops.example.com/hooks/twilio/sms", token="another")),
        ("", {**FORM, "Body": "3 C7"}, signed("https://ops.example.com/hooks/twilio/sms")),
        ("send=send-2", FORM, signed("https://ops.example.com/hooks/twilio/sms?send=send-1")),
    ],
)
def test_anything_else_is_not(query: str, form: dict[str, str], signature: str | None) -> None:
    assert not Signatures(ACCOUNT).valid(SMS_PATH, query, form, signature)


@pytest.mark.parametrize(
    ("locale", "language", "keys"),
    [("en", "en-US", "Press 1"), ("zh_Hans", "zh-CN", "接手请按1"), ("zh_Hant", "zh-TW", "接手請按1")],
)
def test_the_call_is_read_twice_in_the_persons_language(locale: str, language: str, keys: str) -> None:
    markup = ET.fromstring(page_call("C 7 <down> & out.", locale, "https://ops.example.com/v?send=1&x=2"))
    says = markup.findall("Gather/Say")
    assert [say.attrib["language"] for say in says] == [language, language]
    assert all((say.text or "").startswith("C 7 <down> & out. ") and keys in (say.text or "") for say in says)
    gather = markup.find("Gather")
    assert gather is not None
    assert gather.attrib == {
        "input": "dtmf",
        "numDigits": "1",
        "method": "POST",
        "timeout": "6",
        "action": "https://ops.example.com/v?send=1&x=2",
    }
    assert [child.tag for child in markup] == ["Gather", "Gather", "Say", "Hangup"]


@pytest.mark.parametrize("locale", LOCALES)
def test_after_a_key_the_call_says_what_came_of_it_and_ends(locale: str) -> None:
    assert [child.tag for child in ET.fromstring(speak("C7 is yours.", locale))] == ["Say", "Hangup"]
    assert [child.tag for child in ET.fromstring(ask_again(locale, "/v"))] == ["Gather", "Hangup"]


def test_a_text_is_answered_once_or_not_at_all() -> None:
    assert ET.fromstring(text_back("C7 is yours & yours alone")).findtext("Message") == "C7 is yours & yours alone"
    assert list(ET.fromstring(text_back(None))) == []
