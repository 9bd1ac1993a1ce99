"""The frame of everything that is printed: one HTML file with its style inside, for the screen and for A4."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from incident.words import Words

STYLE = """
:root{color-scheme:light}*{box-sizing:border-box}
body{font:16px/1.5 system-ui,-apple-system,"Segoe UI","Noto Sans","PingFang SC","Noto Sans CJK SC","Microsoft YaHei",
sans-serif;color:#14181d;background:#fff;max-width:800px;margin:0 auto;padding:24px 16px;overflow-wrap:anywhere}
:lang(zh-Hant) body{font-family:system-ui,"PingFang TC","Noto Sans CJK TC","Microsoft JhengHei",sans-serif}
h1{font-size:28px;line-height:1.2;margin:0 0 4px}h2{font-size:20px;margin:28px 0 8px;break-after:avoid}
h2+p,thead{break-after:avoid}p{orphans:2;widows:2}
p{margin:4px 0;max-width:75ch}.quiet{color:#505963}.big{font-size:40px;font-weight:650;line-height:1.1}
.mark{border:3px dashed #14181d;padding:2px 10px;font-weight:650;display:inline-block;margin-bottom:12px}
svg{width:100%;height:auto;display:block}table{border-collapse:collapse;width:100%;font-size:14px}
th,td{text-align:left;vertical-align:top;padding:5px 8px 5px 0;border-bottom:1px solid #c6ccd2}
th{font-weight:650;overflow-wrap:normal}td,.big{font-variant-numeric:tabular-nums}tr{break-inside:avoid}.n{text-align:right;white-space:nowrap}
.pos{color:#505963;font-variant-numeric:tabular-nums;white-space:nowrap}ul{margin:4px 0;padding-left:20px}
figure{margin:0;break-inside:avoid;overflow-x:auto}@media screen{figure svg{min-width:560px}}
.gate{border-left:4px solid #b3261e;padding-left:10px;margin:8px 0}
.rating{font-weight:650;border:2px solid;border-radius:4px;padding:0 8px;display:inline-block}
.keep{break-inside:avoid}.day{white-space:nowrap}.blank{height:26px}
.sign{display:grid;grid-template-columns:repeat(3,1fr);gap:24px;margin-top:40px;break-inside:avoid}
.sign div{border-top:1px solid #14181d;padding-top:4px;font-size:14px;margin-top:36px}
@media print{body{max-width:none;padding:0;font-size:11pt}h1{font-size:20pt}h2{font-size:14pt}.blank{height:10mm}
.big{font-size:28pt}table{font-size:9.5pt}.sign{margin-top:8mm}.sign div{margin-top:8mm}
a{color:inherit}.evidence{break-before:page}}
"""

_SHEET = """
@page{size:A4;margin:16mm 16mm 20mm;font:9pt system-ui,"Noto Sans","Noto Sans CJK SC","PingFang SC","Microsoft YaHei",
sans-serif;color:#505963;@bottom-left{content:%s}@bottom-right{content:counter(page) " / " counter(pages)}}
"""
"""The foot of each sheet: whose it is, and which of how many. A browser that knows no margin boxes prints neither."""


def page(words: Words, title: str, parts: Iterable[str]) -> str:
    """A whole document. The parts are HTML already; nothing in it asks for anything from outside."""
    body = "\n".join(parts)
    lang = {"en": "en", "zh_Hans": "zh-Hans", "zh_Hant": "zh-Hant"}[words.locale]
    return (
        f'<!doctype html>\n<html lang="{lang}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}{_SHEET % _css(title)}</style></head>\n"
        f"<body>\n{body}\n</body></html>\n"
    )


def _css(said: str) -> str:
    """A text as a string of CSS. Nothing in it ends the string, or the style that it stands in."""
    return '"' + "".join(c if c.isalnum() or c == " " else f"\\{ord(c):x} " for c in said) + '"'


def tag(name: str, said: str, kind: str = "") -> str:
    """An element with text in it, escaped."""
    mark = f' class="{kind}"' if kind else ""
    return f"<{name}{mark}>{escape(said)}</{name}>"


def table(
    head: Iterable[str],
    rows: Iterable[Iterable[str]],
    numbers: frozenset[int] = frozenset(),
    *,
    widths: Iterable[int] = (),
) -> str:
    """Cells are HTML already; `numbers` are the columns that are set right, `widths` per cent of each column."""
    columns = "".join(f'<col style="width:{width}%">' for width in widths)
    top = "".join(f'<th{_right(n, numbers)} scope="col">{escape(said)}</th>' for n, said in enumerate(head))
    body = "".join(
        "<tr>" + "".join(f"<td{_right(n, numbers)}>{cell}</td>" for n, cell in enumerate(row)) + "</tr>\n"
        for row in rows
    )
    return f"<table>{columns}<thead><tr>{top}</tr></thead><tbody>\n{body}</tbody></table>"


def _right(place: int, numbers: frozenset[int]) -> str:
    return ' class="n"' if place in numbers else ""
