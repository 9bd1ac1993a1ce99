"""Every setting, read once at the start from the environment and from `incident.toml` in the data folder.

The environment wins over the file. In the file the names are in lower case without `INCIDENT_`. A bad value stops
the start: the error names it and says what was expected, and shows nothing that could be a secret.
"""

from __future__ import annotations

import contextlib
import difflib
import os
import re
import tempfile
import tomllib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
)

from incident import ids
from incident.approved import Template, as_text, read_templates
from incident.clock import Clock, FastClock, SystemClock
from incident.errors import BadInput, Fault, Reason, why
from incident.mail_server import smtp_account
from incident.organisation.people import WayKind
from incident.rates import FLOOD_ABOVE, OTHER, SMS, VOICE
from incident.rates import read as read_limits
from incident.words import locale_of

PREFIX: Final = "INCIDENT_"
FILE: Final = "incident.toml"
SECRET_FILE: Final = "secret"  # noqa: S105  (a file's name)
DATABASE_FILE: Final = "incident.db"

_INTERNAL: Final = frozenset({"PARENT_PID", "PULSE_FD", "PULSE_FILE"})
_OF_LIMITS: Final = frozenset({"limit_sms", "limit_voice", "limit_other", "flood_above"})
_SHOWN: Final = _OF_LIMITS | frozenset(
    {
        "host",
        "port",
        "test_pages",
        "handover",
        "default_locale",
        "timezone",
        "log",
        "chat",
        "chat_private_hosts",
        "clock_base",
        "clock_rate",
    }
)
"""Whose bad values may be shown. Of all others only the length is: a token is easily pasted into the wrong one."""

_TWILIO: Final = ("twilio_account_sid", "twilio_auth_token", "twilio_from")
_ALIYUN: Final = ("aliyun_access_key_id", "aliyun_access_key_secret", "aliyun_sign_name", "aliyun_templates")
_SENDER: Final = re.compile(r"\+[1-9]\d{6,14}|MG[0-9a-fA-F]{32}")


class BadSettings(BadInput):
    """Settings that cannot be used; each fault's pointer is the name of a setting. The command ends with 2."""


class NoInstallation(BadSettings):
    """There is none in the folder that was named, or in the one that is asked when none was."""


def _url(schemes: str, value: SecretStr) -> SecretStr:
    parts = urlsplit(value.get_secret_value())
    _ = parts.port  # raises ValueError when it is no number
    if parts.scheme not in schemes.split() or not (parts.netloc or parts.path.strip("/")):
        raise ValueError(schemes)
    return value


def _mail(value: SecretStr) -> SecretStr:
    smtp_account(value.get_secret_value())
    return value


def _public(value: str) -> str:
    parts = urlsplit(value)
    _ = parts.port
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise ValueError(value)
    return value.rstrip("/")


def _senders(value: object) -> object:
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


def _all_senders(value: tuple[str, ...]) -> tuple[str, ...]:
    if not all(_SENDER.fullmatch(sender) for sender in value):
        raise ValueError(value)
    return value


def _templates(value: object) -> object:
    return None if value is None else read_templates(value)


def _locale(value: str) -> str:
    found = locale_of(value, "")
    if not found:
        raise ValueError(value)
    return found


def _limits(value: str) -> str:
    read_limits(value)  # raises ValueError
    return value.strip()


def _timezone(value: str) -> str:
    if value not in available_timezones():
        raise ValueError(value)
    return value


DATABASES: Final = "sqlite postgresql postgresql+psycopg"
BELLS: Final = "redis rediss unix"
HOOKS: Final = "https http"

DatabaseUrl = Annotated[SecretStr, AfterValidator(lambda value: _url(DATABASES, value))]
RedisUrl = Annotated[SecretStr, AfterValidator(lambda value: _url(BELLS, value))]
MailUrl = Annotated[SecretStr, AfterValidator(_mail)]
DeadmanUrl = Annotated[SecretStr, AfterValidator(lambda value: _url(HOOKS, value))]
PublicUrl = Annotated[str, AfterValidator(_public)]
Limits = Annotated[str, AfterValidator(_limits)]


