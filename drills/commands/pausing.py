"""`drill pause` and `drill resume`: exercise control from the terminal, beside the console."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from drills import live
from drills.control import PAUSE, RESUME
from drills.installation import house, of_house
from drills.room import Room, Wish, standing
from incident.cli.run import Data
from incident.cli.say import out, words
from incident.errors import Refused, why
from incident.store.engine import reading
from incident.store.live import unfinished

Name = Annotated[str | None, typer.Argument(help="The drill, as its console is called; needless while one runs.")]


def add_to(app: typer.Typer) -> None:
    app.command("pause")(pause)
    app.command("resume")(resume)


def pause(name: Name = None, *, data: Data = None) -> int:
    """Pause a live drill: nobody is paged further and no time runs out until `drill resume`."""
    return _put(name, PAUSE, data)


def resume(name: Name = None, *, data: Data = None) -> int:
    """Let a live drill go on: whatever was due is due later by the length of the pause."""
    return _put(name, RESUME, data)


def _put(name: str | None, kind: str, data: Path | None) -> int:
    with house(data) as place:
        room = Room(place.desk, place.engine, place.clock, lambda: of_house(place))
        with reading(place.engine) as connection:
            marks = [row.mark for row in unfinished(connection)]
        if not name and len(marks) != 1:
            raise Refused(why("drill.live.which", names=", ".join(marks)) if marks else why("drill.live.none"))
        mark = name or marks[0]
        live.act(room, mark, Wish(kind), live.CONTROL)
        out(f"{mark}  {words().t(f'console.state.{standing(room, mark).row.state}')}")
    return 0
