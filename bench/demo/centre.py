"""The command centre as a client sees it: HTTP and nothing else."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

from bench.processes import Failed

_ANSWER_S: Final = 15.0

Json = dict[str, Any]


class Refusal(Exception):
    """409: not legal now. `document` is the problem document."""

    def __init__(self, document: Json) -> None:
        super().__init__(str(document.get("detail")))
        self.detail: Final = str(document.get("detail"))
        self.reasons: Final = [str(error["detail"]) for error in document.get("errors", [])]


@dataclass(frozen=True, slots=True)
class Phone:
    number: str
    person: str
    name: str


@dataclass(frozen=True, slots=True)
class Centre:
    """`key` is a program's that acts for people: each command says who acts."""

    url: str
    key: str

    def incident(self, incident: str) -> Json:
        return self._ask("GET", f"/api/incidents/{incident}")

    def log(self, incident: str, after: int) -> list[Json]:
        """Entries of an incident after a sequence number."""
        items: list[Json] = self._ask("GET", f"/api/incidents/{incident}/log?after={after}")["items"]
        return items

    def act(self, incident: str, command: str, **body: object) -> Json:
        """Put a command: its new `entries` and the `incident` after them. Raises Refusal."""
        return self._ask("POST", f"/api/incidents/{incident}/{command}", body)

    def phones(self) -> dict[str, Phone]:
        """One phone of each person, by the person."""
        items = self._ask("GET", "/api/phones")["items"]
        return {item["person"]: Phone(item["number"], item["person"], item["name"]) for item in items}

    def messages(self, phone: Phone) -> list[Json]:
        """What stands on a phone, the oldest first."""
        found: list[Json] = self._ask("GET", f"/api/phones/{quote(phone.number)}")["messages"]
        return found

    def text(self, phone: Phone, body: str) -> list[Json]:
        """A text message from a phone; what stands on it once that is answered."""
        found: list[Json] = self._ask("POST", f"/api/phones/{quote(phone.number)}/messages", {"body": body})["messages"]
        return found

    def _ask(self, method: str, path: str, body: object = None) -> Json:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        try:
            with urlopen(Request(self.url + path, data, headers, method=method), timeout=_ANSWER_S) as answer:
                found: Json = json.load(answer)
                return found
        except HTTPError as error:
            text = error.read().decode(errors="replace")
            if error.code == 409:
                raise Refusal(json.loads(text)) from None
            raise Failed(f"{method} {path}: {error.code} {text[:300]}") from None
        except OSError as error:
            raise Failed(f"{method} {path}: {error}") from None
