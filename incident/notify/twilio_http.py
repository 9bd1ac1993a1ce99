"""The HTTP side of the Twilio SDK, fit for many threads and for a double.

The SDK's own client waits for ever by default, returns the last response of *any* thread (it passes through an
attribute that all threads share, so one page could get another's id), drops the Retry-After header, and asks the
environment for proxies at each call. This one does none of that and keeps its interface.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

from requests import Request, Session
from requests.adapters import HTTPAdapter
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response

API: Final = "https://api.twilio.com"

_WAIT: Final = frozenset({429, 503})


class Busy(Exception):
    """429 or 503. The SDK's exceptions carry no headers, so this one goes around them."""

    def __init__(self, status: int, retry_after: timedelta | None) -> None:
        super().__init__(f"HTTP {status}")
        self.status: Final = status
        self.retry_after: Final = retry_after


class PooledHttpClient(TwilioHttpClient):
    """`base_url` replaces scheme and host of every request. `pool` is the number of threads that send."""

    def __init__(self, *, timeout: float, pool: int, base_url: str | None = None) -> None:
        super().__init__(timeout=timeout)
        session = Session()
        adapter = HTTPAdapter(pool_maxsize=pool, max_retries=0)  # a send is repeated by the outbox, never in here
        session.mount("https://", adapter)
        session.mount("http://", adapter)
        self.session: Session = session
        self._base: Final = urlsplit(base_url) if base_url else None
        self._environment: Final = session.merge_environment_settings(base_url or API, {}, None, None, None)

    def request(  # noqa: PLR0917  the SDK's own signature
        self,
        method: str,
        url: str,
        params: Mapping[str, object] | None = None,
        data: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        """Send it. Raises Busy, or requests' exceptions when there is no answer in time. Logs nothing."""
        target = self._redirected(url)
        request = Request(method.upper(), target, params=_plain(params), data=_plain(data), headers=headers, auth=auth)
        answer = self.session.send(
            self.session.prepare_request(request),
            timeout=timeout or self.timeout,
            allow_redirects=allow_redirects,
            **self._environment,
        )
        if answer.status_code in _WAIT:
            raise Busy(answer.status_code, _seconds(answer.headers.get("Retry-After")))
        return Response(answer.status_code, answer.text, answer.headers)

    def close(self) -> None:
        self.session.close()

    def _redirected(self, url: str) -> str:
        if self._base is None:
            return url
        return urlunsplit(urlsplit(url)._replace(scheme=self._base.scheme, netloc=self._base.netloc))


def _plain(values: Mapping[str, object] | None) -> dict[str, Any] | None:
    return dict(values) if values else None


def _seconds(header: str | None) -> timedelta | None:
    """Retry-After in its form in seconds; the form with a date would need a clock, and Twilio does not use it."""
    return timedelta(seconds=int(header)) if header and header.isascii() and header.isdigit() else None
