"""What is kept: migrations, the organisation and the plans, keys, users."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import Connection, Engine

from incident.cli.run import Data, refuse_behind
from incident.cli.say import out, progress, text_of, words
from incident.desk.clerk import Clerk
from incident.errors import BadInput, Fault, Unknown, why
from incident.ids import hashed, new_key
from incident.organisation.reader import dump_organisation, parse_organisation
from incident.playbooks.model import Playbook
from incident.playbooks.reader import read_playbook
from incident.policy import Policy
from incident.policy.reader import load_policies, parse_policy
from incident.running.lock import running_at
from incident.settings import Settings
from incident.source import read_yaml
from incident.store import accounts, filed, keys
from incident.store import directory as registers
from incident.store.engine import changing, open_engine, reading
from incident.store.migrations import current
from incident.store.migrations import migrate as bring_up_to_date
from incident.wiring import House, open_house

_KEY_ROLES = ("viewer", "responder", "commander", "admin", "integration")
_BY = "system"

key_app = typer.Typer(help="Keys of programs.", no_args_is_help=True)
user_app = typer.Typer(help="Who may sign in.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    for command in (migrate, load, dump):
        app.command()(command)
    app.add_typer(key_app, name="key")
    app.add_typer(user_app, name="user")


@contextmanager
def _engine(data: Path | None, *, begins: bool = False) -> Iterator[tuple[Engine, Settings]]:
    """The database of the installation. With `begins` one is made where none is yet; else that is refused, and in both
    cases one that another release has left: only `migrate` and `serve` bring that up to date."""
    settings = Settings.load(data_dir=data, begins=begins)
    engine = open_engine(settings.database_url.get_secret_value())
    try:
        if begins and current(engine) is None:
            bring_up_to_date(engine)
            sys.stderr.write(f"{words().t('cli.begins', data=settings.data)}\n")
        refuse_behind(engine, settings)
        yield engine, settings
    finally:
        engine.dispose()


@contextmanager
def _house(data: Path | None, *, begins: bool = False) -> Iterator[House]:
    with _engine(data, begins=begins) as (_, settings):
        house = open_house(settings)
        try:
            yield house
        finally:
            house.close()


def migrate(data: Data = None) -> None:
    """Bring the database to this release's form, and read its log for search and figures.

    Safe to run twice, and from two machines at once; reading the log may be broken off, and goes on by itself.
    """
    settings = Settings.load(data_dir=data)
    engine = open_engine(settings.database_url.get_secret_value())
    try:
        step = bring_up_to_date(engine)
        with progress() as told:
            Clerk(engine).catch_up(progress=told)
    finally:
        engine.dispose()
    out(words().t("cli.migrated", step=step))


def load(
    files: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False)],
    replace: Annotated[bool, typer.Option("--replace", help="Overwrite what was changed on the site since.")] = False,
    data: Data = None,
) -> None:
    """Load an organisation, playbooks and policies from YAML: all files or none; the same again changes nothing.

    What was changed on the site since the file was dumped or last loaded stays and is named. Where both have changed
    the same, nothing is loaded.
    """
    organisation, words_of_it = None, ""
    playbooks: list[Playbook] = []
    policies: list[Policy] = []
    for file in files:
        text = text_of(file)
        shape = read_yaml(text, str(file)).data
        found = set(shape) if isinstance(shape, dict) else set()
        if "units" in found:
            organisation, words_of_it = parse_organisation(text, str(file)), text
        elif "steps" in found:
            playbooks.append(read_playbook(text, str(file)).playbook)
        elif found & {"matrix", "clocks", "extends"}:
            known = {**load_policies(), **{policy.id: policy for policy in policies}}
            policies.append(parse_policy(text, str(file), known))
        else:
            raise BadInput(Fault(str(file), why("cli.load.unknown")))
    with _house(data, begins=True) as house:
        parts = house.directory.load(organisation, playbooks, policies, _BY, text=words_of_it, replace=replace)
    plans = len(playbooks) + len(policies)
    people = len(organisation.people) if organisation else 0
    out(words().n("cli.loaded", len(files), people=people, plans=plans))
    if parts:
        out(words().t("load.replaced" if replace else "load.kept", parts=filed.listed(parts)))


def dump(data: Data = None) -> None:
    """Write the organisation as YAML, in the form that `load` reads."""
    with _house(data) as house:
        organisation = house.directory.organisation()
        with reading(house.engine) as connection:
            saved = registers.get(connection, registers.ORGANISATION)
        sys.stdout.write((filed.head(saved) if saved else "") + dump_organisation(organisation))


@key_app.command("new")
def key_new(
    role: Annotated[str, typer.Option(help="viewer, responder, commander, admin or integration.")],
    name: Annotated[str, typer.Option(help="What the log will call it.")],
    unit: Annotated[str | None, typer.Option(help="The unit that its reports belong to.")] = None,
    data: Data = None,
) -> None:
    """Make a key and print only the key. It is stored as a hash: this is the one time that it can be read."""
    if role not in _KEY_ROLES:
        raise BadInput(Fault("--role", why("cli.key.role", roles=", ".join(_KEY_ROLES))))
    if not keys.NAME.fullmatch(name):
        raise BadInput(Fault("--name", why("cli.key.name")))
    secret = new_key()
    with _engine(data, begins=True) as (engine, settings), changing(engine) as connection:
        if unit is not None and not _has_unit(connection, unit):
            raise Unknown("unit", unit)
        keys.add(connection, hashed=hashed(secret), name=name, role=role, now=settings.clock().now(), unit=unit)
    out(secret)


def _has_unit(connection: Connection, unit: str) -> bool:
    if registers.version(connection) == 0:
        return False
    return registers.load_organisation(connection)[0].unit(unit) is not None


@key_app.command("revoke")
def key_revoke(name: str, data: Data = None) -> None:
    """Take a key out of force."""
    with _engine(data) as (engine, settings), changing(engine) as connection:
        if not keys.revoke(connection, name, settings.clock().now()):
            raise Unknown("key", name)
    out(words().t("cli.key.revoked", name=name))


@user_app.command("add")
def user_add(
    person: Annotated[str, typer.Argument(help="The id of a person of the organisation.")],
    password: Annotated[bool, typer.Option("--password", help="Ask for a password instead of making a link.")] = False,
    data: Data = None,
) -> None:
    """Let a person sign in: prints a link that works once within 12 hours, or sets a password."""
    with _house(data) as house:
        if house.directory.organisation().person(person) is None:
            raise Unknown("person", person)
        if password:
            _set_password(house, person)
            return
        token = new_key()
        with changing(house.engine) as connection:
            accounts.add_signin(connection, hashed(token), person, house.clock.now() + accounts.SIGN_IN_FOR)
        site = running_at(house.settings.data) if house.settings.has_default_url else None
    out(f"{site or house.settings.public_url}/login/{token}")


def _set_password(house: House, person: str) -> None:
    from argon2 import PasswordHasher

    secret = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    if len(secret) < accounts.PASSWORD_MIN:
        raise BadInput(Fault("--password", why("cli.user.short", n=accounts.PASSWORD_MIN)))
    with changing(house.engine) as connection:
        accounts.set_password(connection, person, PasswordHasher().hash(secret))
    out(words().t("cli.user.set", name=person))
