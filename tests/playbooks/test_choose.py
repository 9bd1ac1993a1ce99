"""Which playbook starts for a report, and why."""

from __future__ import annotations

from itertools import permutations

import pytest

from incident.errors import Unknown, why
from incident.levels import Kind, Level
from incident.playbooks.model import FALLBACK, Match, Playbook
from incident.playbooks.reader import Choice, choose, contains, load_library, merged, read_playbook
from incident.words import LOCALES, words_for
from tests.playbooks.plans import PLAN

BASE = read_playbook(PLAN, "plan.yaml").playbook


def plan(name: str, **matches: object) -> Playbook:
    return BASE.model_copy(update={"id": name, "matches": Match.model_validate(matches)})


GENERAL = plan(FALLBACK, kinds=["other"])
KIND = plan("by-kind", kinds=["software_fault"])
WORDS = plan("by-words", words=["firmware", "update"])
LOCKS = plan("for-locks", kinds=["software_fault"], products=["lock", "门锁"])
BOTH = plan("kind-and-words", kinds=["software_fault"], words=["update"])
GRAVE = plan("only-critical", kinds=["software_fault"], levels=["critical"])
SHELF = (GENERAL, KIND, WORDS, LOCKS, BOTH, GRAVE)


def chosen(kind: Kind, product: str | None, words: str, level: Level) -> str:
    return choose(SHELF, kind, product, words, level).playbook.id


@pytest.mark.parametrize(
    ("kind", "product", "words", "level", "expected"),
    [
        (Kind.SOFTWARE_FAULT, None, "it hangs", Level.HIGH, "by-kind"),
        (Kind.SOFTWARE_FAULT, None, "firmware update", Level.HIGH, "kind-and-words"),
        (Kind.SOFTWARE_FAULT, "Lock X2", "it hangs", Level.HIGH, "for-locks"),
        (Kind.SOFTWARE_FAULT, "智能门锁", "", Level.HIGH, "for-locks"),
        (Kind.SOFTWARE_FAULT, None, "the lock hangs", Level.HIGH, "for-locks"),
        (Kind.SOFTWARE_FAULT, "Clock", "it hangs", Level.HIGH, "by-kind"),
        (Kind.SOFTWARE_FAULT, None, "it hangs", Level.CRITICAL, "only-critical"),
        (Kind.SOFTWARE_FAULT, None, "update", Level.CRITICAL, "kind-and-words"),
        (Kind.OTHER, None, "Firmware broke", Level.LOW, "by-words"),
        (Kind.OTHER, "Lock X2", "it hangs", Level.LOW, FALLBACK),
        (Kind.OTHER, None, "nothing known", Level.CRITICAL, FALLBACK),
        (Kind.GAS_LEAK, None, "nothing known", Level.CRITICAL, FALLBACK),
        (Kind.GAS_LEAK, None, "after an update", Level.CRITICAL, "by-words"),
    ],
)
def test_the_best_fit_wins(kind: Kind, product: str | None, words: str, level: Level, expected: str) -> None:
    assert chosen(kind, product, words, level) == expected


def test_the_choice_does_not_depend_on_the_order_of_the_shelf() -> None:
    twins = (plan("a-twin", kinds=["data_loss"]), plan("b-twin", kinds=["data_loss"]), GENERAL)
    ids = {choose(shelf, Kind.DATA_LOSS, None, "", Level.LOW).playbook.id for shelf in permutations(twins)}
    assert ids == {"a-twin"}


def test_the_reason_says_what_decided() -> None:
    assert choose(SHELF, Kind.SOFTWARE_FAULT, None, "", Level.HIGH).reason == why(
        "playbook.chosen.kind", playbook="by-kind", kind="software_fault", level="high"
    )
    assert choose(SHELF, Kind.OTHER, None, "FIRMWARE update", Level.HIGH).reason == why(
        "playbook.chosen.words", playbook="by-words", said="firmware, update", level="high"
    )
    assert choose(SHELF, Kind.OTHER, None, "", Level.HIGH) == Choice(
        GENERAL, why("playbook.chosen.fallback", playbook=FALLBACK, kind="other", level="high")
    )


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("text", ["", "firmware"])
def test_the_reason_is_a_sentence_in_every_language(locale: str, text: str) -> None:
    reason = choose(SHELF, Kind.OTHER, None, text, Level.HIGH).reason
    said = words_for(locale).reason(reason)
    assert said != reason.key
    assert "{" not in said


def test_without_a_fallback_nothing_is_guessed() -> None:
    with pytest.raises(Unknown):
        choose((KIND,), Kind.OTHER, None, "", Level.HIGH)


@pytest.mark.parametrize(
    ("text", "fragment", "expected"),
    [
        ("smell of gas in flat 3", "gas", True),
        ("gasket worn", "gas", True),
        ("las vegas", "gas", False),
        ("block storage", "lock", False),
        ("x2-lock", "lock", True),
        ("厨房漏气了", "漏气", True),
        ("漏水", "漏气", False),
    ],
)
def test_a_fragment_begins_a_word(text: str, fragment: str, expected: bool) -> None:
    assert contains(text, fragment) is expected


def test_an_own_playbook_replaces_the_shipped_one() -> None:
    own = plan("gas-leak", kinds=["gas_leak"])
    both = merged(load_library(), [own])
    assert choose(both, Kind.GAS_LEAK, None, "", Level.CRITICAL).playbook == own
    assert len(both) == len(load_library())


@pytest.mark.parametrize(
    ("kind", "words", "expected"),
    [
        (Kind.SYSTEM_OUTAGE, "", "system-outage"),
        (Kind.DATA_LOSS, "", "data-loss"),
        (Kind.NETWORK_CUT, "", "network-cut"),
        (Kind.SOFTWARE_FAULT, "", "bad-update"),
        (Kind.PLATFORM_DOWN, "", "smart-home-platform-down"),
        (Kind.FIRE_OR_SHOCK, "", "appliance-fire-or-shock"),
        (Kind.GAS_LEAK, "", "gas-leak"),
        (Kind.BATCH_DEFECT, "", "batch-defect"),
        (Kind.INFORMATION_SECURITY, "", "information-security"),
        (Kind.SPARE_SHORTAGE, "", "spare-shortage"),
        (Kind.NATURAL_DISASTER, "", "natural-disaster"),
        (Kind.MASS_COMPLAINT, "", "mass-complaints"),
        (Kind.OTHER, "", FALLBACK),
        (Kind.OTHER, "The data centre is down, Hall 3", "system-outage"),
        (Kind.OTHER, "三号厅数据中心宕机", "system-outage"),
        (Kind.OTHER, "Smart locks: doors do not open, customer locked in", "smart-home-platform-down"),
        (Kind.OTHER, "客户反映门锁打不开门", "smart-home-platform-down"),
        (Kind.OTHER, "smell of gas in the kitchen", "gas-leak"),
        (Kind.OTHER, "洗衣机冒烟", "appliance-fire-or-shock"),
        (Kind.OTHER, "nightly backup failed on db-2", "data-loss"),
        (Kind.OTHER, "files encrypted, ransom note found", "information-security"),
        (Kind.OTHER, "The API server is burning too much error budget", FALLBACK),
        (Kind.OTHER, "SLA breach predicted for queue 4", FALLBACK),
    ],
)
def test_the_shipped_library_on_real_sentences(kind: Kind, words: str, expected: str) -> None:
    assert choose(load_library(), kind, None, words, Level.HIGH).playbook.id == expected
