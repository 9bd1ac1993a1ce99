"""The wall in a real browser: live within a second, honest about old data, readable at its distance."""

from __future__ import annotations

import json
import re
from itertools import product
from time import monotonic
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from incident.clock import iso
from incident.levels import Level
from incident.maintenance import Windows
from incident.record.row import board_row
from incident.words import words_for
from tests.browser.conftest import Centre
from tests.core.house import Story
from tests.core.test_maintenance import window
from web.pages.wall_view import view
from web.say import Reader

pytestmark = pytest.mark.long

SCREEN = "/wall?distance=5&panel=55&px=1080"


def wall(centre: Centre, address: str = SCREEN, **more: int) -> Page:
    page = centre.page("vera", **({"width": 1920, "height": 1080} | more))
    with page.expect_response("**/api/stream*"):
        page.goto(address)
    expect(page.locator("#age")).to_have_text(re.compile(r"data \d s"))
    return page


def test_a_new_incident_is_on_the_wall_at_once_and_its_answer_too(centre: Centre):
    page = wall(centre)
    expect(page.locator("#quiet")).to_be_visible()
    began = monotonic()
    incident = centre.report()
    expect(page.locator(".w-row")).to_have_count(1)
    assert (
        monotonic() - began < 10
    )  # told, not asked for: that is once a minute. How fast it is bench/walls.py measures
    row = page.locator(".w-row")
    expect(row).to_have_class(re.compile(r"is-critical open"))
    expect(row.locator("[data-f=state]")).to_have_text("NOBODY HAS IT")
    expect(row.locator("[data-f=line]")).to_contain_text("paged: Alice")
    expect(page.locator("#quiet")).to_be_hidden()
    centre.post(f"/api/incidents/{incident['id']}/acknowledge", person="alice")
    expect(row).to_have_class(re.compile("taken"))
    expect(row.locator("[data-f=state]")).to_have_text("Commander Alice")
    expect(page.locator("#ticker")).to_contain_text("C1")
    assert centre.troubles == []


def test_the_server_and_the_script_say_the_same_of_a_row(centre: Centre):
    for n in range(3):
        centre.report(f"Fault {n}", level=("critical", "high", "low")[n], place="Hall 3", symptom="x", scope="x")
    taken = centre.report("Taken")
    centre.post(f"/api/incidents/{taken['id']}/acknowledge", person="alice")
    still = centre.page("vera", java_script_enabled=False)
    still.goto(SCREEN)
    page = wall(centre)
    expect(page.locator(".w-row[data-slim]")).to_have_count(4)
    for name in ("code", "word", "numeral", "title", "state", "note"):
        painted = still.locator(f".w-rows [data-f={name}]").all_text_contents()
        assert painted == page.locator(f".w-rows [data-f={name}]").all_text_contents(), name
    figures = re.compile(r"\d+:\d\d|\d+ (min|s|h)\b( \d+ s)?")
    lines = [
        [figures.sub("#", text) for text in p.locator(".w-rows [data-f=line]").all_text_contents()]
        for p in (still, page)
    ]
    assert lines[0] == lines[1]
    assert len(lines[0]) == 4


@pytest.mark.parametrize("minutes", [3, 12, 20, 31])
def test_the_server_and_the_script_say_the_same_of_a_quiet_incident(centre: Centre, minutes: int):
    story = Story().opened().taken("alice").later(minutes=minutes)
    row = json.loads(json.dumps(board_row(story.incident, story.organisation)))
    page = wall(centre)
    ask = "([row, now]) => import('/static/wall_view.js').then((m) => m.view(row, Date.parse(now), 'en'))"
    said = page.evaluate(ask, [row, iso(story.now)])
    seen = view(row, Reader(words_for("en"), ZoneInfo("UTC"), story.now))
    assert " ".join(said["classes"]) == f"w-row is-critical {seen['state']}"
    for name in ("says", "brief", "line", "note", "count", "share"):
        assert said[name] == seen[name], name
    assert ("NOTHING HEARD" in seen["says"]) == (minutes >= 20)
    assert ("quiet for" in seen["line"]) == (minutes == 12)


