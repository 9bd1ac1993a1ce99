"""The only place where the parts are built and joined. With clock.py and ids.py it may ask for time and chance.

Every process (web, worker, watch, a command) opens one house on the same database; nothing is built at import.
"""

from __future__ import annotations

import json
import os
import random
import socket
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Final

from sqlalchemy import Engine

from incident import rates
from incident.clock import Clock, monotonic, steady
from incident.commands import Moment
from incident.desk.desk import Desk
from incident.desk.library import StoredLibrary
from incident.desk.requests import Bell
from incident.desk.tail import Tail
from incident.errors import NoOrganisation
from incident.ids import new_id, new_token
from incident.mail_server import smtp_account
from incident.maintenance import NO_WINDOWS, Windows
from incident.notify import aliyun_account as aliyun
from incident.notify import way_changes
from incident.notify.aliyun_account import AliyunAccount
from incident.notify.bell import Ringer
from incident.notify.templates import Templates
from incident.notify.twilio_account import TwilioAccount
from incident.organisation import Organisation
from incident.organisation.merging import Part
from incident.organisation.people import WayKind
from incident.playbooks.model import Playbook
from incident.playbooks.reader import load_library, merged
from incident.policy import Policy
from incident.policy.reader import load_policies
from incident.rehearse import Outside
from incident.settings import Settings
from incident.store import directory as registers
from incident.store import filed, log, maintenance, ways
from incident.store.engine import changing, open_engine, reading

if TYPE_CHECKING:
    from incident.notify.channels import Channel
    from incident.notify.deliver import Delivery
    from incident.notify.gate import Rules
    from incident.notify.providers import Carriers

PLAYBOOKS: Final = "playbooks"
POLICIES: Final = "policies"
CONNECTIONS: Final = 16
_FRESH_S: Final = 0.3


class Directory:
    """The organisation and the house's own plans as they are saved now, looked up at most every 0.3 s."""

    def __init__(self, engine: Engine, clock: Clock, library: StoredLibrary) -> None:
        self._engine, self._clock, self._library = engine, clock, library
        self._lock = Lock()
        self._looked = float("-inf")
        self._versions: dict[str, int] = {}
        self._organisation: Organisation | None = None
        self._windows = NO_WINDOWS

    def organisation(self) -> Organisation:
        """Raises NoOrganisation before one was loaded."""
        if monotonic() - self._looked > _FRESH_S:
            self.refresh()
        if self._organisation is None:
            raise NoOrganisation
        return self._organisation

    def windows(self) -> Windows:
        """The windows of planned maintenance."""
        if monotonic() - self._looked > _FRESH_S:
            self.refresh()
        return self._windows

    def edit_windows(self, edit: maintenance.Edit, by: str, *, expected: int | None = None) -> int:
        """Let `edit` change them, and use them from now on. Raises Refused when somebody has saved since `expected`."""
        with changing(self._engine) as connection:
            windows, version = maintenance.load(connection)
            new = edit(windows)
            version = maintenance.save(
                connection, new, expected=version if expected is None else expected, at=self._clock.now(), by=by
            )
        self.refresh()
        return version

    def refresh(self) -> None:
        """Read again whatever somebody has saved since."""
        with self._lock, reading(self._engine) as connection:
            names = (registers.ORGANISATION, ways.REGISTER, PLAYBOOKS, POLICIES, maintenance.MAINTENANCE)
            standing = registers.versions(connection, names)
            moved = {name for name in names if standing[name] != self._versions.get(name, 0)}
            if registers.ORGANISATION in moved:
                self._organisation, _ = registers.load_organisation(connection)
            elif ways.REGISTER in moved and self._organisation is not None:
                self._organisation = self._organisation.knowing(ways.facts(connection))
            if moved & {PLAYBOOKS, POLICIES}:
                texts = {name: registers.get(connection, name) for name in (PLAYBOOKS, POLICIES)}
                policies = [Policy.load(text) for text in _listed(texts[POLICIES])]
                playbooks = [Playbook.load(text) for text in _listed(texts[PLAYBOOKS])]
                shipped = load_policies()
                self._library.replace(
                    {**shipped, **{policy.id: policy for policy in policies}}, merged(load_library(), playbooks)
                )
            if standing[maintenance.MAINTENANCE] != self._versions.get(maintenance.MAINTENANCE, 0):
                self._windows, _ = maintenance.load(connection)
            self._versions = standing
            self._looked = monotonic()

    def save(self, organisation: Organisation, by: str, *, expected: int | None = None) -> int:
        """Save another version and use it from now on. Raises Refused when somebody has saved since `expected`."""
        with changing(self._engine) as connection:
            version = way_changes.save_organisation(
                connection, organisation, expected=expected, at=self._clock.now(), by=by
            )
        self.refresh()
        return version

    @property
    def at_hand(self) -> bool:
        """Whether `organisation()` will answer without asking the store."""
        return self._organisation is not None and monotonic() - self._looked <= _FRESH_S

    @property
    def windows_version(self) -> int:
        """The version of the windows that `windows()` last gave."""
        return self._versions.get(maintenance.MAINTENANCE, 0)

    @property
    def version(self) -> int:
        """The version of the organisation that `organisation()` last gave."""
        return self._versions.get(registers.ORGANISATION, 0)

    def load(
        self,
        organisation: Organisation | None,
        playbooks: Iterable[Playbook],
        policies: Iterable[Policy],
        by: str,
        *,
        text: str = "",
        replace: bool = False,
    ) -> tuple[Part, ...]:
        """All of it or nothing. Plans stand beside the shipped ones; the same id replaces. What was changed on the site
        since the file (`text` is its words) was made is kept and is the answer: see `store.filed.load`."""
        parts: tuple[Part, ...] = ()
        with changing(self._engine) as connection:
            now = self._clock.now()
            if organisation is not None:

                def save(new: Organisation, standing: int) -> int:
                    return way_changes.save_organisation(connection, new, expected=standing, at=now, by=by)

                parts = filed.load(connection, organisation, text, save, at=now, by=by, replace=replace)
            for name, new in ((PLAYBOOKS, playbooks), (POLICIES, policies)):
                fresh = {plan.id: plan.dump() for plan in new}
                if fresh:
                    saved = registers.get(connection, name)
                    old = {json.loads(text)["id"]: text for text in _listed(saved)}
                    body = json.dumps([text for _, text in sorted({**old, **fresh}.items())])
                    registers.put(connection, name, body, expected=None, at=now, by=by)
        self.refresh()
        return parts


