"""The report of one drill: the timeline against its targets first, then the dimensions, the ratings, then text.

It is made from the log, the script and the observations each time anew. Whatever a person still has to say (a root
cause, an owner, a signature) is left as an empty line to write on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from drills.measures import DIMENSION, Item
from drills.report.findings import Area, areas, strengths
from drills.report.page import page, table, tag
from drills.report.people import whose
from drills.report.plan import Now, plan
from drills.report.svg import BAD, GOOD, SOSO, Bar, bars
from drills.score import Mark, Part, Rating, Score
from drills.score.objectives import Rated
from drills.score.sheet import Line, minutes
from drills.story import Telling

SIMULATED = "simulated"
_LOST = 6
"""Lines of evidence beside an item in the table; all of them are in the log below."""


def report(reader: Telling, score: Score, now: Now | None = None, ahead: Sequence[str] = ()) -> str:
    """The whole page, in the reader's language. `now` is how the plan of a kept drill stands; `ahead` what was said of
    it before it started."""
    title = reader.words.t("drill.report.title", name=reader.played.script.name.for_locale(reader.words.locale))
    return page(reader.words, title, _parts(reader, score, title, now, ahead))


def _parts(reader: Telling, score: Score, title: str, now: Now | None, ahead: Sequence[str]) -> Iterator[str]:
    say = reader.words
    yield tag("p", "演练 DRILL", "mark")
    yield tag("h1", title)
    yield from _overview(reader)
    yield from (tag("p", line) for line in ahead)
    if any(_rows(reader, score)):  # a tabletop has no times
        yield tag("h2", say.t("drill.report.timeline"))
        yield f"<figure>{timeline_svg(reader, score)}</figure>"
        yield tag("p", say.t("drill.report.legend"), "quiet")
    yield from _whole(reader, score)
    yield tag("h2", say.t("drill.report.dimensions"))
    yield f"<figure>{dimensions_svg(reader, score)}</figure>"
    yield tag("h2", say.t("drill.report.objectives"))
    yield _objectives(reader, score)
    yield from _strengths(reader, score)
    found = areas(reader, score)
    yield tag("h2", say.t("drill.report.areas"))
    yield _areas(reader, found) if found else tag("p", say.t("drill.report.none"))
    yield tag("h2", say.t("drill.report.plan"))
    yield from plan(reader, found, now)
    yield from _sign_off(reader)
    yield tag("h2", say.t("drill.report.items"), "evidence")
    yield _items(reader, score)
    yield tag("h2", say.t("drill.report.log"))
    yield _log(reader)
    yield from _pinned(reader, score)


def _overview(reader: Telling) -> Iterator[str]:
    say, played, script = reader.words, reader.played, reader.played.script
    last = played.entries[-1].at
    parts = [
        f"{reader.day(played.started_at)} {reader.clock(played.started_at)}-{reader.clock(last)} {reader.zone}",
        say.t(f"level.{script.level}"),
        played.playbook.name.for_locale(say.locale),
        say.t("drill.report.simulated", seed=played.seed)
        if played.form == SIMULATED
        else say.t(f"paper.form.{played.form}"),
    ]
    yield tag("p", " · ".join(parts), "quiet")
    yield from whose(reader)
    yield tag("p", script.summary.for_locale(say.locale))
    yield tag("p", say.t("drill.report.purpose", purpose=script.purpose.for_locale(say.locale)))


def timeline_svg(reader: Telling, score: Score) -> str:
    """One bar for everything that has a time of its own, from the first message to when it was so."""
    rows = list(_rows(reader, score))
    end = reader.played.entries[-1].at - reader.played.started_at
    top = max([1.0, end.total_seconds() / 60, *(row.target or 0.0 for row in rows)])
    step = next(step for step in (5, 10, 15, 30, 60, 120, 240, 480, 1440, 10**6) if top / step <= 8)
    ticks = [(float(at), f"{at}") for at in range(0, int(top) + 1, step)]
    return bars(reader.words.t("drill.report.timeline"), rows, top=top, ticks=ticks)


def _rows(reader: Telling, score: Score) -> Iterator[Bar]:
    say = reader.words
    never = (reader.played.entries[-1].at - reader.played.started_at).total_seconds() / 60
    for mark in score.marks:
        listed: list[tuple[str, Mark | Part]] = [
            (say.t(f"post.{part.name}") if mark.item is Item.POSTS else say.t(f"drill_to.{part.name}"), part)
            for part in mark.parts
            if mark.item in (Item.POSTS, Item.ESCALATION)
        ]
        shown = [(say.t(f"drill.item.{mark.item}"), mark)] if mark.target_min and mark.item is not Item.WORD else []
        for name, one in (*shown, *listed):
            target = one.target_min
            if target is None or (isinstance(one, Mark) and one.ratio is None):
                continue
            took = one.took_min
            key = "paper.never_of" if took is None else "drill.report.of"
            said = say.t(key, took=minutes(took or 0.0), target=minutes(target))
            end, name_ = never if took is None else took, name[:1].upper() + name[1:]
            yield Bar(name_, end, said, _kind(took, target), target=target)


def _kind(took: float | None, target: float) -> str:
    """Within, late by up to half, beyond."""
    if took is None or took > 1.5 * target:
        return BAD
    return GOOD if took <= target else SOSO


def dimensions_svg(reader: Telling, score: Score) -> str:
    say = reader.words
    rows = []
    for each in score.sums:
        share = each.points / each.of if each.points is not None and each.of else 0.0
        seen = each.points is not None
        said = f"{each.points:.1f} / {each.of:g}" if seen else say.t("drill.report.unseen")
        kind = GOOD if share >= 0.9 and not each.unable else SOSO if share >= 0.7 and not each.unable else BAD
        kind = kind if seen else ""
        name = say.t(f"drill.dimension.{each.dimension}") + (" · U" if each.unable else "")
        rows.append(Bar(name, 100 * share, said, kind))
    ticks = [(float(t), f"{t} %") for t in (0, 25, 50, 75, 100)]
    return bars(say.t("drill.report.dimensions"), rows, top=100, ticks=ticks)


def _whole(reader: Telling, score: Score) -> Iterator[str]:
    say = reader.words
    if score.void:
        yield tag("p", say.t("drill.whole.void"), "big")
    else:
        total = "-" if score.total is None else f"{score.total:.2f}"
        rating = score.stands.value if score.stands else "-"
        yield f'<p class="big">{total} <span class="rating">{rating}</span></p>'
        if score.stands:
            yield tag("p", say.t(f"drill.rating.{score.stands}"))
        if score.total is None:
            percent = f"{100 * score.dropped:.0f}"
            yield tag("p", say.t("drill.whole.insufficient", percent=percent, rating=rating))
        elif score.dropped:
            yield tag("p", say.t("drill.whole.dropped", percent=f"{100 * score.dropped:.0f}").strip(" （）()"), "quiet")
    if score.given and score.given_why:
        said = {"rating": score.rating or "-", "by": score.given_by or "", "reason": score.given_why}
        yield tag("p", say.t("drill.report.given", **said))
    for gate in score.gates:
        yield f'<p class="gate"><span class="pos">#{gate.position}</span> {escape(reader.reason(gate.reason))}</p>'


def _objectives(reader: Telling, score: Score) -> str:
    say = reader.words
    head = [say.t(f"drill.column.{c}") for c in ("objective", "capability", "tasks", "rating", "why")]
    rows = [_objective(reader, rated) for rated in score.objectives]
    legend = [say.t("drill.report.signs"), *(say.t(f"drill.rating.{rating}") for rating in Rating)]
    return table(head, rows, widths=(25, 14, 30, 10, 21)) + tag("p", " · ".join(legend), "quiet")


def _objective(reader: Telling, rated: Rated) -> tuple[str, ...]:
    say, locale = reader.words, reader.words.locale
    objective = rated.objective
    must = "" if objective.must else f" ({say.t('drill.report.optional')})"
    tasks = []
    for tasked in rated.tasks:
        sign = "○" if tasked.ratio is None else "✗" if not tasked.done else "△" if tasked.missed else "✓"
        star = "*" if tasked.task.must else ""
        tasks.append(f"{sign} {escape(tasked.task.text.for_locale(locale))}{star}")
    rating = rated.stands.value if rated.stands else "-"
    why = say.t("drill.report.and").join(reader.reason(reason) for reason in rated.reasons)
    if rated.given:
        said = {"rating": rated.rating or "-", "by": rated.given_by or "", "reason": rated.given_why or ""}
        why += " · " + say.t("drill.report.given", **said)
    return (
        escape(objective.text.for_locale(locale) + must),
        escape(objective.capability.for_locale(locale)),
        "<br>".join(tasks),
        f'<span class="rating">{rating}</span>',
        escape(why),
    )


def _strengths(reader: Telling, score: Score) -> Iterator[str]:
    found = strengths(reader, score)
    yield tag("h2", reader.words.t("drill.report.strengths"))
    if not found:
        yield tag("p", reader.words.t("drill.report.none"))
    else:
        yield "<ul>" + "".join(f"<li>{escape(said)} {_positions(lines)}</li>" for said, lines in found) + "</ul>"


def _areas(reader: Telling, found: list[Area]) -> str:
    say = reader.words
    head = [say.t(f"drill.column.{c}") for c in ("area", "observation", "reference", "cause")]
    rows = [
        (
            escape(area.name),
            "<br>".join(escape(said) for said in area.observations) + " " + _positions(area.lines),
            escape(area.reference),
            escape(area.cause) if area.cause else "&nbsp;",
        )
        for area in found
    ]
    return table(head, rows, widths=(16, 48, 18, 18))


def _items(reader: Telling, score: Score) -> str:
    say = reader.words
    head = [say.t(f"drill.column.{c}") for c in ("item", "points", "shown")]
    rows = []
    for mark in score.marks:
        points = "-" if mark.points is None else f"{mark.points:.2f} / {mark.weight:g}"
        poor = [line for part in mark.parts if part.ratio < 1 for line in part.lines]
        lines = list(dict.fromkeys([*mark.lines, *poor, *mark.evidence]))[:_LOST]
        said = "<br>".join(f'<span class="pos">#{line.position}</span> {escape(reader.line(line))}' for line in lines)
        item = say.t(f"drill.item.{mark.item}")
        name = say.t("improve.is_now", field=say.t(f"drill.dimension.{DIMENSION[mark.item]}"), value=item)
        rows.append((escape(name), points, said))
    return table(head, rows, frozenset({1}), widths=(24, 14, 62))


def _log(reader: Telling) -> str:
    say = reader.words
    rows = [
        (
            f'<span class="pos">#{entry.position}</span>',
            f'<span class="pos">{reader.clock(entry.at)}</span>',
            (f"<b>{escape(who)}</b> " if who else "") + escape(sentence),
        )
        for entry, who, sentence in reader.sentences()
    ]
    head = [say.t(f"drill.column.{name}") for name in ("position", "time", "entry")]
    return table(head, rows, widths=(9, 11, 80))


def _sign_off(reader: Telling) -> Iterator[str]:
    say = reader.words
    yield '<section class="keep">'
    yield tag("h2", say.t("drill.report.sign_off"))
    names = ("director", "evaluator", "owner")
    yield '<div class="sign">' + "".join(tag("div", say.t(f"drill.sign.{name}")) for name in names) + "</div>"
    yield "</section>"


def _pinned(reader: Telling, score: Score) -> Iterator[str]:
    """What it was played and judged by, to the letter."""
    say, played = reader.words, reader.played
    pinned = say.t(
        "drill.report.pinned",
        script=f"{played.script.id} {played.script.version} {played.script.digest[:12]}",
        playbook=f"{played.playbook.id} {played.playbook.version} {played.playbook.digest[:12]}",
        profile=f"{score.profile} {score.profile_digest[:12]}",
        seal=(played.observations.sealed or "-")[:16],
    )
    yield tag("p", pinned, "quiet")


def _positions(lines: tuple[Line, ...]) -> str:
    """Each entry once, in order."""
    found = sorted({line.position for line in lines})[:8]
    return '<span class="pos">' + " ".join(f"#{position}" for position in found) + "</span>"
