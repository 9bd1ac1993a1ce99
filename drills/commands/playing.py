"""`drill simulate` and `drill score`: a drill in virtual time, told and judged."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.text import Text as Styled

from drills import fitting, keeping, saved
from drills.commands.chances import ask_chance
from drills.commands.scripts import Json
from drills.commands.sheet import as_json, tell_score
from drills.installation import drill_of, place_of, planned_ahead, script_of
from drills.installation import house as housed
from drills.installation import outside as installed
from drills.placing import placed
from drills.planned import on_paper
from drills.report.drill import report
from drills.score import Profile, profile
from drills.score.observations import Added
from drills.score.profile import DEFAULT
from drills.simulate.play import Played, play, starts_at
from drills.story import Telling
from incident.cli.run import Data
from incident.cli.say import out, text_of, words
from incident.errors import BadInput, Fault, why
from incident.source import BadSource, read_yaml, validate
from incident.store.engine import changing

Judge = Annotated[str, typer.Option("--profile", help="The score profile: standard, first-hour.")]
Drill = Annotated[str, typer.Argument(help="A file of drill simulate --save, or the id of a kept drill.")]
Other = Annotated[str | None, typer.Option("--profile", help="Another score profile than the drill's own.")]
Unit = Annotated[str | None, typer.Option(help="The unit that plays it, by id; else whose a real report would be.")]
Script = Annotated[str, typer.Argument(help="A shipped script's name (drill list), or a file.")]


def add_to(app: typer.Typer) -> None:
    app.command()(simulate)
    app.command()(score)
    app.command("report")(write_report)
    app.command()(observe)


def simulate(
    script: Script,
    *,
    seed: Annotated[int, typer.Option(help="The same seed tells the same story, to the byte.")] = 1,
    at: Annotated[str | None, typer.Option(help="A day, or an ISO time with an offset.")] = None,
    save: Annotated[Path | None, typer.Option(help="Write the drill to this file, for drill score and report.")] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Keep it in the database: on /drills, in the calendar.")] = False,
    unit: Unit = None,
    judge: Judge = DEFAULT,
    runs: Annotated[int | None, typer.Option(min=1, max=1_000_000, help="Ask how likely an answer is instead.")] = None,
    ill: Annotated[list[str] | None, typer.Option(help="With --runs: a person who never answers. Repeatable.")] = None,
    no_provider: Annotated[list[str] | None, typer.Option(help="With --runs: sms, voice, ... is down.")] = None,
    html: Annotated[Path | None, typer.Option(help="With --runs: the picture, as HTML, or .svg for the curve.")] = None,
    as_json_: Json = False,
    data: Data = None,
) -> int:
    """Play a script in virtual time with your organisation and plans; nobody is called. Exit 1 unless it went well.

    With --runs the ladder alone is rung so many times: the chance that a person answers in time, and what it hangs on.
    """
    idle = (
        {"--keep": keep, "--save": save}
        if runs is not None
        else {"--ill": ill, "--no-provider": no_provider, "--html": html}
    )
    for option in (name for name, given in idle.items() if given):
        raise BadInput(Fault(option, why("drill.fit.with_runs" if runs is None else "drill.fit.without_runs")))
    outside, demo = installed(data)
    wanted, held = placed(script_of(script, data), unit, outside.organisation, "--unit"), profile(judge)
    start = _start(at, starts_at(wanted, outside))
    if runs is not None:
        asked = {"runs": runs, "seed": seed, "ill": ill or [], "down": no_provider or [], "picture": html}
        return ask_chance(wanted, outside, start, **asked, as_json_=as_json_, demo=demo)  # type: ignore[arg-type]
    played = play(wanted, outside, start, seed=seed, profile=held, locale=words().locale)
    if save is not None:
        save.write_text(saved.dump(played, outside.plans.policy(wanted.policy), judge), encoding="utf-8")
    if keep:
        with housed(data) as house, changing(house.engine) as connection:
            keeping.keep(connection, played, outside.plans.policy(wanted.policy), held)
    return _told(played, held, as_json_=as_json_, story=True, zone=played.zone, demo=demo)


def score(
    drill: Drill,
    judge: Other = None,
    as_json_: Json = False,
    data: Data = None,
) -> int:
    """Score a drill from its log alone, each point with the log position that shows it. Exit 1 unless it went well."""
    played, held, _ = drill_of(drill, data, judge)
    return _told(played, held, as_json_=as_json_, story=False, zone=played.zone, demo=False)


def write_report(
    drill: Drill,
    *,
    html: Annotated[Path | None, typer.Option(help="Write the report here; else tell the score.")] = None,
    judge: Other = None,
    as_json_: Json = False,
    data: Data = None,
) -> int:
    """The report of a drill: timeline against its targets, ratings, areas for improvement, plan; prints on A4."""
    played, held, plan = drill_of(drill, data, judge)
    if html is None:
        return _told(played, held, as_json_=as_json_, story=False, zone=played.zone, demo=False)
    reader = Telling(played, words(), ZoneInfo(played.zone), place_of(played.unit, data, words().locale))
    now = on_paper(reader, plan.every, plan.day) if plan else None
    html.write_text(report(reader, played.score(held), now, planned_ahead(drill, data, reader)), encoding="utf-8")
    return 0


def observe(
    drill: Drill,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="YAML: answers, seen, overrides, plan ...")],
    judge: Other = None,
    data: Data = None,
) -> int:
    """Add what evaluators saw: customers' answers, notes, own ratings, the improvement plan. Tells the score."""
    path = Path(drill)
    document = read_yaml(text_of(file), str(file))
    more = validate(Added, document)
    if unfit := fitting.faults(document, more, drill_of(drill, data, judge)[0], words()):
        raise BadSource(unfit)
    if path.is_file():
        path.write_text(saved.observed(text_of(path), more), encoding="utf-8")
    else:
        with housed(data) as house, changing(house.engine) as connection:
            keeping.observe(connection, drill, more)
    played, held, _ = drill_of(drill, data, judge)
    return _told(played, held, as_json_=False, story=False, zone=played.zone, demo=False)