def _listed(saved: registers.Saved | None) -> list[str]:
    return list(json.loads(saved.body)) if saved else []


class Plans(StoredLibrary):
    """The shipped library, read on first use: it takes most of a second, and a worker or a watch hardly ever asks."""

    def __init__(self, engine: Engine) -> None:
        self._read = False
        super().__init__(engine, {}, ())
        self._read = False

    def replace(self, policies: Mapping[str, Policy], playbooks: Iterable[Playbook]) -> None:
        self._read = True
        super().replace(policies, playbooks)

    def wake(self) -> None:
        """Read now what would be read on first use."""
        if not self._read:
            self.replace(load_policies(), load_library())

    def policy(self, name: str | None) -> Policy:
        self.wake()
        return super().policy(name)

    def playbooks(self) -> tuple[Playbook, ...]:
        self.wake()
        return super().playbooks()

    def policies(self) -> tuple[Policy, ...]:
        """Today's profiles."""
        self.wake()
        return tuple(self._policies.values())


@dataclass(frozen=True)
class House:
    """Everything one process needs. `simulated` while no telephone provider is configured."""

    settings: Settings
    engine: Engine
    clock: Clock
    library: Plans
    directory: Directory
    desk: Desk
    tail: Tail
    ringer: Ringer | None

    @property
    def simulated(self) -> bool:
        return self.settings.simulated

    def outside(self) -> Outside:
        """What a decision may look at from outside, at any time: today's organisation, plans and windows, asked for
        then."""
        organisation, windows = self.directory.organisation(), self.directory.windows()
        return lambda at, by: Moment(at, by, organisation, self.library, windows)

    def delivery(self) -> Delivery:
        """A delivery in the name of this process. Only a worker loads what it takes to send."""
        from incident.notify.deliver import Delivery

        name = f"{_machine()}:{os.getpid()}:{new_id()[:8]}"
        return Delivery(
            engine=self.engine,
            desk=self.desk,
            directory=self.directory,
            channels=_channels(self.settings, self.engine, self.clock),
            clock=self.clock,
            public_url=self.settings.public_url,
            name=name,
            is_dead=partial(_is_dead, mine=name),
            jitter=random.random,
            secret=self.settings.secret.get_secret_value(),
            rules=_rules(self.settings),
        )

    def close(self) -> None:
        """Answer what was asked, then let go. Twice is once."""
        self.desk.close()
        self.tail.close()
        if self.ringer is not None:
            self.ringer.close()
        self.engine.dispose()


