"""What kind of incident a monitor means, guessed from its words. A rule, not a model: anyone can read why.

The table lists whole words and phrases. English is matched by word (`HighDiskIO` and `disk_io` count as words too),
Chinese by substring. Kinds are tried in the order of the table, danger to life first. Phrases are kept narrow where a
kind has a floor: a guess that wakes people must not come from `smoke test` or `firewall`.

The rule that matched is kept in the report's label `classified_by`, and a label `kind` of the sender always wins.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

from incident.levels import Kind

WORDS: Final[tuple[tuple[Kind, str, str], ...]] = (
    (
        Kind.GAS_LEAK,
        "gas leak|gas leaks|gas leakage|gas leaking|gas detected|gas alarm|smell of gas|carbon monoxide",
        "燃气泄漏 煤气泄漏 天然气泄漏 漏气 瓦斯外洩 瓦斯漏氣 漏氣 一氧化碳",
    ),
    (
        Kind.FIRE_OR_SHOCK,
        "on fire|fire in|fire alarm|fire detected|fire reported|caught fire|smoke alarm|smoke detected|"
        "burning smell|electric shock|electric shocks|electrocuted|electrocution",
        "起火 着火 著火 失火 火灾 火災 火警 冒烟 冒煙 触电 觸電 漏电 漏電",
    ),
    (
        Kind.INFORMATION_SECURITY,
        "ransomware|malware|intrusion|data breach|security breach|security incident|unauthorized access|"
        "unauthorised access|unauthorized login|brute force|ddos|syn flood|phishing|credentials leaked|data leak",
        "勒索 入侵 木马 木馬 泄密 洩密 数据泄露 資料外洩 信息泄露 個資外洩"
        " 网络攻击 網路攻擊 钓鱼 釣魚 信息安全 資訊安全",
    ),
    (
        Kind.DATA_LOSS,
        "data loss|data lost|lost data|data missing|data corruption|data corrupted|database corrupted|corrupted blocks",
        "数据丢失 資料遺失 数据损坏 資料毀損 数据损毁 误删 誤刪",
    ),
    (
        Kind.NATURAL_DISASTER,
        "earthquake|typhoon|hurricane|tornado|tsunami|flooding|flash flood|landslide|wildfire|thunderstorm|blizzard",
        "地震 台风 颱風 飓风 颶風 龙卷风 龍捲風 海啸 海嘯 洪水 洪涝 洪澇 暴雨 山洪 泥石流 土石流 山火 暴雪",
    ),
    (
        Kind.PLATFORM_DOWN,
        "platform down|platform outage|platform unavailable|cloud down|cloud outage|app down",
        "平台中断 平台中斷 平台宕机 平台瘫痪 平台癱瘓 平台故障",
    ),
    (
        Kind.NETWORK_CUT,
        "network down|network outage|network cut|network unreachable|network partition|link down|uplink down|bgp down|"
        "packet loss|fiber cut|fibre cut|vpn down|wan down|internet down|interface down|switch down|router down|"
        "gateway down|firewall down",
        "网络中断 網路中斷 断网 斷網 网络故障 網路故障 链路中断 線路中斷 光缆中断 光纜中斷 丢包",
    ),
    (
        Kind.SYSTEM_OUTAGE,
        "outage|blackout|power failure|power loss|system crash|system crashed|server crash|server crashed|kernel panic|"
        "system down|server down|host down|node down|instance down|service down|target down|database down|site down|"
        "website down|cluster down|datacenter down|datacentre down|data center down|data centre down|host unreachable|"
        "server unreachable|service unavailable|unavailable by icmp|is unreachable|is down|not responding",
        "宕机 當機 瘫痪 癱瘓 崩溃 崩潰 系统中断 系統中斷 服务中断 服務中斷 服务不可用 服務無法使用 停电 停電 断电 斷電",
    ),
    (
        Kind.BATCH_DEFECT,
        "batch defect|defective batch|batch recall|product recall|quality defect",
        "批次缺陷 批次不良 批量缺陷 批量不良 质量缺陷 品質瑕疵 召回",
    ),
    (
        Kind.SPARE_SHORTAGE,
        "spare part|spare parts|out of stock|stock out|stockout|parts shortage",
        "备件短缺 备件不足 備件短缺 備品不足 缺货 缺貨 缺件 库存不足 庫存不足",
    ),
    (
        Kind.MASS_COMPLAINT,
        "complaints|mass complaint|complaint spike|complaint rate",
        "大规模投诉 大規模投訴 集体投诉 集體投訴 投诉激增 投訴暴增 群诉 客诉激增 客訴暴增",
    ),
    (
        Kind.SOFTWARE_FAULT,
        "error rate|errors rate|high errors|exception|exceptions|crash looping|crash loop|crashloop|oom killed|"
        "out of memory|deploy failed|deployment failed|rollout failed|update failed|upgrade failed|bad update|"
        "firmware|software fault|software bug|memory leak",
        "软件故障 軟體故障 程序错误 程式錯誤 报错 報錯 闪退 閃退 更新失败 更新失敗 升级失败 升級失敗"
        " 固件 韌體 内存泄漏",
    ),
)

_WORD: Final = re.compile(r"[a-z0-9]+")
_JOINED: Final = re.compile(r"[a-z][A-Z]|[A-Z][A-Z][a-z]")
_PIECE: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


class Match(NamedTuple):
    """A kind and the rule that gave it, such as `network_cut:link down`; without a match `other` and no rule."""

    kind: Kind
    rule: str | None


class _Phrase(NamedTuple):
    order: int
    kind: Kind
    text: str


def _by_first_word() -> dict[str, tuple[_Phrase, ...]]:
    index: dict[str, tuple[_Phrase, ...]] = {}
    for order, (kind, english, _) in enumerate(WORDS):
        for text in english.split("|"):
            first = text.partition(" ")[0]
            index[first] = (*index.get(first, ()), _Phrase(order, kind, text))
    return index


_PHRASES: Final = _by_first_word()
_FIRST: Final = frozenset(_PHRASES)
_CHINESE: Final = tuple(
    _Phrase(order, kind, text) for order, (kind, _, chinese) in enumerate(WORDS) for text in chinese.split()
)


def classify(title: str, name: str = "") -> Match:
    """The first kind of the table that has a word in the title or in the `name` of the alert's rule."""
    found = _in_text(title) + (_in_name(name) if name else ())
    if not found:
        return Match(Kind.OTHER, None)
    best = min(found, key=lambda phrase: (phrase.order, -len(phrase.text), phrase.text))
    return Match(best.kind, f"{best.kind}:{best.text}")


def _in_text(text: str) -> tuple[_Phrase, ...]:
    apart = " ".join(_PIECE.findall(text)) if _JOINED.search(text) else text
    pieces = _WORD.findall(apart.lower())
    first = _FIRST.intersection(pieces)
    if not first and text.isascii():
        return ()
    words = f" {' '.join(pieces)} "
    english = (p for word in first for p in _PHRASES[word] if f" {p.text} " in words)
    chinese = () if text.isascii() else (p for p in _CHINESE if p.text in text)
    return (*english, *chinese)


_in_name = lru_cache(maxsize=4096)(_in_text)  # rules are few, and each names many alerts
