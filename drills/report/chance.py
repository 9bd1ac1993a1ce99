"""The picture of a chance: the curve of answered-by-t, and a bar for everything that it hangs on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from html import escape

from drills.chance.figures import within
from drills.chance.result import Chance, compared
from drills.chance.weak import Weakness
from drills.report.page import page, table, tag
from drills.report.svg import Bar, bars, curve
from drills.score.sheet import minutes
from incident.words import Words

Name = Callable[[str], str]


def percent(share: float) -> str:
    """`99.7 %`; two places where it matters: near nothing and near everything."""
    value = 100 * share
    return f"{value:.2f} %" if value > 99 or value < 1 else f"{value:.1f} %"


def weak_name(weakness: Weakness, words: Words, name: Name, chance: Chance) -> str:
    """`without Li Wei`, `without SMS`, `without rung 2 (field team)`."""
    if weakness.sort == "person":
        return words.t("drill.chance.without_person", person=name(weakness.name))
    if weakness.sort == "way":
        return words.t("drill.chance.without_way", way=weakness.name)
    rung = chance.held.ladder[int(weakness.name)]
    return words.t("drill.chance.without_rung", n=int(weakness.name) + 1, tier=rung.tier)


def headline(chance: Chance, words: Words) -> str:
    return words.t(
        "drill.chance.within",
        level=chance.held.opened.state.level,
        minutes=minutes(chance.held.target_min),
        share=percent(chance.share.value),
    )


def curve_svg(chance: Chance, words: Words) -> str:
    points = [(m, s.value, s.low, s.high) for m, s in chance.curve]
    said = words.t("drill.chance.target", minutes=minutes(chance.held.target_min))
    return curve(words.t("drill.chance.curve"), points, chance.held.target_min, said)


def weak_svg(chance: Chance, words: Words, name: Name) -> str:
    most = max([0.05, *(w.loss.high for w in chance.weak)])
    rows = [
        Bar(
            weak_name(w, words, name, chance),
            w.loss.value,
            words.t("drill.chance.left", share=percent(w.left.value)),
            low=w.loss.low,
            high=w.loss.high,
        )
        for w in chance.weak
    ]
    ticks = [(most * n / 4, f"-{100 * most * n / 4:.1f}" if n else "0") for n in range(5)]
    return bars(words.t("drill.chance.hangs_on"), rows, top=most, ticks=ticks)


def chance_page(chance: Chance, words: Words, name: Name, *, title: str, when: str, demo: bool) -> str:
    """The whole page."""
    return page(words, title, _parts(chance, words, name, title=title, when=when, demo=demo))


def _parts(chance: Chance, words: Words, name: Name, *, title: str, when: str, demo: bool) -> Iterator[str]:
    yield tag("h1", title)
    where = words.t("drill.told.demo") if demo else words.t("drill.told.own")
    yield tag("p", f"{when} · {where}", "quiet")
    yield tag("p", percent(chance.share.value), "big")
    yield tag("p", headline(chance, words))
    yield tag("p", interval(chance, words), "quiet")
    for line in circumstances(chance, words, name):
        yield tag("p", line)
    yield tag("h2", words.t("drill.chance.curve"))
    yield f"<figure>{curve_svg(chance, words)}</figure>"
    yield tag("h2", words.t("drill.chance.hangs_on"))
    yield tag("p", words.t("drill.chance.hangs_on_how"), "quiet")
    if said := sample(chance, words):
        yield tag("p", said, "quiet")
    yield f"<figure>{weak_svg(chance, words, name)}</figure>"
    yield tag("h2", words.t("drill.chance.who"))
    rows = [(escape(name(person)), percent(n / chance.runs)) for person, n in chance.answered]
    yield table((words.t("drill.column.person"), words.t("drill.column.share")), rows, frozenset({1}))
    yield tag("p", words.t("drill.chance.assumed"), "quiet")


def interval(chance: Chance, words: Words) -> str:
    return words.t(
        "drill.chance.interval",
        low=percent(chance.share.low),
        high=percent(chance.share.high),
        runs=f"{chance.runs:,}",
        seed=chance.seed,
    )


def sample(chance: Chance, words: Words) -> str:
    """What the weaknesses are compared with, where that is not all runs: their shares are of these, and would else
    stand beside another whole."""
    count = compared(chance.runs)
    if count == chance.runs:
        return ""
    whole = within(chance.answers[:count], chance.held.target_min)
    return words.t("drill.chance.sample", runs=f"{count:,}", share=percent(whole.value))


def circumstances(chance: Chance, words: Words, name: Name) -> Iterator[str]:
    """Who is ill, what is down, and how fast it goes."""
    comma = words.t("list.comma")
    if chance.held.silent:
        yield words.t("drill.chance.ill", people=comma.join(name(p) for p in sorted(chance.held.silent)))
    if chance.held.broken:
        yield words.t("drill.chance.down", ways=comma.join(words.t(f"way.{w}") for w in sorted(chance.held.broken)))
    half, most, nearly = (chance.quantiles[q] for q in (0.5, 0.9, 0.99))
    said = [minutes(m) if m is not None else "-" for m in (half, most, nearly)]
    nobody = sum(answer.minutes is None for answer in chance.answers)
    yield words.t("drill.chance.quantiles", half=said[0], most=said[1], nearly=said[2])
    if nobody:
        horizon = minutes(chance.held.horizon_min)
        yield words.t("drill.chance.nobody", share=percent(nobody / chance.runs), minutes=horizon)
