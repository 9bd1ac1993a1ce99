"""The people behind the phones: receipts for what arrived, then their answers, by link, by text and through the API.

What a person does about an incident is decided by the seed and the incident's code alone: some take it at once, some
pass it on, some let it ring until a later rung.
"""

from __future__ import annotations

import heapq
import html
import itertools
import random
import re
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from twilio.request_validator import RequestValidator

from bench.chaos.book import Answered, Arrival, Book
from bench.chaos.calls import Answer, Caller
from incident.clock import monotonic

PEOPLE: Final = {
    f"+1202555010{n}": name for n, name in enumerate(("ada", "ben", "cleo", "dan", "eve", "finn", "gus"), 1)
}
_TOKEN: Final = re.compile(r"/a/([\w-]+)")
_KEYS: Final = re.compile(r'action="([^"]+)"')
_TIMES: Final = {"first": 1, "second": 2, "third": 3}


@dataclass(frozen=True, slots=True)
class Rung:
    """A page that reached somebody: the `times`-th message about this incident. `link` is empty for a call."""

    code: str
    person: str
    form: dict[str, str]
    link: str
    times: int
    chance: random.Random


class Phones:
    """Everything happens a little later, on a few threads. `muddle` doubles and shuffles what is sent."""

    def __init__(self, seed: int, caller: Caller, book: Book, *, public_url: str, token: str) -> None:
        self._seed, self._caller, self._book = seed, caller, book
        self._public_url, self._validator = public_url, RequestValidator(token)
        self._pool = ThreadPoolExecutor(16, thread_name_prefix="phone")
        self._later: list[tuple[float, int, Callable[[], None]]] = []
        self._count = itertools.count()
        self._lock = threading.Condition()
        self._heard: Counter[str] = Counter()
        self._over = False
        self.muddle = False
        self._thread = threading.Thread(target=self._run, name="phones", daemon=True)
        self._thread.start()

    def close(self) -> None:
        with self._lock:
            self._over = True
            self._lock.notify()
        self._thread.join(5)
        self._pool.shutdown(wait=True, cancel_futures=True)

    def ring(self, arrival: Arrival, form: dict[str, str]) -> None:
        """A message has arrived. Called on the provider's thread: returns at once."""
        person = PEOPLE.get(form.get("To", ""), "")
        with self._lock:
            self._heard[arrival.code] += 1
            times = self._heard[arrival.code]
        chance = random.Random(f"{self._seed} {arrival.code} {times}")
        for at, status in self._receipts(arrival.way, chance):
            self._at(at, lambda status=status: self._receipt(arrival, form, status))
        token = _TOKEN.search(form.get("Body", ""))
        if token or arrival.way == "voice":
            rung = Rung(arrival.code, person, form, token.group(1) if token else "", times, chance)
            self._at(0.2 + 2.5 * chance.random(), lambda: self._answer(rung))

    def _receipts(self, way: str, chance: random.Random) -> list[tuple[float, str]]:
        words = ["sent", "delivered"] if way == "sms" else ["ringing", "completed"]
        if self.muddle:
            words = words * 2
            chance.shuffle(words)
        return [(0.05 + 0.3 * n + 0.2 * chance.random(), word) for n, word in enumerate(words)]

    def _receipt(self, arrival: Arrival, form: dict[str, str], status: str) -> None:
        name = "Message" if arrival.way == "sms" else "Call"
        fields = {f"{name}Sid": form["Sid"], f"{name}Status": status, "To": form.get("To", "")}
        self._signed("receipt", form["StatusCallback"], fields)

    def _answer(self, rung: Rung) -> None:
        fates = random.Random(f"{self._seed} {rung.code}")
        fate = fates.choices(("first", "decline", "second", "third"), (60, 15, 15, 10))[0]
        if fate == "decline":
            act = "decline" if rung.times == 1 else "acknowledge"
        elif rung.times < _TIMES[fate]:
            return
        else:
            act = "acknowledge"
        via = rung.chance.choices(("link", "api", "sms"), (35, 25, 40))[0] if rung.link else "key"
        answer = self._by(via, act, rung)
        if answer is not None and answer.ok and rung.person:
            with self._book.lock:
                self._book.answered.append(Answered(rung.code, rung.person, act, via))
            if act == "acknowledge":
                self._at(2 + 8 * rung.chance.random(), lambda: self._resolve(rung.code, rung.person))

    def _by(self, via: str, act: str, rung: Rung) -> Answer | None:
        code, person = rung.code, rung.person
        if via == "link":
            return self._caller.post(f"{act} by link", f"/a/{rung.link}/{act}", {})
        if via == "api":
            return self._caller.ask(f"{act} by API", f"/api/incidents/{code}/{act}", {"person": person})
        key = "1" if act == "acknowledge" else "2"
        if via == "key":
            return self._press(key, act, rung.form)
        sid = f"SM{random.Random(f'{code} {person} {act}').getrandbits(128):032x}"
        fields = {"MessageSid": sid, "From": rung.form["To"], "To": "+15005550006", "Body": f"{key} {code}"}
        answer = None
        for _ in range(2 if self.muddle else 1):
            answer = self._signed(f"{act} by text", f"{self._public_url}/hooks/twilio/sms", fields)
        return answer

    def _press(self, key: str, act: str, form: dict[str, str]) -> Answer | None:
        action = _KEYS.search(html.unescape(form.get("Twiml", "")))
        fields = {"CallSid": form["Sid"], "To": form["To"], "Digits": key}
        return self._signed(f"{act} by key", action.group(1), fields) if action else None

    def _resolve(self, code: str, person: str) -> None:
        answer = self._caller.ask("resolve", f"/api/incidents/{code}/resolve", {"person": person, "note": "done"})
        if answer is not None and answer.ok:
            with self._book.lock:
                self._book.answered.append(Answered(code, person, "resolve", "api"))

    def _signed(self, kind: str, url: str, fields: dict[str, str]) -> Answer | None:
        parts = urlsplit(url)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        signature = self._validator.compute_signature(url, fields)
        return self._caller.post(kind, path, fields, **{"X-Twilio-Signature": signature})

    def _at(self, seconds: float, what: Callable[[], None]) -> None:
        with self._lock:
            heapq.heappush(self._later, (monotonic() + seconds, next(self._count), what))
            self._lock.notify()

    def _run(self) -> None:
        with self._lock:
            while not self._over:
                if not self._later:
                    self._lock.wait(1)
                elif (wait := self._later[0][0] - monotonic()) > 0:
                    self._lock.wait(wait)
                else:
                    self._pool.submit(_safely, self._book, heapq.heappop(self._later)[2])


def _safely(book: Book, what: Callable[[], None]) -> None:
    """What goes wrong in here is a fault of the run, and is counted as one."""
    try:
        what()
    except Exception as problem:
        with book.lock:
            book.strange.append(f"phones: {type(problem).__name__}: {problem}")
