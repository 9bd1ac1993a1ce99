"""`drill run SCRIPT --live`: a live drill on this installation, with its real desk and its people."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Console

from drills import keeping, live
from drills.commands.playing import Judge, Script, Unit
from drills.commands.sheet import tell_score
from drills.control import END
from drills.ending import Ending
from drills.installation import house, of_house, script_of, site_of
from drills.measures import Measure
from drills.placing import placed
from drills.room import Room, Standing, Wish, standing
from drills.score import profile
from drills.score.profile import DEFAULT
from drills.script import model
from drills.simulate.play import Played
from drills.story import Telling, measure_says
from drills.tabletop import Tabletop
from incident.cli.run import Data
from incident.cli.say import out, words
from incident.clock import pause
from incident.errors import BadInput, Fault, Refused, why
from incident.ids import new_id
from incident.store.engine import changing, reading
from incident.words import Words


def add_to(app: typer.Typer) -> None:
    app.command()(run)


def run(
    script: Script,
    *,
    meant: Annotated[bool, typer.Option("--live", help="Yes: this pages people, marked DRILL.")] = False,
    tabletop: Annotated[bool, typer.Option("--tabletop", help="Read out and judge; nobody is paged.")] = False,
    real_phones: Annotated[bool, typer.Option("--real-phones", help="Ring their own phones by the provider.")] = False,
    unit: Unit = None,
    judge: Judge = DEFAULT,
    data: Data = None,
) -> int:
    """Run a live drill beside a running `incident serve`; it ends when it is closed, at its time, or with Ctrl-C.

    Its score is told, and the drill is kept. A real Critical that nobody has taken makes it stand still.
    With --tabletop you read the injects out here, and say of each action whether it was done, partly done, or not.
    """
    wanted, held, say = script_of(script, data), profile(judge), words()
    if tabletop:
        return _at_the_table(wanted, unit, judge, data)
    if not meant:
        raise BadInput(Fault("--live", why("drill.live.say_live")))
    with house(data) as place:
        if not place.simulated and not real_phones:
            raise BadInput(Fault("--real-phones", why("drill.live.real_phones")))
        room = Room(place.desk, place.engine, place.clock, lambda: of_house(place))
        wanted = placed(wanted, unit, room.outside().organisation, "--unit")
        name = f"{wanted.id}-{new_id()[:8]}"
        live.start(room, wanted, name, by=live.CONTROL, locale=say.locale, judge=judge, real_phones=real_phones)
        first = standing(room, name).entries[0].event
        out(say.t("drill.live.opened", code=getattr(first, "code", name)))
        out(f"{site_of(place)}/drills/{name}/console")
        seal = _controlled(room, name)
        if not seal:
            unscored = standing(room, name).unscored
            out(f"{say.t('console.unscored')} {say.reason(unscored) if unscored else ''}".strip())
            return 1
        with reading(place.engine) as connection:
            played = keeping.find(connection, seal, held)
    return _judged(played, judge, seal)


def _at_the_table(script: model.Script, unit: str | None, judge: str, data: Path | None) -> int:
    held, say = profile(judge), words()
    with house(data) as place:
        outside = of_house(place)
        script = placed(script, unit, outside.organisation, "--unit")
        table = Tabletop(script, outside, place.clock, f"{script.id}-{new_id()[:8]}", say.locale)
        table.open()
        for inject in script.injects:
            if inject.contingency and not typer.confirm(say.t("drill.table.help", number=inject.number), default=False):
                continue
            out(f"\n{inject.at_min} min  {table.read(inject)}")
            out(say.t("drill.table.expected", expected=inject.expected.for_locale(say.locale)))
            if not inject.contingency:
                _ask(table, inject.measure, say)
        out()
        for measure in table.left():
            _ask(table, measure, say)
        played = table.finish(held)
        if not played.observations.judged:  # it would count as practice
            out(say.t("tabletop.not_kept"))
            return 1
        with changing(place.engine) as connection:
            row = keeping.keep(connection, played, outside.plans.policy(script.policy), held, "tabletop")
    return _judged(played, judge, row.id)


def _ask(table: Tabletop, measure: Measure, say: Words) -> None:
    """d, p, n, or nothing for what was not observed; words behind the letter are a note."""
    asked = measure_says(measure, table.outside.plans.playbook(table.script.playbook), say)
    while True:
        said = typer.prompt(say.t("drill.table.ask", measure=asked), default="", show_default=False).strip()
        if not said:
            return
        outcome = OUTCOMES.get(said[0].lower())
        if outcome is not None:
            table.judge(measure, outcome, said[1:].strip())
            return
        out(say.t("drill.table.again"))


OUTCOMES = {"d": "done", "p": "partly", "n": "not", "y": "done"}


def _controlled(room: Room, name: str) -> str:
    """Look until it is over, tell each new entry; the seal under which it was kept, empty if it could not be scored."""
    told = 0
    with _asked_to_end() as asked:
        while True:
            if asked:
                with suppress(Refused):  # it has ended by itself
                    live.act(room, name, Wish(END), live.CONTROL)
            over = live.look(room, name)
            found = standing(room, name)
            if len(found.entries) > told:
                _tell(room, found, told)
            told = len(found.entries)
            if over and found.row.kept is not None:
                return found.row.kept
            pause(live.LOOK_S)


@contextmanager
def _asked_to_end() -> Iterator[list[int]]:
    """Ctrl-C and SIGTERM end the drill properly: a ladder that goes on without its control would page on and on."""
    asked: list[int] = []

    def end(number: int, frame: FrameType | None) -> None:
        asked.append(number)

    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _tell(room: Room, found: Standing, told: int) -> None:
    """Each new entry: its time where the drill is played, its position, who, and what."""
    ending = Ending(found.row, found.script, found.control, profile(found.row.profile))
    played = ending.played(room.outside(), found.entries)
    reader = Telling(played, words(), ZoneInfo(played.zone))
    for entry, who, sentence in list(reader.sentences())[told:]:
        out(f"{reader.clock(entry.at)} {entry.position:6}  {f'{who} ' if who else ''}{sentence}")


def _judged(played: Played, judge: str, name: str) -> int:
    found = played.score(profile(judge))
    console = Console(width=None if Console().is_terminal else 160, highlight=False)
    tell_score(console, Telling(played, words(), ZoneInfo(played.zone)), found)
    out(name)
    return 0 if found.stands is not None and found.stands.rank <= 1 and not found.void else 1
