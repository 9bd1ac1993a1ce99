"""Whatever stands in a title, a name or a note is text on every page: never markup, script or a link to run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from incident.store import links
from incident.store.engine import reading
from tests import hostile
from tests.pages.markup import Markup
from tests.web.place import Place, opened, organisation

PAGES = (
    *("/", "/?phase=all", "/?q=%3Cscript%3Ewindow.pwned%3D8%3C/script%3E", "/wall", "/report"),
    *("/people/alice/skills", "/people/alice/ways", "/people/alice/ways?did=%22%3E%3Cscript%3E", "/c"),
    *("/on-call", "/people", "/playbooks", "/policies", "/phones", "/login?next=/%22%3E%3Cscript%3E"),
    *(
        "/incidents/{id}",
        "/incidents/{id}?show=talk",
        "/incidents/{id}?show=%22%3E%3Cscript%3E",
        "/incidents/{id}/report",
    ),
    *("/a/{token}", "/a/{token}?did=%3Cscript%3E", "/nothing/%3Cscript%3E", "/login/%22%3E%3Cscript%3E"),
    *("/?lang=%22%3E%3Cscript%3E", "/?theme=%22%3E%3Cscript%3E", "/?sort=%22%3E&unit=%22%3E%3Cscript%3E"),
)
LANGUAGES = ("en", "zh-CN")
TAGS = re.compile(r"<(script|img|svg|h1)\b[^>]*>", re.IGNORECASE)


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory, template: Path) -> Iterator[tuple[Place, dict[str, str]]]:
    with opened(tmp_path_factory.mktemp("hostile"), template) as place:
        place.house.directory.save(hostile.organisation(organisation()), "person:dora")
        reported = [place.reported(**hostile.report(n)) for n in range(len(hostile.TEXTS))]
        first = reported[0]["id"]
        place.deliver()
        for command, body in hostile.commands():
            place.act(first, command, "alice", **body)
        place.client.post(
            "/api/phones/+12025550101/messages", json={"body": hostile.TEXTS[1]}, headers=place.key("admin")
        )
        with reading(place.house.engine) as connection:
            yield place, {"id": first, "token": links.of(connection, [first])[first, "alice"]}


@pytest.mark.parametrize("path", PAGES)
def test_no_text_becomes_markup(bad: tuple[Place, dict[str, str]], path: str) -> None:
    place, names = bad
    for lang in LANGUAGES:
        headers = place.session("dora") | {"accept": "text/html", "accept-language": lang}
        answer = place.client.get(path.format(**names), headers=headers)
        assert answer.status_code in (200, 303, 404), path
        page = Markup(answer.text)
        assert page.inline == []
        assert page.mismatched == []
        assert not [tag for tag in TAGS.finditer(answer.text) if "pwned" in tag.group() or "src=x" in tag.group()]
        assert not [link for link in page.links if not link.startswith(("/", "#", "?", "http://", "https://"))]
        assert not [tag.group() for tag in re.finditer(r"<h1>pwned", answer.text)]
        assert "49" not in page.text.partition("{{ 7*7 }}")[0][-3:]
        assert not set(answer.text) & set("\u202e\u200b\u2066\ufeff"), "what reads as something else is not shown"


def test_what_was_typed_comes_back_as_text_when_it_is_refused(bad: tuple[Place, dict[str, str]]) -> None:
    place, names = bad
    for text in hostile.TEXTS:
        fields = {
            "note": text,
            "cause": text,
            "measure": "x" * 5000,
            "title": text,
            "kind": text,
            "name": text,
            "x" + text: text,
        }
        for path in (f"/incidents/{names['id']}/resolve", "/report", f"/a/{names['token']}/resolve"):
            answer = place.client.post(path, data=fields, headers=place.session("dora") | {"accept": "text/html"})
            assert answer.status_code in (409, 422), path
            page = Markup(answer.text)
            assert (page.inline, page.mismatched) == ([], []), path
