"""Copies of lives, in the order of a real log: each with its own id, code, place, serial number, people's links, times.

The chain of hashes is real: `incident verify` holds over the whole of it.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, func, select

from bench.history.moulds import Mould
from incident.store.board import last_number
from incident.store.chain import GENESIS, link
from incident.store.derived import measures
from incident.store.log import head as last
from incident.store.tables import attempts, board, links, log, open_keys, outbox

BATCH: Final = 2_000
TABLES: Final = (log, board, open_keys, outbox, attempts, links, measures)
_PLACES: Final = ("Hall", "Line", "Rack", "Store", "三号厅", "Gate", "Lab", "Plant")
_LETTERS: Final = "23456789abcdefghjkmnpqrstuvwxyz"
_LOG: Final = {column.name: place for place, column in enumerate(log.c)}
_BOARD: Final = {column.name: place for place, column in enumerate(board.c)}
_OUTBOX: Final = {column.name: place for place, column in enumerate(outbox.c)}
_ATTEMPTS: Final = {column.name: place for place, column in enumerate(attempts.c)}


@dataclass(slots=True)
class Caster:
    """Gives out numbers, positions and ids, and links the chain."""

    chance: random.Random
    number: int = 0
    position: int = 0
    hash: bytes = GENESIS
    send: int = 0
    attempt: int = 0

    @classmethod
    def on(cls, connection: Connection, chance: random.Random) -> Caster:
        """One that goes on where the database ends."""
        head = last(connection)
        ends = [connection.scalar(select(func.max(column))) or 0 for column in (outbox.c.id, attempts.c.id)]
        return cls(chance, last_number(connection), head.position, head.hash, *ends)

    def batches(self, moulds: Sequence[Mould], begins_s: Sequence[int]) -> Iterator[dict[str, list[list[Any]]]]:
        """One copy for each beginning, the moulds in turn, as rows by table, so many at a time."""
        batch: dict[str, list[list[Any]]] = {table.name: [] for table in TABLES}
        for count, begin_s in enumerate(begins_s, 1):
            self._cast(moulds[self.chance.randrange(len(moulds))], begin_s, batch)
            if count % BATCH == 0 or count == len(begins_s):
                yield batch
                batch = {table.name: [] for table in TABLES}

    def _cast(self, mould: Mould, begin_s: int, batch: dict[str, list[list[Any]]]) -> None:
        self.number += 1
        words = mould.words(self._own(mould), begin_s)
        shift = (begin_s - mould.begin_s) * 1_000_000
        rows = {name: [one.cast(shift, words) for one in moulds] for name, moulds in mould.rows.items()}
        for row in rows["log"]:
            self._chain(row)
        rows["board"][0][_BOARD["number"]] = self.number
        rows["board"][0][_BOARD["position"]] = self.position
        sends: dict[int, int] = {}
        for row in rows["outbox"]:
            self.send += 1
            sends[row[_OUTBOX["id"]]] = self.send
            row[_OUTBOX["id"]], row[_OUTBOX["position"]] = self.send, self.position
        for row in rows["attempts"]:
            self.attempt += 1
            row[_ATTEMPTS["id"]], row[_ATTEMPTS["send"]] = self.attempt, sends[row[_ATTEMPTS["send"]]]
        for name, found in rows.items():
            batch[name] += found

    def _own(self, mould: Mould) -> list[str]:
        chance = self.chance
        incident = f"{chance.getrandbits(104):026x}"
        place = f"{chance.choice(_PLACES)} {chance.randrange(1, 60)}"
        tokens = ["".join(chance.choices(_LETTERS, k=12)) for _ in mould.tokens]
        number = str(self.number)
        return [
            incident,
            number,
            place,
            f"SN-{self.number:07}",
            f"K{chance.randrange(50_000):05}",
            f"key{number}-",
            *tokens,
        ]

    def _chain(self, row: list[Any]) -> None:
        self.position += 1
        row[_LOG["position"]] = self.position
        self.hash = row[_LOG["hash"]] = link(
            self.hash,
            position=self.position,
            incident=row[_LOG["incident"]],
            seq=row[_LOG["seq"]],
            at=row[_LOG["at"]],
            by=row[_LOG["by"]],
            kind=row[_LOG["kind"]],
            version=row[_LOG["version"]],
            drill=row[_LOG["drill"]],
            body=row[_LOG["body"]],
        )