def test_the_server_and_the_script_say_the_same_of_a_flood_and_only_its_ends_are_read_out(centre: Centre):
    for n in range(12):
        centre.report(f"Fault {n}", level="medium", kind="other", dedup_key=str(n))
    still = centre.page("vera", java_script_enabled=False)
    still.goto(SCREEN)
    page = wall(centre)
    line = page.locator("#flood")
    expect(line).to_be_visible()
    expect(line).to_have_text(still.locator("#flood").inner_text())
    expect(line).to_contain_text("≋ ALARM FLOOD: 12 in 10 min · Field 12")
    ask = "([before, now]) => import('/static/wall_flood.js').then((m) => m.news(before, now, 'en'))"
    flood = {"flood": True, "n": "12", "units": [], "sources": []}
    assert str(page.evaluate(ask, [None, flood])).startswith("≋ ALARM FLOOD: 12")
    assert page.evaluate(ask, [flood, {**flood, "n": "13"}]) == ""
    assert page.evaluate(ask, [flood, None]) == "The alarm flood is over."


def test_the_server_and_the_script_say_the_same_of_what_maintenance_holds_back(centre: Centre):
    story = Story()
    story.windows = Windows(windows=(window(),))
    story.opened(Level.HIGH).later(minutes=30)
    row = json.loads(json.dumps(board_row(story.incident, story.organisation)))
    page = wall(centre)
    ask = "([row, now]) => import('/static/wall_view.js').then((m) => m.view(row, Date.parse(now), 'en'))"
    said = page.evaluate(ask, [row, iso(story.now)])
    seen = view(row, Reader(words_for("en"), ZoneInfo("UTC"), story.now))
    assert " ".join(said["classes"]) == f"w-row is-high {seen['state']}"
    for name in ("says", "brief", "line", "note", "count", "share"):
        assert said[name] == seen[name], name
    assert (seen["says"], seen["note"], seen["count"]) == ("Maintenance: Core switch", "until it pages", "1:30:00")


def test_a_long_code_is_not_cut(centre: Centre):
    for n in range(11):
        centre.report(f"Fault {n}", level="low", symptom="x", scope="x", place="Hall 3", dedup_key=str(n))
    page = wall(centre)
    expect(page.locator(".w-code").first).to_be_visible()
    cut = "codes => codes.filter(one => one.scrollWidth > one.clientWidth + 1).map(one => one.textContent)"
    assert page.locator(".w-rows .w-code").evaluate_all(cut) == []


def test_two_missed_heartbeats_make_the_wall_stale(centre: Centre):
    page = centre.page("vera", 1920, 1080)
    page.clock.install()
    page.route("**/api/stream*", lambda route: route.abort())
    page.goto(SCREEN)
    page.clock.run_for(9_000)
    expect(page.locator("#stale")).to_be_hidden()
    page.clock.run_for(3_000)
    expect(page.locator("#stale")).to_be_visible()
    expect(page.locator("#stale")).to_contain_text("STALE")
    box = page.locator("#stale").bounding_box()
    assert box is not None
    assert box["width"] == 1920
    expect(page.locator("#head")).to_be_hidden()


def test_it_is_live_again_after_a_cut_and_has_missed_nothing(centre: Centre):
    page = wall(centre)
    page.context.set_offline(True)
    centre.report("While you were away")
    page.context.set_offline(False)
    expect(page.locator(".w-row [data-f=title]")).to_have_text("While you were away")


def test_what_is_told_late_does_not_set_the_clock_back_and_a_clock_that_was_moved_does(centre: Centre):
    ask = """([told, ...heard]) => import('/static/clock.js').then(({ ServerClock }) => {
      const clock = new ServerClock(told);
      return heard.map((one) => { clock.hear(one); return Math.round((clock.now() - Date.parse(told)) / 60000); });
    })"""
    at = [f"2026-11-26T10:{minute:02}:00Z" for minute in (30, 25, 30, 25, 25, 40)]
    assert wall(centre).evaluate(ask, at) == [0, 0, 0, -5, 10]


SIZES = """() => [...document.querySelectorAll('.w-row:not(.slim) [data-f]')]
  .filter((e) => e.textContent.trim() && e.checkVisibility())
  .map((e) => parseFloat(getComputedStyle(e).fontSize))"""


