"""The fixtures themselves: a test that gets no real server would prove nothing."""

from __future__ import annotations

import psycopg
import redis

from tests.servers import Postgres


def test_a_postgres_database_is_empty_and_takes_writes(postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as connection:
        connection.execute("CREATE TABLE page (id int)")
        connection.execute("INSERT INTO page VALUES (1)")
        assert connection.execute("SELECT count(*) FROM page").fetchone() == (1,)


def test_two_databases_do_not_see_each_other(postgres_server: Postgres) -> None:
    with postgres_server.database() as one, postgres_server.database() as two:
        with psycopg.connect(one) as connection:
            connection.execute("CREATE TABLE page (id int)")
        with psycopg.connect(two) as connection:
            assert connection.execute("SELECT to_regclass('page')").fetchone() == (None,)


def test_the_redis_of_the_session_answers(clean_redis_url: str) -> None:
    with redis.Redis.from_url(clean_redis_url) as client:
        client.set("bell", "1")
        assert client.get("bell") == b"1"
        assert client.config_get("appendonly") == {"appendonly": "yes"}
