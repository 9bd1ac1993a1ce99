"""Foreign words: cleaned, cut, classified, and said in every language."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import incident.intake
from incident.intake.classify import WORDS, classify
from incident.intake.drafting import fit_labels, fit_links
from incident.intake.severity import known_level
from incident.intake.wording import cut, dedup_key, headline, lines, one_line
from incident.levels import Kind, Level
from incident.words import LOCALES, words_for


@given(st.text(max_size=400), st.integers(min_value=2, max_value=60))
def test_a_cut_text_fits_and_keeps_its_beginning(text, limit):
    short = cut(text, limit)

    assert len(short) <= limit
    assert text.startswith(short.removesuffix("…"))
    assert short == text or short.endswith("…")


def test_text_is_cut_after_a_word_chinese_anywhere_and_no_emoji_in_half():
    assert cut("the order database is full", 20) == "the order database…"
    assert cut("三号厅机房温度过高请立即处理", 8) == "三号厅机房温度…"
    assert cut("ab👩\u200d🔧cdef", 5) == "ab…"
    assert cut("abc👍🏽def", 5) == "abc…"
    assert cut("aaae\u0301bbb", 5) == "aaa…"


def test_control_characters_and_overrides_go_and_forms_are_composed():
    assert one_line("a\x00b\x1b[31mc\u202ed\u200be\ufeff") == "ab[31mcde"
    assert one_line(" Cafe\u0301 \t\r\n 三号\u3000厅 ") == "Café 三号 厅"
    assert lines("a\r\nb\u2028c\n\n\n\n  d\te ") == "a\nb\nc\n\nd e"


@given(st.text(alphabet=st.characters()))
def test_cleaning_is_done_once_and_for_all(text):
    for clean in (one_line, lines):
        once = clean(text)
        assert clean(once) == once
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff]", once)


def test_a_title_that_was_cut_is_whole_in_the_symptom():
    assert headline("short", "more") == ("short", "more")
    title, symptom = headline("字" * 300, "详情")
    assert title == "字" * 199 + "…"
    assert symptom == "字" * 300 + "\n详情"


@given(st.text(max_size=300), st.text(max_size=300))
def test_keys_are_told_apart_however_long(one, other):
    first, second = dedup_key("cap", "x" * 250 + one), dedup_key("cap", "x" * 250 + other)

    assert len(first) <= 200
    assert (first == second) == (one == other)


@given(st.dictionaries(st.text(max_size=300), st.text(max_size=1200), max_size=80))
def test_labels_fit_what_a_report_takes(labels):
    fit = fit_labels(labels)

    assert len(fit) <= 63
    assert all(0 < len(name) <= 255 and 0 < len(value) <= 1000 for name, value in fit.items())


def test_links_that_are_none_are_left_out():
    links = ["https://a.example/x", "https://a.example/x", "ftp://b", "", "http://c d", "https://" + "e" * 2000]
    assert fit_links(links) == ("https://a.example/x",)


@pytest.mark.parametrize(
    ("title", "name", "kind"),
    [
        ("Gas leak and fire in the kitchen", "", Kind.GAS_LEAK),
        ("db1 does not answer", "PostgresServerDown", Kind.SYSTEM_OUTAGE),
        ("packet_loss on uplink", "", Kind.NETWORK_CUT),
        ("OrderServiceHighErrorRate", "", Kind.SOFTWARE_FAULT),
        ("客户数据丢失", "", Kind.DATA_LOSS),
        ("伺服器當機", "", Kind.SYSTEM_OUTAGE),
        ("Smoke test failed on build 7", "", Kind.OTHER),
        ("Firewall rule changed", "", Kind.OTHER),
        ("Alert is firing: fire drill list", "", Kind.OTHER),
        ("High CPU core temperature", "HighCPUTemperature", Kind.OTHER),
    ],
)
def test_kinds_are_told_by_their_words(title, name, kind):
    match = classify(title, name)

    assert match.kind is kind
    assert (match.rule is None) == (kind is Kind.OTHER)


def test_every_word_of_the_table_leads_to_its_kind_or_to_a_graver_one():
    order = [kind for kind, _, _ in WORDS]
    for kind, english, chinese in WORDS:
        for word in (*english.split("|"), *chinese.split()):
            assert order.index(classify(f"line 3: {word}!").kind) <= order.index(kind), word


def test_severity_words_are_known_in_any_case():
    assert known_level(" CRITICAL ") is Level.CRITICAL
    assert known_level("purple") is None


def test_every_reason_of_the_translators_has_words_in_each_language():
    source = "".join(path.read_text() for path in Path(incident.intake.__file__).parent.glob("*.py"))
    keys = set(re.findall(r'"(intake\.[a-z_.]+)"', source)) | {
        f"expected.{word}" for word in ("text", "object", "list", "number", "true_or_false")
    }
    assert len(keys) > 20
    for locale in LOCALES:
        assert keys <= words_for(locale).keys, locale
