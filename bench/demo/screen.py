"""What stands on the terminal: the acts of the story, each entry as it comes, the phones, what was checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from pydantic import TypeAdapter
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bench.demo.centre import Centre, Phone
from bench.demo.follower import Seen
from incident.record.shapes import EntryView
from incident.words import words_for
from web.pages import timeline
from web.say import Reader

_ENTRY: Final = TypeAdapter(EntryView)
_COLOURS: Final = {"people": "yellow", "steps": "blue", "word": "cyan", "rest": "white"}
"""By the groups of the timeline; what is loud there is red here."""
_CODES: Final = ("bold magenta", "bold green")
_INDENT: Final = " " * 15


class Screen:
    """Writes as it is told, from any thread. Times are minutes and seconds since the first report, on its own clock."""

    def __init__(self, centre: Centre, console: Console) -> None:
        self.console: Final = console
        self._centre = centre
        self._words = words_for("en")
        self._start: datetime | None = None
        self._steps: dict[str, Mapping[str, str]] = {}

    def act(self, title: str) -> None:
        self.console.print()
        self.console.rule(Text(title, style="bold"), align="left", style="dim")

    def say(self, text: str) -> None:
        """What the one who tells the story does next."""
        self.console.print(Text(f"{_INDENT}→ {text}", style="italic"), soft_wrap=True)

    def checked(self, text: str) -> None:
        """Something that was looked at and found right."""
        self.console.print(Text(f"{_INDENT}✓ {text}", style="green"), soft_wrap=True)

    def refused(self, text: str, reasons: Sequence[str] = ()) -> None:
        """A refusal that was wanted, with its reasons."""
        self.console.print(Text(f"{_INDENT}✗ {text}", style="magenta"), soft_wrap=True)
        for reason in reasons:
            self.console.print(Text(f"{_INDENT}    · {reason}", style="magenta"), soft_wrap=True)

    def phone(self, phone: Phone, text: str, *, sent: bool = False) -> None:
        """A message on a phone, or one that was sent from it."""
        arrow = "◀ types" if sent else "▶"
        line = Text.assemble(
            _INDENT, ("▯ ", "bold"), (f"{phone.name} {phone.number} {arrow} ", "dim"), (text, "bold reverse")
        )
        self.console.print(line, soft_wrap=True)

    def entry(self, seen: Seen) -> None:
        """One entry of the log, in the words of the incident page."""
        entry = _ENTRY.validate_python(seen.entry)
        if seen.kind == "playbook_started":
            steps = self._centre.incident(seen.incident)["steps"]
            self._steps[seen.incident] = {step["id"]: step["text"] for step in steps}
        reader = Reader(self._words, UTC, entry.at)  # type: ignore[arg-type]
        said = timeline.lines([entry], self._steps.get(seen.incident, {}), reader)[0]
        colour = "bold red" if said.loud else _COLOURS[said.group]
        code = str(seen.row.get("code", ""))
        style = _CODES[int(code[1:]) % len(_CODES)] if code[1:].isdecimal() else "bold"
        line = Text.assemble((f"{self.since(entry.at):>8}", "dim"), "  ", (f"{code:<4}", style), " ")
        line.append(_sentence(said, entry.fields), colour)
        self.console.print(line, soft_wrap=True)
        for quote in _quotes(said, entry.fields):
            self.console.print(Text(f"{_INDENT}“{quote}”", style="dim"), soft_wrap=True)

    def since(self, at: datetime) -> str:
        """Minutes and seconds of the incident's clock since the first entry that was shown."""
        self._start = self._start or at
        minutes, seconds = divmod(int((at - self._start).total_seconds()), 60)
        return f"+{minutes}:{seconds:02d}"

    def table(self, title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        table = Table(box=None, padding=(0, 2, 0, 0))
        for column in columns:
            table.add_column(
                column, justify="right" if column.endswith("ms") or column in ("at", "n", "due", "met") else "left"
            )
        for row in rows:
            table.add_row(*row)
        self.console.print(Text(f"\n{title}", style="bold"))
        self.console.print(table)


def _sentence(said: timeline.Said, fields: Mapping[str, Any]) -> str:
    """Sentences that begin in lower case tell what somebody did: that one stands before them."""
    if not said.sentence[:1].islower():
        return said.sentence
    return f"{fields.get('person_name') or said.who or 'the clock'} {said.sentence}"


def _quotes(said: timeline.Said, fields: Mapping[str, Any]) -> list[str]:
    reasons = [reason["text"] for reason in fields.get("reasons") or []]
    return [*reasons, *(text for _, text in said.quotes)]
