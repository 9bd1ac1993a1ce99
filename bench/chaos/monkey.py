"""The monkey: does what the plan says, undoes it in time, and keeps started what has to be. On the main thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from redis.exceptions import RedisError

from bench.chaos.book import Book, Done
from bench.chaos.double import Double
from bench.chaos.phones import Phones
from bench.chaos.plan import Act
from bench.chaos.town import Town
from bench.processes import pause
from incident.clock import monotonic

LOOK_EVERY_S: Final = 0.05
IN_A_SEND_S: Final = 4.0
"""How long the monkey waits for a worker to be in the middle of a send before it strikes all the same."""

Told = Callable[[str], None]


class Monkey:
    """`told` hears of every act as it is done."""

    def __init__(self, town: Town, double: Double, phones: Phones, book: Book, told: Told) -> None:
        self._town, self._double, self._phones, self._book, self._told = town, double, phones, book, told
        self._undo: list[tuple[float, Done, Callable[[], None]]] = []
        self.begun = monotonic()

    def go(self, acts: Sequence[Act], seconds: float, progress: Callable[[float], None]) -> None:
        """Until the time is over and all is undone."""
        self.begun = monotonic()
        todo = list(acts)
        while (now := monotonic() - self.begun) < seconds or self._undo:
            while todo and todo[0].at <= now:
                self._do(todo.pop(0))
            self._undo_due()
            self._town.look()
            progress(now)
            pause(LOOK_EVERY_S)

    def undo_all(self) -> None:
        for _, _, undo in self._undo:
            undo()
        self._undo.clear()

    def _undo_due(self) -> None:
        for one in [one for one in self._undo if one[0] <= monotonic() - self.begun]:
            self._undo.remove(one)
            one[2]()
            one[1].until = monotonic()
            self._told(f"      {one[1].trick} is over")

    def _do(self, act: Act) -> None:
        done = Done(act.trick, monotonic(), monotonic())
        undo = self._strike(act, done)
        if undo is not None:
            self._undo.append((act.until, done, undo))
            done.until = self.begun + act.until
        with self._book.lock:
            self._book.done.append(done)
        self._told(f"{act.trick}{done.note}")

    def _strike(self, act: Act, done: Done) -> Callable[[], None] | None:
        town, target = self._town, act.trick.target
        match act.trick.name:
            case "kill":
                done.note = "" if town.strike(target) else ": was not running"
            case "flush":
                try:
                    town.flush()
                except RedisError as problem:
                    done.note = f": {type(problem).__name__}"
            case "freeze" | "hang":
                return self._freeze(target, done)
            case "postgres":
                town.postgres(target)
            case "provider":
                return self._mood(target)
            case "disk":
                town.disk.fill()
                return town.disk.free
            case "clock":
                town.set_clock(float(target))
                return lambda: town.set_clock(0.0)
        return None

    def _mood(self, mood: str) -> Callable[[], None]:
        if mood == "muddle":
            self._phones.muddle = True
        else:
            self._double.set_mood(mood)

        def undo() -> None:
            self._phones.muddle = False
            self._double.set_mood("")

        return undo

    def _freeze(self, name: str, done: Done) -> Callable[[], None]:
        """In the middle of a send, for a worker: the provider has taken a message and keeps its answer back."""
        if name.startswith("worker"):
            self._double.set_mood("hold")
            if not self._double.holding.wait(IN_A_SEND_S):
                done.note = ": was not sending"
        pid = self._town.freeze(name)
        self._double.set_mood("")
        done.at = monotonic()
        return lambda: self._town.thaw(pid) if pid is not None else None
