"""The least that an alert costs on this stack, when it has to be on the disk and goes out through the provider's SDK.

`uvicorn bench.bare_app:app`, one process: pydantic reads the body, one thread writes (SQLite, `synchronous=FULL`, all
that wait in one transaction), the answer and the message come after the commit. It decides nothing, checks nobody,
tries nothing again and shows nothing. `BARE_SAMPLE` says what is written for an alert (see `bench.bare`),
`BARE_DATABASE` where, `BARE_PROVIDER` is the provider's address.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import sqlite3
import threading
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from hashlib import sha256
from itertools import count
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from twilio.rest import Client

from incident.intake.alertmanager import Alert, Group
from incident.notify.twilio_http import PooledHttpClient

_Alerts: Final = Group[Alert]
_IN_FLIGHT: Final = 128
_TOGETHER: Final = 1000
_COUNTED: Final = frozenset({"id", "number", "send", "position"})
"""Columns that are one more for each alert; a position, for each entry."""

Statement = tuple[str, Sequence[object]]


class Sample:
    """The rows that are written for one alert, and how those of another differ from them."""

    def __init__(self, sample: Mapping[str, Any]) -> None:
        self._texts: Mapping[str, str] = sample["texts"]
        self._first = [self._read(row) for row in sample["first"]]
        self._later = [self._read(row) for row in sample["later"]]
        self._sent: Sequence[str] = sample["sent"]
        self._entries = sum(row["table"] == "log" for row in sample["first"])

    def first(self, number: int, texts: Mapping[str, str]) -> list[Statement]:
        """Before the answer; `texts` stand where the sample has its own."""
        return self._made(self._first, number, texts)

    def later(self, number: int, texts: Mapping[str, str], provider_id: str) -> list[Statement]:
        """Once the message has gone out."""
        sent = [(statement, (provider_id, number)) for statement in self._sent]
        return [*self._made(self._later, number, texts), *sent]

    def _read(self, row: Mapping[str, Any]) -> tuple[str, Sequence[Any], Sequence[tuple[int, str, Sequence[str]]]]:
        values: Mapping[str, Any] = row["values"]
        names, marks = ", ".join(f'"{name}"' for name in values), ", ".join("?" * len(values))
        other = []
        for at, (name, value) in enumerate(values.items()):
            held = [each for each, text in self._texts.items() if isinstance(value, str) and text in value]
            if held or name in _COUNTED or name in ("hash", "code"):
                other.append((at, name, held))
        return f"INSERT INTO {row['table']}({names}) VALUES ({marks})", list(values.values()), other

    def _made(self, rows: Sequence[Any], number: int, texts: Mapping[str, str]) -> list[Statement]:
        made: list[Statement] = []
        chain = b""
        for statement, values, other in rows:
            row = list(values)
            for at, name, held in other:
                if name == "code":
                    row[at] = f"C{number + 1}"
                elif name in _COUNTED:
                    row[at] += number * (self._entries if name == "position" else 1)
                for each in held:
                    row[at] = row[at].replace(self._texts[each], texts[each])
                if name == "hash":  # the last column of an entry
                    chain = row[at] = sha256(chain + repr(row[:at]).encode()).digest()
            made.append((statement, row))
        return made


class Writer:
    """One thread; whatever waits when it is free goes into one transaction."""

    def __init__(self, database: str) -> None:
        self._loop = asyncio.get_running_loop()
        self._waiting: SimpleQueue[tuple[Sequence[Statement], Callable[[], None]]] = SimpleQueue()
        self._database = sqlite3.connect(database, isolation_level=None, check_same_thread=False)
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = FULL")
        self._database.execute("CREATE TABLE IF NOT EXISTS bare(id INTEGER PRIMARY KEY, title TEXT)")
        threading.Thread(target=self._run, daemon=True).start()

    def write(self, statements: Sequence[Statement], done: Callable[[], None]) -> None:
        self._waiting.put((statements, done))

    def _run(self) -> None:
        while True:
            group = [self._waiting.get()]
            while len(group) < _TOGETHER and not self._waiting.empty():  # nobody else takes from it
                group.append(self._waiting.get_nowait())
            rows: defaultdict[str, list[Sequence[object]]] = defaultdict(list)
            for statements, _ in group:
                for statement, row in statements:
                    rows[statement].append(row)
            self._database.execute("BEGIN IMMEDIATE")
            for statement, several in rows.items():
                self._database.executemany(statement, several)
            self._database.execute("COMMIT")
            self._loop.call_soon_threadsafe(_all, [done for _, done in group])


class Bare:
    def __init__(self) -> None:
        self._sample = Sample(json.loads(Path(os.environ["BARE_SAMPLE"]).read_text(encoding="utf-8")))
        self._writer = Writer(os.environ["BARE_DATABASE"])
        http = PooledHttpClient(timeout=10, pool=_IN_FLIGHT, base_url=os.environ["BARE_PROVIDER"])
        self._twilio = Client("AC" + "0" * 32, "bench", http_client=http)
        self._room = asyncio.Semaphore(_IN_FLIGHT)
        self._numbers = count(1)
        self._sending: set[asyncio.Task[None]] = set()

    async def hook(self, request: Request) -> Response:
        alerts = _Alerts.model_validate_json(await request.body()).alerts
        new = [(next(self._numbers), _texts(alert)) for alert in alerts]
        written = asyncio.get_running_loop().create_future()
        self._writer.write([each for one in new for each in self._sample.first(*one)], lambda: written.set_result(None))
        await written
        for number, texts in new:
            task = asyncio.create_task(self._send(number, texts))
            self._sending.add(task)
            task.add_done_callback(self._sent)
        return Response("{}", media_type="application/json")

    async def _send(self, number: int, texts: Mapping[str, str]) -> None:
        said = (
            f"[CRITICAL] C{number}: {texts['title']}. Reply 1 C{number} to take it. http://127.0.0.1/a/{texts['token']}"
        )
        async with self._room:
            sent = await self._twilio.messages.create_async(to="+15005550010", from_="+15005550006", body=said)
        self._writer.write(self._sample.later(number, texts, str(sent.sid)), lambda: None)

    def _sent(self, task: asyncio.Task[None]) -> None:
        self._sending.discard(task)
        task.result()  # what went wrong goes into the log


def _texts(alert: Alert) -> Mapping[str, str]:
    random = secrets.token_hex(19)
    return {"title": alert.title(), "key": alert.identity(), "incident": random[:26], "token": random[26:]}


def _all(done: Sequence[Callable[[], None]]) -> None:
    for each in done:
        each()


def _app() -> Starlette:
    bare: list[Bare] = []

    @asynccontextmanager
    async def open_here(_: Starlette) -> AsyncIterator[None]:
        bare.append(Bare())
        yield

    async def hook(request: Request) -> Response:
        return await bare[0].hook(request)

    return Starlette(routes=[Route("/hook", hook, methods=["POST"])], lifespan=open_here)


app = _app()