def open_house(settings: Settings, *, clock: Clock | None = None) -> House:
    """Build the parts on the settings' database, which must be migrated. Starts the desk's thread, not the tail's."""
    engine = open_engine(settings.database_url.get_secret_value(), pool_size=CONNECTIONS)
    clock = clock or steady(settings.clock(), _last_written(engine))
    library = Plans(engine)
    directory = Directory(engine, clock, library)
    directory.refresh()
    tail = Tail(engine)
    ringer = Ringer(settings.redis_url.get_secret_value()) if settings.redis_url else None
    desk = Desk(engine, clock, library, ring=ringer or _by_itself, new_id=new_id, new_token=new_token, tell=tail.offer)
    return House(settings, engine, clock, library, directory, desk, tail, ringer)


def _last_written(engine: Engine) -> datetime | None:
    with reading(engine) as connection:
        return log.last_at(connection)


def _machine() -> str:
    """This machine, as far as process ids go: containers that share a host's name have ids of their own."""
    spaces = Path("/proc/self/ns/pid")
    return f"{socket.gethostname()}/{spaces.readlink() if spaces.is_symlink() else ''}".replace(":", "")


def _is_dead(name: str, *, mine: str) -> bool:
    """Whether the process that took leases in this name is gone. Of another machine's nobody can tell."""
    host, _, rest = name.partition(":")
    pid = rest.partition(":")[0]
    if host != mine.partition(":")[0] or not pid.isdigit() or name == mine:
        return False
    return int(pid) == os.getpid() or not _is_running(int(pid))


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _by_itself(bell: Bell) -> None:
    """Without Redis nobody is rung: worker and watch look by themselves."""


def _rules(settings: Settings) -> Rules:
    from incident.notify.gate import Rules

    own = {WayKind.SMS: settings.limit_sms, WayKind.VOICE: settings.limit_voice}
    return Rules({kind: rates.read(own.get(kind, settings.limit_other)) for kind in WayKind}, settings.flood_above)


def _channels(settings: Settings, engine: Engine, clock: Clock) -> Carriers:
    """Which provider carries which way. Only what is used is loaded: a worker's memory counts."""
    found: dict[WayKind, Channel | Sequence[Channel]] = {}
    if settings.simulated:
        from incident.notify.simulated import SimulatedChannel

        found = dict.fromkeys(WayKind, SimulatedChannel(engine, clock))
    else:
        found = _telephones(settings, clock)
    if settings.chats:
        from incident.notify.chat_channel import ChatChannel

        found[WayKind.CHAT] = ChatChannel(private_hosts=settings.chat_private_hosts)
    if settings.smtp_url is not None:
        from incident.notify.smtp_channel import SmtpChannel

        found[WayKind.MAIL] = SmtpChannel(smtp_account(settings.smtp_url.get_secret_value()), clock)
    return found


def _telephones(settings: Settings, clock: Clock) -> dict[WayKind, Channel | Sequence[Channel]]:
    """Real providers of texts and calls, each way with all that carry it."""
    texts: list[Channel] = []
    calls: list[Channel] = []
    if settings.twilio_account_sid is not None:
        from incident.notify.twilio_channel import TwilioChannel

        texts.append(TwilioChannel(twilio_account(settings)))
        calls.append(texts[-1])
    if settings.aliyun_access_key_id is not None:
        from incident.notify.aliyun_channel import AliyunChannel

        texts.append(AliyunChannel(aliyun_account(settings), clock, nonce=new_id))
    return {WayKind.SMS: texts, WayKind.VOICE: calls}


def aliyun_account(settings: Settings) -> AliyunAccount:
    """The account of the settings; the settings have checked that all of it is there."""
    assert settings.aliyun_access_key_id is not None
    assert settings.aliyun_access_key_secret is not None
    assert settings.aliyun_sign_name is not None
    assert settings.aliyun_templates is not None
    return AliyunAccount(
        settings.aliyun_access_key_id,
        settings.aliyun_access_key_secret.get_secret_value(),
        Templates(settings.aliyun_sign_name, settings.aliyun_templates),
        settings.aliyun_base_url or aliyun.API,
    )


def twilio_account(settings: Settings) -> TwilioAccount:
    """The account of the settings; the settings have checked that all of it is there."""
    assert settings.twilio_account_sid is not None
    assert settings.twilio_auth_token is not None
    return TwilioAccount(
        sid=settings.twilio_account_sid,
        token=settings.twilio_auth_token.get_secret_value(),
        senders=settings.twilio_from,
        public_url=settings.public_url,
        base_url=settings.twilio_base_url,
    )
