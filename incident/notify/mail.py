"""A message as a mail: what machines must see in its head, and the words twice, as text and as plain HTML.

The same message is the same mail however often it is tried: its Message-ID is made of the send's id, so a mailbox that
gets it twice may show it once. All mails about one incident are one thread.
"""

from __future__ import annotations

import html
import re
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Final

from incident.notify.channels import Outgoing
from incident.notify.sms_parts import tidy
from incident.words import words_for

_LINK: Final = re.compile(r"https?://[^\s<>\"'\u3000-\uffef]*[A-Za-z0-9/_~=-]")
_ID: Final = re.compile(r"[^A-Za-z0-9.-]")
_LANGUAGE: Final = {"en": "en", "zh_Hans": "zh-Hans", "zh_Hant": "zh-Hant"}
_SUBJECT_MOST: Final = 200
"""Characters; what is longer is cut by the reader's program anyway, and the text says it whole."""


def mail(message: Outgoing, sender: str, at: datetime) -> EmailMessage:
    """Ready to go from `sender`. Whatever stands in a title, a line of the head stays one line."""
    words = words_for(message.locale)
    to = ascii_mailbox(message.to)
    domain = sender.rpartition("@")[2]
    made = EmailMessage(policy=SMTP)
    made["From"] = Address(words.t("mail.from"), addr_spec=sender)
    made["To"] = Address(addr_spec=to)
    made["Subject"] = tidy(message.subject or message.body)[:_SUBJECT_MOST]
    made["Date"] = format_datetime(at)
    made["Message-ID"] = f"<send.{_ID.sub('-', message.id)}@{domain}>"
    if message.incident:
        made["References"] = f"<incident.{_ID.sub('-', message.incident)}@{domain}>"
    made["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers to a machine
    made["X-Auto-Response-Suppress"] = "All"
    made["List-Id"] = f"{words_for('en').t('mail.from')} <incident-command.{domain}>"
    made["Importance"] = "high"
    made["Content-Language"] = _LANGUAGE[message.locale]
    made.set_content(message.body.rstrip() + "\n")
    made.add_alternative(_html(message.body, _LANGUAGE[message.locale]), subtype="html")
    return made


def ascii_mailbox(address: str) -> str:
    """As it goes over the wire: a domain in another script in its ASCII form. Raises ValueError where the name before
    the @ has none: few servers take such a mail, and ours may not."""
    local, _, domain = address.rpartition("@")
    local.encode("ascii")
    return f"{local}@{domain.encode('idna').decode()}"


def _html(text: str, language: str) -> str:
    blocks = [f"<p>{_linked(block)}</p>" for block in text.strip().split("\n\n")]
    return f'<!doctype html>\n<html lang="{language}"><body>\n' + "\n".join(blocks) + "\n</body></html>\n"


def _linked(block: str) -> str:
    """Escaped, line by line, with links to press."""
    parts, end = [], 0
    for found in _LINK.finditer(block):
        url = html.escape(found.group())
        parts += [html.escape(block[end : found.start()]), f'<a href="{url}">{url}</a>']
        end = found.end()
    return "".join([*parts, html.escape(block[end:])]).replace("\n", "<br>\n")
