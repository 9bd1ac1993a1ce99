"""docker-compose.yml and the Dockerfile: what running them has shown (docs/operations.md), held without an engine."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from incident.running.pulse import FILE
from incident.running.supervisor import GRACE
from incident.settings import PREFIX, Settings

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "docker-compose.yml"
OURS = ("web", "worker", "watch", "migrate")
SECRET = re.compile(r"PASSWORD|SECRET|TOKEN|AUTH|SID|SMTP_URL")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    with COMPOSE.open(encoding="utf-8") as file:
        return dict(YAML(typ="safe").load(file))


@pytest.fixture(scope="module")
def dockerfile() -> list[str]:
    """The instructions, continuation lines joined."""
    text = re.sub(r"\\\n\s*", "", (ROOT / "Dockerfile").read_text(encoding="utf-8"))
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def test_every_part_is_there_and_web_worker_and_watch_are_two_of_each(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert set(services) == {"postgres", "redis", "proxy", *OURS}
    assert {name: services[name]["deploy"]["replicas"] for name in ("web", "worker", "watch")} == {
        "web": 2,
        "worker": 2,
        "watch": 2,
    }


@pytest.mark.parametrize("name", [*OURS, "serve"])
@pytest.mark.long
def test_the_command_of_every_service_exists(name: str, compose: dict[str, Any], dockerfile: list[str]) -> None:
    if name != "serve":
        assert compose["services"][name]["command"] == [name]
    assert 'ENTRYPOINT ["incident"]' in dockerfile
    asked = subprocess.run([sys.executable, "-m", "incident.cli", name, "--help"], capture_output=True, check=False)
    assert asked.returncode == 0, asked.stderr.decode()


def test_nobody_starts_before_the_migration_is_done_and_the_servers_answer(compose: dict[str, Any]) -> None:
    services = compose["services"]
    for name in ("web", "worker", "watch"):
        assert {other: need["condition"] for other, need in services[name]["depends_on"].items()} == {
            "migrate": "service_completed_successfully",
            "postgres": "service_healthy",
            "redis": "service_healthy",
        }
    assert services["migrate"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    assert services["migrate"]["restart"] == "no"
    assert services["proxy"]["depends_on"] == {"web": {"condition": "service_started"}}, (
        "webs that start slowly must not leave the door shut for good"
    )


def test_the_database_is_not_called_ready_while_its_image_still_makes_it(compose: dict[str, Any]) -> None:
    """Its first server listens on the socket alone; a migration that came then was refused, and nothing started."""
    test = compose["services"]["postgres"]["healthcheck"]["test"]
    assert test[test.index("--host") + 1] == "127.0.0.1"


def test_the_image_is_built_once(compose: dict[str, Any]) -> None:
    assert [name for name, service in compose["services"].items() if "build" in service] == ["migrate"]
    assert {compose["services"][name]["image"] for name in OURS} == {"incident-command"}


def test_what_others_wait_for_has_a_health_check(compose: dict[str, Any], dockerfile: list[str]) -> None:
    services = compose["services"]
    for name in ("postgres", "redis", "proxy"):
        assert services[name]["healthcheck"]["test"][0] == "CMD"
    for name in ("web", "worker", "watch"):
        assert "healthcheck" not in services[name], "the image's own check is meant"
        assert services[name]["environment"][FILE].startswith(services[name]["tmpfs"][0] + "/"), "looks at the beat"
    assert any(line.startswith("HEALTHCHECK") and "incident.running.alive" in line for line in dockerfile)


def test_what_is_ours_may_be_killed_for_its_memory_and_the_database_may_not(compose: dict[str, Any]) -> None:
    services = compose["services"]
    for name in ("web", "worker", "watch"):
        assert services[name]["deploy"]["resources"]["limits"]["memory"].endswith("m")
        assert services[name]["restart"] == "unless-stopped"
        assert int(services[name]["stop_grace_period"].removesuffix("s")) > GRACE, "it finishes what is in flight"
    assert "limits" not in services["postgres"]["deploy"]["resources"]
    assert int(services["postgres"]["stop_grace_period"].removesuffix("s")) >= 60


def test_nobody_has_more_rights_than_it_needs(compose: dict[str, Any], dockerfile: list[str]) -> None:
    for name, service in compose["services"].items():
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["cap_drop"] == ["ALL"], name
    for name in OURS:
        assert "cap_add" not in compose["services"][name]
        assert compose["services"][name]["read_only"] is True
    volume = next(line.split()[1] for line in dockerfile if line.startswith("VOLUME"))
    kept = [mount for mount in compose["services"]["web"]["tmpfs"] if mount.startswith(volume + ":")]
    assert kept, "else each container leaves a volume without a name behind"


def test_no_log_fills_the_disk(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert set(service["logging"]["options"]) == {"max-size", "max-file"}, name


def test_only_the_proxy_is_reached_from_outside_and_it_holds_no_event_back(compose: dict[str, Any]) -> None:
    assert [name for name, service in compose["services"].items() if "ports" in service] == ["proxy"]
    caddyfile = compose["configs"]["caddyfile"]["content"]
    assert "flush_interval -1" in caddyfile


def test_the_proxy_finds_a_web_that_was_replaced_at_once(compose: dict[str, Any]) -> None:
    """By itself it keeps an address for a minute and waits three seconds for one that nobody has any more."""
    caddyfile = compose["configs"]["caddyfile"]["content"]
    assert re.search(r"dynamic a \{\s+name web\s+port 8000\s+refresh 1s\s+\}", caddyfile)
    assert "dial_timeout 1s" in caddyfile
    assert "fail_duration 2s" in caddyfile, "who is starting is refused, and must not be left out for long after"
    assert "admin off" in caddyfile


def test_no_secret_stands_in_the_file_and_none_has_a_default(compose: dict[str, Any]) -> None:
    seen = 0
    for service in compose["services"].values():
        for name, value in service.get("environment", {}).items():
            secret = SECRET.search(name) or "PASSWORD" in str(value)
            if secret:
                seen += 1
                assert re.search(r"\$\{\w+(:\?[^}]+|:-)\}", str(value)), f"{name} is written out"
    assert seen >= 5
    assert not re.search(r"://\w+:(?!\$)[^@\s$]+@", COMPOSE.read_text(encoding="utf-8"))


def test_the_settings_it_hands_on_are_ones_that_the_program_reads(compose: dict[str, Any], tmp_path: Path) -> None:
    given = {name: str(value) for name, value in compose["services"]["web"]["environment"].items()}
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    here = {name for name in given if name.startswith(PREFIX)} - {FILE}
    assert here <= known
    assert known - here == {PREFIX + name for name in ("DATA", "HOST", "PORT", "CLOCK_BASE", "CLOCK_RATE")}, (
        "what stands in .env gets through, but for what the image says and a clock for demonstrations"
    )
    filled = {
        name: re.sub(r"\$\{(\w+)(?::-([^}]*)|:\?[^}]*)\}", lambda found: found[2] or WORDS.get(found[1], ""), value)
        for name, value in given.items()
    }
    settings = Settings.load(filled, tmp_path)
    assert settings.database_url.get_secret_value() == "postgresql://incident:pw1@postgres:5432/incident"
    assert settings.simulated, "an empty Twilio setting counts as unset"


WORDS = {
    "POSTGRES_PASSWORD": "pw1",
    "REDIS_PASSWORD": "pw2",
    "INCIDENT_SECRET": "s" * 32,
    "INCIDENT_PUBLIC_URL": "https://incident.example",
}


def test_redis_never_drops_a_job_for_want_of_memory(compose: dict[str, Any]) -> None:
    command = compose["services"]["redis"]["command"][-1]
    assert "--maxmemory-policy noeviction" in command
    assert 'exec docker-entrypoint.sh valkey-server --requirepass "$$REDISCLI_AUTH"' in command, "else it stays root"


def test_the_image_installs_by_hash_and_runs_as_nobody_special(dockerfile: list[str]) -> None:
    installs = [line for line in dockerfile if "pip install" in line]
    assert "--require-hashes --requirement requirements.lock" in installs[0]
    assert all("--no-deps --no-build-isolation" in line for line in installs[1:])
    user = dockerfile.index("USER incident")
    assert user < next(number for number, line in enumerate(dockerfile) if line.startswith("CMD"))
    assert not [line for line in dockerfile[user + 1 :] if line.startswith(("USER", "RUN", "COPY"))]


def test_every_file_that_the_image_copies_is_sent_to_the_build(dockerfile: list[str]) -> None:
    sent = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = {
        part.removeprefix("./")
        for line in dockerfile
        if line.startswith("COPY") and "--from" not in line
        for part in line.split()[1:-1]
    }
    assert copied == sent
    packages = {name for name in ("incident", "drills", "web") if (ROOT / name / "__init__.py").exists()}
    assert copied == {"requirements.lock", "pyproject.toml", "README.md", "LICENSE", *packages}
    assert all((ROOT / name).exists() for name in copied)


def make(*arguments: str) -> str:
    env = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    asked = subprocess.run(["make", "-n", *arguments], cwd=ROOT, capture_output=True, text=True, check=True, env=env)
    return asked.stdout


def test_make_run_starts_the_demo_on_the_port_that_was_asked_for() -> None:
    assert "incident serve --demo --host 127.0.0.1 --port 8123" in make("run", "PORT=8123")


@pytest.mark.parametrize("target", ["run", "setup", "demo", "test", "check", "bench", "clean"])
def test_every_promised_target_is_there(target: str) -> None:
    make(target)
