"""A text message that reports something: `REPORT smoke in hall 3`, `报告 三号厅冒烟`.

Everything else that a phone sends is a reply to a page, and none of this module's business.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from incident.errors import BadInput, Fault, why
from incident.intake.drafting import compose
from incident.intake.wording import dedup_key, lines
from incident.report import Channel, Report, Source

_OPENING: Final = re.compile(r"\s*(?:report(?![a-z0-9])|报告|報告|报警|報警)[\s:：,，.。!！-]*", re.IGNORECASE)


def reported(text: str, *, number: str, at: datetime, message_id: str, person: str | None = None) -> Report | None:
    """The report in a message, or None if the message is none. Raises BadInput for the bare word.

    `person` is who the number belongs to; an unknown number counts as a customer's. The provider's `message_id`
    is the deduplication key, since providers hand a message over twice when our answer is late.
    """
    opening = _OPENING.match(text)
    if opening is None:
        return None
    told = lines(text[opening.end() :])
    if not told:
        raise BadInput(Fault("/Body", why("intake.sms_empty")))
    first, _, rest = told.partition("\n")
    return compose(
        pointer="/Body",
        title=first,
        symptom=rest,
        hint=rest,
        labels={},
        channel=Channel.SMS,
        source=Source.CUSTOMER if person is None else Source.INTERNAL,
        at=at,
        reporter=person or number,
        contact=number,
        dedup_key=dedup_key("sms", message_id),
    )
