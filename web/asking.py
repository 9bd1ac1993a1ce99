"""From the event loop to the desk and back: all that one request wants, handed over at once and answered at once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from functools import partial

from incident.desk.desk import Desk
from incident.desk.requests import Outcome, Request

Answers = Sequence[Outcome | Exception]


async def asked(desk: Desk, requests: Sequence[Request]) -> list[Outcome]:
    """What was written for each, after the commit of the last; they share one where they can.

    Raises the first of the refusals: the sender tries again, and what was written folds.
    """
    if not requests:
        return []
    loop = asyncio.get_running_loop()
    answered: asyncio.Future[Answers] = loop.create_future()
    desk.submit_all(requests, partial(_wake, loop, answered))
    found = []
    for answer in await answered:
        if isinstance(answer, Exception):
            raise answer
        found.append(answer)
    return found


def _wake(loop: asyncio.AbstractEventLoop, answered: asyncio.Future[Answers], answers: Answers) -> None:
    """On the desk's thread."""
    with suppress(RuntimeError):  # the loop is closed: nobody waits there any more
        loop.call_soon_threadsafe(_answer, answered, answers)


def _answer(answered: asyncio.Future[Answers], answers: Answers) -> None:
    if not answered.cancelled():
        answered.set_result(answers)
