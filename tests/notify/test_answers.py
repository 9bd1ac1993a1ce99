"""What a phone hears besides the page."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from incident.errors import why
from incident.levels import Level
from incident.notify import answers
from incident.notify.capabilities import EVERYTHING, capabilities
from incident.notify.messages import PageFacts
from incident.notify.replies import Ack, Decline, Resolve, parse
from incident.notify.sms_parts import count
from incident.words import LOCALES

LINK = "https://ops.example.com/a/k3x9abcdefgh"
CHINA = capabilities("twilio", "+8613800138000")
OUTAGE = PageFacts("C7", Level.CRITICAL, "data centre down", "Hall 3", link=LINK)


def test_who_answered_first_is_told_what_comes_next() -> None:
    assert answers.taken(OUTAGE, "Li Wei", "en", EVERYTHING) == (
        f"C7 is yours, Li Wei. Reply 3 C7 when it is resolved. {LINK}"
    )
    assert parse("3 C7") == Resolve("C7")
    assert "http" not in answers.taken(OUTAGE, "李伟", "zh_Hans", CHINA)


@pytest.mark.parametrize("locale", LOCALES)
def test_who_cannot_answer_by_text_is_not_told_to(locale: str) -> None:
    """A key pressed in China: no text comes back from there."""
    said = answers.taken(OUTAGE, "Li Wei", locale, CHINA)
    assert "C7" in said
    assert "3 C7" not in said


def test_who_answered_second_is_told_who_has_it() -> None:
    assert answers.already_taken(OUTAGE, "Li Wei", "en") == "C7 is already with Li Wei. Nothing for you to do."


def test_a_test_page_is_thanked_for() -> None:
    assert answers.taken(replace(OUTAGE, test=True), "Li Wei", "en", EVERYTHING).startswith("Thank you.")


def test_a_notice_asks_for_nothing() -> None:
    text = answers.notice_sms(OUTAGE, "en", EVERYTHING, why("kind.gas_leak"))
    assert text == f"[CRITICAL] C7: data centre down, Hall 3. FYI: Gas leak {LINK}"
    assert answers.notice_sms(OUTAGE, "zh_Hans", CHINA).endswith("仅供知悉，无需回复")


def test_a_bundle_says_how_many_wait_and_how_to_take_the_worst() -> None:
    text = answers.bundle(replace(OUTAGE, link=None), 6, "en", EVERYTHING)
    assert text == ("6 unanswered incidents, worst: [CRITICAL] C7: data centre down, Hall 3. Reply 1 C7 to take it.")
    drill = answers.bundle(replace(OUTAGE, drill=True, title="数据中心宕机"), 6, "en", CHINA)
    assert drill.startswith("[DRILL] 6 unanswered incidents, worst: [CRITICAL] C7: ")
    assert "C7: ." not in drill


def test_which_code_lists_as_many_as_fit_one_part() -> None:
    few = [replace(OUTAGE, code="C7"), replace(OUTAGE, code="C9", drill=True)]
    assert answers.which_code(few, "en") == (
        "2 pages are open for you: C7, [DRILL] C9. Reply 1 and the code of one, like 1 C7."
    )
    many = [replace(OUTAGE, code=f"C{n}") for n in range(100, 160)]
    for locale in LOCALES:
        text = answers.which_code(many, locale)
        assert count(text).parts == 1
        assert "60" in text
        assert "C100" in text
        assert "C159" not in text


def test_when_only_drills_are_open_the_question_is_marked_as_a_whole() -> None:
    only = [replace(OUTAGE, code="D1", drill=True), replace(OUTAGE, code="D2", drill=True)]
    assert answers.which_code(only, "en").startswith("[DRILL] 2 pages are open for you: D1, D2.")


def test_the_nudge_counts_in_minutes() -> None:
    assert "due in 1 minute." in answers.update_due(OUTAGE, 1, "en", EVERYTHING)
    assert "due in 5 minutes." in answers.update_due(OUTAGE, 5, "en", EVERYTHING)
    assert "due now." in answers.update_due(OUTAGE, 0, "en", EVERYTHING)
    assert "3 minutes late." in answers.update_due(OUTAGE, -3, "en", EVERYTHING)
    assert "逾期3分钟" in answers.update_due(OUTAGE, -3, "zh_Hans", EVERYTHING)


@pytest.mark.parametrize("locale", LOCALES)
def test_the_help_names_replies_that_work(locale: str) -> None:
    text = answers.unknown_word(locale)
    assert count(text).parts == 1
    assert all(word in text for word in ("1", "2", "3", "1 C7"))
    assert [parse(word) for word in ("1", "2", "3", "1 C7")] == [Ack(), Decline(), Resolve(), Ack("C7")]


@pytest.mark.parametrize("locale", LOCALES)
def test_every_answer_in_a_drill_bears_its_mark_in_one_part(locale: str) -> None:
    drill = replace(OUTAGE, drill=True, code="C99999")
    said = [
        answers.taken(drill, "Alexandra Müller-Lüdenscheidt", locale, EVERYTHING),
        answers.already_taken(drill, "Alexandra Müller-Lüdenscheidt", locale),
        answers.declined(drill, locale),
        answers.resolved(drill, locale),
        answers.over(drill, locale),
        answers.refused(drill, why("page.failed.unclear"), locale),
        answers.offered(drill, "Alexandra Müller-Lüdenscheidt", locale, EVERYTHING),
        answers.notice_sms(drill, locale, EVERYTHING),
        answers.update_due(drill, 5, locale, EVERYTHING),
        answers.bundle(drill, 12, locale, EVERYTHING),
    ]
    mark = {"en": "[DRILL] ", "zh_Hans": "【演练】", "zh_Hant": "【演練】"}[locale]
    for text in said:
        assert text.startswith(mark)
        assert text.count(mark) == 1
        assert "C99999" in text
        assert not re.search(r"page\.\w", text)
        assert "{" not in text
        assert count(text).parts == 1


@pytest.mark.parametrize("locale", LOCALES)
def test_answers_about_no_incident_say_what_is_open(locale: str) -> None:
    assert "X9" in answers.no_such_code("X9", locale)
    assert "page." not in answers.nothing_open(locale)


@pytest.mark.parametrize("locale", LOCALES)
def test_who_declines_in_a_paused_drill_hears_that_the_next_is_paged_later(locale: str) -> None:
    text = answers.declined(replace(OUTAGE, drill=True), locale, next_paged=False, later=True)
    assert text != answers.declined(replace(OUTAGE, drill=True), locale, next_paged=False)
    assert "C7" in text
    assert count(text).parts == 1


@pytest.mark.parametrize(
    ("locale", "title", "name"), [("zh_Hans", "数据中心宕机", "Li Wei"), ("zh_Hant", "資料中心當機", "王俊")]
)
def test_an_offered_command_keeps_the_link_by_which_it_is_accepted(locale: str, title: str, name: str) -> None:
    """In 70 letters: without the link there is no way to the page but to sign in."""
    text = answers.offered(replace(OUTAGE, title=title, place=None, link=LINK), name, locale, EVERYTHING)
    assert text.endswith(LINK)
    assert name in text
    assert title[:4] in text
    assert count(text).parts == 1
