"""`incident serve`, and the processes it is made of."""

from __future__ import annotations

import os
import shlex
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Final

import structlog
import typer
from sqlalchemy import Engine

from incident.cli.say import out, words
from incident.errors import why
from incident.ids import derived_key, hashed, new_key
from incident.organisation import Role
from incident.organisation.reader import demo_organisation
from incident.running import CannotStart, lifeline, logs, serving, supervisor
from incident.settings import Settings
from incident.store import accounts, keys, signs, ways
from incident.store import directory as registers
from incident.store.engine import changing, open_engine, reading
from incident.store.migrations import current, lags, migrate, newest

_log = structlog.get_logger(__name__)

DEMO: Final = "demo"
"""By whom the demo's ways are confirmed: its phones are simulated."""
DEMO_KEY: Final = "demo"
_DEMO_SCOPE: Final = "demo key"

Data = Annotated[Path | None, typer.Option("--data", help="The data folder; INCIDENT_DATA, else var.")]

Port = Annotated[int | None, typer.Option(help="The port to listen on.", min=1, max=65535)]


def add_to(app: typer.Typer) -> None:
    app.command()(serve)
    app.command("prepare", hidden=True)(_prepare)
    app.command()(web)
    app.command()(worker)
    app.command()(watch)


def serve(
    host: Annotated[str | None, typer.Option(help="The address to listen on.")] = None,
    port: Port = None,
    data: Data = None,
    demo: Annotated[bool, typer.Option("--demo", help="Load the demo organisation if there is none yet.")] = False,
) -> int:
    """Run everything on this machine: web, worker, watch and an embedded Redis."""
    from incident.cli import main
    from incident.cli.loaded import load

    settings = Settings.load(data_dir=data).serving(host, port)
    return serving.serve(settings, main, load, demo=demo)


def _prepare(
    demo: Annotated[bool, typer.Option("--demo")] = False,
    terminal: Annotated[bool, typer.Option("--terminal")] = False,
) -> int:
    """What `serve` does before it starts anything, and then says; a part of it, not a command for people."""
    settings = Settings.load()
    prepare(settings, demo=demo)
    out(announce(settings, terminal=terminal))
    return 0


def prepare(settings: Settings, *, demo: bool) -> None:
    """Bring the database up to date; with `demo`, load the demo organisation once, and its hook's key.

    Raises CannotStart for the demo with a real provider: its numbers are made up and may belong to somebody.
    """
    if demo and not settings.simulated:
        raise CannotStart(why("cli.demo_is_simulated"))
    engine = open_engine(settings.database_url.get_secret_value())
    try:
        migrate(engine)
        now = settings.clock().now()
        with changing(engine) as connection:  # a file of somebody else's is read and never written
            signs.sign(connection, signs.PREPARED, now)
        if not demo:
            return
        key = derived_key(settings.secret.get_secret_value(), _DEMO_SCOPE)
        with changing(engine) as connection:
            if registers.version(connection) == 0:
                registers.save_organisation(connection, demo_organisation(), expected=0, at=now, by="system")
                every = [ways.WayId(p.id, way.kind, way.digest) for p in demo_organisation().people for way in p.ways]
                ways.confirm(connection, every, at=now, by=DEMO)
            if not any(kept.name == DEMO_KEY for kept in keys.every(connection)):
                keys.add(connection, hashed=hashed(key), name=DEMO_KEY, role="integration", now=now)
    finally:
        engine.dispose()


def announce(settings: Settings, *, terminal: bool) -> str:
    """What is said once the web answers: a sign-in link, the wall, the phones, and how to raise one.

    But for the demo the link is for a terminal only: elsewhere it is kept in a journal, and whoever reads that would be
    an administrator.
    """
    say, url = words(), settings.public_url
    engine = open_engine(settings.database_url.get_secret_value())
    try:
        with reading(engine) as connection:
            if registers.version(connection) == 0:
                return say.t("cli.ready.empty", url=url, data=settings.data)
            organisation, _ = registers.load_organisation(connection)
            demo = any(kept.name == DEMO_KEY for kept in keys.every(connection))
        admin = next((p for p in organisation.people if p.role is Role.ADMIN), None)
        lines = [say.t("cli.ready", url=url)]
        if admin is not None and not (terminal or demo):
            lines.append(say.t("cli.ready.user", person=admin.id, data=settings.data))
        elif admin is not None:
            token, now = new_key(), settings.clock().now()
            with changing(engine) as connection:
                accounts.add_signin(connection, hashed(token), admin.id, now + accounts.SIGN_IN_FOR)
            lines.append(say.t("cli.ready.sign_in", name=admin.name, url=f"{url}/login/{token}"))
    finally:
        engine.dispose()
    lines.append(say.t("cli.ready.wall", url=f"{url}/wall"))
    if settings.simulated:
        lines.append(say.t("cli.ready.phones", url=f"{url}/phones"))
    if demo:
        lines += [say.t("cli.ready.raise"), f"  {_curl(settings)}"]
    return "\n".join(lines)


def _curl(settings: Settings) -> str:
    key = derived_key(settings.secret.get_secret_value(), _DEMO_SCOPE)
    body = '{"title": "Data centre down, Hall 3", "kind": "system_outage", "impact": "high", "urgency": "high"}'
    return shlex.join(
        [
            "curl",
            f"{settings.public_url}/api/incidents",
            "-H",
            f"Authorization: Bearer {key}",
            "-H",
            "Content-Type: application/json",
            "-d",
            body,
        ]
    )


def web(host: str | None = None, port: Port = None, data: Data = None) -> int:
    """Run one web process."""
    import uvicorn

    settings = _child("web", data).serving(host, port)
    supervisor.check_port(settings.host, settings.port)
    os.environ.update(settings.env())
    config = uvicorn.Config(
        "web.app:create",
        factory=True,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=5,
        timeout_keep_alive=65,
        backlog=4096,
        http="web.sockets:careful",
    )
    server = uvicorn.Server(config)
    server.run()
    return 0 if server.started else 1


def worker(data: Data = None) -> int:
    """Run one worker: it delivers pages."""
    from incident.work import run_worker

    return run_worker(_child("worker", data))


def watch(data: Data = None) -> int:
    """Run one watch: it takes up what comes due."""
    from incident.work import run_watch

    return run_watch(_child("watch", data))


def _child(name: str, data: Path | None) -> Settings:
    settings = Settings.load(data_dir=data, begins=False)
    logs.configure(name, settings.log, settings.secrets())
    lifeline.named(f"incident-{name}")
    lifeline.follow_parent(os.environ)
    engine = open_engine(settings.database_url.get_secret_value())
    try:
        refuse_behind(engine, settings)
    finally:
        engine.dispose()
    _log.info(
        "started",
        release=release(),
        database=engine.dialect.name,
        bell=settings.redis_url is not None,
        messages=" ".join(f"{name}/{way}" for name, way in settings.providers) or "simulated",
    )
    return settings


def release() -> str:
    """This release, as the package that was installed says it."""
    return version("incident-command")


def refuse_behind(engine: Engine, settings: Settings) -> None:
    """Raise CannotStart for a database that must be migrated first. That is done when somebody says so, after a backup,
    and not because somebody looked."""
    if lags(engine):
        step = current(engine) or "-"
        raise CannotStart(why("running.not_migrated", step=step, newest=newest(), data=settings.data))
