"""A page as the person sees it: the shapes that others rely on, and only what works where it is read."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.levels import Level
from incident.notify.capabilities import EVERYTHING, Capabilities, capabilities
from incident.notify.messages import PageFacts, page_mail, page_sms, page_voice
from incident.notify.replies import Ack, parse
from incident.notify.sms_parts import count
from incident.posts import Post
from incident.words import LOCALES

LINK = "https://ops.example.com/a/k3x9abcdefgh"
CHINA = capabilities("twilio", "+8613800138000")
INDIA = capabilities("twilio", "+919876543210")

OUTAGE = PageFacts("C7", Level.CRITICAL, "data centre down", "Hall 3", link=LINK)
DOWN = PageFacts("C7", Level.CRITICAL, "数据中心宕机", "三号厅")


def test_the_english_page() -> None:
    facts = replace(OUTAGE, link="https://.../a/k3x9")
    said = "[CRITICAL] C7: data centre down, Hall 3. Reply 1 to take it. https://.../a/k3x9"
    assert page_sms(facts, "en", EVERYTHING) == said


def test_the_chinese_page() -> None:
    assert page_sms(DOWN, "zh_Hans", EVERYTHING) == "【紧急】C7 数据中心宕机 三号厅 回复1接手"
    assert page_sms(DOWN, "zh_Hant", EVERYTHING) == "【緊急】C7 数据中心宕机 三号厅 回覆1接手"


def test_a_drill_says_so_before_anything_else() -> None:
    assert page_sms(replace(OUTAGE, drill=True), "en", EVERYTHING).startswith("[DRILL] [CRITICAL] C7: ")
    assert page_sms(replace(DOWN, drill=True), "zh_Hans", EVERYTHING).startswith("【演练】【紧急】C7 ")
    assert page_sms(replace(DOWN, drill=True), "zh_Hant", EVERYTHING).startswith("【演練】【緊急】C7 ")


def test_with_several_open_the_answer_needs_the_code() -> None:
    assert "Reply 1 C7 to take it." in page_sms(replace(OUTAGE, others_open=1), "en", EVERYTHING)
    assert "回复1 C7接手" in page_sms(replace(DOWN, others_open=1), "zh_Hans", EVERYTHING)
    assert parse("1 C7") == Ack("C7")


def test_where_neither_reply_nor_link_works_the_page_offers_what_does() -> None:
    """Mainland China through Twilio: a key in the call, or the person's answer code on the site."""
    facts = replace(DOWN, link=LINK, call_follows=True, answer_code="k3f9xm2p")
    assert page_sms(facts, "zh_Hans", CHINA) == "【紧急】C7 数据中心宕机 三号厅 来电按1或在网站/c页输入k3f9xm2p接手"
    assert page_sms(replace(facts, call_follows=False), "zh_Hans", CHINA).endswith("请在网站/c页输入k3f9xm2p接手")
    english = page_sms(replace(OUTAGE, call_follows=True, answer_code="k3f9xm2p"), "en", CHINA)
    assert english.endswith("To take it press 1 in our call or enter k3f9xm2p on our site at /c.")
    for text in (english, page_sms(facts, "zh_Hans", CHINA)):
        assert "http" not in text
        assert "Reply" not in text
        assert "回复" not in text


def test_where_replies_go_nowhere_the_link_is_the_answer() -> None:
    said = page_sms(OUTAGE, "en", INDIA)
    assert said == f"[CRITICAL] C7: data centre down, Hall 3. To take it open {LINK}"
    assert "press 1 in our call or open" in page_sms(replace(OUTAGE, call_follows=True), "en", INDIA)


def test_a_link_in_the_title_is_cut_out_where_carriers_throw_such_texts_away() -> None:
    facts = replace(DOWN, title="宕机 https://grafana.example.com/d/abc?x=1 见图 www.example.com")
    assert "【紧急】C7 宕机 见图 三号厅" in page_sms(facts, "zh_Hans", CHINA)
    assert "grafana" in page_sms(replace(facts, place=None), "zh_Hans", EVERYTHING)
    nothing_left = page_sms(replace(facts, title="https://x.example"), "zh_Hans", CHINA)
    assert "C7 事件 三号厅" in nothing_left


