"""Where neither reply nor link gets through: the page carries a code of its own, which no log keeps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from incident.approved import Template
from incident.ids import answer_code, new_token, typed_code
from incident.notify.channels import Outgoing, Sent
from incident.notify.compose import compose, masked
from incident.notify.templates import Templates
from incident.organisation import Person, Way, WayKind
from incident.store.outbox import Outgoing as Row
from incident.store.outbox import SendState

AT = datetime(2026, 11, 23, tzinfo=UTC)
MOBILE = "+8619000000001"
TOKEN = "k3f9xm2p7wqz"
LI = Person(
    id="li",
    name="Li",
    locale="zh_Hans",
    timezone="UTC",
    unit="field",
    ways=(Way(kind=WayKind.SMS, address=MOBILE),),
)


@dataclass
class By:
    provider: str

    async def send(self, message: Outgoing) -> Sent:
        raise NotImplementedError

    async def close(self) -> None:
        raise NotImplementedError


class Approved(By):
    templates = Templates(
        "北光家居", {"page": Template("SMS_1", "${level}事件${code}：${title}。请在网站/c页输入${answer}。")}
    )


def row() -> Row:
    """A page to Li Wei as it lies in the outbox, about to go."""
    facts: dict[str, Any] = {"code": "C7", "title": "数据中心宕机", "level": "critical", "place": None, "token": TOKEN}
    values: dict[str, Any] = dict.fromkeys(Row._fields)
    values |= {"id": 1, "incident": "i7", "person": "li", "way": "sms", "purpose": "page", "facts": facts}
    values |= {"state": SendState.SENDING, "expires_at": AT + timedelta(minutes=15)}
    return Row(**values)


def body(by: By) -> str:
    message = compose(row(), LI, MOBILE, by=by, public_url="https://ic.example", others_open=0, now=AT, secret="s" * 32)
    return message.body


@pytest.mark.parametrize("by", [By("twilio"), Approved("aliyun")])
def test_a_page_to_mainland_china_carries_the_code_and_no_link(by: By) -> None:
    said = body(by)
    assert answer_code(TOKEN) in said
    assert "http" not in said
    assert TOKEN not in said
    assert answer_code(TOKEN) not in masked(said, row())


def test_elsewhere_the_link_is_enough() -> None:
    said = body(By("simulated"))
    assert f"https://ic.example/a/{TOKEN}" in said
    assert TOKEN[:8] not in masked(said, row())


def test_a_code_is_understood_however_it_is_typed() -> None:
    token = new_token()
    code = answer_code(token)
    assert len(code) == 8
    assert token.startswith(code)
    for typed in (code, code.upper(), f" {code[:4]}-{code[4:]} ", " ".join(code)):
        assert typed_code(typed) == code
    for wrong in ("", "C7", code[:7], code + "2", "0oil1111", "収到收到收到收到"):
        assert typed_code(wrong) is None
