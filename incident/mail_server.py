"""The mail server of an installation, from the URL that names it.

smtp://user:password@mail.example.com:587?from=pager@example.com      STARTTLS is demanded
smtps://user:password@mail.example.com?from=pager@example.com         TLS from the first byte, port 465
smtp://127.0.0.1:25?from=pager@example.com&starttls=no                a relay on this machine, in clear
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

from incident.organisation.people import mailbox


class Tls(StrEnum):
    WRAPPED = "wrapped"
    STARTED = "started"
    NONE = "none"


_PORTS: Final = {"smtp": 587, "smtps": 465}
_OPTIONS: Final = frozenset({"from", "starttls"})


@dataclass(frozen=True, slots=True)
class SmtpAccount:
    """`timeout_s` is for one mail from beginning to end, shorter than delivery waits for a channel."""

    host: str
    port: int
    tls: Tls
    sender: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    timeout_s: float = 8.0

    @property
    def domain(self) -> str:
        """The sender's: our own name in greetings and in the ids of mails."""
        return self.sender.rpartition("@")[2]


def smtp_account(url: str) -> SmtpAccount:
    """Raises ValueError, which never repeats the URL: it holds a password."""
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    if parts.scheme not in _PORTS or not parts.hostname or parts.path.strip("/") or parts.fragment:
        raise ValueError("smtp://user:password@host:port?from=mailbox, or smtps://")
    if options.keys() - _OPTIONS or options.get("starttls", "yes") not in ("yes", "no"):
        raise ValueError("after the ? may stand from=mailbox and starttls=no")
    user = unquote(parts.username) if parts.username else None
    password = unquote(parts.password) if parts.password else None
    if (user is None) != (password is None):
        raise ValueError("a user needs a password, and a password a user")
    wrapped = parts.scheme == "smtps"
    tls = Tls.WRAPPED if wrapped else Tls.NONE if options.get("starttls") == "no" else Tls.STARTED
    if tls is Tls.NONE and password is not None:
        raise ValueError("a password is not sent in clear: leave starttls=no out")
    sender = mailbox(options.get("from") or (user if user and "@" in user else f"incident@{parts.hostname}"))
    return SmtpAccount(parts.hostname, parts.port or _PORTS[parts.scheme], tls, sender, user, password)
