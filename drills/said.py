"""What the drill's log hears of an act of its control."""

from __future__ import annotations

from drills.control import END, PAUSE, RESUME, SUSPEND
from drills.script.model import Script
from drills.simulate.play import read_out
from incident.commands import EndDrill, Note, PauseDrill, ResumeDrill
from incident.errors import why
from incident.store.live import ActRow
from incident.words import words_for


def in_the_log(script: Script, act: ActRow, locale: str) -> Note | PauseDrill | ResumeDrill | EndDrill:
    """From the act alone, so that whoever tells it tells the same: the names in it are those of then."""
    if act.kind == PAUSE:
        return PauseDrill(why("drill.paused.control"))
    if act.kind == SUSPEND:
        return PauseDrill(why("drill.paused.real"))
    if act.kind == RESUME:
        return ResumeDrill()
    return EndDrill() if act.kind == END else Note(_note(script, act, locale))


def _note(script: Script, act: ActRow, locale: str) -> str:
    words = words_for(locale)
    match act.kind:
        case "sent":
            inject = next(inject for inject in script.injects if inject.number == act.inject)
            said, way = read_out(script, inject, locale), act.said.partition(":")[0]
            return words.t(f"inject.told.{way}", said=said, name=act.text) if way else said
        case "skipped":
            return words.t("drill.live.skipped", inject=act.inject)
        case _:
            return words.t("drill.live.said", text=act.text)