class Settings(BaseModel):
    """All settings, checked. `load` reads them; `env` hands them on to a child process."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    data: Path
    database_url: DatabaseUrl
    redis_url: RedisUrl | None = None
    host: Annotated[str, Field(min_length=1, pattern=r"^[A-Za-z0-9.:_-]+$")] = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8000
    public_url: PublicUrl
    secret: Annotated[SecretStr, Field(min_length=32)]
    twilio_account_sid: Annotated[str, Field(pattern=r"^AC[0-9a-fA-F]{32}$")] | None = None
    twilio_auth_token: Annotated[SecretStr, Field(min_length=1)] | None = None
    twilio_from: Annotated[tuple[str, ...], BeforeValidator(_senders), AfterValidator(_all_senders)] = ()
    twilio_base_url: PublicUrl | None = None
    aliyun_access_key_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9.]{8,64}$")] | None = None
    aliyun_access_key_secret: Annotated[SecretStr, Field(min_length=8)] | None = None
    aliyun_sign_name: Annotated[str, Field(min_length=2, max_length=20, pattern=r"^[^【】\s]+$")] | None = None
    aliyun_templates: Annotated[Mapping[str, Template] | None, BeforeValidator(_templates)] = None
    aliyun_hook_secret: Annotated[SecretStr, Field(min_length=20)] | None = None
    aliyun_base_url: PublicUrl | None = None
    smtp_url: MailUrl | None = None
    chat: Literal["on", "off"] | None = None
    chat_private_hosts: bool = False
    deadman_url: DeadmanUrl | None = None
    test_pages: Literal["monthly", "off"] = "monthly"
    handover: Literal["on", "off"] = "on"
    limit_sms: Limits = SMS
    limit_voice: Limits = VOICE
    limit_other: Limits = OTHER
    flood_above: Annotated[int, Field(ge=1, le=1000)] = FLOOD_ABOVE
    default_locale: Annotated[str, AfterValidator(_locale)] = "en"
    timezone: Annotated[str, AfterValidator(_timezone)] = "UTC"
    log: Literal["json", "console"] | None = None
    clock_base: AwareDatetime | None = None
    clock_rate: Annotated[float, Field(gt=0, le=100_000)] = 1.0

    @classmethod
    def load(
        cls, env: Mapping[str, str] | None = None, data_dir: Path | None = None, *, begins: bool = True
    ) -> Settings:
        """Read the environment (this process's by default) and the file; make the data folder and the secret.

        `data_dir` is what the command line says and wins over `INCIDENT_DATA`. Without `begins` nothing is made where
        no installation is: a slip in the folder's name would be answered from an empty one. Raises BadSettings.
        """
        env = os.environ if env is None else env
        data = (data_dir or Path(env.get(PREFIX + "DATA") or "var")).expanduser().resolve()
        given = _from_file(data / FILE) | _from_env(env) | {"data": data}
        if not begins and "database_url" not in given and not (data / DATABASE_FILE).exists():
            raise NoInstallation(_fault("data", "setting.no_installation", path=data))
        _make_folder(data)
        port = given.get("port", cls.model_fields["port"].default)
        given.setdefault("database_url", f"sqlite:///{data / DATABASE_FILE}")
        if "secret" not in given:
            given["secret"] = _kept_secret(data)
        derived = {} if "public_url" in given else {"public_url": f"http://127.0.0.1:{port}"}
        try:
            settings = cls.model_validate(given | derived)
        except ValidationError as error:
            raise BadSettings(*_faults(error, given)) from None  # the cause would show the input
        settings._check_together()
        return settings

    def _check_together(self) -> None:
        missing = [name for name in _TWILIO if not getattr(self, name)]
        if 0 < len(missing) < len(_TWILIO):
            raise BadSettings(*(_fault(name, "setting.twilio_half") for name in missing))
        half = [name for name in _ALIYUN if not getattr(self, name)]
        if 0 < len(half) < len(_ALIYUN):
            raise BadSettings(*(_fault(name, "setting.aliyun_half") for name in half))
        if self.clock_rate != 1.0 and self.clock_base is None:
            raise BadSettings(_fault("clock_base", "setting.clock_half"))

    @property
    def simulated(self) -> bool:
        """Whether messages go to the simulated phones: so it is until a provider is configured."""
        return self.twilio_account_sid is None and self.aliyun_access_key_id is None

    @property
    def providers(self) -> tuple[tuple[str, WayKind], ...]:
        """The real providers of each way, by the names that they have in the table of capabilities."""
        twilio = (("twilio", WayKind.SMS), ("twilio", WayKind.VOICE)) if self.twilio_account_sid else ()
        aliyun = (("aliyun", WayKind.SMS),) if self.aliyun_access_key_id else ()
        mail = (("smtp", WayKind.MAIL),) if self.smtp_url else ()
        return (*twilio, *aliyun, *mail)

    @property
    def chats(self) -> bool:
        """Whether chats are written to: as soon as anything real is, unless the setting says otherwise."""
        return self.chat == "on" or (self.chat is None and not self.simulated)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    def clock(self) -> Clock:
        """The machine's clock, or the fast one of a demo, which every process computes from the same base."""
        return SystemClock() if self.clock_base is None else FastClock(self.clock_base.astimezone(UTC), self.clock_rate)

    @property
    def has_default_url(self) -> bool:
        """Whether nobody has said under which address people reach this site."""
        return self.public_url == f"http://127.0.0.1:{self.port}"

    def serving(self, host: str | None, port: int | None) -> Settings:
        """The same with the host and port of the command line; a public URL that was only a default follows them."""
        changed: dict[str, object] = {"host": host or self.host, "port": port or self.port}
        if self.has_default_url:
            changed["public_url"] = f"http://127.0.0.1:{changed['port']}"
        return self.model_copy(update=changed)

    def env(self) -> dict[str, str]:
        """The environment variables from which `load` makes the same settings again."""
        return {PREFIX + name.upper(): _as_text(value) for name, value in self if value not in (None, ())}

    def secrets(self) -> tuple[str, ...]:
        """Every value that must never be written to a log, longest first."""
        values = {value.get_secret_value() for _, value in self if isinstance(value, SecretStr)}
        passwords = {urlsplit(value).password for value in values if "://" in value}
        hidden = {value for value in values if "://" not in value} | {value for value in passwords if value}
        if self.deadman_url is not None:  # the secret is its path: all of it is hidden
            hidden.add(self.deadman_url.get_secret_value())
        return tuple(sorted(hidden, key=len, reverse=True))


def _make_folder(data: Path) -> None:
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise BadSettings(_fault("data", "setting.data", path=data, problem=error.strerror)) from None


def _from_file(path: Path) -> dict[str, object]:
    if not path.exists():
        return {}
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        where = re.search(r"line \d+, column \d+", str(error))
        place = where.group() if where else "-"
        raise BadSettings(Fault(FILE, why("setting.file", path=path, place=place))) from None
    known = Settings.model_fields.keys() - {"data"}
    unknown = [name for name in given if name not in known]
    if unknown:
        raise BadSettings(*(Fault(name, _unknown(name, known)) for name in unknown))
    return {name: _file_value(value) for name, value in given.items()}


def _file_value(value: object) -> object:
    return ",".join(map(str, value)) if isinstance(value, list) else value


def _from_env(env: Mapping[str, str]) -> dict[str, object]:
    """What is set and not empty. An unknown name is refused only when it is nearly a known one: a slip of the pen."""
    known = {PREFIX + name.upper(): name for name in Settings.model_fields}
    faults = []
    for name in env:
        if name.startswith(PREFIX) and name not in known and name.removeprefix(PREFIX) not in _INTERNAL:
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.9)
            faults += [Fault(name, why("setting.unknown", name=name, near=near[0]))] if near else []
    if faults:
        raise BadSettings(*faults)
    return {known[name]: value for name, value in env.items() if name in known and value.strip()}


