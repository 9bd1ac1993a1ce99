"""The registers: what is edited, looked up and erased, apart from the log."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from incident.errors import NoOrganisation, Refused, Unknown
from incident.organisation import demo_organisation
from incident.store import accounts, claims, directory, documents, idempotency, keys, links, meta, phones
from incident.store.documents import Document
from incident.store.engine import changing, reading
from incident.store.idempotency import Answered
from incident.store.links import Link

AT = datetime(2026, 3, 1, 2, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_the_organisation_comes_back_as_it_was_saved(engine: Engine) -> None:
    organisation = demo_organisation()
    with changing(engine) as connection:
        assert directory.version(connection) == 0
        with pytest.raises(NoOrganisation):
            directory.load_organisation(connection)
        assert directory.save_organisation(connection, organisation, expected=0, at=AT, by="person:maria") == 1
    with reading(engine) as connection:
        assert directory.load_organisation(connection) == (organisation, 1)
        assert directory.version(connection) == 1


def test_a_save_from_an_old_version_is_refused_and_changes_nothing(engine: Engine) -> None:
    with changing(engine) as connection:
        directory.put(connection, "plans", '{"a":1}', expected=0, at=AT, by="x")
        directory.put(connection, "plans", '{"a":2}', expected=1, at=AT, by="x")
        with pytest.raises(Refused) as refused:
            directory.put(connection, "plans", '{"a":3}', expected=1, at=AT, by="y")
        saved = directory.get(connection, "plans")
    assert dict(refused.value.reason.params) == {"name": "plans", "version": "2"}
    assert saved is not None
    assert (saved.version, saved.body) == (2, '{"a":2}')


def test_saving_the_same_again_makes_no_new_version(engine: Engine) -> None:
    organisation = demo_organisation()
    with changing(engine) as connection:
        for _ in range(3):
            assert directory.save_organisation(connection, organisation, expected=None, at=AT, by="x") == 1


def test_an_earlier_organisation_can_be_read(engine: Engine) -> None:
    first = demo_organisation()
    second = type(first)(units=first.units, people=first.people[:-1], rosters=())
    with changing(engine) as connection:
        directory.save_organisation(connection, first, expected=None, at=AT, by="x")
        directory.save_organisation(connection, second, expected=None, at=AT, by="x")
        assert directory.organisation_at(connection, 1) == first
        assert directory.load_organisation(connection) == (second, 2)
        with pytest.raises(Unknown):
            directory.organisation_at(connection, 3)


def test_a_pinned_document_is_kept_once_and_for_ever(engine: Engine) -> None:
    one = Document("ab", "policy", "it-emergency", 1, '{"first":true}')
    with changing(engine) as connection:
        documents.keep(connection, [one], AT)
        documents.keep(connection, [Document("ab", "policy", "it-emergency", 1, "forged")], AT)
        assert documents.get(connection, "ab") == one
        assert documents.get(connection, "cd") is None


def test_a_sign_in_link_works_once_and_not_too_late(engine: Engine) -> None:
    with changing(engine) as connection:
        accounts.add_signin(connection, "h1", "maria", AT + HOUR)
        accounts.add_signin(connection, "h2", "maria", AT + HOUR)
        assert accounts.use_signin(connection, "h1", AT) == "maria"
        assert accounts.use_signin(connection, "h1", AT) is None
        assert accounts.use_signin(connection, "h2", AT + HOUR) is None
        assert accounts.use_signin(connection, "h3", AT) is None


def test_of_two_who_use_a_sign_in_link_at_once_one_gets_in(engine: Engine) -> None:
    with changing(engine) as connection:
        accounts.add_signin(connection, "h1", "maria", AT + HOUR)
    got: list[str | None] = []

    def use() -> None:
        with changing(engine) as connection:
            got.append(accounts.use_signin(connection, "h1", AT))

    threads = [threading.Thread(target=use) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got, key=str) == [None, None, None, "maria"]


def test_a_session_ends_by_time_by_hand_and_everywhere(engine: Engine) -> None:
    with changing(engine) as connection:
        for hashed in ("s1", "s2", "s3"):
            accounts.add_session(connection, hashed, "maria", AT, AT + HOUR)
        accounts.touch_session(connection, "s1", AT + HOUR / 2, AT + 2 * HOUR)
        kept = accounts.session(connection, "s1", AT + HOUR)
        assert kept is not None
        assert (kept.person, kept.seen_at) == ("maria", AT + HOUR / 2)
        assert accounts.session(connection, "s2", AT + HOUR) is None
        accounts.end_session(connection, "s2")
        assert accounts.end_sessions_of(connection, "maria") == 2
        assert accounts.session(connection, "s1", AT) is None


def test_what_has_expired_is_swept(engine: Engine) -> None:
    with changing(engine) as connection:
        accounts.add_session(connection, "old", "maria", AT, AT + HOUR)
        accounts.add_session(connection, "new", "maria", AT, AT + 3 * HOUR)
        accounts.add_signin(connection, "old", "maria", AT + HOUR)
        assert accounts.sweep(connection, AT + 2 * HOUR) == 2
        assert accounts.session(connection, "new", AT + 2 * HOUR) is not None


def test_a_password_is_set_and_changed(engine: Engine) -> None:
    with changing(engine) as connection:
        assert accounts.password_hash(connection, "maria") is None
        accounts.set_password(connection, "maria", "first")
        accounts.set_password(connection, "maria", "second")
        assert accounts.password_hash(connection, "maria") == "second"


def test_a_key_is_found_until_it_is_revoked_and_its_name_is_never_given_again(engine: Engine) -> None:
    with changing(engine) as connection:
        keys.add(connection, hashed="h1", name="alertmanager", role="integration", now=AT, unit="hq", mapping={"a": 1})
        found = keys.find(connection, "h1")
        assert found is not None
        assert (found.name, found.unit, found.mapping, found.used_at) == ("alertmanager", "hq", {"a": 1}, None)
        keys.used(connection, "h1", AT + HOUR)
        assert keys.set_mapping(connection, "alertmanager", {"b": 2})
        assert keys.revoke(connection, "alertmanager", AT + HOUR)
        assert not keys.revoke(connection, "alertmanager", AT + HOUR)
        assert keys.find(connection, "h1") is None
        with pytest.raises(Refused):
            keys.add(connection, hashed="h2", name="alertmanager", role="viewer", now=AT)
        (kept,) = keys.every(connection)
        assert (kept.mapping, kept.used_at, kept.revoked_at) == ({"b": 2}, AT + HOUR, AT + HOUR)


def test_links_are_found_by_token_and_by_person(engine: Engine) -> None:
    link = Link("k3x9", "a", "maria", 1, AT)
    with changing(engine) as connection:
        links.add(connection, [link, Link("p7q2", "b", "maria", 1, AT)])
        assert links.get(connection, "k3x9") == link
        assert links.get(connection, "none") is None
        assert links.of(connection, ["a"]) == {("a", "maria"): "k3x9"}


def test_answers_are_apart_by_scope_and_forgotten_in_time(engine: Engine) -> None:
    one, other = Answered("s1", "k", "d", {"incident": "a"}, AT), Answered("s2", "k", "d", {"incident": "b"}, AT + HOUR)
    with changing(engine) as connection:
        idempotency.add(connection, [one, other])
        assert idempotency.of(connection, [("s1", "k")]) == {("s1", "k"): one}
        assert idempotency.forget(connection, AT + HOUR) == 1
        assert idempotency.of(connection, [("s1", "k"), ("s2", "k")]) == {("s2", "k"): other}


def test_keys_pass_to_a_new_incident_and_to_the_one_merged_into(engine: Engine) -> None:
    key = claims.scoped("hook", None, "alert/7")
    assert len({key, claims.scoped("hook", "d1", "alert/7"), claims.scoped("", None, "alert/7")}) == 3
    with changing(engine) as connection:
        claims.take(connection, {key: "a"}, held=())
        claims.take(connection, {key: "b"}, held=[key])
        assert claims.owners(connection, [key, "none"]) == {key: "b"}
        claims.inherit(connection, {"b": "c"})
        assert claims.owners(connection, [key]) == {key: "c"}


def test_personal_data_can_be_erased(engine: Engine) -> None:
    with changing(engine) as connection:
        claims.put_particulars(connection, [("a", "contact", "+86 138"), ("b", "contact", "x@example.org")])
        assert claims.particulars_of(connection, "a") == {"contact": "+86 138"}
        assert claims.erase_particulars(connection, "a") == 1
        assert claims.particulars_of(connection, "a") == {}
        assert claims.particulars_of(connection, "b") == {"contact": "x@example.org"}


def test_a_simulated_phone_shows_its_messages_in_order(engine: Engine) -> None:
    with changing(engine) as connection:
        for n in range(3):
            phones.put(connection, number="+491", direction="to_phone", at=AT + n * HOUR, body=f"m{n}", incident="a")
        last = phones.put(connection, number="+491", direction="from_phone", at=AT, body="1")
        phones.put(connection, number="+492", direction="to_phone", at=AT, body="other")
        shown = phones.messages(connection, "+491")
        assert [m.body for m in shown] == ["m0", "m1", "m2", "1"]
        assert [m.body for m in phones.messages(connection, "+491", limit=2)] == ["m2", "1"]
        assert [m.id for m in phones.messages(connection, "+491", after=shown[2].id)] == [last]
        latest = phones.latest(connection)
    assert {number: message.body for number, message in latest.items()} == {"+491": "1", "+492": "other"}


def test_small_values_are_kept(engine: Engine) -> None:
    with changing(engine) as connection:
        assert meta.once(connection, "secret", "first") == "first"
        assert meta.once(connection, "secret", "second") == "first"
        meta.put(connection, "secret", "third")
        meta.put(connection, "other", "x")
        assert (meta.get(connection, "secret"), meta.get(connection, "none")) == ("third", None)
