"""Settings: what is read from where, and what a bad value is told."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.clock import FastClock, SystemClock
from incident.settings import PREFIX, BadSettings, Settings
from incident.words import LOCALES, words_for

SID = "AC" + "0a" * 16
TWILIO = {
    "INCIDENT_TWILIO_ACCOUNT_SID": SID,
    "INCIDENT_TWILIO_AUTH_TOKEN": "0123456789abcdef0123456789abcdef",
    "INCIDENT_TWILIO_FROM": "+15005550006, +15005550007",
}


def refusal(env: dict[str, str], data: Path) -> BadSettings:
    with pytest.raises(BadSettings) as caught:
        Settings.load(env, data)
    return caught.value


def said(error: BadSettings, locale: str = "en") -> str:
    return "\n".join(words_for(locale).reason(fault.reason) for fault in error.faults)


def test_nothing_set_gives_the_embedded_defaults(tmp_path: Path) -> None:
    settings = Settings.load({}, tmp_path)
    assert settings.database_url.get_secret_value() == f"sqlite:///{tmp_path}/incident.db"
    assert settings.redis_url is None
    assert settings.public_url == "http://127.0.0.1:8000"
    assert settings.simulated
    assert isinstance(settings.clock(), SystemClock)


def test_the_data_folder_is_private_and_may_be_named_by_the_environment(tmp_path: Path) -> None:
    settings = Settings.load({"INCIDENT_DATA": str(tmp_path / "deep" / "data")})
    assert settings.data == tmp_path / "deep" / "data"
    assert stat.S_IMODE(settings.data.stat().st_mode) == 0o700


def test_the_environment_wins_over_the_file_and_the_file_over_the_default(tmp_path: Path) -> None:
    (tmp_path / "incident.toml").write_text('port = 9000\ntimezone = "Asia/Shanghai"\ntwilio_from = []\n')
    settings = Settings.load({"INCIDENT_PORT": "9001"}, tmp_path)
    assert (settings.port, settings.timezone, settings.default_locale) == (9001, "Asia/Shanghai", "en")
    assert settings.public_url == "http://127.0.0.1:9001"


def test_an_empty_variable_counts_as_unset(tmp_path: Path) -> None:
    assert Settings.load({"INCIDENT_REDIS_URL": "", "INCIDENT_LOG": " "}, tmp_path).redis_url is None


def test_senders_may_be_several_numbers_or_a_messaging_service(tmp_path: Path) -> None:
    assert Settings.load(TWILIO, tmp_path).twilio_from == ("+15005550006", "+15005550007")
    service = "MG" + "f" * 32
    assert Settings.load(TWILIO | {"INCIDENT_TWILIO_FROM": service}, tmp_path).twilio_from == (service,)


@pytest.mark.parametrize(("given_tag", "locale"), [("zh-TW", "zh_Hant"), ("zh", "zh_Hans"), ("en-GB", "en")])
def test_a_language_tag_names_a_catalog(given_tag: str, locale: str, tmp_path: Path) -> None:
    assert Settings.load({"INCIDENT_DEFAULT_LOCALE": given_tag}, tmp_path).default_locale == locale


BAD = [
    ("INCIDENT_DATABASE_URL", "mysql://me:hunter2@host/db"),
    ("INCIDENT_DATABASE_URL", "postgresql"),
    ("INCIDENT_DATABASE_URL", "postgresql://me:hunter2@host:port/db"),
    ("INCIDENT_REDIS_URL", "hunter2:6379"),
    ("INCIDENT_PORT", "0"),
    ("INCIDENT_PORT", "eighty"),
    ("INCIDENT_HOST", "a b"),
    ("INCIDENT_PUBLIC_URL", "incident.example"),
    ("INCIDENT_PUBLIC_URL", "https://me:hunter2@incident.example"),
    ("INCIDENT_SECRET", "hunter2"),
    ("INCIDENT_TWILIO_ACCOUNT_SID", "hunter2"),
    ("INCIDENT_TWILIO_FROM", "hunter2"),
    ("INCIDENT_TWILIO_FROM", "+15005550006,500555"),
    ("INCIDENT_TWILIO_BASE_URL", "ftp://double"),
    ("INCIDENT_SMTP_URL", "http://hunter2@mail"),
    ("INCIDENT_DEADMAN_URL", "hunter2.example/ping"),
    ("INCIDENT_DEFAULT_LOCALE", "fr"),
    ("INCIDENT_LIMIT_SMS", "5 in 15 min"),
    ("INCIDENT_LIMIT_VOICE", "0/15m"),
    ("INCIDENT_LIMIT_OTHER", "60/1d"),
    ("INCIDENT_FLOOD_ABOVE", "0"),
    ("INCIDENT_TIMEZONE", "Peking"),
    ("INCIDENT_LOG", "xml"),
    ("INCIDENT_CLOCK_BASE", "2026-11-22T20:00:00"),
    ("INCIDENT_CLOCK_RATE", "-1"),
]


@pytest.mark.parametrize(("name", "value"), BAD)
def test_a_bad_value_stops_the_start_with_its_name_and_without_itself_where_secret(
    name: str, value: str, tmp_path: Path
) -> None:
    error = refusal(TWILIO | {name: value}, tmp_path)
    assert [fault.pointer for fault in error.faults] == [name]
    for locale in LOCALES:
        text = said(error, locale)
        assert text.startswith(name)
        assert "hunter2" not in text
        assert "expected." not in text, "a sentence of what was expected is missing in the catalog"
        assert "{" not in text
    assert "hunter2" not in repr(error)


def test_all_bad_values_are_named_at_once(tmp_path: Path) -> None:
    error = refusal({"INCIDENT_PORT": "0", "INCIDENT_LOG": "xml"}, tmp_path)
    assert {fault.pointer for fault in error.faults} == {"INCIDENT_PORT", "INCIDENT_LOG"}
    assert said(error).splitlines()[0] == "INCIDENT_PORT is “0”; expected a port from 1 to 65535."


def test_half_of_twilio_is_refused_since_pages_would_go_to_the_simulated_phones(tmp_path: Path) -> None:
    env = {name: value for name, value in TWILIO.items() if not name.endswith("TOKEN")}
    assert [fault.pointer for fault in refusal(env, tmp_path).faults] == ["INCIDENT_TWILIO_AUTH_TOKEN"]


def test_a_slip_in_a_name_is_refused_with_the_name_that_was_meant(tmp_path: Path) -> None:
    error = refusal({"INCIDENT_TWILLIO_FROM": "+15005550006"}, tmp_path)
    assert "INCIDENT_TWILIO_FROM" in said(error)
    Settings.load({"INCIDENT_OF_ANOTHER_PROGRAM": "1"}, tmp_path)  # not ours: left alone


def test_an_unknown_name_in_the_file_is_always_refused(tmp_path: Path) -> None:
    (tmp_path / "incident.toml").write_text("prot = 9000\n")
    assert "port" in said(refusal({}, tmp_path))


def test_a_broken_file_is_named_with_line_and_column(tmp_path: Path) -> None:
    (tmp_path / "incident.toml").write_text("port = 9000\ntimezone = \n")
    assert "line 2, column 12" in said(refusal({}, tmp_path))


def test_a_data_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    assert str(tmp_path / "data") in said(refusal({}, tmp_path / "data"))


def test_the_secret_is_made_once_kept_private_and_agreed_on_by_all_who_start_together(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(lambda _: Settings.load({}, tmp_path).secret.get_secret_value(), range(16)))
    assert len(made) == 1
    assert len(made.pop()) >= 43
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["secret"], "a draft was left behind"


def test_a_secret_of_the_environment_is_not_written_to_the_disk(tmp_path: Path) -> None:
    Settings.load({"INCIDENT_SECRET": "s" * 40}, tmp_path)
    assert not (tmp_path / "secret").exists()


def test_no_secret_is_in_the_representation(tmp_path: Path) -> None:
    settings = Settings.load(TWILIO | {"INCIDENT_DATABASE_URL": "postgresql://me:hunter2@host/db"}, tmp_path)
    for secret in settings.secrets():
        assert secret not in repr(settings)
        assert secret not in str(settings)
    assert {"hunter2", TWILIO["INCIDENT_TWILIO_AUTH_TOKEN"]} < set(settings.secrets())


def test_serving_elsewhere_moves_the_public_url_only_when_nobody_set_it(tmp_path: Path) -> None:
    assert Settings.load({}, tmp_path).serving("0.0.0.0", 8100).public_url == "http://127.0.0.1:8100"
    named = Settings.load({"INCIDENT_PUBLIC_URL": "https://incident.example/"}, tmp_path)
    assert named.serving(None, 8100).public_url == "https://incident.example"
    assert named.serving(None, 8100).port == 8100


def test_a_fast_clock_is_the_same_in_every_process(tmp_path: Path) -> None:
    base = datetime(2026, 11, 22, 12, tzinfo=UTC)
    env = {"INCIDENT_CLOCK_BASE": "2026-11-22T20:00:00+08:00", "INCIDENT_CLOCK_RATE": "10"}
    assert Settings.load(env, tmp_path).clock() == FastClock(base, 10.0)
    error = refusal({"INCIDENT_CLOCK_RATE": "10"}, tmp_path)
    assert [fault.pointer for fault in error.faults] == ["INCIDENT_CLOCK_BASE"]


@given(
    port=st.integers(1, 65535),
    rate=st.floats(0.001, 100_000),
    days=st.integers(-10_000, 30_000),
    zone=st.sampled_from(["UTC", "Asia/Shanghai", "Australia/Lord_Howe"]),
    twilio=st.booleans(),
)
def test_a_child_reads_the_settings_that_its_parent_hands_on(
    tmp_path_factory: pytest.TempPathFactory, port: int, rate: float, days: int, zone: str, twilio: bool
) -> None:
    data = tmp_path_factory.getbasetemp() / "handed-on"
    env = {
        "INCIDENT_PORT": str(port),
        "INCIDENT_CLOCK_BASE": (datetime(2026, 11, 22, 20, 0, 0, 500, UTC) + timedelta(days)).isoformat(),
        "INCIDENT_CLOCK_RATE": repr(rate),
        "INCIDENT_TIMEZONE": zone,
    }
    parent = Settings.load(env | (TWILIO if twilio else {}), data)
    assert all(name.startswith(PREFIX) for name in parent.env())
    assert Settings.load(parent.env()) == parent