def _unknown(name: str, known: Iterable[str]) -> Reason:
    near = difflib.get_close_matches(name.removeprefix(PREFIX).lower(), sorted(known), n=1, cutoff=0.0)
    return why("setting.unknown", name=name, near=near[0])


def _fault(name: str, key: str, **params: object) -> Fault:
    return Fault(PREFIX + name.upper(), why(key, name=PREFIX + name.upper(), **params))


def _faults(error: ValidationError, given: Mapping[str, object]) -> list[Fault]:
    """One fault for each bad setting, in words that say what is expected and never what a secret was."""
    faults = []
    found = dict.fromkeys(str(fault["loc"][0]) for fault in error.errors(include_input=False, include_context=False))
    for name in (name for name in found if name in given):  # a bad port spoils the URL that is derived from it
        value = str(given[name])
        if name in _SHOWN:
            faults.append(_fault(name, "setting.bad", given=value[:60], expected=name))
        else:
            faults.append(_fault(name, "setting.bad_hidden", length=len(value), expected=name))
    return faults


def _as_text(value: object) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return as_text(value)
    return ",".join(value) if isinstance(value, tuple) else str(value)


def _kept_secret(data: Path) -> str:
    """The data folder's own secret, made on the first start. Processes that start together agree on one."""
    path = data / SECRET_FILE
    try:
        if not path.exists():
            with tempfile.NamedTemporaryFile("w", dir=data, prefix=".secret-") as draft:  # made with mode 0600
                draft.write(ids.new_key())
                draft.flush()
                os.fsync(draft.fileno())
                _link_once(Path(draft.name), path)
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise BadSettings(_fault("data", "setting.data", path=path, problem=error.strerror)) from None


def _link_once(draft: Path, path: Path) -> None:
    """Give the draft its name unless another process was first: a link, unlike a rename, never replaces."""
    with contextlib.suppress(FileExistsError):
        path.hardlink_to(draft)
