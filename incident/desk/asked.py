"""Several requests of one caller, answered together: no future for each, and the caller is woken once."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from incident.desk.requests import Outcome

Done = Callable[[Sequence[Outcome | Exception]], None]
"""Told what became of each request, in their order."""

_log = logging.getLogger(__name__)


class Asked:
    """What is known so far. Only the desk's thread writes here."""

    __slots__ = ("_answers", "_done", "_left")

    def __init__(self, count: int, done: Done) -> None:
        self._answers: Final[list[Outcome | Exception]] = [_UNKNOWN] * count
        self._left = count
        self._done = done

    def answer(self, number: int, answer: Outcome | Exception) -> None:
        self._answers[number] = answer
        self._left -= 1
        if self._left == 0:
            try:
                self._done(self._answers)
            except Exception:  # whoever asked is gone: what was written stays written, and the desk goes on
                _log.exception("nobody took the answer")


@dataclass(frozen=True, slots=True)
class Part:
    """One of them, as the desk knows a future: what is asked of one for the desk alone."""

    whole: Asked
    number: int

    def set_running_or_notify_cancel(self) -> bool:
        """Nobody takes back a part."""
        return True

    def set_result(self, result: Outcome) -> None:
        self.whole.answer(self.number, result)

    def set_exception(self, exception: Exception) -> None:
        self.whole.answer(self.number, exception)


_UNKNOWN: Final = Outcome((), None, None)
