"""Files that people write: what is read, and where each fault is."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict

from incident.source import BadSource, json_pointer, parse, read_yaml


class Way(BaseModel):
    model_config = ConfigDict(extra="forbid")
    kind: str
    delay_min: int = 0


class Person(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str
    ways: tuple[Way, ...] = ()


def faults(text: str) -> list[str]:
    with pytest.raises(BadSource) as caught:
        parse(Person, text, "people.yaml")
    return [str(fault) for fault in caught.value.faults]


def test_plain_data_with_dates_left_as_text() -> None:
    text = "a: 1\nb: [x, 1.5, true, null, 2026-01-01]\nc: {d: -3, e: '7', f: 1e3}\n"
    assert read_yaml(text, "x").data == {
        "a": 1,
        "b": ["x", 1.5, True, None, "2026-01-01"],
        "c": {"d": -3, "e": "7", "f": 1000.0},
    }


def test_place_of_a_value_and_of_the_nearest_part_for_what_is_absent() -> None:
    document = read_yaml("name: Li Wei\nways:\n  - kind: sms\n    delay_min: 2\n", "people.yaml")
    assert document.place(("ways", 0, "delay_min")) == (4, 16)
    assert document.key_place(("ways", 0, "delay_min")) == (4, 5)
    assert document.place(("ways", 0, "number")) == (3, 5)
    assert document.place(("nothing",)) == (1, 1)
    assert document.place(("ways", "Union[A, B]", 0, "kind")) == (3, 11)


def test_every_fault_of_the_model_is_named_at_its_line() -> None:
    text = "name: 7\nways:\n  - kind: sms\n    dellay_min: 2\n  - delay_min: soon\n"
    assert faults(text) == [
        "people.yaml:1:7: name: Input should be a valid string",
        "people.yaml:4:5: 'dellay_min' is not known here: correct or remove it",
        "people.yaml:5:5: 'kind' is missing: add it",
        "people.yaml:5:16: delay_min: Input should be a valid integer, unable to parse string as an integer",
    ]


@pytest.mark.parametrize(
    ("text", "place", "says"),
    [
        ("", "1:1", "empty"),
        ("# only a remark\n", "1:1", "empty"),
        ("name: A\nname: B\n", "2:1", "key 'name' is already set on line 1"),
        ("name: {x: 1, x: 2}\n", "1:14", "already set on line 1"),
        ("name: &n A\nnote: *n\n", "1:7", "anchor &n"),
        ("name: *n\n", "1:7", "undefined alias"),
        ("<<: {name: A}\n", "1:1", "a key must be text"),
        ("1: A\n", "1:1", "a key must be text"),
        ("name: !!python/object/apply:os.system [id]\n", "1:7", "tag "),
        ("name: !secret A\n", "1:7", "tag !secret"),
        ("name: 010\n", "1:7", "'010' is no plain number"),
        ("name: 0x1F\n", "1:7", "'0x1F' is no plain number"),
        ("name: .nan\n", "1:7", "'.nan' is no plain number"),
        ("name: A\n---\nname: B\n", "2:1", "another document"),
        ("name: [A\n", "2:1", "flow sequence"),
        ("name: A\n\tnote: B\n", "2:1", "not YAML"),
        ("name: A\nnote: \x07\n", "2:7", "a character that YAML does not allow"),
        ("[" * 5000, "1:1", "nested too deeply"),
    ],
)
def test_what_is_refused_and_where(text: str, place: str, says: str) -> None:
    with pytest.raises(BadSource) as caught:
        read_yaml(text, "f.yaml")
    said = str(caught.value.faults[0])
    assert said.startswith(f"f.yaml:{place}: ")
    assert says in said


def test_a_file_over_the_limit_is_not_read_at_all() -> None:
    with pytest.raises(BadSource, match=r"^big.yaml:1:1: the file has 11 characters, over 10: split it$"):
        read_yaml("[" * 11, "big.yaml", limit=10)


def test_anchors_that_would_grow_without_end_are_refused_quickly() -> None:
    layers = ["a0: &a0 [x, x]"] + [f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]" for i in range(1, 60)]
    with pytest.raises(BadSource) as caught:
        read_yaml("\n".join(layers), "bomb.yaml")
    assert len(caught.value.faults) == 60


def test_json_pointers_are_escaped() -> None:
    assert json_pointer(()) == ""
    assert json_pointer(("steps", 2, "a/b~c")) == "/steps/2/a~1b~0c"


plain = st.recursive(
    st.none() | st.booleans() | st.integers(-999, 999) | st.text("ab :#-'\"收到1", max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abc1", min_size=1, max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(plain, st.sampled_from([None, 1]))
def test_json_is_read_as_json_means_it(data: object, indent: int | None) -> None:
    text = json.dumps(data, ensure_ascii=False, indent=indent)
    document = read_yaml(text, "x")
    assert document.data == data
    lines = text.splitlines()
    assert all(len(lines[line - 1]) >= column for line, column in document.values.values())
