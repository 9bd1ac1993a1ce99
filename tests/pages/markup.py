"""What a test wants to know of a page: its text, its forms, what a strict policy would refuse."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

from tests.web.place import Place

VOID = frozenset({"meta", "link", "input", "br", "hr", "img"})


@dataclass
class FormSeen:
    method: str
    action: str
    fields: dict[str, str] = field(default_factory=dict)


class Markup(HTMLParser):
    """`inline` lists what the content policy forbids; `unclosed` is not empty when the tags do not match."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[FormSeen] = []
        self.inline: list[str] = []
        self.links: list[str] = []
        self.ids: list[str] = []
        self.stack: list[str] = []
        self.mismatched: list[str] = []
        self.labels: set[str] = set()
        self.nameless: list[str] = []
        self.words: list[str] = []
        self.lang = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag not in VOID:
            self.stack.append(tag)
        self.inline += [f"<{tag} {name}>" for name in given if name == "style" or name.startswith("on")]
        if tag == "style" or (tag == "script" and "src" not in given and given.get("type") != "application/json"):
            self.inline.append(f"<{tag}>")
        if "id" in given:
            self.ids.append(given["id"])
        match tag:
            case "html":
                self.lang = given["lang"]
            case "a":
                self.links.append(given.get("href", ""))
            case "label":
                self.labels.add(given.get("for", ""))
            case "form" if given.get("method") != "dialog":
                self.forms.append(FormSeen(given.get("method", "get"), given.get("action", "")))
            case "input" | "select" | "textarea":
                self._field(tag, given)

    def _field(self, tag: str, given: dict[str, str]) -> None:
        if self.forms and "name" in given and "form" in self.stack:
            self.forms[-1].fields[given["name"]] = given.get("value", "")
        silent = given.get("type") == "hidden" or "label" in self.stack or "aria-label" in given
        if not silent and given.get("id") not in self.labels:
            self.nameless.append(f"<{tag} {given.get('name')}>")

    def handle_endtag(self, tag: str) -> None:
        if not self.stack or self.stack.pop() != tag:
            self.mismatched.append(tag)

    def handle_data(self, data: str) -> None:
        if self.stack and self.stack[-1] not in ("script", "style"):
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())


def seen(place: Place, path: str, by: str = "dora", lang: str = "en", status: int = 200) -> Markup:
    """The page as somebody sees it; fails when it is not answered as expected."""
    headers = {"accept": "text/html", "accept-language": lang}
    if by:
        headers |= place.session(by)
    answer = place.client.get(path, headers=headers)
    assert answer.status_code == status, f"{path}: {answer.status_code} {answer.text[:400]}"
    return Markup(answer.text)
