"""Chats of every kind through apprise, which is loaded with the first message: eighteen megabytes and half a second.

apprise answers yes or no. Why not, it tells its log only, which is heard here and goes no further: it holds the URL,
and the URL is a secret. A yes means that the service took the request; some of them (DingTalk with a word that it does
not like) take it and show nothing.
"""

from __future__ import annotations

import asyncio
import logging
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, Final

import structlog

from incident.errors import why
from incident.notify.channels import Outgoing, SendFailed, Sent
from incident.notify.chat_guard import Wires, guarded
from incident.notify.pool import Pool
from incident.notify.retries import BUSY, NO_ANSWER, REFUSED, Action, Blame, Outcome
from incident.organisation.chat_address import SCHEMAS
from incident.organisation.people import WayKind

THREADS: Final = 4
TIMEOUT_S: Final = 8.0
_WAIT_S: Final = 4.0
_MENTION: Final = re.compile(r"@(?=\w)")
_STATUS: Final = re.compile(r"error=(\d{3})")

_UNREADABLE: Final = Outcome(Action.BROKEN, Blame.CONTACT, why("page.failed.chat_unreadable"))
_GONE: Final = Outcome(Action.BROKEN, Blame.CONTACT, why("page.failed.chat_gone"))
_PRIVATE: Final = Outcome(Action.BROKEN, Blame.CONTACT, why("page.failed.chat_private"))
_GONE_STATUS: Final = frozenset({401, 403, 404, 410})

log = structlog.get_logger(__name__)


class ChatChannel:
    """A `Channel` for chats. `private_hosts` lets them lead into our own network."""

    provider: Final = "chat"

    def __init__(self, *, private_hosts: bool = False, timeout_s: float = TIMEOUT_S) -> None:
        self._private, self._timeout_s = private_hosts, timeout_s
        self._pool = Pool("chat", THREADS)

    async def send(self, message: Outgoing) -> Sent:
        """Hand it over. Raises SendFailed, and nothing that holds the URL."""
        if message.way is not WayKind.CHAT:
            raise SendFailed(REFUSED)
        wires = Wires(private=self._private)
        done = False
        try:
            async with asyncio.timeout(self._timeout_s):
                await self._pool.run(lambda: self._notify(message, wires))
            done = True
        except TimeoutError:
            raise SendFailed(NO_ANSWER) from None
        finally:
            if not done:
                wires.break_off()
        return Sent(f"chat-{message.id}", "sent")

    async def close(self) -> None:
        self._pool.close()

    def _notify(self, message: Outgoing, wires: Wires) -> None:
        if message.to.partition("://")[0] not in SCHEMAS:
            raise SendFailed(_UNREADABLE)
        said: list[str] = []
        try:
            with guarded(wires), _hearing(said):
                taken = _apprise(message)
        except SendFailed:
            raise
        except Exception as problem:  # whatever a plug-in raises may hold the URL
            log.error("chat.broke", send=message.id, problem=type(problem).__name__)  # noqa: TRY400  not its words
            raise SendFailed(REFUSED) from None
        if not taken:
            raise SendFailed(_PRIVATE) if wires.refused else _refusal(said)


def _apprise(message: Outgoing) -> bool:
    import apprise

    _quieten()
    asset = apprise.AppriseAsset(
        app_id="incident command", storage_mode="memory", plugin_paths=[], secure_logging=True, http_redirects=False
    )
    service: Any = apprise.Apprise.instantiate(message.to, asset=asset)
    if service is None:
        raise SendFailed(_UNREADABLE)
    # What the URL may ask for in its query and must not have: no TLS, redirects, patience.
    service.verify_certificate, service.redirects = True, False
    service.socket_connect_timeout = service.socket_read_timeout = _WAIT_S
    service.request_rate_per_sec = 0
    return bool(
        service.notify(
            body=_plain(message.body),
            title=_plain(message.subject or ""),
            notify_type=apprise.NotifyType.WARNING,
            body_format=apprise.NotifyFormat.TEXT,
        )
    )


def _plain(text: str) -> str:
    """A title from outside calls nobody by name: @everyone is a word like any other."""
    return _MENTION.sub("@\u2060", text)


def _refusal(said: list[str]) -> SendFailed:
    status = next((int(found[1]) for line in said if (found := _STATUS.search(line))), None)
    if status is None:
        return SendFailed(NO_ANSWER)
    if status in _GONE_STATUS:
        return SendFailed(_GONE, status=status)
    if status == 429 or status >= 500:
        return SendFailed(BUSY, status=status)
    return SendFailed(REFUSED, status=status)


_hears = threading.local()


class _Ear(logging.Handler):
    """Takes what apprise tells, to the thread that asked, and gives it to nobody else."""

    def emit(self, record: logging.LogRecord) -> None:
        lines = getattr(_hears, "lines", None)
        if lines is not None:
            lines.append(record.getMessage())


@contextmanager
def _hearing(lines: list[str]) -> Iterator[None]:
    _hears.lines = lines
    try:
        yield
    finally:
        del _hears.lines


@cache
def _quieten() -> None:
    """apprise and the library under it speak of whole URLs."""
    told = logging.getLogger("apprise")
    told.handlers[:], told.propagate = [_Ear()], False
    told.setLevel(logging.WARNING)
    logging.getLogger("urllib3").setLevel(logging.ERROR)
