"""A page of the history that had to stop looking says so and leads on: "nothing fits" would be a lie."""

from __future__ import annotations

import pytest

from incident.store import lists
from tests.pages.markup import seen
from tests.web.place import Place


def test_who_searches_far_back_is_told_how_far_and_goes_on_to_the_end(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given a page that looks through two incidents, of which the oldest but one fits."""
    monkeypatch.setattr(lists, "_UNREAD", 2)
    for number, title in enumerate(("Valve stuck", "Pump stopped", "Gate open", "Door open", "Fan loud", "Rack hot")):
        place.reported(title=title, dedup_key=f"k{number}")
    pages, path = [], "/?phase=all&q=pump"
    for _ in range(5):
        page = seen(place, path, "vera")
        pages.append(page.text)
        path = next(
            (link for link in page.links if link.startswith("/?") and link.partition("before=")[2].isdigit()), ""
        )
        if not path:
            break
    assert "No incident fits" not in pages[0]
    assert "as far back as C5" in pages[0]
    assert "Look further back" in pages[0]
    assert ["Pump stopped" in page for page in pages] == [False, False, True]
    assert "Look further back" not in pages[-1]
