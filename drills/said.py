"""What the drill's log says of an act of its control."""

from __future__ import annotations

from typing import Final

from drills.control import END, PAUSE, RESUME, SUSPEND
from drills.script.model import Script
from drills.simulate.play import read_out
from incident.store.live import ActRow
from incident.words import words_for

_SAYS: Final = {
    PAUSE: "drill.live.paused",
    SUSPEND: "drill.live.suspended",
    RESUME: "drill.live.resumed",
    END: "drill.live.ended",
}


def in_the_log(script: Script, act: ActRow, locale: str) -> str:
    """From the act alone, so that whoever writes it writes the same: the names in it are those of then."""
    words = words_for(locale)
    match act.kind:
        case "sent":
            inject = next(inject for inject in script.injects if inject.number == act.inject)
            said, way = read_out(script, inject, locale), act.said.partition(":")[0]
            return words.t(f"inject.told.{way}", said=said, name=act.text) if way else said
        case "skipped":
            return words.t("drill.live.skipped", inject=act.inject)
        case "said":
            return words.t("drill.live.said", text=act.text)
        case kind:
            return words.t(_SAYS[kind])
