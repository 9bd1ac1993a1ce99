"""The report on A4, printed by Chromium: nothing is cut off, no heading is broken, every sheet has its number."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Page

from drills.report.drill import report
from drills.report.plan import Line, Now
from drills.score import profile
from drills.simulate.play import Played
from drills.story import Telling
from incident.words import words_for
from tests.drills.test_actions import DONE, sat
from tests.drills.test_simulate import played

pytestmark = pytest.mark.long

INNER_PX: Final = round((210 - 2 * 16) / 25.4 * 96)
"""The width of a sheet between its margins."""
AGREED: Final = {
    "area": "Carried to those who must know",
    "action": "Write the telephone numbers of the utility into the playbook.",
    "owner": "Zhao Min",
    "start": "2026-11-20",
    "due": "2026-12-31",
    "element": "organisation",
    "measure": None,
}
PLAN: Final = Now(date(2026, 11, 26), (Line(AGREED, "withdrawn on 2026-11-26: " + "no " * 60, {"owner": "Li Wei"}),))
BROKEN: Final = """() => [...document.querySelectorAll('th, h1, h2, .day, .pos')].filter(one => {
  const range = document.createRange(), text = one.textContent.trim();
  range.selectNodeContents(one);
  return text && !/[\\s\\u3000-\\uffff]/.test(text) && range.getClientRects().length > 1
      && new Set([...range.getClientRects()].map(r => Math.round(r.top))).size > 1;
}).map(one => one.textContent)"""
CUT: Final = """() => [...document.querySelectorAll('body, td, th, p, figure, svg')]
  .filter(one => one.getBoundingClientRect().right > innerWidth + 0.5 || one.scrollWidth > one.clientWidth + 1)
  .map(one => one.tagName + ': ' + one.textContent.slice(0, 60))"""


@pytest.fixture(scope="module")
def sheet(browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": INNER_PX, "height": 1000}, color_scheme="dark")
    yield page
    page.close()


def told(drill: Played, locale: str) -> str:
    reader = Telling(drill, words_for(locale), ZoneInfo(drill.zone))
    return report(reader, drill.score(profile()), PLAN)


@pytest.mark.parametrize("locale", ["en", "zh_Hans"])
@pytest.mark.parametrize("form", ["live", "simulated", "tabletop"])
def test_it_prints_on_a4_without_losing_anything(sheet: Page, form: str, locale: str):
    drill = sat("not", DONE - timedelta(days=9)) if form == "tabletop" else played(seed=3)
    sheet.emulate_media(media="print")
    sheet.set_content(told(replace(drill, form=form), locale))
    assert sheet.evaluate(CUT) == []
    assert sheet.evaluate(BROKEN) == []
    assert sheet.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    paper = sheet.pdf(prefer_css_page_size=True)
    sizes = set(re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", paper))
    assert {(round(float(w)), round(float(h))) for w, h in sizes} == {(595, 842)}
    assert 3 <= len(re.findall(rb"/Type /Page\b", paper)) <= 8


def test_the_foot_of_each_sheet_names_the_report_and_counts_and_lets_nothing_out(sheet: Page):
    drill = played(seed=3)
    name = drill.script.name.model_copy(update={"en": 'Fire "one" </style><script>alert(1)</script>\\'})
    page = told(replace(drill, script=drill.script.model_copy(update={"name": name})), "en")
    assert 'content:counter(page) " / " counter(pages)' in page
    assert page.count("<style>") == page.count("</style>")
    assert "<script" not in page
    sheet.set_content(page)
    assert sheet.locator("h1").text_content() == 'Drill report: Fire "one" </style><script>alert(1)</script>\\'
    assert sheet.locator("svg").count() == 2


def test_a_tabletop_has_no_timeline_and_says_what_it_is(sheet: Page):
    page = told(replace(sat("done", DONE), form="tabletop"), "en")
    assert "Timeline" not in page
    assert "· tabletop</p>" in page
    assert "seed" not in page
    assert "step.protect-data" not in page  # measures are told in words
