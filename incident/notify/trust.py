"""Whom our connections to providers trust: the machine's named authorities, else certifi's."""

from __future__ import annotations

import os
import ssl
from typing import Final

import certifi

_AUTHORITIES: Final = ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")
"""Whoever runs behind a proxy with certificates of its own names them here, as for other programs."""


def authorities() -> ssl.SSLContext:
    named = next((os.environ[name] for name in _AUTHORITIES if os.environ.get(name)), None)
    return ssl.create_default_context(cafile=named or certifi.where())
