"""Structured logs of all processes, ours and the libraries', with nothing in them that must not be kept.

Every line goes through one redaction, the last step before it is written: the very values of the secret settings,
whatever a key names as secret, and what looks like a phone number, a bearer token, a key in a path or a password in
a URL. People are named by their ids.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

GONE: Final = "[redacted]"
NUMBER: Final = "[number]"

_SECRET_NAMES: Final = re.compile(
    r"authorization|cookie|password|passwd|secret|token|signature|credential"
    r"|^(api|access|integration|private|routing)?[_-]?key$",
    re.IGNORECASE,
)
_NUMBER_NAMES: Final = re.compile(r"^(to|from|from_|phone|number|msisdn|caller|called)$", re.IGNORECASE)

_PATTERNS: Final = (
    (re.compile(r"(?i)\b(bearer|basic|digest)\s+[\w.~+/=-]{6,}"), rf"\1 {GONE}"),
    (re.compile(r"(?i)(x-twilio-signature|authorization|cookie)(['\"]?\s*[:=]\s*['\"]?)[^\s'\",;]+"), rf"\1\2{GONE}"),
    (re.compile(r"(?i)\b(token|api_?key|key|secret|password|passwd|signature)=[^&\s'\"]+"), rf"\1={GONE}"),
    (re.compile(r"(\w+://[^\s:/@]*):[^\s/@]+@"), rf"\1:{GONE}@"),
    (re.compile(r"(/a/|/login/|/calendar/|/guest/|/hooks/(?!twilio/)[\w-]+/)[\w~.-]+"), rf"\1{GONE}"),
    # A key of `ids.new_key`: 43 characters of base64url, among them one that a hexadecimal digest never has.
    (re.compile(r"(?<![\w-])(?=[\w-]*[G-Zg-z_-])[\w-]{43}(?![\w-])"), GONE),
    # E.164, written with or without gaps; a Chinese mobile number without its country; 00 for the plus.
    (re.compile(r"(?<![\w+])(?:\+|00)[1-9](?:[ ().-]{0,2}\d){6,14}(?![\w])"), NUMBER),
    (re.compile(r"(?<![\w.+-])1[3-9]\d(?:[ -]?\d{4}){2}(?![\w.-]*\d)"), NUMBER),
)


class Redaction:
    """A structlog processor. `secrets` are values that are hidden wherever they stand, longest first."""

    def __init__(self, secrets: Sequence[str] = ()) -> None:
        self._secrets: Final = tuple(secret for secret in secrets if len(secret) >= 4)

    def __call__(self, logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
        return {key: value if key == "timestamp" else self._named(key, value) for key, value in event.items()}

    def _named(self, name: object, value: object) -> object:
        if isinstance(name, str) and value is not None:
            if _SECRET_NAMES.search(name):
                return GONE
            if _NUMBER_NAMES.match(name) and sum(character.isdigit() for character in str(value)) >= 5:
                return NUMBER
        return self._value(value)

    def _value(self, value: object) -> object:
        """Plain data of the same shape. Anything that is not plain becomes text, since its text is what is written."""
        if value is None or isinstance(value, bool | float):
            return value
        if isinstance(value, int):
            clean = self.text(str(value))
            return value if clean == str(value) else clean
        if isinstance(value, Mapping):
            return {self.text(str(key)): self._named(key, item) for key, item in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self._value(item) for item in value]
        return self.text(value.decode(errors="replace") if isinstance(value, bytes) else str(value))

    def text(self, value: str) -> str:
        for secret in self._secrets:
            value = value.replace(secret, GONE)
        for pattern, instead in _PATTERNS:
            value = pattern.sub(instead, value)
        return value


def configure(process: str, kind: str | None, secrets: Sequence[str] = (), stream: TextIO | None = None) -> None:
    """Send structlog's lines and the standard library's to `stream` (standard error by default).

    `kind` is `json` or `console`; None takes the console on a terminal and JSON elsewhere. Called once by each
    process; `process` (web, worker, watch, serve) stands in every line.
    """
    stream = stream or sys.stderr
    console = kind == "console" or (kind is None and stream.isatty())
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        _brief,
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _named_process(process),
                Redaction(secrets),
                structlog.dev.ConsoleRenderer(colors=stream.isatty())
                if console
                else structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for noisy in ("alembic", "twilio", "httpx2", "urllib3", "rq.worker", "uvicorn.access"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def _named_process(process: str) -> Processor:
    def add(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
        return {**event, "process": process}

    return add


def _brief(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """A database that is away, full or not to be written is said in one line, with where it was asked: what looks again
    each second would fill the disk with the driver's insides, and hide the one line that helps."""
    given = event.get("exc_info")
    error = sys.exc_info()[1] if given is True else given[1] if isinstance(given, tuple) else given
    if type(error).__name__ != "OperationalError":  # the driver's, or SQLAlchemy's around it: neither is known here
        return event
    assert error is not None
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "site-packages" not in frame.filename]
    at = {"at": f"{Path(frames[-1].filename).name}:{frames[-1].lineno}"} if frames else {}
    problem = str(getattr(error, "orig", None) or error).partition("\n")[0][:300]
    return {**event, "exc_info": None, "problem": problem, **at}
