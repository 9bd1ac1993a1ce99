"""One request to the program as a careful sender makes it: asked again, at another web, until it is answered."""

from __future__ import annotations

import http.client
import json
import random
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

from bench.chaos.book import Book
from incident.clock import monotonic

PATIENCE_S: Final = 60.0
"""A sender gives up after so long: longer than anything that the monkey does."""
_ASKED_AGAIN: Final = frozenset({429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 400

    def json(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found


@dataclass
class Caller:
    """`ports` are the webs', `end` is when nobody asks any more. Safe to use from many threads."""

    ports: Sequence[int]
    key: str
    book: Book
    chance: random.Random
    over: threading.Event = field(default_factory=threading.Event)

    def ask(self, kind: str, path: str, body: object, **headers: str) -> Answer | None:
        """The final answer to a POST of JSON; None when there was none within the patience."""
        text = json.dumps(body).encode()
        named = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json", **headers}
        return self._until_answered(kind, lambda: self._once(path, text, named))

    def post(self, kind: str, path: str, form: dict[str, str], **headers: str) -> Answer | None:
        """The same for a form, without our key."""
        text = urlencode(form).encode()
        named = {"Content-Type": "application/x-www-form-urlencoded", **headers}
        return self._until_answered(kind, lambda: self._once(path, text, named))

    def _until_answered(self, kind: str, once: Callable[[], Answer]) -> Answer | None:
        until = monotonic() + PATIENCE_S
        while monotonic() < until and not self.over.is_set():
            try:
                answer = once()
            except (OSError, http.client.HTTPException):
                status = 0
            else:
                status = answer.status
                if status not in _ASKED_AGAIN:
                    self._note(kind, answer)
                    return answer
            with self.book.lock:
                self.book.statuses[kind, status] += 1
                if status == 503:
                    self.book.unavailable.append(monotonic())
                if status == 500:
                    self.book.strange.append(f"{kind}: 500 {answer.body[:300].decode(errors='replace')}")
            self.over.wait(0.2 + 0.3 * self.chance.random())
        if not self.over.is_set():
            with self.book.lock:
                self.book.given_up.append(kind)
        return None

    def _once(self, path: str, text: bytes, headers: dict[str, str]) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.chance.choice(self.ports), timeout=12)
        try:
            connection.request("POST", path, text, headers)
            answer = connection.getresponse()
            return Answer(answer.status, answer.read())
        finally:
            connection.close()

    def _note(self, kind: str, answer: Answer) -> None:
        with self.book.lock:
            self.book.statuses[kind, answer.status] += 1
            if not answer.ok and answer.status != 409:
                self.book.strange.append(f"{kind}: {answer.status} {answer.body[:300].decode(errors='replace')}")
