"""What delivery asks of a provider: send this, and say under which id or why not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, Protocol, runtime_checkable

from incident.errors import IncidentError
from incident.notify.retries import Outcome
from incident.notify.templates import Templates
from incident.organisation.people import WayKind


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message, ready to go. `id` is the send's, so that a receipt finds it before the provider's id is stored.

    `body` is the text, or for voice what is to be spoken before the keys; `subject` goes with a mail or a chat.
    Where words must be approved, `template` is their code, `params` is what is filled in, `body` what will be read.
    `valid_for` is how long it is worth delivering: the level's response target. Address and words are personal: they
    stay out of repr and logs.
    """

    id: str
    way: WayKind
    to: str = field(repr=False)
    body: str = field(repr=False)
    locale: str
    valid_for: timedelta
    incident: str | None = None
    subject: str | None = field(default=None, repr=False)
    asks: bool = True
    """Whether an answer is wanted: without, a call asks for no key."""
    template: str | None = None
    params: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Sent:
    """The provider has taken it over, under its own id and with its own first status. That is no delivery yet."""

    provider_id: str
    status: str


class SendFailed(IncidentError):
    """The provider did not take it. `outcome` says what to do now; `code` is the provider's own, `status` HTTP's."""

    def __init__(
        self,
        outcome: Outcome,
        *,
        code: int | str | None = None,
        status: int | None = None,
        retry_after: timedelta | None = None,
    ) -> None:
        super().__init__(f"{outcome.reason.key} (code {code}, HTTP {status})")
        self.outcome: Final = outcome
        self.code: Final = code
        self.status: Final = status
        self.retry_after: Final = retry_after


class Channel(Protocol):
    """One provider. All its messages go out on one event loop, many at a time: `send` must not block it."""

    @property
    def provider(self) -> str:
        """Its name in the table of capabilities."""
        ...

    async def send(self, message: Outgoing) -> Sent:
        """Hand it over, within seconds. Raises SendFailed, and nothing else on purpose."""
        ...

    async def close(self) -> None:
        """Let go of connections, on the loop that has sent. Twice is once."""
        ...


@runtime_checkable
class Probed(Channel, Protocol):
    """A provider of whom it is known whether it is up: one account, one server. (A chat is many.)"""

    async def probe(self) -> None:
        """Ask, without a message, whether it would take one, within seconds. Raises SendFailed when not."""
        ...


@runtime_checkable
class Templated(Channel, Protocol):
    """A provider that sends approved words only, with what is special about a message filled in."""

    @property
    def templates(self) -> Templates: ...
