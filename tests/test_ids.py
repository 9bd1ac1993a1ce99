from __future__ import annotations

import pytest

from incident.ids import is_id, new_id


def test_an_id_is_known_by_its_form():
    assert is_id(new_id())


@pytest.mark.parametrize("text", ["C7", "D3", "", "A" * 26, "0" * 25, "0" * 27])
def test_a_code_and_anything_else_is_looked_up(text: str):
    assert not is_id(text)
