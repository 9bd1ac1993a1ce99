"""In a real browser: hostile words in every field run nothing, break no policy, and are read as what they are."""

from __future__ import annotations

import pytest

from tests import hostile
from tests.browser.conftest import Centre
from tests.browser.test_pages import EVERY, token_of
from tests.web.place import organisation

pytestmark = pytest.mark.long

LISTEN = """
window.broken = [];
addEventListener("securitypolicyviolation", (e) => window.broken.push(e.violatedDirective + " " + e.blockedURI));
"""
RUN = """() => ({
  pwned: window.pwned,
  broken: window.broken,
  images: document.querySelectorAll("img[src='x'], svg[onload], [onclick], [onmouseover], [onerror]").length,
  links: [...document.querySelectorAll("a[href]")].map((a) => a.protocol).filter((p) => !/^https?:$/.test(p)),
})"""
NOTHING = {"pwned": None, "broken": [], "images": 0, "links": []}


def test_nothing_that_somebody_wrote_is_run_on_any_page(centre: Centre):
    centre.house.directory.save(hostile.organisation(organisation()), "person:dora")
    wall = centre.page("dora")
    wall.add_init_script(LISTEN)
    wall.goto("/wall")
    ids = [centre.post("/api/incidents", **hostile.report(n))["id"] for n in range(len(hostile.TEXTS))]
    wall.get_by_text("</script><script>window.pwned=1</script>").first.wait_for()  # by the stream, put there by script
    for command, body in hostile.commands():
        person = {"person": "alice"} if command in ("acknowledge", "add-step") else {}
        centre.post(f"/api/incidents/{ids[0]}/{command}", **body, **person)
    page = centre.page("dora")
    page.add_init_script(LISTEN)
    own = (f"/incidents/{ids[0]}", f"/incidents/{ids[1]}?show=talk", f"/incidents/{ids[0]}/report")
    for path in (*EVERY, *own, f"/a/{token_of(centre, ids[0], 'alice')}", "/?q=<script>window.pwned=8</script>"):
        page.goto(path)
        page.keyboard.press("?")  # the help is put together by script, too
        assert page.evaluate(RUN) == NOTHING, path
    assert wall.evaluate(RUN) == NOTHING
    assert centre.troubles == []