@pytest.mark.parametrize(("distance", "least"), [(5, 29.0), (3, 17.4)])
def test_letters_are_as_high_as_the_distance_asks(centre: Centre, distance: int, least: float):
    centre.report("Hx")
    page = wall(centre, f"/wall?distance={distance}&panel=55&px=1080")
    size = float(page.evaluate("parseFloat(getComputedStyle(document.querySelector('.w-title')).fontSize)"))
    millimetres = size * 0.7 * 684.9 / 1080
    assert millimetres >= least
    smallest = min(page.evaluate(SIZES))
    assert smallest * 0.7 * 684.9 / 1080 >= distance * 1000 / 215 - 0.1


PLAN = """async ([criticals, others, height, far]) => {
  const { plan } = await import('/static/wall_layout.js');
  const level = (n) => (n < criticals ? 'critical' : 'high');
  const rows = [...Array(criticals + others).keys()].map((n) => ({ id: n, level: level(n) }));
  const p = plan(rows, height, far, () => false);
  return { shown: p.shown.length, columns: p.columns, scale: p.scale, full: p.full.size,
           criticals: p.shown.filter((r) => r.level === 'critical').length };
}"""


def test_criticals_never_leave_and_what_does_not_fit_is_counted(centre: Centre):
    page = centre.page("vera")
    page.goto("/people")
    for criticals, others in product([0, 1, 5, 9, 12, 30, 90], [0, 3, 40]):
        got = page.evaluate(PLAN, [criticals, others, 915, 66])
        assert got["criticals"] == criticals
        slim, rest = 66 * 1.4 + 2, criticals + others - got["shown"]
        used = -(-got["shown"] // got["columns"]) * slim * got["scale"] + (slim if rest else 0)
        assert used <= 915 + 1
        if criticals + others <= 4:
            assert got["full"] == criticals + others


def test_more_criticals_than_anybody_could_read_are_counted(centre: Centre):
    page = centre.page("vera")
    page.goto("/people")
    got = page.evaluate(PLAN, [400, 9600, 915, 66])
    assert (got["shown"], got["criticals"]) == (96, 96)
    assert got["scale"] > 0.2


ROWS = """async ([held, open]) => {
  const { Rows } = await import('/static/wall_rows.js');
  const row = (n, level = 'low', phase = 'handling') => ({ id: `i${n}`, code: `C${n}`, level, phase, commander: 'alice',
    opened_at: '2026-11-26T02:00:00Z', answer_due: null, update_due: null, deadline: null, drill: null });
  const items = [...Array(held).keys()].map((n) => row(n));
  const rows = new Rows({ items, open: { critical: 0, high: 0, medium: 0, low: open }, position: 10 });
  const say = () => ({ ...rows.counts, held: rows.held.size, lacks: rows.lacks });
  const entry = (position, seq, kind, row) => rows.take({ incident: row.id, position, seq, kind, row });
  return { rows, row, say, entry };
}"""


def test_counts_stay_exact_beyond_the_rows_that_are_held(centre: Centre):
    page = centre.page("vera")
    page.goto("/people")

    def after(acts: str, held: int = 300, opened: int = 10_000) -> dict[str, int]:
        script = (
            f"async (given) => {{ const {{ rows, row, say, entry }} = await ({ROWS})(given); {acts}; return say() }}"
        )
        return dict(page.evaluate(script, [held, opened]))

    assert after("")["low"] == 10_000
    opened = after("entry(11, 1, 'reported', row(900)); entry(12, 2, 'graded', row(900))")
    assert (opened["low"], opened["held"]) == (10_001, 301)
    assert after("entry(11, 9, 'closed', row(1, 'low', 'closed'))")["low"] == 9_999
    unseen = after("entry(11, 9, 'closed', row(5000, 'low', 'closed'))")
    assert (unseen["low"], unseen["held"]) == (9_999, 300)
    graver = after("entry(11, 9, 'regraded', row(1, 'high'))")
    assert (graver["low"], graver["high"]) == (9_999, 1)
    assert after("entry(11, 9, 'noted', row(5000))")["low"] == 10_000
    assert after("rows.tell({ critical: 0, high: 0, medium: 0, low: 7 }, 9)")["low"] == 10_000, (
        "older than what is held"
    )
    told = after("rows.tell({ critical: 0, high: 0, medium: 0, low: 7 }, 12); entry(11, 1, 'reported', row(900))")
    assert told["low"] == 7, "counted already in what was told"
    storm = after("for (let n = 0; n < 5000; n++) entry(11 + n, 1, 'reported', row(20000 + n))")
    assert storm["low"] == 15_000
    assert storm["held"] <= 900
    ebb = after("for (let n = 0; n < 200; n++) entry(11 + n, 9, 'closed', row(n, 'low', 'closed'))")
    assert (ebb["low"], ebb["held"], ebb["lacks"]) == (9_800, 100, True)
    assert after("", held=4, opened=4)["lacks"] is False


def test_a_drill_frames_the_wall_and_a_key_turns_day_into_night(centre: Centre):
    from incident.desk.requests import OpenReport
    from incident.report import Report

    page = wall(centre)
    expect(page.locator(".w-frame").first).to_be_hidden()
    report = Report.model_validate({"title": "Exercise", "level": "critical", "kind": "system_outage"})
    centre.house.desk.submit(OpenReport(report, "system", drill="drill-1")).result(5)
    expect(page.locator(".w-frame")).to_have_count(2)
    expect(page.locator(".w-frame").first).to_be_visible()
    expect(page.locator(".w-row [data-f=drill]")).to_be_visible()
    before = page.evaluate("document.documentElement.dataset.theme")
    page.keyboard.press("t")
    expect(page.locator("html")).to_have_attribute("data-theme", "light" if before == "dark" else "dark")
    assert "theme=" in page.url


def test_the_screen_is_asked_for_once_and_kept(centre: Centre):
    page = centre.page("vera", 1920, 1080)
    page.goto("/wall")
    expect(page.locator("#strip")).to_be_visible()
    page.locator("input[name=distance]").fill("8")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("#strip")).to_be_hidden()
    assert "distance=8" in page.url
    page.goto("/wall")
    expect(page.locator("#strip")).to_be_hidden()
    assert float(page.evaluate("getComputedStyle(document.body).getPropertyValue('--far').replace('px','')")) > 100
    assert centre.troubles == []


