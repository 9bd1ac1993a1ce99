"""Who reads traditional characters gets them: in the catalogs, in every plan that we ship, and in what people write."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

import incident
from incident.playbooks.reader import load_library
from incident.text import Text

HOUSE: Final = Path(incident.__file__).parent
SIMPLIFIED: Final = frozenset(
    "万与业东丢临为举义习买乱争于云亲仅从仓仪价众传余侧储儿兑养册写冻净减几凭击划则刚办务励势区医华协却厂厅历压参双变号吗听响唤啸团围国图圆坏块墙声壳够夹奖学宠审宾导将尝尽届属岁岗师带帮"
    "幂干并广库应废异弃张强归当怀态总恶惊惯战扑托执扩扫抢护拟择挂挡挥损搁摆撑旧旷昼显暂术杀权来极构柜标栋档楼横橱欧毁毕汇汉沟没浇浓涌温湿溃滚滞满滥灭灯灾炉烟烧热状独环畅疗痪瘫盏监盖盗盘"
    "码砖础确碍种积称稳竖笔筛签紧纠红约纯纵纸纹练组织终经结绕绘给络绝继绩绪续维绿缀缆缓编缘缝缩职肃胁脑脚舆艺节范获营虚补装见观规视觉触计订认讨让训议讯讲许论访诉诊词译详语误请诺谈谢谣负"
    "财责败账货质贴贵资赖趋踪车转轮软轻载较辆辑输辩边达运还远违迟迹适选递遗邮邻采释鉴针钓钟钥钮钱钻铭银链销锅错键镜长闪闲闸闻阀阅队阵阶际陆随难静页顶项须顾顿预领频题额饮馈马骂验骤鱼黄齐"
    "龙"
)
"""Characters of our simplified texts that no traditional text of ours needs (by OpenCC's tables)."""

FOLDERS: Final = ("playbooks", "policies", "demo", "selection", "../drills")


def sentences(data: Any) -> Iterator[dict[str, str]]:
    """Every mapping that holds a sentence in English and Chinese, however deep."""
    if isinstance(data, dict):
        if isinstance(data.get("zh"), str):
            yield data
        for value in data.values():
            yield from sentences(value)
    elif isinstance(data, list):
        for value in data:
            yield from sentences(value)


def documents() -> list[Path]:
    return sorted(path for folder in FOLDERS for path in (HOUSE / folder).rglob("*.yaml"))


@pytest.mark.parametrize("path", documents(), ids=lambda path: "-".join(path.parts[-3:]))
def test_a_plan_is_read_in_traditional_characters(path: Path):
    for said in sentences(yaml.safe_load(path.read_text(encoding="utf-8"))):
        shown = Text.model_validate(said).for_locale("zh_Hant")
        assert not SIMPLIFIED & set(shown), shown
        assert Text.model_validate(said).for_locale("zh_Hans") == said["zh"]


def test_the_catalog_is_in_traditional_characters():
    for path in sorted((HOUSE / "words" / "zh_Hant").glob("*.po")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("msgstr") and "简体中文" not in line:
                assert not SIMPLIFIED & set(line), f"{path.name}: {line}"


@pytest.mark.parametrize(
    ("report", "playbook"),
    [
        ("機房 3 伺服器全部當機", "system-outage"),
        ("客戶家中瓦斯漏氣", "gas-leak"),
        ("門鎖打不開門", "smart-home-platform-down"),
    ],
)
def test_a_report_in_traditional_characters_finds_its_playbook(report: str, playbook: str):
    meant = next(one for one in load_library() if one.id == playbook)
    assert any(word in report for word in meant.matches.words)


def test_what_nobody_wrote_in_traditional_characters_is_shown_in_simplified_ones():
    own = Text(en="Hall", zh="机房")
    assert own.for_locale("zh_Hant") == own.for_locale("zh_Hans") == "机房"
    assert own.for_locale("en") == "Hall"
    assert own.model_dump() == own.as_dict() == {"en": "Hall", "zh": "机房"}
    both = Text(en="Hall", zh="机房", zh_hant="機房")
    assert both.for_locale("zh_Hant") == "機房"
    assert Text.model_validate(both.model_dump()) == both
    assert both.as_dict() == both.model_dump()
