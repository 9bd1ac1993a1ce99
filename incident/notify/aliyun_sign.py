"""Alibaba Cloud's signature V3 (ACS3-HMAC-SHA256) of one request without a body. Pure.

From "V3 request structure and signature" of its documentation, whose example with fixed parameters is a test here.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote

_ALGORITHM: Final = "ACS3-HMAC-SHA256"
_EMPTY: Final = hashlib.sha256(b"").hexdigest()


def query_of(params: Mapping[str, str]) -> str:
    """The parameters in the one form that is signed and sent: sorted, percent-encoded as RFC 3986 has it."""
    return "&".join(f"{_encoded(name)}={_encoded(value)}" for name, value in sorted(params.items()))


def signed_headers(
    *, key_id: str, secret: str, method: str, host: str, action: str, version: str, query: str, at: datetime, nonce: str
) -> dict[str, str]:
    """All headers of the request but those that the client adds by itself; `query` is `query_of`'s."""
    headers = {
        "host": host,
        "x-acs-action": action,
        "x-acs-content-sha256": _EMPTY,
        "x-acs-date": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "x-acs-signature-nonce": nonce,
        "x-acs-version": version,
    }
    names = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    request = f"{method}\n/\n{query}\n{lines}\n{names}\n{_EMPTY}"
    to_sign = f"{_ALGORITHM}\n{hashlib.sha256(request.encode()).hexdigest()}"
    signature = hmac.new(secret.encode(), to_sign.encode(), hashlib.sha256).hexdigest()
    return {**headers, "Authorization": f"{_ALGORITHM} Credential={key_id},SignedHeaders={names},Signature={signature}"}


def _encoded(text: str) -> str:
    return quote(text, safe="-_.~")
