"""Texts that would like to be markup, script, or something else than they look like, for every field of text."""

from __future__ import annotations

from typing import Any

TEXTS = (
    "</script><script>window.pwned=1</script>",
    "<img src=x onerror=window.pwned=2>",
    '" onmouseover="window.pwned=3" x=\'',
    "javascript:window.pwned=4",
    "{{ 7*7 }}${7*7}<%= 7*7 %>",
    "]]><!--<svg onload=window.pwned=5>",
    "&lt;b&gt; &#60;script&#62;",
    "</title></textarea></select><h1>pwned",
)
UNSEEN = "safe\u202egnp.exe\u202c\u200b\u2066x\ufeff"
"""Reads as something else than it says, by an override and characters of no width."""


def report(number: int) -> dict[str, Any]:
    """A report with such a text in each field."""
    bad = TEXTS[number % len(TEXTS)]
    names = ("place", "serial", "symptom", "scope", "reporter", "contact", "customer", "service")
    return {
        **{name: f"{bad} {name}" for name in names},
        "title": bad + UNSEEN,
        "kind": "system_outage",
        "level": "critical",
        "product": "cloud",
        "labels": {bad[:60]: bad},
        "links": ['https://example.com/?q="><script>window.pwned=6</script>', "http://x/' onclick='window.pwned=7"],
    }


def commands() -> list[tuple[str, dict[str, Any]]]:
    """What is done and said about it, in such words: (command, body) in an order that is legal."""
    a, b, c, d = TEXTS[:4]
    return [
        ("acknowledge", {}),
        ("note", {"text": a}),
        ("update", {"text": b, "needs": c}),
        ("assess-risk", {"likelihood": 3, "consequence": 3, "measure": d}),
        ("request-resource", {"item": a, "quantity": 1}),
        ("add-step", {"text": b, "owner": "commander"}),
        ("record-findings", {"cause": c, "measure": d}),
        ("restore", {"note": TEXTS[5]}),
    ]


def organisation(plain: Any) -> Any:
    """The same people, with names that nobody should have."""
    document = plain.model_dump(mode="json")
    for number, one in enumerate([*document["people"]]):
        one["name"] = TEXTS[number % len(TEXTS)][:60]
        one["skills"] = [TEXTS[0][:30]]
    for unit in document["units"]:
        unit["name"] = {"en": TEXTS[1], "zh": TEXTS[0]}
    later = {"start": "2098-01-01T00:00:00Z", "end": "2099-01-01T00:00:00Z"}
    document["rosters"][0] |= {
        "name": {"en": TEXTS[2], "zh": TEXTS[7]},
        "overrides": [later | {"person": "bob", "reason": TEXTS[7]}],
        "swaps": [later | {"giver": "alice", "taker": "dora", "note": TEXTS[0]}],
    }
    document["people"][0]["time_off"] = [later | {"reason": TEXTS[5]}]
    return type(plain).model_validate(document)
