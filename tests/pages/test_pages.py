"""Every page for every reader: it answers, keeps to the content policy, escapes, and every form leads somewhere."""

from __future__ import annotations

import pytest
from starlette.routing import Match

from tests.pages.markup import Markup, seen
from tests.web.place import Place

PLAIN = (
    "/",
    "/?phase=all&level=critical&sort=level&drill=no&q=down",
    "/wall",
    "/report",
    "/on-call",
    "/people",
    "/playbooks",
    "/playbooks/system-outage",
    "/policies",
    "/policies/it-service",
    "/phones",
)


def token_of(place: Place, person: str) -> str:
    from incident.store import links
    from incident.store.engine import reading

    with reading(place.house.engine) as connection:
        found = place.client.get("/api/incidents", headers=place.key("viewer")).json()["items"]
        tokens = links.of(connection, [row["id"] for row in found])
    return next(token for (_, whose), token in tokens.items() if whose == person)


def sound(page: Markup) -> None:
    assert page.inline == []
    assert page.mismatched == []
    assert page.stack == []
    assert page.nameless == []
    assert len(page.ids) == len(set(page.ids)), [one for one in page.ids if page.ids.count(one) > 1]


def routed(place: Place, method: str, path: str) -> bool:
    scope = {"type": "http", "method": method.upper(), "path": path, "headers": []}
    return any(route.matches(scope)[0] is Match.FULL for route in place.app.routes)


@pytest.mark.parametrize("by", ["dora", "alice", "vera"])
def test_every_page_is_sound_for_every_role(place: Place, by: str):
    incident = place.reported()
    for path in (*PLAIN, f"/incidents/{incident['id']}"):
        if path in ("/report", "/phones") and by == "vera":
            seen(place, path, by, status=403)
            continue
        page = seen(place, path, by)
        sound(page)
        for form in page.forms:
            assert routed(place, form.method, form.action), f"{path}: {form.method} {form.action}"
        for link in page.links:
            ours = link.startswith("/") and not link.startswith("//")
            assert not ours or routed(place, "get", link.partition("?")[0].partition("#")[0]), f"{path}: {link}"


@pytest.mark.parametrize(
    ("lang", "tag", "word"), [("en", "en", "Board"), ("zh", "zh-Hans", "看板"), ("zh-TW", "zh-Hant", "看板")]
)
def test_every_page_speaks_the_language_that_was_asked_for(place: Place, lang: str, tag: str, word: str):
    incident = place.reported()
    for path in (*PLAIN[:2], *PLAIN[3:], f"/incidents/{incident['id']}"):
        page = seen(place, f"{path}{'&' if '?' in path else '?'}lang={lang}")
        assert page.lang == tag
        assert word in page.text


def test_through_the_whole_life_of_an_incident_its_page_is_sound(place: Place):
    incident = place.reported()["id"]
    place.deliver()

    def look() -> Markup:
        page = seen(place, f"/incidents/{incident}")
        sound(page)
        assert all(routed(place, form.method, form.action) for form in page.forms)
        return page

    assert "NOBODY HAS IT" in look().text
    place.act(incident, "acknowledge", "alice")
    assert "Alice took it" in look().text
    place.act(incident, "offer-command", "alice", to="bob", briefing="Power is back")
    assert "offered to Bob" in look().text
    place.act(incident, "accept-command", "bob")
    place.act(incident, "update", "bob", text="Feeds are back", restored_percent=40, audience="customers")
    place.act(incident, "fill-post", "bob", post="scribe", person="alice")
    assert "Bob gave Alice the post Scribe" in look().text
    place.act(incident, "assess-risk", "bob", likelihood=2, consequence=5, measure="Generator on hand")
    place.act(incident, "request-resource", "bob", item="server-disk", quantity=2)
    place.act(incident, "note", "bob", text="Noted")
    place.act(incident, "regrade", "dora", level="high", reason="Half is back")
    assert "changed the level from Critical to High" in look().text
    place.later(hours=2)
    look()
    place.act(incident, "resolve", "bob", cause="A breaker", measure="Replaced it")
    place.act(incident, "verify", "charlie", test="Logged in from outside", passed=True)
    assert "Logged in from outside" in look().text


def test_functions_and_refusals_are_said_in_words_and_names(place: Place):
    on_call = seen(place, "/on-call", "dora")
    assert "Response" in on_call.text
    assert "response" not in on_call.text
    incident = place.reported()["id"]
    place.act(incident, "acknowledge", "alice")
    answer = place.client.post(f"/api/incidents/{incident}/accept-command", json={}, headers=place.session("dora"))
    assert answer.status_code == 409
    assert "offered to Dora" in answer.json()["detail"]


def test_a_person_who_was_paged_often_stands_once_in_the_chain(place: Place):
    incident = place.reported()["id"]
    for _ in range(9):
        place.later(minutes=10)
    page = seen(place, f"/incidents/{incident}", "dora").text
    chain = page[(start := page.index("Paged")) : page.index("Report", start)]
    assert chain.count("Alice") == 1
    assert " times" in chain


def test_what_people_write_is_never_markup(place: Place):
    nasty = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"
    incident = place.reported(title=nasty, place=nasty, symptom=nasty, reporter=nasty, scope=nasty)["id"]
    place.act(incident, "acknowledge")
    place.act(incident, "update", text=nasty)
    place.act(incident, "note", text="</script><b>" + nasty)
    for path in ("/", "/wall", f"/incidents/{incident}", f"/a/{token_of(place, 'alice')}", f"/?q={nasty}"):
        answer = place.client.get(path, headers={"accept": "text/html", **place.session("dora")})
        assert answer.status_code == 200
        assert "<script>alert" not in answer.text
        assert "<img" not in answer.text
        sound(Markup(answer.text))


def test_a_number_is_shown_to_responders_only(place: Place):
    assert "+12025550101" in seen(place, "/people", "alice").text
    assert "+12025550101" not in seen(place, "/people", "vera").text


def test_nobody_signed_in_is_sent_to_sign_in_and_back(place: Place):
    answer = place.client.get("/incidents/C1?show=word", headers={"accept": "text/html"})
    assert answer.status_code == 303
    assert answer.headers["location"] == "/login?next=%2Fincidents%2FC1%3Fshow%3Dword"


@pytest.mark.parametrize("path", ["/incidents/C99", "/playbooks/none", "/policies/none", "/a/zzzzzzzzzzzz", "/nothing"])
def test_what_is_not_there_is_said_in_words(place: Place, path: str):
    page = seen(place, path, status=404)
    sound(page)
    assert "Check the address" in page.text


def test_the_pages_keep_to_the_policy_that_the_server_sends(place: Place):
    answer = place.client.get("/wall", headers={"accept": "text/html", **place.session("vera")})
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy


def test_who_has_been_signed_out_meanwhile_is_told_so_and_led_back(place: Place) -> None:
    there = {
        "accept": "text/html",
        "origin": "http://127.0.0.1:8000",
        "referer": "http://127.0.0.1:8000/people/alice/ways?x=1",
    }
    page = place.client.post("/people/alice/ways/add", data={"kind": "sms"}, headers=there)
    assert page.status_code == 401
    assert "You are not signed in any more." in page.text
    assert "Nothing was saved." in page.text
    assert "Bearer" not in page.text
    assert 'href="/login?next=/people/alice/ways"' in page.text