def _told(played: Played, held: Profile, *, as_json_: bool, story: bool, zone: str, demo: bool) -> int:
    found = played.score(held)
    reader = Telling(played, words(), ZoneInfo(zone))
    if as_json_:
        out(json.dumps(as_json(found, reader), ensure_ascii=False))
    else:
        console = Console(width=None if Console().is_terminal else 160, highlight=False)
        if story:
            _story(console, reader, demo=demo)
        tell_score(console, reader, found)
    return 0 if found.stands is not None and found.stands.rank <= 1 and not found.void else 1


def _story(console: Console, reader: Telling, *, demo: bool) -> None:
    played, say = reader.played, reader.words
    console.print(played.script.name.for_locale(say.locale), style="bold")
    where = say.t("drill.told.demo") if demo else say.t("drill.told.own")
    console.print(say.t("drill.told.head", seed=played.seed, where=where, day=reader.day(played.started_at)))
    console.print()
    for entry, who, sentence in reader.sentences():
        line = Styled(f"{reader.clock(entry.at)} {entry.position:4}  ", style="dim")
        line.append(f"{who} " if who else "", style="bold")
        line.append(sentence)
        console.print(line)
    console.print()


def _start(at: str | None, usual: datetime) -> datetime:
    """`--at` may be a day only: then the script's own hour stands."""
    if at is None:
        return usual
    try:
        found = datetime.fromisoformat(at)
        if len(at) <= 10:
            return usual.replace(year=found.year, month=found.month, day=found.day)
    except ValueError:
        raise BadInput(Fault("--at", why("cli.bad_time"))) from None
    if found.tzinfo is None:
        raise BadInput(Fault("--at", why("cli.bad_time")))
    return found
