"""From a row of the outbox to the words of one provider."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from incident.approved import Template
from incident.ids import answer_code
from incident.notify.channels import Outgoing as Message
from incident.notify.channels import Sent
from incident.notify.compose import compose, masked
from incident.notify.confirming import CODE
from incident.notify.templates import Templates
from incident.organisation import Person
from incident.store.outbox import Outgoing, SendState

NOW = datetime(2026, 11, 26, 2, 14, tzinfo=UTC)
LI = Person.model_validate(
    {"id": "li", "name": "Li Wei", "locale": "zh_Hans", "timezone": "Asia/Shanghai", "unit": "hq"}
)
TOKEN = "k3x9k3x9k3x9"
BEIJING = "+8619000000001"


class By:
    """A provider that is only asked for its name."""

    def __init__(self, provider: str) -> None:
        self.provider: Final = provider

    async def send(self, message: Message) -> Sent:
        raise NotImplementedError

    async def close(self) -> None:
        raise NotImplementedError


class Approved(By):
    templates = Templates(
        "北光家居",
        {
            "page": Template("SMS_1", "${level}事件${code}：${title}。在 ops.example.com/c 输入${answer}接手。"),
            CODE: Template("SMS_2", "${answer} 是您的验证码。"),
            "other": Template("SMS_3", "指挥系统：${text}"),
        },
    )


def row(purpose: str = "page", way: str = "sms", **changed: Any) -> Outgoing:
    facts = {"code": "C7", "level": "critical", "title": "数据中心宕机", "place": "三号厅", "token": TOKEN}
    usual: dict[str, Any] = {
        "id": 7,
        "incident": "inc-1",
        "position": 1,
        "page": 1,
        "person": "li",
        "way": way,
        "purpose": purpose,
        "urgency": 3,
        "first": True,
        "drill": None,
        "facts": facts,
        "state": SendState.SENDING,
        "not_before": NOW,
        "expires_at": NOW + timedelta(minutes=15),
        "lease_by": "one",
        "attempts": 1,
        "provider": None,
        "provider_id": None,
        "provider_status": None,
        "provider_rank": -1,
        "reason": None,
        "created_at": NOW,
        "sent_at": None,
    }
    return Outgoing(**(usual | changed))


def composed(send: Outgoing, by: By, to: str = BEIJING) -> Message:
    return compose(
        send, LI, to, by=by, public_url="https://ops.example.com", others_open=0, now=NOW, secret="the house's secret"
    )


@pytest.mark.parametrize("way", ["mail", "chat"])
@pytest.mark.parametrize("purpose", ["page", "notice", "nudge", "offer"])
def test_a_mail_and_a_chat_have_a_subject_and_a_link_whatever_they_are_for(way: str, purpose: str) -> None:
    provider = By("smtp" if way == "mail" else "chat")
    message = composed(row(purpose, way), provider, "li@nordlicht.example")
    assert message.subject is not None
    assert message.subject.startswith("【紧急】C7 ")
    assert f"https://ops.example.com/a/{TOKEN}" in message.body
    assert "回复1" not in message.body


def test_a_drills_mark_stands_first_in_the_subject_too() -> None:
    message = composed(row(way="mail", drill="d1"), By("smtp"), "li@nordlicht.example")
    assert message.subject is not None
    assert message.subject.startswith("【演练】")
    assert message.body.startswith("【演练】")


def test_the_same_page_is_said_differently_by_each_provider() -> None:
    by_twilio, approved = composed(row(), By("twilio")), composed(row(), Approved("aliyun"))
    assert (by_twilio.template, by_twilio.params) == (None, {})
    assert approved.template == "SMS_1"
    answer = answer_code(TOKEN)
    assert approved.body == f"【北光家居】紧急事件C7：数据中心宕机。在 ops.example.com/c 输入{answer}接手。"
    assert approved.params == {"level": "紧急", "code": "C7", "title": "数据中心宕机", "answer": answer}
    assert answer not in masked(approved.body, row())


@pytest.mark.parametrize("purpose", ["page", "notice", "inject"])
def test_approved_words_bear_a_drills_mark_too(purpose: str) -> None:
    facts = row().facts | {"sender": "保安", "text": "没有烟"}
    message = composed(row(purpose, drill="live/d1", facts=facts), Approved("aliyun"))
    assert "[演练]" in message.body
    assert message.params.get("title", message.params.get("text", "")).startswith("[演练]")


def test_approved_words_without_a_place_for_the_mark_carry_no_drill() -> None:
    by = Approved("aliyun")
    by.templates = Templates("北光家居", {"page": Template("SMS_9", "事件${code}，请接手。")})
    assert composed(row(), by).template == "SMS_9"
    with pytest.raises(ValueError, match="mark"):
        composed(row(drill="live/d1"), by)


def test_an_inject_is_said_whole_with_its_mark_and_asks_nothing() -> None:
    facts = row().facts | {"sender": "保安", "text": "UPS 屏幕不亮。" * 20}
    by_text, by_call = (composed(row("inject", way, drill="d1", facts=facts), By("twilio")) for way in ("sms", "voice"))
    assert by_text.body.startswith("【演练】C7：保安说：UPS")
    assert by_call.body.startswith("这是演练。")
    for message in (by_text, by_call):
        assert message.body.endswith("UPS 屏幕不亮。")
        assert not message.asks


def test_what_has_no_template_of_its_own_goes_as_a_sentence_without_a_link() -> None:
    message = composed(row("nudge"), Approved("aliyun"))
    assert message.template == "SMS_3"
    assert message.body.startswith("【北光家居】指挥系统：[紧急]C7")
    assert "http" not in message.body


def test_a_code_that_confirms_a_way_goes_in_its_own_template() -> None:
    way = {"to": "0f" * 8, "nonce": "n-1", "minutes": 15}
    message = composed(row(CODE, incident="", facts=way), Approved("aliyun"))
    assert message.template == "SMS_2"
    assert message.params["answer"].isdigit()
    assert message.params["answer"] not in masked(message.body, row(CODE, facts=way))
