"""Which server is found, where it listens, and what happens to one that a dead supervisor left behind."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

import pytest
import redis

from incident.running import lifeline, redis_server
from incident.running.redis_server import LONGEST_SOCKET, NoRedis
from incident.words import words_for


def program(folder: Path, name: str) -> str:
    folder.mkdir(exist_ok=True)
    file = folder / name
    file.write_text("#!/bin/sh\nexit 3\n")
    file.chmod(0o755)
    return str(file)


def test_a_server_on_the_path_comes_before_the_packaged_one_and_valkey_before_redis(tmp_path: Path) -> None:
    env = {"PATH": str(tmp_path / "bin")}
    packaged = redis_server.find_binary({"PATH": str(tmp_path)})
    assert Path(packaged).name == "valkey-server"
    redis_one = program(tmp_path / "bin", "redis-server")
    assert redis_server.find_binary(env) == redis_one
    valkey_one = program(tmp_path / "bin", "valkey-server")
    assert redis_server.find_binary(env) == valkey_one


def test_where_there_is_none_the_message_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_server, "_packaged", lambda: None)
    with pytest.raises(NoRedis) as caught:
        redis_server.find_binary({"PATH": str(tmp_path)})
    text = words_for("en").reason(caught.value.reason)
    assert "valkey-server / redis-server" in text
    assert "INCIDENT_REDIS_URL" in text


def test_the_socket_stands_in_the_data_folder(tmp_path: Path) -> None:
    assert redis_server.socket_for(Path("/srv/incident"), {}) == Path("/srv/incident/redis/redis.sock")


@pytest.mark.parametrize("letter", ["d", "数"])
def test_a_long_data_path_gets_a_short_socket_that_is_always_the_same(letter: str, tmp_path: Path) -> None:
    data, other = tmp_path / (letter * 40) / (letter * 40), tmp_path / (letter * 40) / "other"
    for env in ({}, {"XDG_RUNTIME_DIR": str(tmp_path)}, {"XDG_RUNTIME_DIR": "relative"}):
        path = redis_server.socket_for(data, env)
        assert len(os.fsencode(path)) <= LONGEST_SOCKET
        assert path == redis_server.socket_for(data, env)
        assert path != redis_server.socket_for(other, env)


def test_a_server_behind_a_long_path_works_in_a_private_folder(tmp_path: Path) -> None:
    data = tmp_path / ("d" * 100)
    with (
        tempfile.TemporaryDirectory(prefix="run-") as runtime,
        redis_server.running(data, {**os.environ, "XDG_RUNTIME_DIR": runtime}) as url,
    ):
        folder = Path(url.removeprefix("unix://")).parent
        assert folder.parent == Path(runtime)
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        with redis.Redis.from_url(url) as client:
            assert client.ping()


def test_it_keeps_what_it_held_over_a_restart_and_its_files_in_the_data_folder(tmp_path: Path) -> None:
    with redis_server.running(tmp_path, os.environ) as url, redis.Redis.from_url(url) as client:
        client.set("limit", "7")
    with redis_server.running(tmp_path, os.environ) as url, redis.Redis.from_url(url) as client:
        assert client.get("limit") == b"7"
    assert (tmp_path / "redis" / "appendonlydir").is_dir()
    assert {path.name for path in tmp_path.iterdir()} == {"redis"}


def test_an_orphan_on_the_same_data_is_stopped_before_a_new_one_starts(tmp_path: Path) -> None:
    command, socket = redis_server.prepare(tmp_path, os.environ)
    orphan = lifeline.start(command, dict(os.environ))
    redis_server.wait_until_ready(tmp_path, socket, orphan)
    with redis_server.running(tmp_path, os.environ) as url:
        assert orphan.wait(timeout=30) == 0
        with redis.Redis.from_url(url) as client:
            assert client.info("server")["process_id"] != orphan.pid


def test_a_server_that_ends_at_once_is_told_with_its_code(tmp_path: Path) -> None:
    program(tmp_path / "bin", "valkey-server")
    with (
        pytest.raises(NoRedis) as caught,
        redis_server.running(tmp_path, {**os.environ, "PATH": f"{tmp_path}/bin:{os.environ['PATH']}"}),
    ):
        pytest.fail("it came up")
    assert "exit code 3" in words_for("en").reason(caught.value.reason)
