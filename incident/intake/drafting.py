"""A report out of cleaned pieces: what all translators of monitors share.

Whatever is too long is cut here and never refused: an alert with a long label is still an alert. What the labels of a
monitor may say about an incident is said once, in `from_labels`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from incident.errors import BadInput, Fault, why
from incident.intake.classify import classify
from incident.intake.reading import MOST_FAULTS
from incident.intake.severity import degree_of, is_true, level_of
from incident.intake.wording import cut, headline, lines, located, one_line
from incident.levels import Kind
from incident.report import Channel, Recovery, Report, Signal, Source

T = TypeVar("T")

SHORT: Final = 200
NAME: Final = 255
LABEL: Final = 1000
MOST_LABELS: Final = 63  # a report takes 64: one is ours, `classified_by`
MOST_LINKS: Final = 10
LINK: Final = 2000

SHORT_FIELDS: Final = ("place", "product", "serial", "scope", "reporter", "contact", "customer", "service")
_LIMITS: Final = dict.fromkeys(SHORT_FIELDS, SHORT) | {"unit": NAME, "policy": NAME}
_KINDS: Final = {str(kind): kind for kind in Kind}
_MEANING: Final[dict[str, tuple[str, Callable[[str], Any]]]] = {
    "kind": ("kind", lambda word: _KINDS.get(word.strip().lower())),
    "severity": ("level", level_of),
    "impact": ("impact", degree_of),
    "urgency": ("urgency", degree_of),
    "injury": ("injury", is_true),
    "major": ("major", is_true),
    "site": ("place", str),
    "place": ("place", str),  # after `site`, which it overrides
    **{name: (name, str) for name in ("product", "serial", "scope", "customer", "service", "unit")},
}
"""Label -> the report's field, and how its word is read."""


def every(items: Iterable[T], under: str, signal: Callable[[T, str], Signal]) -> tuple[Signal, ...]:
    """All items as signals, or BadInput with what is wrong in each: `signal` is given an item and its pointer."""
    signals: list[Signal] = []
    faults: list[Fault] = []
    for index, item in enumerate(items):
        try:
            signals.append(signal(item, f"{under}/{index}"))
        except BadInput as bad:
            faults += bad.faults
    if faults:
        raise BadInput(*faults[:MOST_FAULTS])
    return tuple(signals)


def from_labels(labels: Mapping[str, str]) -> dict[str, Any]:
    """The fields of a report that labels may set: kind, severity, impact, urgency, place (or site), product, serial,
    scope, customer, service, unit, injury and major. A value that is no kind, impact or urgency counts as not given."""
    return {_MEANING[name][0]: _MEANING[name][1](labels[name]) for name in _MEANING if labels.get(name)}


def compose(
    *,
    pointer: str,
    title: str,
    symptom: str = "",
    hint: str = "",
    host: str = "",
    labels: Mapping[str, str],
    links: Iterable[str] = (),
    channel: Channel = Channel.MONITOR,
    source: Source = Source.SYSTEM,
    **fields: Any,
) -> Report:
    """Make a report; `hint` is text that helps to guess the kind besides the title, such as an alert's name. `host` is
    what the report is about: the title names it, the guess does not read it.

    Raises BadInput at `pointer` when nothing is left of the title after cleaning.
    """
    short, rest = headline(title, symptom)
    if not short:
        raise BadInput(Fault(pointer, why("intake.empty")))
    kept = fit_labels(labels)
    if fields.get("kind") is None:
        fields["kind"], rule = classify(short, hint[:SHORT])
        if rule is not None:
            kept["classified_by"] = rule
    for name, limit in _LIMITS.items():
        if name in fields:
            fields[name] = cut(one_line(fields[name]), limit) or None
    return Report(
        title=located(short, host) if host else short,
        symptom=rest or None,
        labels=kept,
        links=fit_links(links),
        channel=channel,
        source=source,
        **fields,
    )


def recovery(key: str, at: datetime | None, note: str = "") -> Recovery:
    """What a monitor says is over."""
    return Recovery(dedup_key=key, at=at, note=cut(lines(note), 4000) or None)


def fit_labels(labels: Mapping[str, str]) -> dict[str, str]:
    """The first 63 labels that have a name and a value, each cut to what a report takes."""
    if _fit_already(labels):
        return dict(labels)
    kept: dict[str, str] = {}
    for name, value in labels.items():
        key, text = one_line(name), lines(value)
        if key and text:
            kept[key if len(key) <= NAME else cut(key, NAME)] = text if len(text) <= LABEL else cut(text, LABEL)
            if len(kept) == MOST_LABELS:
                break
    return kept


def _fit_already(labels: Mapping[str, str]) -> bool:
    """Whether nothing has to be done, seen in one look at all of the text: nearly every alert passes."""
    text = f"|{'|'.join(labels)}|{'|'.join(labels.values())}|"
    return (
        len(text) <= LABEL
        and len(labels) <= MOST_LABELS
        and max(map(len, labels), default=0) <= NAME
        and text.isascii()
        and text.isprintable()
        and "  " not in text
        and "| " not in text
        and " |" not in text
        and "||" not in text
    )


def fit_links(links: Iterable[str]) -> tuple[str, ...]:
    """The http(s) links among the texts, without repeats; what is none, or too long to be kept whole, is left out."""
    fit = [text for link in links if (text := link.strip()).startswith(("https://", "http://")) and _whole(text)]
    return tuple(dict.fromkeys(fit))[:MOST_LINKS]


def _whole(link: str) -> bool:
    return len(link) <= LINK and link.isprintable() and " " not in link


def moment(at: datetime | None) -> datetime | None:
    """In UTC. Go's zero time (year 1), which monitors send for `not yet`, and years that no clock shows are None."""
    return at.astimezone(UTC) if at is not None and 1970 <= at.year < 9999 else None