def test_many_on_call_leave_room_for_what_else_a_quiet_wall_says_and_are_seen_in_turn(centre: Centre):
    """Given more teams on call than a quiet wall has lines, then nothing else is pushed off it, and each comes up."""
    page = centre.page("vera", 1920, 1080)
    page.clock.install()
    page.route("**/wall/facts", lambda route: route.abort())  # they would bring the real teams back
    page.goto(SCREEN)
    page.evaluate("""() => { const list = document.getElementById('q-oncall'); const one = list.firstElementChild;
      for (let n = 0; n < 20; n++) { const more = one.cloneNode(true); more.id = `team-${n}`; list.append(more); } }""")
    for fact in ("#q-critical", "#q-pager", "#q-drill"):
        expect(page.locator(fact)).to_be_in_viewport(ratio=1)
    last = page.locator("#team-19")
    expect(last).not_to_be_in_viewport()
    for _ in range(25):
        page.clock.run_for(5_000)
        if last.evaluate("e => e.getBoundingClientRect().right <= innerWidth"):
            break
    expect(last).to_be_in_viewport()
    centre.troubles.clear()


@pytest.mark.parametrize(
    ("width", "height", "address"),
    [(1920, 1080, "distance=10&panel=55&px=1080"), (1080, 1920, "distance=5&panel=55&px=1920")],
    ids=["from ten metres", "upright"],
)
def test_letters_as_large_as_they_must_be_push_nothing_over_the_clock_or_off_the_screen(
    centre: Centre, width: int, height: int, address: str
):
    for n, level in enumerate(["critical", "critical", "high", "high", "medium", "medium", "low", "low"] * 3):
        centre.report(f"Fault {n}", level=level, dedup_key=str(n))
    page = wall(centre, f"/wall?lang=en&{address}", width=width, height=height)
    expect(page.locator("#rest .level").first).to_be_visible()
    off = "all => all.filter(e => e.getBoundingClientRect().right > innerWidth).length"
    assert page.locator("#rest .level").evaluate_all(off) == 0
    assert page.locator(".w-row .w-count").evaluate_all(off) == 0
    assert page.locator(".skip").evaluate("e => e.getBoundingClientRect().bottom") <= 0
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_in_viewport()


def test_the_same_panel_on_its_short_side_has_the_same_letters(centre: Centre):
    lying, upright = (
        wall(centre, f"/wall?lang=en&distance=5&panel=55&px={height}", width=width, height=height)
        for width, height in ((1920, 1080), (1080, 1920))
    )
    size = "getComputedStyle(document.body).getPropertyValue('--far')"
    assert lying.evaluate(size) == upright.evaluate(size)
