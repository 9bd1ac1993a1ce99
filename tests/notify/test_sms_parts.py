"""What a text costs, and that shortening never harms what must be read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.notify.sms_parts import Encoding, Parts, TooLong, clusters, count, fit, plain, tidy

GSM7, UCS2 = Encoding.GSM7, Encoding.UCS2
FAMILY = "👨‍👩‍👧"  # three people and two joiners: 8 UTF-16 units, one picture
FLAG = "🇨🇳"
THUMB = "👍🏽"


@pytest.mark.parametrize(
    ("text", "encoding", "units", "parts"),
    [
        ("", GSM7, 0, 1),
        ("a" * 160, GSM7, 160, 1),
        ("a" * 161, GSM7, 161, 2),
        ("a" * 306, GSM7, 306, 2),
        ("a" * 307, GSM7, 307, 3),
        ("é" * 160, GSM7, 160, 1),
        ("[" * 80, GSM7, 160, 1),
        ("[" * 81, GSM7, 162, 2),
        ("€uro", GSM7, 5, 1),
        ("[CRITICAL] C7", GSM7, 15, 1),
        # a bracket costs two septets that may not be parted: 152 + 2 leaves one septet of each part empty
        ("a" * 152 + "[" + "a" * 152, GSM7, 306, 3),
        ("ç", UCS2, 1, 1),
        ("…", UCS2, 1, 1),
        ("机" * 70, UCS2, 70, 1),
        ("机" * 71, UCS2, 71, 2),
        ("机" * 134, UCS2, 134, 2),
        ("机" * 135, UCS2, 135, 3),
        ("😀" * 35, UCS2, 70, 1),
        ("😀" * 36, UCS2, 72, 2),
        # 67 is odd: a pair that would straddle two parts goes whole into the next
        ("😀" * 67, UCS2, 134, 3),
        ("a" * 69 + "机", UCS2, 70, 1),
        ("a" * 70 + "机", UCS2, 71, 2),
    ],
)
def test_a_text_costs(text: str, encoding: Encoding, units: int, parts: int) -> None:
    assert count(text) == Parts(encoding, units, parts)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("ab", ["a", "b"]),
        ("e\u0301t", ["e\u0301", "t"]),
        (FAMILY + "x", [FAMILY, "x"]),
        (FLAG + FLAG, [FLAG, FLAG]),
        (THUMB, [THUMB]),
        ("1\ufe0f\u20e3", ["1\ufe0f\u20e3"]),
        ("机房", ["机", "房"]),
    ],
)
def test_what_is_read_as_one_character_stays_one(text: str, pieces: list[str]) -> None:
    assert list(clusters(text)) == pieces


def test_a_long_title_is_shortened_and_the_rest_is_kept() -> None:
    text = fit("[CRITICAL] C7: ", "the data centre in Hall 3 is down and " * 5, ". Reply 1 to take it.")
    assert text.startswith("[CRITICAL] C7: the data centre")
    assert text.endswith("... Reply 1 to take it.")
    assert count(text).parts == 1


def test_an_ellipsis_of_one_character_is_used_where_the_text_is_ucs2_anyway() -> None:
    text = fit("【紧急】C7 ", "数据中心" * 30, " 回复1接手")
    assert text.endswith("心… 回复1接手") or "… 回复1接手" in text
    assert count(text) == Parts(UCS2, 70, 1)


def test_one_late_foreign_character_is_cut_off_rather_than_half_of_the_page() -> None:
    text = fit("C7: ", "a" * 100 + "机", ". Reply 1 to take it.")
    assert count(text).encoding is GSM7
    assert "a" * 100 in text


def test_an_emoji_family_is_kept_whole_or_left_out() -> None:
    for room in range(20):
        text = fit("机" * (52 + room // 2), FAMILY * 9, "1")
        middle = text.removesuffix("1").lstrip("机").rstrip("….")
        assert middle == FAMILY * (len(middle) // len(FAMILY))


def test_what_may_not_be_shortened_must_fit_by_itself() -> None:
    with pytest.raises(TooLong):
        fit("机" * 71, "x", "")
    assert fit("机" * 71, "x", "", parts=2) == "机" * 71 + "x"


TITLES = st.text(
    alphabet=st.one_of(
        st.characters(codec="utf-8"),
        st.sampled_from("aé[]€机房😀👩👧\u200d\u0301\ufe0f🇨🇳🏽 ."),
    ),
    max_size=220,
)


@given(
    prefix=st.sampled_from(["[CRITICAL] C7: ", "[DRILL] [HIGH] C12: ", "【紧急】C7 ", "【演练】【重要】C912 "]),
    title=TITLES,
    suffix=st.sampled_from(
        [". Reply 1 to take it.", " 回复1 C7接手", " 回复1接手 https://ops.example.com/a/k3x9abcdefgh"]
    ),
)
def test_the_result_is_one_part_and_keeps_code_and_answer(prefix: str, title: str, suffix: str) -> None:
    text = fit(prefix, title, suffix)
    assert count(text).parts == 1
    assert text.startswith(prefix)
    assert text.endswith(suffix.lstrip("."))
    if text not in (prefix + title + suffix, prefix + suffix):
        start = text.removeprefix(prefix).removesuffix(suffix.lstrip(".")).removesuffix("…").removesuffix("...")
        assert title.startswith(start)
        whole = ["".join(list(clusters(title))[:n]).rstrip() for n in range(len(title) + 1)]
        assert start.rstrip() in whole, "cut inside a character"


@given(TITLES)
def test_a_longer_title_never_costs_less(title: str) -> None:
    costs = [count(title[:n]).parts for n in range(len(title) + 1)]
    assert costs == sorted(costs)


@pytest.mark.parametrize(
    ("given_text", "said"),
    [
        ("database – “primary” …", 'database - "primary" ...'),
        ("Straße café", "Straße café"),
        ("garçon š", "garcon s"),
        ("机房 – down", "机房 – down"),
    ],
)
def test_look_alikes_are_swapped_only_when_that_saves_the_page(given_text: str, said: str) -> None:
    assert plain(given_text) == said


def test_a_title_from_outside_becomes_one_visible_line() -> None:
    assert tidy("  down\r\n\tnow\x00\u202e!\ud800 ") == "down now!"
    assert tidy("e\u0301") == "é"
    assert tidy(FAMILY) == FAMILY
