"""What people really text at three in the morning, and what must never be taken for an answer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.notify.replies import Ack, Decline, Help, OptIn, OptOut, Reply, Resolve, Unknown, parse


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("1", Ack()),
        (" 1. ", Ack()),
        ("“1”", Ack()),
        ("１", Ack()),
        ("①", Ack()),
        ("1️⃣", Ack()),
        ("1\n", Ack()),
        ("1 1", Ack()),
        ("ack", Ack()),
        ("Ack!", Ack()),
        ("ＡＣＫ", Ack()),
        ("收到", Ack()),
        ("收到。", Ack()),
        ("收到 接手", Ack()),
        ("1 收到", Ack()),
        ("接手", Ack()),
        ("確認", Ack()),
        ("1 C7", Ack("C7")),
        ("C7 1", Ack("C7")),
        ("1C7", Ack("C7")),
        ("1-c7", Ack("C7")),
        ("c7：1", Ack("C7")),
        ("ackC7", Ack("C7")),
        ("收到C7", Ack("C7")),
        ("C7收到", Ack("C7")),
        ("收到，Ｃ１２！", Ack("C12")),
        ("C7 1 C7", Ack("C7")),
        ("2", Decline()),
        ("no", Decline()),
        ("NO C7", Decline("C7")),
        ("noc7", Decline("C7")),
        ("转", Decline()),
        ("轉 c7", Decline("C7")),
        ("转交", Decline()),
        ("3", Resolve()),
        ("Done c7", Resolve("C7")),
        ("完成", Resolve()),
        ("C7已完成", Resolve("C7")),
        ("解決", Resolve()),
    ],
)
def test_a_wish(text: str, wish: Reply) -> None:
    assert parse(text) == wish


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "?",
        "1?",
        "收到？",
        "没收到",
        "沒收到 C7",
        "11",
        "1 2",
        "ack no",
        "C7",
        "c71",
        "1 C7 C8",
        "stop C7",
        "STOP PLEASE",
        "not done",
        "who is this",
        "I will ack it later",
        'Liked "[CRITICAL] C7: data centre down, Hall 3. Reply 1 to take it."',
        "Reply 1 to take it",
        "👍",
        "一",
        "1" * 5000,
    ],
)
def test_no_wish_that_we_could_be_sure_of(text: str) -> None:
    assert parse(text) == Unknown()


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("STOP", OptOut()),
        ("stop.", OptOut()),
        ("Cancel", OptOut()),
        ("END", OptOut()),
        ("quit", OptOut()),
        ("退订", OptOut()),
        ("START", OptIn()),
        ("yes", OptIn()),
        ("HELP", Help()),
        ("info", Help()),
    ],
)
def test_words_that_carriers_take_are_never_ours(text: str, meant: Reply) -> None:
    assert parse(text) == meant


@given(st.text(max_size=300))
def test_nothing_that_anybody_sends_breaks_it(text: str) -> None:
    assert isinstance(parse(text), Ack | Decline | Resolve | OptOut | OptIn | Help | Unknown)


WORDS = {Ack: ["1", "ACK", "收到", "接手", "１"], Decline: ["2", "no", "转", "轉"], Resolve: ["3", "Done", "完成", "③"]}
GAPS = st.sampled_from([" ", "  ", "\n", ", ", "，", "。", " - ", "：", "\u3000"])


@given(st.sampled_from(list(WORDS)), st.data(), GAPS, GAPS, st.booleans(), st.integers(1, 999_999))
def test_order_case_width_and_punctuation_do_not_matter(
    wish: type[Ack | Decline | Resolve], data: st.DataObject, gap: str, end: str, code_first: bool, number: int
) -> None:
    word = data.draw(st.sampled_from(WORDS[wish]))
    code = data.draw(st.sampled_from(["C", "c", "Ｃ"])) + str(number)
    pair = (code, word) if code_first else (word, code)
    assert parse(gap.join(pair) + end) == wish(f"C{number}")


@given(st.text(max_size=20), st.sampled_from(["1", "收到", "ack"]))
def test_one_foreign_word_is_enough_to_make_it_no_answer(noise: str, word: str) -> None:
    assert parse(f"{word} привет {noise}") == Unknown()
