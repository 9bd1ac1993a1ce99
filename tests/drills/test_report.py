"""The report: the timeline first, in the reader's language, nothing from outside, all that people wrote escaped."""

import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest

from drills.cli import main
from drills.measures import Item
from drills.report.drill import dimensions_svg, report, timeline_svg
from drills.report.findings import areas, strengths
from drills.report.svg import Bar, bars, shortened
from drills.score import Observations, profile
from drills.story import Telling
from incident.events import Declined, Updated
from incident.words import LOCALES, words_for
from tests.drills.test_simulate import CASE, played


def reader(locale: str = "en", **seen: object) -> Telling:
    drill = played(seed=3)
    observations = Observations.model_validate({**drill.observations.model_dump(), **seen})
    return Telling(replace(drill, observations=observations), words_for(locale), ZoneInfo(drill.zone))


def told(telling: Telling) -> str:
    return report(telling, telling.played.score(profile()))


@pytest.mark.parametrize("locale", LOCALES)
def test_every_word_of_the_report_is_in_the_catalogs(locale: str):
    page = told(reader(locale))
    assert not re.search(r"\bdrill\.[a-z_]+\.", re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL))
    assert f'lang="{locale.replace("_", "-")}"' in page
    assert "演练 DRILL" in page


def test_the_timeline_comes_first_and_everything_has_its_place():
    page, say = told(reader()), words_for("en")
    names = ("timeline", "dimensions", "objectives", "strengths", "areas", "plan", "sign_off", "items", "log")
    places = [page.index(f">{say.t(f'drill.report.{name}')}</h2>") for name in names]
    assert places == sorted(places)


def test_it_needs_nothing_from_outside():
    page = told(reader())
    assert "<script" not in page
    assert not re.search(r"(src|href|url)\s*[=(]\s*[\"']?(?!#)", page)
    assert "@page" in page


def test_what_people_wrote_is_escaped():
    note = {"kind": "improvement", "text": "<script>alert(1)</script>", "by": "<b>Gao</b>", "objective": "data-first"}
    plan = {"area": "<i>", "action": "<u>", "owner": "<s>", "due": "2026-12-01", "element": "training"}
    page = told(reader(seen=[note], plan=[plan]))
    assert "<script" not in page
    assert "<b>Gao" not in page
    assert "&lt;script&gt;" in page
    assert "&lt;i&gt;" in page


def test_bars_are_told_by_pattern_and_words_too():
    telling = reader()
    svg = timeline_svg(telling, telling.played.score(profile()))
    ElementTree.fromstring(svg)
    assert 'class="good"' in svg
    assert 'class="bad"' in svg
    assert "of 15 min" in svg
    ElementTree.fromstring(dimensions_svg(telling, telling.played.score(profile())))


def test_every_area_names_positions_reference_and_element():
    telling = reader()
    score = telling.played.score(profile())
    found = areas(telling, score)
    assert found
    assert all(area.lines and area.reference and area.element for area in found)
    assert "posts filled" in found[0].name.lower()
    assert strengths(telling, score)


def test_signs_and_letters_are_explained_where_they_stand():
    page = told(reader())
    for said in ("△ late or in part", "○ not observed", "M: achieved with harm, added risk or against the plan"):
        assert said in page


def test_both_ratings_are_shown():
    over = {"of": "overall", "rating": "P", "reason": "well led", "by": "Gao"}
    page = told(reader(overrides=[over]))
    assert "rated otherwise by Gao: well led" in page


def test_a_void_drill_says_so():
    assert "Void" in told(reader(leaks=[{"kind": "left", "text": "an SMS"}]))


def test_long_names_are_cut_by_their_width():
    assert shortened("abc", 3) == "abc"
    assert shortened("abcd", 3) == "abc…"
    assert shortened("宕机宕机", 4) == "宕机…"
    assert "&lt;" in bars("t", [Bar("<", 1, "x")], top=1, ticks=[])


def test_the_command_writes_it(tmp_path: Path):
    file, page = tmp_path / "d.json", tmp_path / "r.html"
    main(["simulate", CASE, "--save", str(file)])
    assert main(["report", str(file), "--html", str(page)]) == 0
    assert page.read_text("utf-8").startswith("<!doctype html>")
    assert main(["report", str(file)]) in (0, 1)
    assert main(["report", str(tmp_path / "no.json")]) == 2


def test_it_says_whose_drill_it_was_who_took_part_and_who_watched():
    telling = replace(reader(seen=[{"kind": "strength", "text": "calm", "by": "Gao"}]), place="Beijing IT")
    page = told(telling)
    assert "Played by: Beijing IT" in page
    assert re.search(r"Took part: [^<]*Wang Jun", page)
    assert "Paged, and did nothing" not in page
    assert "Observations by: Gao" in page


def test_it_says_who_was_paged_in_vain():
    drill = played(seed=8)
    assert "Paged, and" not in told(Telling(drill, words_for("en"), ZoneInfo(drill.zone))), "Lin Jia tested it"
    silent = replace(drill, entries=tuple(e for e in drill.entries if e.by != "person:lin-jia"))
    page = told(Telling(silent, words_for("en"), ZoneInfo(drill.zone)))
    assert "Paged, and did nothing that the log shows: Lin Jia" in page


def test_who_passed_it_on_has_not_done_nothing():
    drill = played(seed=8)
    others = [e for e in drill.entries if e.by != "person:lin-jia"]
    paged = next(i for i, e in enumerate(others) if "lin-jia" in repr(e.event))
    passed = replace(others[paged], event=Declined("lin-jia", "sms"), by="person:lin-jia")
    entries = (*others[: paged + 1], passed, *others[paged + 1 :])
    page = told(Telling(replace(drill, entries=entries), words_for("en"), ZoneInfo(drill.zone)))
    assert "Paged, and passed it on: Lin Jia" in page
    assert "Paged, and did nothing" not in page


def test_a_word_that_nobody_gave_because_none_was_due_is_no_strength():
    drill = played(seed=3)
    first = next(n for n, entry in enumerate(drill.entries) if isinstance(entry.event, Updated))
    word = words_for("en").t("drill.item.word")
    for entries, praised in ((drill.entries, True), (drill.entries[:first], False)):
        observations = drill.observations.model_copy(update={"ended_at": None, "sealed": None})
        telling = Telling(replace(drill, entries=entries, observations=observations), words_for("en"), ZoneInfo("UTC"))
        score = telling.played.score(profile())
        named = [name for name, _ in strengths(telling, score)]
        if praised:
            assert (word in named) == ((score.mark(Item.WORD).ratio or 0) >= 1)
        else:
            assert score.mark(Item.WORD).ratio == 1
            assert word not in named


def test_a_tabletops_report_names_those_at_the_table():
    page = told(reader(present=["li-wei", "lin-jia"]))
    assert "At the table: Li Wei, Lin Jia" in page
    assert "Took part" not in page