def test_link_and_place_give_way_to_a_readable_title() -> None:
    long = replace(DOWN, title="数据中心宕机导致全国售后服务系统无法登录客户投诉激增", link=LINK, drill=True)
    with_link = page_sms(replace(long, place=None), "zh_Hans", EVERYTHING)
    assert LINK in with_link
    assert "数据中心宕机导致全国售后" in with_link
    longer_link = page_sms(replace(long, link=LINK + "z" * 30), "zh_Hans", EVERYTHING)
    assert "http" not in longer_link
    assert "三号厅 回复1接手" in longer_link


def test_a_foreign_title_in_an_english_page_still_leaves_code_and_answer() -> None:
    text = page_sms(replace(OUTAGE, title="数据中心宕机" * 10, drill=True, others_open=3), "en", EVERYTHING)
    assert text.startswith("[DRILL] [CRITICAL] C7: 数据中心")
    assert text.endswith("…, Hall 3. Reply 1 C7 to take it.")
    assert count(text).parts == 1


def test_typography_does_not_cost_half_of_the_page() -> None:
    text = page_sms(replace(OUTAGE, title="“db–1” – replication broken…"), "en", EVERYTHING)
    assert '"db-1" - replication broken, Hall 3.' in text
    assert count(text).encoding == "gsm7"


def test_a_test_page_shows_no_level() -> None:
    text = page_sms(replace(OUTAGE, test=True, place=None, link=None), "en", EVERYTHING)
    assert text == "[TEST] C7: test page, nothing has happened. Reply 1 to take it."


@given(
    facts=st.builds(
        PageFacts,
        code=st.integers(1, 99_999).map(lambda n: f"C{n}"),
        level=st.sampled_from(Level),
        title=st.text(alphabet=st.one_of(st.characters(codec="utf-8"), st.sampled_from("机房ab {}%\n")), max_size=200),
        place=st.none() | st.text(st.characters(codec="utf-8"), max_size=200),
        link=st.sampled_from([None, LINK, "https://" + "long" * 30 + ".example.com/a/k3x9abcdefgh"]),
        drill=st.booleans(),
        test=st.booleans(),
        others_open=st.integers(0, 3),
        call_follows=st.booleans(),
    ),
    locale=st.sampled_from(LOCALES),
    able=st.sampled_from([EVERYTHING, CHINA, INDIA]),
)
def test_whatever_was_reported_the_page_is_one_part_with_code_and_answer(
    facts: PageFacts, locale: str, able: Capabilities
) -> None:
    text = page_sms(facts, locale, able)
    assert count(text).parts == 1
    assert facts.code in text
    assert "\n" not in text
    assert text.startswith(("[DRILL]", "【演练】", "【演練】")) == facts.drill
    reply = {"en": "Reply 1", "zh_Hans": "回复1", "zh_Hant": "回覆1"}[locale]
    other = {"en": "To take it ", "zh_Hans": "接手", "zh_Hant": "接手"}[locale]
    assert (reply if able.two_way else other) in text
    if not able.url_ok:
        assert "https://ops" not in text


def test_the_call_spells_the_code_and_says_what_is_asked() -> None:
    facts = replace(OUTAGE, code="C12", drill=True, rung=2, post=Post.COMMANDER)
    said = page_voice(facts, "en")
    assert said.startswith("This is a drill. Critical incident, C 1 2. data centre down, Hall 3.")
    assert "step 2 of the ladder" in said
    assert "Your post: Commander." in said
    assert "http" not in said
    assert page_voice(DOWN, "zh_Hans") == "紧急事件，编号 C 7。 数据中心宕机，三号厅。"
    assert page_voice(replace(OUTAGE, test=True), "en").startswith("This is a test call.")


def test_the_mail_tells_that_only_the_button_takes_it() -> None:
    mail = page_mail(replace(OUTAGE, drill=True, title="down\nBcc: x@example.com"), "en")
    assert mail.subject == "[DRILL] [CRITICAL] C7: down Bcc: x@example.com, Hall 3"
    assert LINK in mail.body
    assert "press the button" in mail.body
    assert mail.body.startswith("[DRILL] ")
    assert page_mail(DOWN, "zh_Hans").body.endswith("请在网站输入C7接手。\n")


@pytest.mark.parametrize("locale", LOCALES)
def test_no_catalog_key_ever_shows(locale: str) -> None:
    facts = replace(OUTAGE, rung=3, drill=True, post=Post.SCRIBE)
    mail = page_mail(facts, locale)
    for text in (page_sms(facts, locale, CHINA), page_voice(facts, locale), mail.subject, mail.body):
        assert "page." not in text
        assert "{" not in text
