"""YAML that people write (playbooks, policies, scripts, the organisation), with the line of every fault.

The file is composed into nodes and turned into plain data here, never by tags: only text, whole numbers, decimals,
true/false, null, lists and mappings with text keys exist. Dates stay text; the models read them. Refused because they
hide what a reader sees: duplicate keys, anchors and aliases, merge keys, tags, several documents in a file.
Messages are English: they are for the person at the terminal who has the file open.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from incident.errors import IncidentError

Pointer = tuple[str | int, ...]
Place = tuple[int, int]
M = TypeVar("M", bound=BaseModel)

SIZE_LIMIT: Final = 1_000_000
"""Characters in one file. The pure reader takes about 10 microseconds for each."""

_TAG: Final = "tag:yaml.org,2002:"
_AS_WRITTEN: Final = frozenset({_TAG + "str", _TAG + "timestamp"})
_PLAIN: Final = frozenset({"bool", "null", "int", "float"})


@dataclass(frozen=True, slots=True, order=True)
class SourceFault:
    """One thing that is wrong in a file. Line and column count from 1; `pointer` is a JSON pointer, "" for all."""

    path: str
    line: int
    column: int
    pointer: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}: {self.message}"


class BadSource(IncidentError):
    """A file that cannot be used. Every fault that could be found in one reading is listed, in the file's order."""

    def __init__(self, faults: tuple[SourceFault, ...]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults: Final = faults


@dataclass(frozen=True, slots=True)
class Document:
    """A file as plain data, and where each part of it stands."""

    name: str
    data: Any
    values: Mapping[Pointer, Place]
    keys: Mapping[Pointer, Place]

    def place(self, pointer: Pointer) -> Place:
        """Line and column of the value there, or of the nearest part around it that the file has."""
        return self.values[self._nearest(pointer)]

    def key_place(self, pointer: Pointer) -> Place:
        """The same for the key; a list's item has none, so its own place is given."""
        return self.keys.get(pointer) or self.place(pointer)

    def fault(self, pointer: Pointer, message: str, *, at_key: bool = False) -> SourceFault:
        """A fault at a part of this file."""
        line, column = self.key_place(pointer) if at_key else self.place(pointer)
        return SourceFault(self.name, line, column, json_pointer(pointer), message)

    def _nearest(self, pointer: Pointer) -> Pointer:
        """Steps that the file lacks are passed over: pydantic puts the names of union members between them."""
        found: Pointer = ()
        for step in pointer:
            if (*found, step) in self.values:
                found = (*found, step)
        return found


def read_yaml(text: str, name: str, *, limit: int = SIZE_LIMIT) -> Document:
    """Read one YAML document. `name` is the path that faults name. Raises `BadSource`."""
    if len(text) > limit:
        raise BadSource((SourceFault(name, 1, 1, "", f"the file has {len(text)} characters, over {limit}: split it"),))
    try:
        root = YAML(typ="safe", pure=True).compose(text)
        if root is None:
            raise BadSource((SourceFault(name, 1, 1, "", "the file is empty: write its first key"),))
        reading = _Reading(name)
        data = reading.value(root, ())
    except YAMLError as error:
        raise BadSource((_syntax(error, text, name),)) from None
    except RecursionError:
        raise BadSource((SourceFault(name, 1, 1, "", "the file is nested too deeply: flatten it"),)) from None
    if reading.faults:
        raise BadSource(tuple(sorted(set(reading.faults))))
    return Document(name, data, reading.values, reading.keys)


def parse(model: type[M], text: str, name: str) -> M:
    """Read one YAML document into a model. Raises `BadSource` with every fault of the model at its line."""
    return validate(model, read_yaml(text, name))


def validate(model: type[M], document: Document) -> M:
    """The model of a document that has been read. Raises `BadSource`."""
    try:
        return model.model_validate(document.data)
    except ValidationError as error:
        details = _own(error.errors(include_url=False, include_context=False))
        raise BadSource(tuple(sorted({_model_fault(document, detail) for detail in details}))) from None


def _own(details: list[ErrorDetails]) -> list[ErrorDetails]:
    """Without the lists that pydantic calls empty because what stands in them has faults, which are told."""
    faulty = [detail["loc"] for detail in details]
    return [
        detail
        for detail in details
        if detail["type"] != "too_short" or not any(_within(other, detail["loc"]) for other in faulty)
    ]


def _within(part: Pointer, whole: Pointer) -> bool:
    return len(part) > len(whole) and part[: len(whole)] == whole


def json_pointer(pointer: Pointer) -> str:
    """RFC 6901: `("steps", 2, "text")` is `/steps/2/text`."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in pointer)


class _Reading:
    """One pass over the nodes: plain data, positions and faults."""

    def __init__(self, name: str) -> None:
        self.name: Final = name
        self.values: Final[dict[Pointer, Place]] = {}
        self.keys: Final[dict[Pointer, Place]] = {}
        self.faults: Final[list[SourceFault]] = []

    def value(self, node: Node, pointer: Pointer) -> Any:
        self.values[pointer] = _place(node)
        if node.anchor is not None:
            self._fault(node, pointer, f"anchor &{node.anchor}: write the value out where it is meant")
            return None
        if isinstance(node, MappingNode) and node.tag == _TAG + "map":
            return self._mapping(node, pointer)
        if isinstance(node, SequenceNode) and node.tag == _TAG + "seq":
            return [self.value(item, (*pointer, index)) for index, item in enumerate(node.value)]
        if isinstance(node, ScalarNode):
            return self._scalar(node, pointer)
        return self._fault(node, pointer, f"tag {node.tag}: remove it, plain values only")

    def _mapping(self, node: MappingNode, pointer: Pointer) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if key_node.tag != _TAG + "str":
                self._fault(key_node, pointer, "a key must be text: put it in quotes")
                continue
            key = str(key_node.value)
            here = (*pointer, key)
            if key in data:
                first = self.keys[here][0]
                self._fault(key_node, here, f"key '{key}' is already set on line {first}: keep one of the two")
                continue
            self.keys[here] = _place(key_node)
            data[key] = self.value(value_node, here)
        return data

    def _scalar(self, node: ScalarNode, pointer: Pointer) -> str | int | float | bool | None:
        text = str(node.value)
        if node.tag in _AS_WRITTEN:
            return text
        kind = str(node.tag).removeprefix(_TAG)
        try:
            if kind in _PLAIN:
                return _plain(kind, text)
        except ValueError:
            self._fault(node, pointer, f"'{text}' is no plain number: put it in quotes if it is text")
            return None
        self._fault(node, pointer, f"tag {node.tag}: remove it, plain values only")
        return None

    def _fault(self, node: Node, pointer: Pointer, message: str) -> None:
        self.faults.append(SourceFault(self.name, *_place(node), json_pointer(pointer), message))


def _plain(kind: str, text: str) -> int | float | bool | None:
    """What YAML 1.2 means by it, in decimal only: `010` and `0x1F` are refused, people read them differently."""
    if kind == "null":
        return None
    if kind == "bool":
        return text.lower() == "true"
    digits = text.lstrip("+-")
    if len(digits) > 1 and digits[0] == "0" and digits[1] != ".":
        raise ValueError(text)
    if not set(digits) <= set("0123456789.eE+-"):
        raise ValueError(text)
    return int(text) if kind == "int" else float(text)


def _place(node: Node) -> Place:
    return node.start_mark.line + 1, node.start_mark.column + 1


def _syntax(error: YAMLError, text: str, name: str) -> SourceFault:
    """The reader's own complaint at its mark; characters that YAML forbids come with an offset instead of a mark."""
    if isinstance(error, MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        said = " ".join(part for part in (error.context, error.problem) if part)
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        return SourceFault(name, line, column, "", f"not YAML: {said}")
    offset = int(getattr(error, "position", 0))
    starts = [0, *(i + 1 for i, character in enumerate(text) if character == "\n")]
    line = bisect_right(starts, offset)
    message = "a character that YAML does not allow: remove it"
    return SourceFault(name, line, offset - starts[line - 1] + 1, "", message)


def _model_fault(document: Document, detail: ErrorDetails) -> SourceFault:
    """Pydantic's complaint in words that say what to do."""
    pointer = detail["loc"]
    last = pointer[-1] if pointer else ""
    field = f"item {last + 1}" if isinstance(last, int) else last
    match detail["type"]:
        case "missing":
            return document.fault(pointer, f"'{field}' is missing: add it")
        case "extra_forbidden":
            return document.fault(pointer, f"'{field}' is not known here: correct or remove it", at_key=True)
        case "too_short":
            return document.fault(pointer, f"{field}: at least one is needed here")
        case "model_type" | "dict_type":
            like = ": {en: Name, zh: 名称}" if detail["msg"].endswith(" Text") else ""
            return document.fault(pointer, f"{field}: write keys with their values here{like}")
        case "time_parsing":
            return document.fault(pointer, f'{field}: write the time as in "09:00", in quotes')
        case _ if last == "[key]":
            return document.fault(pointer[:-1], f"'{pointer[-2]}' is not known here: {detail['msg']}", at_key=True)
        case _:
            said = detail["msg"].removeprefix("Value error, ")
            return document.fault(pointer, f"{field}: {said}" if field else said)
