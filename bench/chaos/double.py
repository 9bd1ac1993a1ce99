"""The provider's double, with moods. It notes every message that it took, and hands it on to the phones.

In a thread of this process with a loop of its own. A mood holds until it is changed; `hold` keeps every answer back
until then, for whoever wants to strike in the middle of a send.
"""

from __future__ import annotations

import asyncio
import json
import re
import threading
from collections.abc import Callable
from typing import Final, Self
from urllib.parse import parse_qs, urlsplit

from bench.chaos.book import Arrival, Book
from incident.clock import monotonic

CODE: Final = re.compile(r"\bC(?: ?\d)+\b")
"""As it is written in a text, and as it is spelled in a call."""
GIVES_UP_S: Final = 5.0
"""When the program stops waiting for an answer."""
_ERRORS: Final = {"refuse": (400, 21211, ""), "busy": (429, 20429, "Retry-After: 1\r\n"), "broken": (500, 20500, "")}

Ring = Callable[[Arrival, dict[str, str]], None]


class Double:
    """`ring` is called, on the double's own thread, for each message that is taken."""

    def __init__(self, book: Book, ring: Ring) -> None:
        self._book, self._ring = book, ring
        self.mood = ""
        self.port = 0
        self.holding = threading.Event()
        self._taken = 0
        self._changed = self._over = asyncio.Event()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=asyncio.run, args=(self._live(),), name="provider", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self.set_mood("")
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(5)

    def set_mood(self, mood: str) -> None:
        """From now on; what was held is let go."""
        self.mood = mood
        self.holding.clear()
        self._loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    async def _live(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._changed, self._over = asyncio.Event(), asyncio.Event()
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._over.wait()
        server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                lines = head.decode("latin-1").split("\r\n")
                length = next(int(line[15:]) for line in lines if line.lower().startswith("content-length:"))
                form = parse_qs((await reader.readexactly(length)).decode())
                answer = await self._answer(lines[0].split()[1], {name: value[0] for name, value in form.items()})
                writer.write(answer[0])
                await writer.drain()
                if answer[1] is not None and not reader.at_eof():
                    answer[1].answered = monotonic()
        except (OSError, asyncio.IncompleteReadError, StopIteration):
            return  # who was killed, or waits no longer, has hung up
        finally:
            writer.close()

    async def _answer(self, path: str, form: dict[str, str]) -> tuple[bytes, Arrival | None]:
        mood = self.mood
        if mood in _ERRORS:
            status, code, more = _ERRORS[mood]
            with self._book.lock:
                self._book.refused[_send(form)] += 1
            return _reply(status, {"code": code, "message": "no", "status": status}, more), None
        if mood == "hang":
            await self._until_changed(30)
            return _reply(503, {"code": 20503, "message": "was away", "status": 503}), None
        arrival = self._take(path, form)
        if mood == "hold":
            self.holding.set()
            await self._until_changed(30)
        elif mood == "slow":
            await asyncio.sleep(0.5 + (self._taken % 5) * 0.5)
        elif mood == "late":
            await asyncio.sleep(GIVES_UP_S + 1)
        sid = f"{'CA' if arrival.way == 'voice' else 'SM'}{self._taken:032x}"
        self._ring(arrival, {**form, "Sid": sid})
        return _reply(201, {"sid": sid, "status": "queued", "error_code": None, "num_segments": "1"}), arrival

    async def _until_changed(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._changed.wait(), seconds)
        except TimeoutError:
            return

    def _take(self, path: str, form: dict[str, str]) -> Arrival:
        found = CODE.search(form.get("Body", form.get("Twiml", "")))
        way = "voice" if path.endswith("/Calls.json") else "sms"
        arrival = Arrival(monotonic(), _send(form), way, found.group().replace(" ", "") if found else "")
        self._taken += 1
        with self._book.lock:
            self._book.arrivals.append(arrival)
        return arrival


def _send(form: dict[str, str]) -> str:
    """Our own id of the message, which its receipts are asked to bring back."""
    return parse_qs(urlsplit(form.get("StatusCallback", "")).query).get("send", [""])[0]


def _reply(status: int, body: dict[str, object], more: str = "") -> bytes:
    text = json.dumps(body).encode()
    head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n{more}Content-Length: {len(text)}\r\n\r\n"
    return head.encode() + text
