"""`drill simulate SCRIPT --runs N`: how likely it is that somebody answers, and what it hangs on."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from drills.chance.many import runner
from drills.chance.result import Chance, as_json, ask, work
from drills.chance.ringing import setting
from drills.commands.scripts import show
from drills.report.chance import (
    Name,
    chance_page,
    circumstances,
    curve_svg,
    headline,
    interval,
    percent,
    sample,
    weak_name,
)
from drills.script.model import Script
from drills.simulate.habits import usual
from drills.simulate.plans import Outside
from incident.cli.say import out, progress, words
from incident.errors import BadInput, Fault, Unknown, why
from incident.organisation.people import WayKind
from incident.words import Words

HORIZON = 4
"""Runs go on until so many times the target, so that the curve has an end."""
FEW = 5000
"""So few runs are over before other processes would have started."""
_BLOCKS = " ▁▂▃▄▅▆▇█"


def ask_chance(
    script: Script,
    outside: Outside,
    start: datetime,
    *,
    runs: int,
    seed: int,
    ill: list[str],
    down: list[str],
    picture: Path | None,
    as_json_: bool,
    demo: bool,
) -> int:
    """Exit 1 when the target is not met in at least nine of ten runs, by the interval's lower end."""
    _known(outside, ill, down)
    report = script.opening.report(words().locale, script.policy)
    opened = setting(report, outside, start, usual(), horizon_min=1.0)
    held = setting(
        report,
        outside,
        start,
        usual(),
        horizon_min=HORIZON * opened.target_min,
        silent=frozenset(ill),
        broken=frozenset(down),
    )
    whole, done = work(held, runs), 0
    with progress() as told:

        def more(count: int) -> None:
            nonlocal done
            done += count
            if told is not None:
                told(done, whole)

        with runner(held, seed, processes=1 if whole < FEW else None, told=more) as run:
            chance = ask(held, run, runs, seed)
    _shown(chance, script, outside, start, picture=picture, as_json_=as_json_, demo=demo)
    return 0 if chance.share.low >= 0.9 else 1


def _known(outside: Outside, ill: list[str], down: list[str]) -> None:
    """Raises Unknown for a person whom the organisation does not have, BadInput for a provider that nothing uses."""
    for person in ill:
        if outside.organisation.person(person) is None:
            raise Unknown("person", person)
    ways = ", ".join(WayKind)
    for way in down:
        if way not in set(WayKind):
            raise BadInput(Fault("--no-provider", why("drill.chance.no_way", way=way, ways=ways)))


def _shown(
    chance: Chance,
    script: Script,
    outside: Outside,
    start: datetime,
    *,
    picture: Path | None,
    as_json_: bool,
    demo: bool,
) -> None:
    say = words()

    def name(person: str) -> str:
        found = outside.organisation.person(person)
        return found.name if found else person

    if picture is not None:
        when = f"{start:%Y-%m-%d %H:%M} {start.tzinfo or ''}"
        title = say.t("drill.chance.title", name=script.name.for_locale(say.locale))
        whole = chance_page(chance, say, name, title=title, when=when, demo=demo)
        picture.write_text(curve_svg(chance, say) if picture.suffix == ".svg" else whole, encoding="utf-8")
    if as_json_:
        out(json.dumps(as_json(chance), ensure_ascii=False))
        return
    console = Console(width=None if Console().is_terminal else 160, highlight=False)
    console.print(headline(chance, say), style="bold")
    console.print(interval(chance, say))
    for line in circumstances(chance, say, name):
        console.print(escape(line))
    console.print(_spark(chance, say))
    show(_hangs_on(chance, say, name))
    if said := sample(chance, say):
        console.print(said, style="dim")
    answered = say.t("list.comma").join(f"{name(p)} {percent(n / chance.runs)}" for p, n in chance.answered)
    console.print(f"{say.t('drill.chance.who')}{say.t('list.colon')}{escape(answered)}")
    console.print(say.t("drill.chance.assumed"), style="dim")


def _hangs_on(chance: Chance, say: Words, name: Name) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(say.t("drill.column.without"))
    for column in ("left", "lost"):
        table.add_column(say.t(f"drill.column.{column}"), justify="right")
    table.add_column("")
    most = max([0.01, *(weakness.loss.value for weakness in chance.weak)])
    for weakness in chance.weak:
        loss = weakness.loss
        said = f"{100 * loss.value:.1f} ({100 * loss.low:.1f} … {100 * loss.high:.1f})"
        bar = "█" * round(30 * max(0.0, loss.value) / most)
        table.add_row(escape(weak_name(weakness, say, name, chance)), percent(weakness.left.value), said, bar)
    return table


def _spark(chance: Chance, say: Words) -> str:
    """The curve in one line: a block for each minute or so, the last one's time beside it."""
    shown = chance.curve[:: max(1, len(chance.curve) // 60)]
    blocks = "".join(_BLOCKS[round(8 * share.value)] for _, share in shown)
    return f"{say.t('drill.chance.by')}: 0 {blocks} {shown[-1][0]:g} min"
