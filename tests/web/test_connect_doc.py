"""docs/connect.md and the description of the API say what the doors do."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from incident.intake import TRANSLATORS
from incident.intake.severity import known_level
from tests.web.place import Place, secret

DOC = (Path(__file__).parents[2] / "docs" / "connect.md").read_text()


def blocks() -> list[Any]:
    return [json.loads(text) for text in re.findall(r"```json\n(.*?)```", DOC, re.DOTALL)]


def test_the_mapping_of_the_document_reads_its_body(place: Place) -> None:
    """Given somebody who copies both from the document, when the monitor says down and up, then it opens and ends."""
    down, key = blocks()
    made = place.client.post("/api/keys", json=key, headers=place.key("admin"))
    door = f"/hooks/generic/{made.json()['key']}"
    place.client.post(door, json=down)
    seen = place.client.get("/api/incidents/C1", headers=place.key("viewer")).json()
    assert (seen["title"], seen["level"], seen["kind"]) == ("Web Server", "high", "network_cut")
    assert seen["report"]["labels"] == {"type": "Down"}
    place.client.post(door, json=down | {"alert_type": "2"})
    assert place.client.get("/api/incidents/C1", headers=place.key("viewer")).json()["recovered_at"]


def test_the_reports_of_the_document_open_and_end(place: Place) -> None:
    opened, over = (
        json.loads(line) for line in re.findall(r"^    (\{\"(?:title|status).*dedup_key.*\})$", DOC, re.MULTILINE)
    )
    for body, created in ((opened, True), (over, False)):
        answer = place.client.post(f"/hooks/generic/{secret('integration')}", json=body)
        assert [one["created"] for one in answer.json()["incidents"]] == [created]


def test_the_words_of_the_table_have_the_level_that_it_says() -> None:
    rows = re.findall(r"^\| (.+) \| (Critical|High|Medium|Low) \|$", DOC, re.MULTILINE)
    assert len(rows) == 4
    for words, level in rows:
        for word in words.removesuffix(", and every other word").split(", "):
            assert str(known_level(word)) == level.lower(), word


def test_the_row_of_the_document_is_the_row_of_the_board(place: Place) -> None:
    place.reported()
    (row,) = place.client.get("/api/incidents", headers=place.key("viewer")).json()["items"]
    said = set(re.findall(r"`(\w+)`", DOC[DOC.index("**A row**") :])) - {"snapshot", "entry"}
    assert said <= set(row)


@pytest.mark.parametrize("path", [*(f"/hooks/{name}/{{key}}" for name in TRANSLATORS), "/v2/enqueue"])
def test_every_door_says_in_the_description_what_it_takes(place: Place, path: str) -> None:
    described = place.client.get("/openapi.json").json()
    operation = described["paths"][path]["post"]
    assert operation["requestBody"]["content"]
    assert len(operation["description"]) > len(operation["summary"])
    assert path.partition("{")[0] in DOC


def test_the_mapping_and_the_stream_are_described(place: Place) -> None:
    described = place.client.get("/openapi.json").json()
    mapping = described["components"]["schemas"]["NewKey"]["properties"]["mapping"]["anyOf"][0]["$ref"]
    assert "resolved_when" in described["components"]["schemas"][mapping.rpartition("/")[2]]["properties"]
    names = {one["name"] for one in described["paths"]["/api/stream"]["get"]["parameters"]}
    assert names == {"after", "Last-Event-ID"}
