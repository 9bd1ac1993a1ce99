"""What the desk answers, and what it leaves in the store when it has answered."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

from incident.clock import MovedClock
from incident.commands import Acknowledge, Merge, Note, Resolve, Tick, Update
from incident.deadlines import wake_at
from incident.desk.desk import Desk
from incident.desk.requests import Act, Idempotency, NoteKey, OpenReport, Outcome, RecoverKey, Together
from incident.errors import NoOrganisation, Refused, Unknown
from incident.evolve import replay
from incident.organisation import demo_organisation
from incident.state import Incident, Phase
from incident.store import board, claims, directory, links, log, sends
from incident.store.engine import changing, reading
from incident.store.tables import board as board_table
from incident.store.tables import documents
from tests.desk.house import KEY, START, Bells, opened_desk, report

MINUTE = timedelta(minutes=1)


def ask(desk: Desk, request: object) -> Outcome:
    return desk.submit(request).result(10)  # type: ignore[arg-type]


def opened(desk: Desk, key: str | None = None, **fields: object) -> Incident:
    state = ask(desk, report(key, **fields)).state
    assert state is not None
    return state


def paged(state: Incident) -> str:
    return state.alarm.paged[0].person


def test_a_report_opens_an_incident_with_everything_that_follows(desk: Desk, settled: Engine, bells: Bells) -> None:
    outcome = ask(desk, report("alert/7", contact="+86 138 0000 0000"))
    state = outcome.state
    assert state is not None
    assert outcome.created
    assert [entry.position for entry in outcome.entries] == list(range(1, state.seq + 1))
    with reading(settled) as connection:
        assert log.entries(log.of(connection, state.id)) == list(outcome.entries)
        listed = board.get(connection, "C1")
        assert listed is not None
        assert listed.as_dict() == outcome.row
        assert board.next_wake(connection) == wake_at(state)
        assert {s.person for s in sends.siblings(connection, state.id, 1, paged(state))} == {paged(state)}
        assert claims.particulars_of(connection, state.id) == {"contact": "+86 138 0000 0000"}
    assert "138" not in repr(outcome.entries)
    assert [(bell.position, bell.first) for bell in bells.rung] == [(state.seq, True)]
    assert bells.rung[0].sends >= 1


def test_codes_count_up(desk: Desk) -> None:
    assert [opened(desk).report.code for _ in range(3)] == ["C1", "C2", "C3"]


def test_a_page_carries_the_persons_own_link_and_keeps_it(desk: Desk, settled: Engine, clock: MovedClock) -> None:
    state = opened(desk)
    clock.move(timedelta(hours=3))
    ask(desk, Act(state.id, Tick(), "system"))
    with reading(settled) as connection:
        mine = [s for s in sends.of_incident(connection, state.id) if s.purpose == "page"]
        tokens = {(s.person, s.facts["token"]) for s in mine}
        held = {links.get(connection, token) for _, token in tokens}
    assert len(tokens) == len({s.person for s in mine})
    assert {(link.person, link.incident) for link in held if link} == {(p, state.id) for p, _ in tokens}


def test_the_policy_and_the_playbook_are_kept_as_they_were(desk: Desk, settled: Engine) -> None:
    state = opened(desk)
    opened(desk)
    with reading(settled) as connection:
        kept = {row.digest: row.name for row in connection.execute(select(documents))}
    assert state.pinned is not None
    assert kept == {state.pinned.policy_digest: "it-emergency", state.pinned.playbook_digest: state.pinned.playbook}


def test_a_thousand_repeats_are_one_incident_one_page_and_no_entry(desk: Desk, settled: Engine) -> None:
    first = opened(desk, "alert/7")
    futures = [desk.submit(report("alert/7")) for _ in range(1000)]
    outcomes = [future.result(30) for future in futures]
    assert not any(outcome.created or outcome.entries for outcome in outcomes)
    assert {outcome.state.id for outcome in outcomes if outcome.state} == {first.id}
    assert outcomes[-1].row is not None
    assert outcomes[-1].row["repeats"] == 1000
    with reading(settled) as connection:
        listed = board.listing(connection, board.Filter())
        pages = [s for s in sends.of_incident(connection, first.id) if s.purpose == "page" and s.way == "sms"]
        assert log.last_position(connection) == first.seq
    assert [(one.incident, one.repeats) for one in listed] == [(first.id, 1000)]
    assert len(pages) == 1


def test_keys_of_other_senders_and_of_drills_are_apart(desk: Desk) -> None:
    one = report("alert/7")
    outcomes = [ask(desk, r) for r in (one, replace(one, scope="other"), replace(one, drill="d1"))]
    assert [outcome.created for outcome in outcomes] == [True, True, True]
    assert not ask(desk, replace(one, drill="d1")).created


def test_what_comes_again_after_it_was_resolved_is_a_new_incident_that_names_the_old(desk: Desk) -> None:
    first = opened(desk, "alert/7")
    ask(desk, Act(first.id, Resolve(paged(first), "web"), "person:x"))
    again = ask(desk, report("alert/7"))
    assert again.created
    assert again.state is not None
    assert again.state.report.previous == first.id
    assert not ask(desk, report("alert/7")).created


def test_an_all_clear_finds_its_incident_by_the_key(desk: Desk) -> None:
    first = opened(desk, "alert/7")
    outcome = ask(desk, RecoverKey("alert/7", KEY, "all green"))
    assert [entry.kind for entry in outcome.entries] == ["alert_recovered", "resolved"]
    assert outcome.state is not None
    assert (outcome.state.id, outcome.state.phase) == (first.id, Phase.VERIFYING)
    assert ask(desk, RecoverKey("alert/8", KEY)) == Outcome((), None, None)
    assert [entry.kind for entry in ask(desk, NoteKey("alert/7", KEY, "acknowledged there")).entries] == ["noted"]


def test_an_answer_silences_everything_pending(desk: Desk, settled: Engine) -> None:
    state = opened(desk)
    ask(desk, Act(state.id, Acknowledge(paged(state), "sms"), f"person:{paged(state)}"))
    with reading(settled) as connection:
        states = {s.state for s in sends.of_incident(connection, state.id) if s.purpose == "page"}
    assert states == {"cancelled"}


def test_an_answer_in_the_same_batch_silences_the_page_before_it_ever_waits(
    desk: Desk, settled: Engine, clock: MovedClock
) -> None:
    state = opened(desk)
    clock.move(6 * MINUTE)
    acts = (Act(state.id, Tick(), "system"), Act(state.id, Acknowledge(paged(state), "sms"), KEY))
    kinds = [entry.kind for entry in ask(desk, Together(acts)).entries]
    assert "paged" in kinds
    assert kinds[-2:] == ["acknowledged", "command_taken"]
    with reading(settled) as connection:
        pages = {(s.page, s.state) for s in sends.of_incident(connection, state.id) if s.purpose == "page"}
    assert pages == {(1, "cancelled"), (2, "cancelled")}


def test_a_refusal_writes_nothing(desk: Desk, settled: Engine, bells: Bells) -> None:
    state = opened(desk)
    with pytest.raises(Refused):
        ask(desk, Act(state.id, Merge(state.id), KEY))
    with pytest.raises(Unknown):
        ask(desk, Act("nobody", Note("x"), KEY))
    with reading(settled) as connection:
        assert log.last_position(connection) == state.seq
    assert len(bells.rung) == 1


def test_who_looked_at_an_old_state_is_told_so(desk: Desk) -> None:
    state = opened(desk)
    ask(desk, Act(state.id, Note("x"), KEY, expected_seq=state.seq))
    with pytest.raises(Refused) as refused:
        ask(desk, Act(state.id, Note("y"), KEY, expected_seq=state.seq))
    assert refused.value.reason.key == "desk.moved_on"


def test_a_retry_with_its_key_gets_the_same_answer_and_does_nothing(desk: Desk, settled: Engine) -> None:
    state = opened(desk)
    act = Act(state.id, Note("x"), KEY, idempotency=Idempotency("me", "k1", "digest"))
    first, again = ask(desk, act), ask(desk, act)
    assert (again.entries, again.replayed, first.replayed) == (first.entries, True, False)
    with pytest.raises(Refused) as refused:
        ask(desk, replace(act, idempotency=Idempotency("me", "k1", "of something else")))
    assert refused.value.reason.key == "desk.key_reused"
    ask(desk, replace(act, idempotency=Idempotency("another", "k1", "digest")))
    with reading(settled) as connection:
        kinds = [line.kind for line in log.of(connection, state.id, state.seq)]
    assert kinds == ["noted", "noted"]


def test_retries_that_arrive_together_open_one_incident(desk: Desk) -> None:
    request = replace(report(), idempotency=Idempotency("me", "k1", "digest"))
    outcomes = [future.result(10) for future in [desk.submit(request) for _ in range(20)]]
    assert [outcome.created for outcome in outcomes] == [True] * 20
    assert sum(not outcome.replayed for outcome in outcomes) == 1
    assert len({outcome.state.id for outcome in outcomes if outcome.state}) == 1
    assert all(outcome.entries == outcomes[0].entries for outcome in outcomes)


def test_a_merge_writes_in_both_incidents_or_in_none(desk: Desk, settled: Engine) -> None:
    one, other = opened(desk, "alert/7"), opened(desk, "alert/8")
    outcome = ask(desk, Act(one.id, Merge(other.id), KEY))
    assert [(entry.incident, entry.kind) for entry in outcome.entries] == [
        (one.id, "merged"),
        (other.id, "absorbed"),
    ]
    assert ask(desk, report("alert/7")).state == ask(desk, report("alert/8")).state
    with reading(settled) as connection:
        before = log.last_position(connection)
    third = opened(desk)
    with pytest.raises(Refused):  # the first is over: it can take nothing in
        ask(desk, Act(third.id, Merge(one.id), KEY))
    with reading(settled) as connection:
        assert log.last_position(connection) == before + third.seq


def test_together_is_all_or_nothing(desk: Desk, settled: Engine) -> None:
    state = opened(desk)
    acts = (Act(state.id, Note("kept?"), KEY), Act(state.id, Merge(state.id), KEY))
    with pytest.raises(Refused):
        ask(desk, Together(acts))
    with reading(settled) as connection:
        assert log.last_position(connection) == state.seq


def test_a_clock_that_is_set_back_never_writes_before_what_it_follows(desk: Desk, clock: MovedClock) -> None:
    state = opened(desk)
    clock.move(timedelta(hours=-2))
    outcome = ask(desk, Act(state.id, Note("x"), KEY))
    assert outcome.entries[0].at == START
    assert opened(desk).opened_at == START - timedelta(hours=2)


def test_another_organisation_is_used_from_the_next_command_on(desk: Desk, settled: Engine) -> None:
    opened(desk)
    first = demo_organisation()
    bare = type(first)(units=first.units, people=first.people, rosters=())
    with changing(settled) as connection:
        directory.save_organisation(connection, bare, expected=1, at=START, by="x")
    assert opened(desk).alarm.paged == ()


def test_before_there_is_an_organisation_the_answer_says_so(engine: Engine) -> None:
    with opened_desk(engine) as desk, pytest.raises(NoOrganisation):
        ask(desk, report())


def test_what_is_replayed_from_the_store_is_what_the_desk_holds(desk: Desk, settled: Engine) -> None:
    state = opened(desk)
    person = paged(state)
    for command in (Acknowledge(person, "sms"), Note("x"), Update("power is out"), Resolve(person, "web", cause="c")):
        state = ask(desk, Act(state.id, command, KEY)).state or state
    with reading(settled) as connection:
        stored = log.entries(log.of(connection, state.id))
    assert replay(stored) == state


def test_a_desk_that_starts_anew_goes_on_where_the_other_was(settled: Engine, clock: MovedClock) -> None:
    with opened_desk(settled, clock) as first:
        state = opened(first, "alert/7")
        before = ask(first, Act(state.id, Note("x"), KEY)).state
    with opened_desk(settled, clock) as second:
        assert ask(second, report("alert/7")).state == before
        assert opened(second).report.code == "C2"


def test_a_tick_with_nothing_due_writes_nothing_but_a_wake_that_was_wrong(desk: Desk, settled: Engine) -> None:
    state = opened(desk)
    with changing(settled) as connection:
        connection.execute(board_table.update().values(wake_at=START - MINUTE))
    assert ask(desk, Act(state.id, Tick(), "system")).entries == ()
    with reading(settled) as connection:
        assert board.next_wake(connection) == wake_at(state)
        assert log.last_position(connection) == state.seq


def test_a_drill_marks_every_entry_and_every_message(desk: Desk, settled: Engine) -> None:
    outcome = ask(desk, OpenReport(report().report, KEY, drill="d1"))
    assert outcome.state is not None
    with reading(settled) as connection:
        assert {line.drill for line in log.of(connection, outcome.state.id)} == {"d1"}
        assert {send.drill for send in sends.of_incident(connection, outcome.state.id)} == {"d1"}
        assert [row.incident for row in board.listing(connection, board.Filter(drill=True))] == [outcome.state.id]
