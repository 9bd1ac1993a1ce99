"""The catalogs: every key in all three languages with the same braces, and every key that the code says is there."""

import ast
import re
import string
from pathlib import Path

import pytest

from incident.commands import NAMES
from incident.errors import why
from incident.words import LOCALES, locale_of, negotiate, read_subject, subjects, words_for

ROOT = Path(__file__).parent.parent
SAYING = {"t", "n", "why", "_fault", "_broken", "said", "say"}
KEY = re.compile(r"^[a-z][a-z0-9_]*(\.[a-z0-9_]+)+$")
IN_TEMPLATE = re.compile(r"""\b[tn]\(\s*['"]([a-z0-9_.]+)['"]""")


def braces(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def messages(locale: str, subject: str) -> dict[str, tuple[str, ...]]:
    found = {}
    for message in read_subject(locale, subject):
        if message.id:
            key = message.id if isinstance(message.id, str) else message.id[0]
            strings = (message.string,) if isinstance(message.string, str) else tuple(message.string)
            assert key not in found, f"{locale}/{subject}.po has {key} twice"
            found[key] = strings
    return found


@pytest.mark.parametrize("subject", subjects())
def test_every_language_says_the_same_things(subject: str):
    english = messages("en", subject)
    for locale in LOCALES[1:]:
        other = messages(locale, subject)
        assert other.keys() == english.keys(), f"{locale}/{subject}.po"
        for key, texts in other.items():
            assert all(texts), f"{locale}/{subject}.po: {key} is empty"
            wanted = set().union(*(braces(text) for text in english[key])) | {"n"}
            for text in texts:
                assert braces(text) <= wanted, f"{locale}/{subject}.po: {key} has braces that English lacks"


@pytest.mark.parametrize("locale", LOCALES)
def test_every_message_stands_once_with_one_text(locale: str):
    """As the file lies: who reads a catalog takes the last of two, and a union merge of two branches leaves both."""
    for subject in subjects():
        said = (ROOT / "incident" / "words" / locale / f"{subject}.po").read_text(encoding="utf-8")
        seen = set()
        for block in re.split(r'^(?=msgid ")', said, flags=re.M)[1:]:
            key = block.split("\n", 1)[0]
            assert key not in seen, f"{locale}/{subject}.po has {key} twice"
            seen.add(key)
            texts = re.findall(r"^msgstr(\S*) ", block, re.M)
            assert texts in ([""], ["[0]"], ["[0]", "[1]"]), (
                f"{locale}/{subject}.po: {key} has the texts of two branches"
            )


def test_no_key_stands_in_two_subjects():
    seen: dict[str, str] = {}
    for subject in subjects():
        for key in messages("en", subject):
            assert key not in seen, f"{key} is in {seen.get(key)}.po and {subject}.po"
            seen[key] = subject


def said_in_code() -> dict[str, str]:
    """Every literal key that is handed to a function that says it, with the place."""
    found = {}
    for folder in ("incident", "web", "drills"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call):
                    name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                    for argument in node.args[:2]:
                        literal = isinstance(argument, ast.Constant) and isinstance(argument.value, str)
                        if name in SAYING and literal and KEY.match(argument.value):
                            found[argument.value] = f"{path.relative_to(ROOT)}:{node.lineno}"
    for path in (ROOT / "web").rglob("*.html"):
        for key in IN_TEMPLATE.findall(path.read_text(encoding="utf-8")):
            if "." in key and not key.endswith("."):
                found[key] = str(path.relative_to(ROOT))
    return found


def test_everything_that_the_code_says_is_in_the_catalogs():
    known = words_for("en").keys
    missing = {key: place for key, place in said_in_code().items() if key not in known}
    assert missing == {}


OTHER_WORDS = {
    "zh_Hans": "演练者/参演人员 动静/动态 顶班/代班 替班/代班 轮班/轮值 当班/值班 供应商/服务商 下一级/升级 上一级/升级"
    " 暂定/自定 呼叫阶梯/呼叫顺序 升级梯级/呼叫顺序 情景注入/情况 生命安全/人身安全 你/您",
    "zh_Hant": "演練者/參演人員 動靜/動態 替班/代班 輪班/輪值 當班/值班 供應商/服務商 下一層/升級 上一層/升級 暫定/自訂"
    " 呼叫階梯/呼叫順序 升級梯級/呼叫順序 情境注入/狀況 生命安全/人身安全 你/您 聯系/聯絡 聯繫/聯絡 計劃/計畫 策略/政策"
    " 備件/備品 跳過/略過 打開/開啟 短信/簡訊 網絡/網路 軟件/軟體 數據庫/資料庫 服務器/伺服器 屏幕/螢幕"
    " 默認/預設 登錄/登入 鏈接/連結",
}
"""Words for what has another word in docs/glossary.md, each before the one to use."""

HAN = "[\u3400-\u9fff]"
HALF_WIDTH = re.compile(rf"{HAN}[,;:!?]|[,;!?]{HAN}")
QUOTES_OF_THE_OTHER = {"zh_Hans": re.compile("[「」]"), "zh_Hant": re.compile("[“”‘’]")}


@pytest.mark.parametrize("locale", OTHER_WORDS)
def test_chinese_has_one_word_for_one_thing_and_is_set_in_one_way(locale: str):
    for subject in subjects():
        for key, texts in messages(locale, subject).items():
            for text in texts:
                for other, ours in (pair.split("/") for pair in OTHER_WORDS[locale].split()):
                    assert other not in text, f"{locale}/{subject}.po: {key} says {other}, the glossary {ours}"
                if "://" not in text:
                    assert not HALF_WIDTH.search(text), f"{locale}/{subject}.po: {key} has half-width punctuation"
                assert not QUOTES_OF_THE_OTHER[locale].search(text), f"{locale}/{subject}.po: {key}"


def test_chinese_reads_chinese():
    assert words_for("zh_Hans").t("level.critical") == "紧急"
    assert words_for("zh_Hant").t("level.critical") == "緊急"


@pytest.mark.parametrize(
    ("tag", "locale"),
    [
        ("zh", "zh_Hans"),
        ("zh-CN", "zh_Hans"),
        ("zh-SG", "zh_Hans"),
        ("zh-TW", "zh_Hant"),
        ("zh-HK", "zh_Hant"),
        ("zh-Hant-CN", "zh_Hant"),
        ("zh_Hans", "zh_Hans"),
        ("en-GB", "en"),
        ("de-DE", "en"),
        ("!!", "en"),
    ],
)
def test_a_language_tag_finds_its_catalog(tag: str, locale: str):
    assert locale_of(tag) == locale


def test_the_first_language_that_we_speak_wins():
    assert negotiate(["fr", "zh-TW", "en"]) == "zh_Hant"


def test_a_value_has_its_word_also_where_its_name_has_parts():
    words = words_for("en")
    assert words.say("level", "high") == "High"
    assert words.say("console.by", "sms") == "text"
    assert words.say("console.by", "pigeon") == "pigeon"


@pytest.mark.parametrize("locale", [locale for locale in LOCALES if locale != "en"])
def test_a_refusal_names_the_command_in_the_language_of_whoever_reads_it(locale):
    for name in NAMES.values():
        text = words_for(locale).reason(why("refused.phase", phase="closed", command=name))
        assert not re.search("[a-z]", text), text
